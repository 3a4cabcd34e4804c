//! Asking more people into a call.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

fn asked(bench: &mut Bench, call: switchboard_ids::CallId, who: Endpoint, callees: Vec<Callee>) -> Result<(), InviteError> {
    bench.calls.invite(bench.now, call, who, callees)
}

#[test]
fn an_invitee_rings_for_a_full_time_of_their_own_and_all_in_the_call_are_told() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.wait(Duration::from_secs(60));
    bench.invite(call, BOB.laptop, &[CAROL]);
    let said = bench.said();
    assert_eq!(rings(&said), [CAROL.laptop.device, CAROL.phone.device]);
    assert_eq!(seat_changes(&said), [(CAROL.user, SeatState::Ringing, vec![ALICE.laptop.device, BOB.laptop.device])]);
    bench.wait(RING_FOR - MOMENT);
    assert_eq!(bench.state(call, CAROL), SeatState::Ringing);
    bench.wait(MOMENT);
    assert_eq!(bench.state(call, CAROL), SeatState::Missed);
    assert_eq!(bench.state(call, ALICE), SeatState::Active);
}

#[test]
fn an_invitee_who_accepts_is_in_the_call_with_everyone() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.invite(call, BOB.laptop, &[CAROL]);
    bench.said();
    let seats = bench.accept(call, CAROL.phone);
    assert_eq!(seats.iter().map(|seat| seat.state).collect::<Vec<_>>(), [SeatState::Active; 3]);
    let said = bench.said();
    assert_eq!(gates(&said), [CAROL.phone.device]);
    assert_eq!(seat_changes(&said), [(CAROL.user, SeatState::Active, vec![ALICE.laptop.device, BOB.laptop.device])]);
}

#[test]
fn each_seat_rings_to_its_own_deadline() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.wait(Duration::from_secs(30));
    bench.invite(call, ALICE.laptop, &[CAROL]);
    bench.wait(Duration::from_secs(15));
    assert_eq!((bench.state(call, BOB), bench.state(call, CAROL)), (SeatState::Missed, SeatState::Ringing));
    bench.said();
    bench.wait(Duration::from_secs(30));
    assert_eq!(end(&bench.said()).expect("nobody answered").0, EndReason::Missed);
}

#[test]
fn those_who_left_declined_or_missed_it_are_rung_again() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.invite(call, ALICE.laptop, &[CAROL, DAVE]);
    bench.decline(call, CAROL.laptop);
    bench.wait(RING_FOR);
    bench.invite(call, ALICE.laptop, &[CAROL, DAVE]);
    assert_eq!((bench.state(call, CAROL), bench.state(call, DAVE)), (SeatState::Ringing, SeatState::Ringing));
    bench.accept(call, CAROL.laptop);
    bench.hang_up(call, CAROL.laptop);
    bench.said();
    bench.invite(call, BOB.laptop, &[CAROL]);
    assert_eq!(rings(&bench.said()), [CAROL.laptop.device, CAROL.phone.device]);
    bench.accept(call, CAROL.phone);
    assert_eq!(bench.seat(call, CAROL).device, Some(CAROL.phone.device));
}

#[test]
fn an_invitee_who_is_busy_or_away_is_shown_so_and_keeps_nothing_open() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.ringing(DAVE, &[CAROL]);
    let away = Callee { devices: Vec::new(), ..CAROL.called() };
    asked(&mut bench, call, ALICE.laptop, vec![DAVE.called(), away]).expect("alice is in the call");
    let all = vec![ALICE.laptop.device, BOB.laptop.device];
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(DAVE.user, SeatState::Busy, all.clone()), (CAROL.user, SeatState::Unreachable, all)]);
    assert_eq!(rings(&said), []);
}

#[test]
fn one_who_holds_the_call_may_ask_others_in() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hold(call, BOB.laptop);
    bench.invite(call, BOB.laptop, &[CAROL]);
    assert_eq!(bench.state(call, CAROL), SeatState::Ringing);
}

