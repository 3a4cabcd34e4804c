//! A call to someone who is in another, and what becomes of that one.

use switchboard_calls::*;

use crate::bench::*;

fn accept(bench: &mut Bench, call: switchboard_ids::CallId, who: Endpoint, current: Option<Current>) -> Result<(), AcceptError> {
    let may = bench.calls.may_accept(call, who, current);
    let accepted = bench.calls.accept(bench.now, call, who, VOICE, current).map(drop);
    assert_eq!(may, accepted);
    accepted
}

/// Bob talks with Alice, and Carol's call waits for him.
fn waiting() -> (Bench, switchboard_ids::CallId, switchboard_ids::CallId) {
    let mut bench = Bench::new();
    let talk = bench.talking(ALICE, &[BOB]);
    let waits = bench.offered(CAROL, &[BOB]);
    bench.said();
    (bench, talk, waits)
}

#[test]
fn a_call_that_may_wait_rings_as_waiting_for_one_who_talks() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    let call = bench.offered(CAROL, &[BOB]);
    let ring = |who: Endpoint| Output::Ring { call, device: who.device, rings_for: RING_FOR, waiting: true };
    assert_eq!(bench.said(), [ring(BOB.laptop), ring(BOB.phone)]);
    assert_eq!(bench.state(call, BOB), SeatState::Ringing);
}

#[test]
fn a_call_that_may_wait_rings_as_any_for_one_who_is_free() {
    let mut bench = Bench::new();
    let call = bench.offered(ALICE, &[BOB]);
    assert!(bench.said().iter().all(|said| matches!(said, Output::Ring { waiting: false, .. })));
    bench.accept(call, BOB.laptop);
}

#[test]
fn one_who_is_in_a_call_has_to_say_what_becomes_of_it() {
    let (mut bench, _, waits) = waiting();
    assert_eq!(accept(&mut bench, waits, BOB.laptop, None), Err(AcceptError::InAnotherCall));
    assert_eq!(bench.outputs(), []);
}

#[test]
fn accepting_and_leaving_ends_the_call_that_is_left_to_one() {
    let (mut bench, talk, waits) = waiting();
    assert_eq!(accept(&mut bench, waits, BOB.laptop, Some(Current::Leave)), Ok(()));
    let said = bench.said();
    assert_eq!(end(&said).expect("alice is alone").2, [ALICE.laptop.device, BOB.laptop.device]);
    assert_eq!(put_out(&said), []);
    assert_eq!(bench.calls.call(talk), None);
    assert_eq!(bench.state(waits, BOB), SeatState::Active);
    assert_eq!(bench.calls.calls_of_device(BOB.laptop.device), [waits]);
}

#[test]
fn accepting_on_another_device_puts_the_first_out_of_a_call_that_goes_on() {
    let mut bench = Bench::new();
    let talk = bench.talking(ALICE, &[BOB, DAVE]);
    let waits = bench.offered(CAROL, &[BOB]);
    bench.said();
    assert_eq!(accept(&mut bench, waits, BOB.phone, Some(Current::Leave)), Ok(()));
    let said = bench.said();
    assert_eq!(put_out(&said), [(BOB.laptop.device, PutOut::TookAnother { on: BOB.phone.device })]);
    assert!(removed_legs(&said).contains(&BOB.laptop.device));
    let left = (BOB.user, SeatState::Left, vec![ALICE.laptop.device, DAVE.laptop.device]);
    assert!(seat_changes(&said).contains(&left), "{said:?}");
    assert_eq!(bench.state(talk, BOB), SeatState::Left);
}

#[test]
fn accepting_and_holding_keeps_the_first_seat_and_shuts_its_gate() {
    let (mut bench, talk, waits) = waiting();
    assert_eq!(accept(&mut bench, waits, BOB.laptop, Some(Current::Hold)), Ok(()));
    let said = bench.said();
    assert_eq!(closed_gates(&said), [BOB.laptop.device]);
    assert_eq!(gates(&said), [CAROL.laptop.device, BOB.laptop.device]);
    assert!(seat_changes(&said).contains(&(BOB.user, SeatState::Held, vec![ALICE.laptop.device])));
    assert_eq!(removed_legs(&said), []);
    assert_eq!(bench.state(talk, BOB), SeatState::Held);
    assert_eq!(bench.calls.active_call_of(BOB.laptop.device), Some(waits));
    assert_eq!(bench.calls.calls_of_device(BOB.laptop.device), [talk, waits]);
}

#[test]
fn a_call_held_by_another_device_of_ones_own_is_told_to_the_device_in_it() {
    let (mut bench, _, waits) = waiting();
    assert_eq!(accept(&mut bench, waits, BOB.phone, Some(Current::Hold)), Ok(()));
    let held = (BOB.user, SeatState::Held, vec![ALICE.laptop.device, BOB.laptop.device]);
    assert!(seat_changes(&bench.said()).contains(&held));
}

#[test]
fn a_call_nobody_answered_is_taken_back_or_stays_but_is_not_held() {
    let mut bench = Bench::new();
    let own = bench.ringing(BOB, &[DAVE]);
    let waits = bench.offered(CAROL, &[BOB]);
    bench.said();
    assert_eq!(accept(&mut bench, waits, BOB.laptop, Some(Current::Hold)), Err(AcceptError::WrongState));
    assert_eq!(accept(&mut bench, waits, BOB.phone, Some(Current::Leave)), Ok(()));
    let said = bench.said();
    let (reason, _, to) = end(&said).expect("bob took it back");
    assert_eq!((reason, to), (EndReason::Cancelled, vec![BOB.laptop.device]));
    assert_eq!(bench.calls.call(own), None);
}

#[test]
fn nobody_holds_more_calls_than_one_may() {
    let mut bench = Bench::with(Config { max_held: 1, ..Config::default() });
    bench.talking(ALICE, &[BOB]);
    let second = bench.offered(CAROL, &[BOB]);
    assert_eq!(accept(&mut bench, second, BOB.laptop, Some(Current::Hold)), Ok(()));
    let third = bench.offered(DAVE, &[BOB]);
    bench.outputs();
    assert_eq!(accept(&mut bench, third, BOB.laptop, Some(Current::Hold)), Err(AcceptError::TooManyHeld));
    assert_eq!(bench.outputs(), []);
    assert_eq!(accept(&mut bench, third, BOB.laptop, Some(Current::Leave)), Ok(()));
}

#[test]
fn a_waiting_call_goes_on_ringing_when_its_callee_takes_another() {
    let mut bench = Bench::new();
    let first = bench.ringing(ALICE, &[BOB]);
    let waits = bench.offered(CAROL, &[BOB]);
    bench.accept(first, BOB.laptop);
    assert_eq!(bench.state(waits, BOB), SeatState::Ringing);
    bench.decline(waits, BOB.laptop);
    assert_eq!(bench.state(first, BOB), SeatState::Active);
}

#[test]
fn one_who_only_holds_calls_is_free_to_call_and_to_be_called() {
    let mut bench = Bench::new();
    let talk = bench.talking(ALICE, &[BOB]);
    bench.hold(talk, BOB.laptop);
    assert_eq!(bench.calls.may_place(BOB.user), Ok(()));
    let call = bench.ringing(CAROL, &[BOB]);
    bench.accept(call, BOB.phone);
    assert_eq!(bench.state(talk, BOB), SeatState::Held);
}
