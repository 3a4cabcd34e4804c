//! Calls of an earlier run.

use std::time::Duration;

use switchboard_calls::*;
use switchboard_ids::CallId;

use crate::bench::*;

const CALL: CallId = CallId::from_u128(77);

fn seat(who: Someone, state: SeatState, on: Option<Endpoint>) -> RestoredSeat {
    RestoredSeat { user: who.user, state, device: on.map(|on| on.device), rings_until: None, barred: false }
}

/// A call placed a minute before the restart and answered, if it was, half a minute before.
fn call(bench: &Bench, answered: bool, seats: Vec<RestoredSeat>) -> Restored {
    let before = |seconds: u64| Timestamp(bench.now.as_millis() - seconds * 1000);
    Restored { call: CALL, kind: CallKind::Audio, placed_at: before(60), answered_at: answered.then(|| before(30)), seats }
}

fn talk(bench: &Bench) -> Restored {
    let (alice, bob) = (seat(ALICE, SeatState::Active, Some(ALICE.laptop)), seat(BOB, SeatState::Active, Some(BOB.laptop)));
    call(bench, true, vec![alice, bob])
}

fn restore(bench: &mut Bench, calls: Vec<Restored>) {
    bench.calls.restore(bench.now, calls);
}

#[test]
fn a_restored_call_waits_for_its_people_and_goes_on_when_they_are_back() {
    let mut bench = Bench::new();
    let restored = talk(&bench);
    restore(&mut bench, vec![restored]);
    assert_eq!(bench.said(), []);
    let view = bench.calls.call(CALL).expect("it runs");
    assert_eq!((view.kind, view.caller, view.answered_at.is_some()), (CallKind::Audio, ALICE.user, true));
    assert_eq!([bench.state(CALL, ALICE), bench.state(CALL, BOB)], [SeatState::Reconnecting; 2]);
    assert_eq!(bench.calls.holder(ALICE.laptop.device), Some(ALICE.user));

    bench.resumed(ALICE.laptop);
    assert_eq!(seat_changes(&bench.said()), [(ALICE.user, SeatState::Active, vec![BOB.laptop.device])]);
    bench.join(CALL, ALICE.laptop);
    assert_eq!(gates(&bench.said()), [ALICE.laptop.device]);
    bench.join(CALL, BOB.phone);
    let said = bench.said();
    assert_eq!((gates(&said), removed_legs(&said)), (vec![BOB.phone.device], vec![]));
    bench.wait(GRACE);
    assert_eq!(end(&bench.said()), None);
    bench.hang_up(CALL, BOB.phone);
    let (reason, duration, _) = end(&bench.said()).expect("alice is alone");
    assert_eq!((reason, duration), (EndReason::HungUp, GRACE + Duration::from_secs(30)));
}

#[test]
fn a_restored_call_that_nobody_comes_back_to_ends_since_the_server_stopped() {
    let mut bench = Bench::new();
    let restored = talk(&bench);
    restore(&mut bench, vec![restored]);
    bench.wait(GRACE);
    let said = bench.said();
    assert_eq!(end(&said).expect("nobody is back").0, EndReason::ServerStopped);
    assert_eq!(expired(&said), [ALICE.laptop.device, BOB.laptop.device]);
    assert_eq!(removed_legs(&said), []);
    assert!(bench.calls.is_idle());
}

#[test]
fn one_who_was_back_and_is_lost_again_has_lost_the_connection() {
    let mut bench = Bench::new();
    let restored = talk(&bench);
    restore(&mut bench, vec![restored]);
    bench.resumed(ALICE.laptop);
    bench.resumed(BOB.laptop);
    bench.lost(BOB.laptop);
    bench.wait(GRACE);
    assert_eq!(end(&bench.said()).expect("alice is alone").0, EndReason::ConnectionLost);
}

