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
        rings_until: (state == SeatState::Ringing).then_some(start.saturating_add(RING_FOR)),
    };
    let seated = |who: Someone| Record::Seated { call, user: who.user, by: ALICE.user, barred: false, at: start };
    let expected = [
        Record::Placed { call, kind: CallKind::Video, at: start, caller: ALICE.user },
        seated(ALICE),
        seat(ALICE, SeatState::Active, start, Some(ALICE.laptop)),
        seated(BOB),
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
    let device = Some(BOB.phone.device);
    let declined = Record::SeatState { call, user: BOB.user, state: SeatState::Declined, at: bench.now, device, rings_until: None };
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

/// The states recorded since the last look, and the devices.
fn states(bench: &mut Bench) -> Vec<(SeatState, Option<Endpoint>)> {
    let known = [ALICE, BOB, CAROL, DAVE].into_iter().flat_map(|who| [who.laptop, who.phone]);
    let by_id: Vec<_> = known.map(|endpoint| (endpoint.device, endpoint)).collect();
    let endpoint = |device| by_id.iter().find(|known| known.0 == device).map(|known| known.1);
    let states = bench.history().into_iter().filter_map(|record| match record {
        Record::SeatState { state, device, .. } => Some((state, device.and_then(endpoint))),
        _ => None,
    });
    states.collect()
}

#[test]
fn a_move_is_recorded_with_the_device_it_went_to() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.join(call, BOB.phone);
    assert_eq!(states(&mut bench), [(SeatState::Active, Some(BOB.phone))]);
    bench.join(call, BOB.phone);
    assert_eq!(states(&mut bench), []);
}

#[test]
fn a_lost_seat_is_recorded_as_reconnecting_and_a_held_one_as_held() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.resumed(BOB.laptop);
    assert_eq!(states(&mut bench), [(SeatState::Reconnecting, Some(BOB.laptop)), (SeatState::Active, Some(BOB.laptop))]);
    bench.hold(call, BOB.laptop);
    bench.lost(BOB.laptop);
    bench.resumed(BOB.laptop);
    assert_eq!(states(&mut bench), [(SeatState::Held, Some(BOB.laptop))]);
}

#[test]
fn an_invitation_is_recorded_with_who_asked_and_until_when_it_rings() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let at = bench.now;
    let away = Callee { devices: vec![], ..DAVE.called() };
    bench.calls.invite(at, call, BOB.laptop, vec![CAROL.called(), away]).expect("bob is in the call");
    let seated = |who: Someone| Record::Seated { call, user: who.user, by: BOB.user, barred: false, at };
    let state = |who: Someone, state, rings_until| Record::SeatState { call, user: who.user, state, at, device: None, rings_until };
    let until = Some(at.saturating_add(RING_FOR));
    let carol = [seated(CAROL), state(CAROL, SeatState::Ringing, until)];
    let dave = [seated(DAVE), state(DAVE, SeatState::Unreachable, None)];
    assert_eq!(bench.history(), [carol, dave].concat());
}

#[test]
fn a_seat_barred_from_the_start_is_recorded_so_until_somebody_may_call_it() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let mut barred = |by: Endpoint, allowed| {
        let callee = Callee { allowed, devices: vec![], ..CAROL.called() };
        bench.calls.invite(bench.now, call, by, vec![callee]).expect("they are in the call");
        let seated = bench.history().into_iter().find_map(|record| match record {
            Record::Seated { barred, .. } => Some(barred),
            _ => None,
        });
        seated.expect("each asking is recorded")
    };
    assert_eq!([barred(ALICE.laptop, false), barred(BOB.laptop, true), barred(ALICE.laptop, false)], [true, false, false]);
}