#[test]
fn nobody_is_asked_twice_at_once() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.invite(call, ALICE.laptop, &[CAROL]);
    bench.outputs();
    for callee in [BOB, CAROL] {
        let callees = vec![DAVE.called(), callee.called()];
        assert_eq!(asked(&mut bench, call, ALICE.laptop, callees), Err(InviteError::AlreadyIn));
    }
    assert_eq!(bench.outputs(), [], "dave is not asked either");
}

#[test]
fn bad_lists_are_refused_as_they_are_when_placing() {
    let mut bench = Bench::with(Config { max_callees: 2, ..Config::default() });
    let call = bench.talking(ALICE, &[BOB]);
    let (carol, dave) = (CAROL.called(), DAVE.called());
    let refused = |bench: &mut Bench, callees, error| assert_eq!(asked(bench, call, ALICE.laptop, callees), Err(error));
    refused(&mut bench, vec![], InviteError::NoCallees);
    refused(&mut bench, vec![carol.clone(), carol.clone()], InviteError::CalledTwice);
    refused(&mut bench, vec![carol.clone(), ALICE.called()], InviteError::CallsOneself);
    refused(&mut bench, vec![carol, dave, BOB.called()], InviteError::TooManyCallees { max: 2 });
    assert_eq!(bench.outputs(), []);
}

#[test]
fn only_a_device_in_the_call_may_ask_others_in() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, CAROL.laptop);
    bench.outputs();
    let asks = |bench: &mut Bench, who| asked(bench, call, who, vec![DAVE.called()]);
    assert_eq!(asks(&mut bench, BOB.phone), Err(InviteError::WrongState));
    assert_eq!(asks(&mut bench, CAROL.laptop), Err(InviteError::CallOver));
    assert_eq!(asks(&mut bench, DAVE.laptop), Err(InviteError::UnknownCall));
    bench.hang_up(call, BOB.laptop);
    assert_eq!(asks(&mut bench, ALICE.laptop), Err(InviteError::CallOver));
}

#[test]
fn one_left_alone_who_asks_somebody_in_keeps_the_call_while_it_rings() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.invite(call, ALICE.laptop, &[CAROL]);
    bench.hang_up(call, BOB.laptop);
    assert_eq!(end(&bench.said()), None);
    bench.wait(RING_FOR);
    assert_eq!(end(&bench.said()).expect("carol did not come").0, EndReason::HungUp);
}

#[test]
fn one_who_may_not_be_called_learns_nothing_of_the_call() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let barred = Callee { allowed: false, ..CAROL.called() };
    asked(&mut bench, call, ALICE.laptop, vec![barred]).expect("alice is in the call");
    assert_eq!(rings(&bench.said()), []);
    assert_eq!(bench.state(call, CAROL), SeatState::Unreachable);
    assert_eq!(bench.calls.calls_of_user(CAROL.user), []);
    assert_eq!(bench.calls.join(bench.now, call, CAROL.laptop, VOICE, None), Err(JoinError::UnknownCall));
    bench.hang_up(call, BOB.laptop);
    assert_eq!(bench.calls.join(bench.now, call, CAROL.laptop, VOICE, None), Err(JoinError::UnknownCall));
}

#[test]
fn one_whom_somebody_else_may_call_is_let_in_and_not_shut_out_again() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let barred = || vec![Callee { allowed: false, ..CAROL.called() }];
    asked(&mut bench, call, ALICE.laptop, barred()).expect("alice is in the call");
    bench.invite(call, BOB.laptop, &[CAROL]);
    bench.decline(call, CAROL.laptop);
    asked(&mut bench, call, ALICE.laptop, barred()).expect("alice is in the call");
    assert_eq!(bench.state(call, CAROL), SeatState::Unreachable);
    assert_eq!(bench.calls.calls_of_user(CAROL.user), [(call, SeatState::Unreachable, None)]);
    bench.join(call, CAROL.laptop);
}