#[test]
fn only_what_the_restart_changes_is_recorded() {
    let mut bench = Bench::new();
    let held = seat(CAROL, SeatState::Held, Some(CAROL.laptop));
    let left = seat(DAVE, SeatState::Left, None);
    let mut restored = talk(&bench);
    restored.seats[0].state = SeatState::Reconnecting;
    restored.seats.extend([held, left]);
    restore(&mut bench, vec![restored]);
    let (at, device) = (bench.now, Some(BOB.laptop.device));
    let bob = Record::SeatState { call: CALL, user: BOB.user, state: SeatState::Reconnecting, at, device, rings_until: None };
    assert_eq!(bench.history(), [bob]);
    bench.resumed(CAROL.laptop);
    assert_eq!(bench.state(CALL, CAROL), SeatState::Held);
    assert_eq!(bench.history(), []);
}

#[test]
fn a_restored_ring_rings_on_devices_that_appear_until_its_deadline() {
    let mut bench = Bench::new();
    let mut bob = seat(BOB, SeatState::Ringing, None);
    bob.rings_until = Some(bench.now.saturating_add(Duration::from_secs(10)));
    let restored = call(&bench, false, vec![seat(ALICE, SeatState::Active, Some(ALICE.laptop)), bob]);
    restore(&mut bench, vec![restored]);
    assert_eq!(bench.state(CALL, BOB), SeatState::Invited);
    bench.calls.device_appeared(bench.now, BOB.phone);
    let ring = Output::Ring { call: CALL, device: BOB.phone.device, rings_for: Duration::from_secs(10), waiting: false };
    assert!(bench.said().contains(&ring));
    bench.wait(Duration::from_secs(10));
    assert_eq!(end(&bench.said()).expect("bob did not answer").0, EndReason::Missed);
}

#[test]
fn a_restored_ring_whose_time_is_over_is_missed_at_once() {
    let mut bench = Bench::new();
    let restored = call(&bench, false, vec![seat(ALICE, SeatState::Active, Some(ALICE.laptop)), seat(BOB, SeatState::Invited, None)]);
    restore(&mut bench, vec![restored]);
    assert_eq!(end(&bench.said()).expect("nothing rings").0, EndReason::Missed);
}

#[test]
fn a_restored_call_whose_caller_stays_away_is_missed_by_those_it_rings_for() {
    let mut bench = Bench::new();
    let mut bob = seat(BOB, SeatState::Ringing, None);
    bob.rings_until = Some(bench.now.saturating_add(RING_FOR));
    let restored = call(&bench, false, vec![seat(ALICE, SeatState::Active, Some(ALICE.laptop)), bob]);
    restore(&mut bench, vec![restored]);
    bench.calls.device_appeared(bench.now, BOB.phone);
    bench.said();
    bench.wait(GRACE);
    let outputs = bench.outputs();
    assert_eq!(stops(&outputs), [(BOB.phone.device, RingStop::Missed)]);
    assert_eq!(end(&outputs).expect("alice is not back").0, EndReason::ServerStopped);
    let missed =
        |output: &Output| matches!(output, Output::Record(Record::SeatState { user, state: SeatState::Missed, .. }) if *user == BOB.user);
    assert!(outputs.iter().any(missed));
}

#[test]
fn calls_that_cannot_go_on_end() {
    let mut bench = Bench::new();
    let alone = call(&bench, true, vec![seat(ALICE, SeatState::Active, Some(ALICE.laptop)), seat(BOB, SeatState::Left, None)]);
    let empty = Restored { call: CallId::from_u128(78), ..call(&bench, false, vec![]) };
    let nowhere = vec![seat(CAROL, SeatState::Active, None), seat(DAVE, SeatState::Active, None)];
    let nowhere = Restored { call: CallId::from_u128(79), ..call(&bench, true, nowhere) };
    restore(&mut bench, vec![alone, empty, nowhere]);
    let outputs = bench.outputs();
    let recorded = |output: &&Output| matches!(output, Output::Record(Record::Ended { reason: EndReason::ServerStopped, .. }));
    let told = |output: &&Output| matches!(output, Output::Ended { reason: EndReason::ServerStopped, .. });
    assert_eq!((outputs.iter().filter(recorded).count(), outputs.iter().filter(told).count()), (3, 3));
    assert!(bench.calls.is_idle());
}

