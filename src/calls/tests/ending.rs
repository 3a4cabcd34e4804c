//! Cancel, hang up, and what ends a call.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn a_call_taken_back_stops_ringing_everywhere() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.calls.cancel(bench.now, call, ALICE.laptop).expect("nobody answered");
    let said = bench.said();
    assert_eq!(stops(&said), [(BOB.laptop.device, RingStop::Cancelled), (BOB.phone.device, RingStop::Cancelled)]);
    assert_eq!(end(&said), Some((EndReason::Cancelled, Duration::ZERO, vec![ALICE.laptop.device])));
    assert_eq!(removed_legs(&said), [ALICE.laptop.device]);
    assert_eq!(seat_changes(&said), []);
}

#[test]
fn hanging_up_before_anybody_answered_takes_the_call_back() {
    let outputs = |hang_up: bool| {
        let mut bench = Bench::new();
        let call = bench.ringing(ALICE, &[BOB, CAROL]);
        bench.decline(call, CAROL.laptop);
        bench.outputs();
        if hang_up {
            bench.hang_up(call, ALICE.laptop);
        } else {
            bench.calls.cancel(bench.now, call, ALICE.laptop).expect("nobody answered");
        }
        bench.outputs()
    };
    assert_eq!(outputs(true), outputs(false));
}

#[test]
fn only_the_caller_on_the_device_that_called_may_take_a_call_back() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    for who in [ALICE.phone, BOB.laptop] {
        assert_eq!(bench.calls.cancel(bench.now, call, who), Err(SeatError::WrongState), "{who:?}");
        assert_eq!(bench.calls.hang_up(bench.now, call, who), Err(SeatError::WrongState), "{who:?}");
    }
    assert_eq!(bench.outputs(), []);
}

#[test]
fn an_answered_call_cannot_be_taken_back() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    assert_eq!(bench.calls.cancel(bench.now, call, ALICE.laptop), Err(SeatError::WrongState));
    assert_eq!(bench.calls.cancel(bench.now, call, BOB.laptop), Err(SeatError::WrongState));
}

#[test]
fn hanging_up_a_call_of_two_ends_it_for_both() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.wait(Duration::from_secs(60));
    bench.hang_up(call, BOB.laptop);
    let said = bench.said();
    assert_eq!(end(&said), Some((EndReason::HungUp, Duration::from_secs(60), vec![ALICE.laptop.device, BOB.laptop.device])));
    assert_eq!(removed_legs(&said), [BOB.laptop.device, ALICE.laptop.device]);
    assert!(bench.calls.is_idle());
}

#[test]
fn leaving_a_call_of_three_leaves_two_talking() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, ALICE.laptop);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(ALICE.user, SeatState::Left, vec![BOB.laptop.device, CAROL.laptop.device])]);
    assert_eq!(removed_legs(&said), [ALICE.laptop.device]);
    assert_eq!(end(&said), None);
    assert_eq!(bench.calls.calls_of_device(ALICE.laptop.device), []);
    bench.place(ALICE, &[DAVE]);
}

#[test]
fn one_left_alone_stays_while_somebody_still_rings() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.accept(call, BOB.laptop);
    bench.hang_up(call, ALICE.laptop);
    assert_eq!(end(&bench.said()), None);
    bench.accept(call, CAROL.laptop);
    assert_eq!(bench.state(call, BOB), SeatState::Active);
    assert_eq!(bench.state(call, CAROL), SeatState::Active);
}

#[test]
fn one_left_alone_is_released_when_the_ringing_ends() {
    for decline in [true, false] {
        let mut bench = Bench::new();
        let call = bench.ringing(ALICE, &[BOB, CAROL]);
        bench.accept(call, BOB.laptop);
        bench.hang_up(call, ALICE.laptop);
        bench.said();
        if decline {
            bench.decline(call, CAROL.laptop);
        } else {
            bench.wait(RING_FOR);
        }
        let (reason, _, to) = end(&bench.said()).expect("bob is alone and nobody rings");
        assert_eq!((reason, to), (EndReason::HungUp, vec![BOB.laptop.device]));
    }
}

#[test]
fn a_ring_ends_when_everyone_in_the_call_has_left() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.accept(call, BOB.laptop);
    bench.hang_up(call, ALICE.laptop);
    bench.said();
    bench.hang_up(call, BOB.laptop);
    let said = bench.said();
    assert_eq!(stops(&said), [(CAROL.laptop.device, RingStop::Cancelled), (CAROL.phone.device, RingStop::Cancelled)]);
    assert_eq!(end(&said).expect("nobody is left").0, EndReason::HungUp);
}

#[test]
fn one_who_left_cannot_come_back_by_accepting_again() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, BOB.laptop);
    assert_eq!(bench.calls.accept(bench.now, call, BOB.laptop, VOICE, None), Err(AcceptError::CallOver));
    assert_eq!(bench.calls.hang_up(bench.now, call, BOB.laptop), Err(SeatError::CallOver));
    assert_eq!(bench.calls.set_media(bench.now, call, BOB.laptop, VOICE), Err(SeatError::CallOver));
}

#[test]
fn the_reason_of_an_unanswered_call_is_what_came_nearest_to_an_answer() {
    let reason = |declines: bool, misses: bool, busy: bool| {
        let mut bench = Bench::new();
        if busy {
            bench.talking(DAVE, &[BOB]);
        }
        let mut place = bench.order(ALICE, &[BOB, CAROL]);
        place.callees[0].allowed = busy || misses;
        place.callees[1].allowed = declines;
        let call = place.call;
        bench.calls.place(bench.now, place).expect("alice is free");
        if declines {
            bench.decline(call, CAROL.laptop);
        }
        bench.wait(RING_FOR);
        end(&bench.said()).expect("the ringing is over").0
    };
    assert_eq!(reason(true, true, false), EndReason::Missed);
    assert_eq!(reason(true, false, true), EndReason::Declined);
    assert_eq!(reason(true, false, false), EndReason::Declined);
    assert_eq!(reason(false, false, true), EndReason::Busy);
    assert_eq!(reason(false, false, false), EndReason::Unreachable);
}

#[test]
fn switched_sources_are_told_to_the_others_once() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.calls.set_media(bench.now, call, ALICE.laptop, PICTURE).expect("alice is in the call");
    let seat = SeatView { user: ALICE.user, state: SeatState::Active, media: PICTURE, device: Some(ALICE.laptop.device), ringing_on: 0 };
    assert_eq!(bench.outputs(), [Output::SeatChanged { call, seat, to: vec![BOB.laptop.device] }]);
    bench.calls.set_media(bench.now, call, ALICE.laptop, PICTURE).expect("alice is in the call");
    assert_eq!(bench.outputs(), []);
    assert_eq!(bench.calls.set_media(bench.now, call, BOB.phone, PICTURE), Err(SeatError::WrongState));
}
