//! Holding a call and going on with it.

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn a_held_seat_is_shown_to_the_others_and_its_gate_is_shut_until_it_goes_on() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hold(call, BOB.laptop);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Held, vec![ALICE.laptop.device])]);
    assert_eq!((closed_gates(&said), gates(&said)), (vec![BOB.laptop.device], vec![]));
    assert_eq!(bench.calls.active_call_of(BOB.laptop.device), None);

    bench.calls.unhold(bench.now, call, BOB.laptop, None).expect("bob holds it");
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Active, vec![ALICE.laptop.device])]);
    assert_eq!((closed_gates(&said), gates(&said)), (vec![], vec![BOB.laptop.device]));
}

#[test]
fn a_held_call_can_be_hung_up_and_its_media_switched() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hold(call, BOB.laptop);
    bench.said();
    bench.calls.set_media(bench.now, call, BOB.laptop, PICTURE).expect("bob holds it");
    assert_eq!(seat_changes(&bench.said()), [(BOB.user, SeatState::Held, vec![ALICE.laptop.device, CAROL.laptop.device])]);
    bench.hang_up(call, BOB.laptop);
    let said = bench.said();
    assert_eq!(removed_legs(&said), [BOB.laptop.device]);
    assert_eq!(closed_gates(&said), []);
    assert_eq!(bench.state(call, BOB), SeatState::Left);
}

#[test]
fn a_call_that_both_hold_goes_on() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hold(call, ALICE.laptop);
    bench.hold(call, BOB.laptop);
    assert_eq!(end(&bench.said()), None);
    bench.hang_up(call, BOB.laptop);
    assert_eq!(end(&bench.said()).expect("alice is alone").0, EndReason::HungUp);
}

#[test]
fn going_on_with_a_held_call_holds_or_leaves_the_other() {
    for current in [Current::Hold, Current::Leave] {
        let mut bench = Bench::new();
        let first = bench.talking(ALICE, &[BOB]);
        bench.hold(first, BOB.laptop);
        let second = bench.talking(BOB, &[CAROL]);
        assert_eq!(bench.calls.unhold(bench.now, first, BOB.laptop, None), Err(HoldError::InAnotherCall));
        bench.calls.unhold(bench.now, first, BOB.laptop, Some(current)).expect("bob holds it");
        assert_eq!(bench.state(first, BOB), SeatState::Active);
        let said = bench.said();
        match current {
            Current::Hold => assert_eq!(bench.state(second, BOB), SeatState::Held),
            Current::Leave => assert_eq!(end(&said).expect("carol is alone").0, EndReason::HungUp),
        }
    }
}

#[test]
fn going_on_makes_one_busy_for_calls_that_may_not_wait() {
    let mut bench = Bench::new();
    let first = bench.talking(ALICE, &[BOB]);
    bench.hold(first, BOB.laptop);
    bench.ringing(CAROL, &[BOB]);
    bench.calls.unhold(bench.now, first, BOB.laptop, None).expect("bob holds it");
    assert_eq!(end(&bench.said()).expect("bob is busy").0, EndReason::Busy);
}

#[test]
fn what_cannot_be_held_or_gone_on_with_is_refused() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    assert_eq!(bench.calls.hold(bench.now, call, ALICE.laptop), Err(HoldError::WrongState), "nobody answered");
    assert_eq!(bench.calls.hold(bench.now, call, BOB.laptop), Err(HoldError::WrongState), "it rings");
    bench.accept(call, BOB.laptop);
    bench.decline(call, CAROL.laptop);
    bench.outputs();
    assert_eq!(bench.calls.hold(bench.now, call, BOB.phone), Err(HoldError::WrongState), "another device is in it");
    assert_eq!(bench.calls.hold(bench.now, call, CAROL.laptop), Err(HoldError::CallOver));
    assert_eq!(bench.calls.unhold(bench.now, call, BOB.laptop, None), Err(HoldError::WrongState), "it is not held");
    assert_eq!(bench.outputs(), []);
    bench.hold(call, BOB.laptop);
    assert_eq!(bench.calls.hold(bench.now, call, BOB.laptop), Err(HoldError::WrongState), "it is held");
}

#[test]
fn a_call_nobody_answered_cannot_be_held_to_go_on_with_another() {
    let mut bench = Bench::new();
    let first = bench.talking(ALICE, &[BOB]);
    bench.hold(first, BOB.laptop);
    bench.ringing(BOB, &[CAROL]);
    assert_eq!(bench.calls.unhold(bench.now, first, BOB.laptop, Some(Current::Hold)), Err(HoldError::WrongState));
    bench.calls.unhold(bench.now, first, BOB.laptop, Some(Current::Leave)).expect("bob holds it");
    assert_eq!(end(&bench.said()).expect("bob took it back").0, EndReason::Cancelled);
}

#[test]
fn one_holds_as_many_calls_as_one_may() {
    let mut bench = Bench::with(Config { max_held: 1, ..Config::default() });
    let first = bench.talking(ALICE, &[BOB]);
    bench.hold(first, BOB.laptop);
    let second = bench.talking(CAROL, &[BOB]);
    assert_eq!(bench.calls.hold(bench.now, second, BOB.laptop), Err(HoldError::TooManyHeld));
    bench.calls.unhold(bench.now, first, BOB.laptop, Some(Current::Hold)).expect("one is held before and after");
    assert_eq!((bench.state(first, BOB), bench.state(second, BOB)), (SeatState::Active, SeatState::Held));
}
