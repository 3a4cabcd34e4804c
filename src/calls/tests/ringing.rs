//! The deadline of a ring.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn a_ring_that_nobody_answers_is_missed_at_its_deadline() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    assert_eq!(bench.calls.poll_timeout(), Some(bench.now.saturating_add(RING_FOR)));
    bench.wait(RING_FOR - MOMENT);
    assert_eq!(bench.said(), []);
    bench.wait(MOMENT);
    let said = bench.said();
    assert_eq!(stops(&said), [(BOB.laptop.device, RingStop::Missed), (BOB.phone.device, RingStop::Missed)]);
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Missed, vec![ALICE.laptop.device])]);
    assert_eq!(end(&said).expect("nobody answered").0, EndReason::Missed);
    assert_eq!(bench.calls.poll_timeout(), None);
    assert!(bench.calls.is_idle());
}

#[test]
fn an_accept_at_the_deadline_is_too_late_even_when_the_timeout_comes_after_it() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.now = bench.now.saturating_add(RING_FOR);
    assert_eq!(bench.calls.accept(bench.now, call, BOB.laptop, VOICE, None), Err(AcceptError::CallOver));
    assert_eq!(end(&bench.said()).expect("nobody answered in time").0, EndReason::Missed);
}

#[test]
fn the_deadline_of_a_group_call_leaves_those_who_talk_alone() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.accept(call, BOB.laptop);
    bench.said();
    bench.wait(RING_FOR);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(CAROL.user, SeatState::Missed, vec![ALICE.laptop.device, BOB.laptop.device])]);
    assert_eq!(end(&said), None);
    assert_eq!(bench.state(call, BOB), SeatState::Active);
}

#[test]
fn calls_placed_at_different_times_are_missed_each_at_its_own() {
    let mut bench = Bench::new();
    let first = bench.ringing(ALICE, &[BOB]);
    bench.wait(MOMENT);
    let second = bench.ringing(CAROL, &[DAVE]);
    bench.wait(RING_FOR - MOMENT);
    assert_eq!(bench.calls.call(first), None);
    assert!(bench.calls.call(second).is_some());
    bench.wait(MOMENT);
    assert_eq!(bench.calls.call(second), None);
}

#[test]
fn a_clock_that_goes_back_changes_nothing() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    let deadline = bench.calls.poll_timeout();
    bench.calls.handle_timeout(Timestamp(0));
    assert_eq!(bench.said(), []);
    let place = bench.order(CAROL, &[DAVE]);
    bench.calls.place(Timestamp(0), place).expect("carol is free");
    assert_eq!(bench.calls.poll_timeout(), deadline);
    let Some(Record::Placed { at, .. }) = bench.history().into_iter().next() else { panic!("a call was placed") };
    assert_eq!(at, bench.now);
}

#[test]
fn a_deadline_past_the_end_of_time_is_the_end_of_time() {
    let mut bench = Bench::with(Config { ring_for: Duration::MAX, ..Config::default() });
    bench.ringing(ALICE, &[BOB]);
    assert_eq!(bench.calls.poll_timeout(), Some(Timestamp(u64::MAX)));
    assert_eq!(Timestamp(1).checked_add(Duration::MAX), None);
    assert_eq!(Timestamp(1).checked_since(Timestamp(2)), None);
    assert_eq!(Timestamp(5).checked_since(Timestamp(2)), Some(Duration::from_millis(3)));
}