#[test]
fn a_user_whom_history_shows_active_twice_is_active_once() {
    let mut bench = Bench::new();
    let first = talk(&bench);
    let seats = vec![seat(CAROL, SeatState::Active, Some(CAROL.laptop)), seat(BOB, SeatState::Active, Some(BOB.laptop))];
    let second = Restored { call: CallId::from_u128(78), ..call(&bench, true, seats) };
    restore(&mut bench, vec![first, second]);
    bench.resumed(BOB.laptop);
    let states: Vec<_> = bench.calls.calls_of_user(BOB.user).into_iter().map(|(call, state, _)| (call, state)).collect();
    assert_eq!(states, [(CALL, SeatState::Active), (CallId::from_u128(78), SeatState::Held)]);
    bench.wait(GRACE);
    assert_eq!(expired(&bench.said()).iter().filter(|device| **device == BOB.laptop.device).count(), 0);
}

#[test]
fn a_waiting_ring_waits_on_and_another_may_make_one_busy() {
    let mut bench = Bench::new();
    let ring = |who| RestoredSeat { rings_until: Some(bench.now.saturating_add(RING_FOR)), ..seat(who, SeatState::Ringing, None) };
    let first = talk(&bench);
    let waits = vec![seat(CAROL, SeatState::Active, Some(CAROL.laptop)), ring(BOB), ring(DAVE)];
    let second = Restored { call: CallId::from_u128(78), ..call(&bench, false, waits) };
    restore(&mut bench, vec![second, first]);
    bench.calls.device_appeared(bench.now, BOB.laptop);
    let ring = bench.said().into_iter().find(|said| matches!(said, Output::Ring { .. }));
    assert!(matches!(ring, Some(Output::Ring { waiting: true, .. })), "{ring:?}");
    bench.place(DAVE, &[EVE]);
    bench.hold(CALL, BOB.laptop);
    bench.calls.unhold(bench.now, CALL, BOB.laptop, None).expect("bob holds it");
    assert_eq!(bench.state(CallId::from_u128(78), DAVE), SeatState::Busy);
    assert_eq!(bench.state(CallId::from_u128(78), BOB), SeatState::Ringing);
}

#[test]
fn one_who_may_not_know_of_a_call_may_not_after_a_restart() {
    let mut bench = Bench::new();
    let mut restored = talk(&bench);
    restored.seats.push(RestoredSeat { barred: true, ..seat(CAROL, SeatState::Unreachable, None) });
    restore(&mut bench, vec![restored]);
    assert_eq!(bench.calls.calls_of_user(CAROL.user), []);
    assert_eq!(bench.calls.join(bench.now, CALL, CAROL.laptop, VOICE, None), Err(JoinError::UnknownCall));
}

#[test]
fn an_answer_whose_line_was_lost_counts_from_the_restart() {
    let mut bench = Bench::new();
    let restored = Restored { answered_at: None, ..talk(&bench) };
    restore(&mut bench, vec![restored]);
    assert_eq!(bench.calls.call(CALL).expect("both may come back").answered_at, Some(bench.now));
}

#[test]
fn a_device_that_history_gives_to_two_people_is_the_firsts() {
    let mut bench = Bench::new();
    let mut restored = talk(&bench);
    restored.seats.push(seat(CAROL, SeatState::Active, Some(CAROL.laptop)));
    restored.seats[1].device = Some(ALICE.laptop.device);
    restore(&mut bench, vec![restored]);
    assert_eq!(bench.state(CALL, BOB), SeatState::Left);
    assert_eq!(bench.calls.holder(ALICE.laptop.device), Some(ALICE.user));
    assert_eq!(bench.state(CALL, ALICE), SeatState::Reconnecting);
}
