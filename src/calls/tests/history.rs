//! The records of a call.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn an_answered_call_is_recorded_from_placing_to_end() {
    let mut bench = Bench::new();
    let start = bench.now;
    let call = bench.place(ALICE, &[BOB]);
    bench.now = start.saturating_add(Duration::from_secs(1));
    let answered = bench.now;
    bench.accept(call, BOB.phone);
    bench.now = start.saturating_add(Duration::from_secs(2));
    let ended = bench.now;
    bench.hang_up(call, ALICE.laptop);

    let seat = |who: Someone, state, at, device: Option<Endpoint>| Record::SeatState {
        call,
        user: who.user,
        state,
        at,
        device: device.map(|endpoint| endpoint.device),
    };
    let expected = [
        Record::Placed { call, kind: CallKind::Video, at: start, caller: ALICE.user, callees: vec![BOB.user] },
        seat(ALICE, SeatState::Active, start, Some(ALICE.laptop)),
        seat(BOB, SeatState::Ringing, start, None),
        seat(BOB, SeatState::Active, answered, Some(BOB.phone)),
        Record::Answered { call, at: answered },
        seat(ALICE, SeatState::Left, ended, Some(ALICE.laptop)),
        seat(BOB, SeatState::Left, ended, Some(BOB.phone)),
        Record::Ended { call, at: ended, reason: EndReason::HungUp },
    ];
    assert_eq!(bench.history(), expected);
}

#[test]
fn a_decline_is_recorded_with_the_device_that_declined() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.decline(call, BOB.phone);
    let declined = Record::SeatState { call, user: BOB.user, state: SeatState::Declined, at: bench.now, device: Some(BOB.phone.device) };
    assert_eq!(bench.history().first(), Some(&declined));
}

#[test]
fn a_call_to_somebody_unreachable_is_recorded_as_placed_and_ended() {
    let mut bench = Bench::new();
    let mut place = bench.order(ALICE, &[BOB]);
    place.callees[0].devices.clear();
    let call = place.call;
    bench.calls.place(bench.now, place).expect("alice is free");
    let history = bench.history();
    assert!(matches!(history.first(), Some(Record::Placed { .. })));
    assert_eq!(history.last(), Some(&Record::Ended { call, at: bench.now, reason: EndReason::Unreachable }));
}

#[test]
fn a_refused_command_records_nothing() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let place = bench.order(BOB, &[CAROL]);
    assert!(bench.calls.place(bench.now, place).is_err());
    assert!(bench.calls.cancel(bench.now, call, ALICE.laptop).is_err());
    assert_eq!(bench.history(), []);
}
