//! Placing a call: who is rung, who is not, and what is refused.

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn a_placed_call_rings_on_all_devices_of_all_callees() {
    let mut bench = Bench::new();
    let call = bench.place(ALICE, &[BOB, CAROL]);
    let ring = |who: Endpoint| Output::Ring { call, device: who.device, rings_for: RING_FOR, waiting: false };
    assert_eq!(bench.said(), [ring(BOB.laptop), ring(BOB.phone), ring(CAROL.laptop), ring(CAROL.phone)]);
    assert_eq!(bench.calls.ringing_calls(), 1);
    assert_eq!(bench.calls.active_calls(), 0);
}

#[test]
fn the_reply_shows_the_caller_active_and_the_callees_ringing() {
    let mut bench = Bench::new();
    let place = bench.order(ALICE, &[BOB]);
    let call = place.call;
    let seats = bench.calls.place(bench.now, place).expect("alice is free");
    let caller = SeatView { user: ALICE.user, state: SeatState::Active, media: VOICE, device: Some(ALICE.laptop.device), ringing_on: 0 };
    let callee = SeatView { user: BOB.user, state: SeatState::Ringing, media: MediaState::default(), device: None, ringing_on: 2 };
    assert_eq!(seats, [caller, callee]);
    assert_eq!(bench.calls.seats(call), Some(seats));
    assert_eq!(bench.calls.active_call_of(ALICE.laptop.device), Some(call));
    let view = CallView { id: call, kind: CallKind::Video, caller: ALICE.user, placed_at: bench.now, answered_at: None };
    assert_eq!(bench.calls.call(call), Some(view));
}

#[test]
fn a_callee_without_devices_is_unreachable_and_the_call_ends_at_once() {
    let mut bench = Bench::new();
    let mut place = bench.order(ALICE, &[BOB]);
    place.callees[0].devices.clear();
    let seats = bench.calls.place(bench.now, place).expect("alice is free");
    assert_eq!(seats[1].state, SeatState::Unreachable);
    let said = bench.said();
    assert_eq!(end(&said), Some((EndReason::Unreachable, std::time::Duration::ZERO, vec![ALICE.laptop.device])));
    assert_eq!(removed_legs(&said), [ALICE.laptop.device]);
    assert!(bench.calls.is_idle());
}

#[test]
fn a_blocked_caller_sees_the_same_whatever_the_callee_does() {
    let seen = |bench: &mut Bench, offline: bool| {
        let mut place = bench.order(ALICE, &[BOB]);
        place.callees[0].allowed = false;
        if offline {
            place.callees[0].devices.clear();
        }
        let seats = bench.calls.place(bench.now, place).expect("alice is free");
        (seats[1], end(&bench.said()).expect("nobody rings"))
    };
    let free = seen(&mut Bench::new(), false);
    let offline = seen(&mut Bench::new(), true);
    let mut busy = Bench::new();
    busy.talking(BOB, &[CAROL]);
    let busy = seen(&mut busy, false);
    assert_eq!(free, offline);
    assert_eq!(free, busy);
    assert_eq!(free.1.0, EndReason::Unreachable);
}

#[test]
fn a_callee_who_talks_or_calls_somebody_is_busy() {
    let mut bench = Bench::new();
    bench.ringing(BOB, &[CAROL]);
    bench.place(ALICE, &[BOB]);
    let said = bench.said();
    assert_eq!(rings(&said), []);
    assert_eq!(end(&said).expect("bob calls carol").0, EndReason::Busy);

    let mut bench = Bench::new();
    bench.talking(CAROL, &[BOB]);
    bench.place(ALICE, &[BOB]);
    assert_eq!(end(&bench.said()).expect("bob talks with carol").0, EndReason::Busy);
}

#[test]
fn a_call_to_a_busy_and_a_free_person_rings_for_the_free_one() {
    let mut bench = Bench::new();
    bench.ringing(BOB, &[DAVE]);
    let call = bench.place(ALICE, &[BOB, CAROL]);
    assert_eq!(rings(&bench.said()), [CAROL.laptop.device, CAROL.phone.device]);
    assert_eq!(bench.state(call, BOB), SeatState::Busy);
    assert_eq!(bench.state(call, CAROL), SeatState::Ringing);
}

#[test]
fn someone_in_a_call_cannot_place_another_from_any_device() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    assert_eq!(bench.calls.may_place(ALICE.user), Err(PlaceError::InAnotherCall));
    let mut place = bench.order(ALICE, &[CAROL]);
    place.caller = ALICE.phone;
    assert_eq!(bench.calls.place(bench.now, place), Err(PlaceError::InAnotherCall));
    assert_eq!(bench.outputs(), []);
}

#[test]
fn placing_a_call_makes_one_busy_for_the_calls_that_ring() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    bench.place(BOB, &[CAROL]);
    let said = bench.said();
    assert_eq!(stops(&said), [(BOB.laptop.device, RingStop::Ended), (BOB.phone.device, RingStop::Ended)]);
    assert_eq!(end(&said).expect("nobody else was called").0, EndReason::Busy);
}

#[test]
fn a_call_that_reaches_nobody_leaves_the_callers_own_ring_alone() {
    let mut bench = Bench::new();
    bench.talking(CAROL, &[DAVE]);
    let first = bench.ringing(ALICE, &[BOB]);
    bench.place(BOB, &[CAROL]);
    let said = bench.said();
    assert_eq!(end(&said).expect("carol talks with dave").0, EndReason::Busy);
    assert_eq!(stops(&said), []);
    bench.accept(first, BOB.laptop);
}

#[test]
fn nobody_oneself_and_the_same_person_twice_cannot_be_called() {
    let mut bench = Bench::new();
    let place = bench.order(ALICE, &[]);
    assert_eq!(bench.calls.place(bench.now, place), Err(PlaceError::NoCallees));
    let place = bench.order(ALICE, &[BOB, ALICE]);
    assert_eq!(bench.calls.place(bench.now, place), Err(PlaceError::CallsOneself));
    let place = bench.order(ALICE, &[BOB, CAROL, BOB]);
    assert_eq!(bench.calls.place(bench.now, place), Err(PlaceError::CalledTwice));
    assert_eq!(bench.outputs(), []);
}
