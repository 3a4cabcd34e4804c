//! Coming back, moving to another device, and new media on the same.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn one_who_left_comes_back_without_a_ring() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, BOB.laptop);
    bench.said();
    let seats = bench.join(call, BOB.phone);
    assert_eq!(seats[1].state, SeatState::Active);
    let said = bench.said();
    assert_eq!(rings(&said), []);
    assert_eq!(gates(&said), [BOB.phone.device]);
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Active, vec![ALICE.laptop.device, CAROL.laptop.device])]);
}

#[test]
fn those_who_declined_missed_or_were_busy_come_in_later() {
    let mut bench = Bench::new();
    let busy = bench.talking(BOB, &[ALICE]);
    let call = bench.ringing(DAVE, &[CAROL, BOB]);
    bench.accept(call, CAROL.laptop);
    bench.hang_up(busy, BOB.laptop);
    bench.join(call, BOB.laptop);
    bench.invite(call, BOB.laptop, &[ALICE]);
    bench.decline(call, ALICE.laptop);
    bench.join(call, ALICE.phone);
    bench.hang_up(call, ALICE.phone);
    bench.invite(call, BOB.laptop, &[ALICE]);
    bench.wait(RING_FOR);
    bench.join(call, ALICE.laptop);
    assert!(bench.calls.seats(call).expect("it goes on").iter().all(|seat| seat.state == SeatState::Active));
}

#[test]
fn a_call_moved_to_another_device_rings_nobody_and_others_see_no_gap() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let seats = bench.join(call, BOB.phone);
    assert_eq!(seats[1], SeatView { device: Some(BOB.phone.device), ..bench.seat(call, BOB) });
    let said = bench.said();
    assert_eq!((rings(&said), stops(&said), seat_changes(&said)), (vec![], vec![], vec![]));
    assert_eq!(put_out(&said), [(BOB.laptop.device, PutOut::Moved { to: BOB.phone.device })]);
    assert_eq!((removed_legs(&said), gates(&said)), (vec![BOB.laptop.device], vec![BOB.phone.device]));
    assert_eq!(bench.calls.calls_of_device(BOB.laptop.device), []);
    bench.gone(BOB.laptop);
    assert_eq!(bench.state(call, BOB), SeatState::Active);
}

#[test]
fn a_moved_call_with_other_sources_is_told_as_that() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.calls.join(bench.now, call, BOB.phone, PICTURE, None).expect("bob is in it");
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Active, vec![ALICE.laptop.device])]);
    assert_eq!(bench.seat(call, BOB).media, PICTURE);
}

#[test]
fn a_caller_moves_a_call_that_still_rings() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.join(call, ALICE.phone);
    assert_eq!(gates(&bench.said()), []);
    bench.accept(call, BOB.laptop);
    assert_eq!(gates(&bench.said()), [ALICE.phone.device, BOB.laptop.device]);
}

#[test]
fn new_media_on_the_same_device_keep_the_leg_to_its_owner_and_open_its_gate_again() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.join(call, BOB.laptop);
    assert_eq!(bench.outputs(), [Output::OpenGate { call, device: BOB.laptop.device }]);
}

#[test]
fn a_held_call_stays_held_with_new_media_and_on_another_device() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hold(call, BOB.laptop);
    bench.said();
    for device in [BOB.laptop, BOB.phone] {
        assert_eq!(bench.join(call, device)[1].state, SeatState::Held);
        let said = bench.said();
        assert_eq!((gates(&said), seat_changes(&said)), (vec![], vec![]));
    }
    bench.calls.unhold(bench.now, call, BOB.phone, None).expect("the phone holds it");
}

#[test]
fn a_lost_device_is_relieved_by_another_of_the_same_user() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.join(call, BOB.phone);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Active, vec![ALICE.laptop.device])]);
    assert_eq!(put_out(&said), [(BOB.laptop.device, PutOut::Moved { to: BOB.phone.device })]);
    bench.wait(GRACE);
    let said = bench.said();
    assert_eq!((expired(&said), end(&said)), (vec![BOB.laptop.device], None));
}

#[test]
fn one_who_is_in_another_call_has_to_say_what_becomes_of_it() {
    let mut bench = Bench::with(Config { max_held: 1, ..Config::default() });
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, BOB.laptop);
    let other = bench.talking(DAVE, &[BOB]);
    let join = |bench: &mut Bench, current| {
        let may = bench.calls.may_join(call, BOB.laptop, current);
        assert_eq!(bench.calls.join(bench.now, call, BOB.laptop, VOICE, current).map(drop), may);
        may
    };
    assert_eq!(join(&mut bench, None), Err(JoinError::InAnotherCall));
    assert_eq!(join(&mut bench, Some(Current::Hold)), Ok(()));
    assert_eq!((bench.state(call, BOB), bench.state(other, BOB)), (SeatState::Active, SeatState::Held));

    bench.hang_up(call, BOB.laptop);
    let own = bench.talking(BOB, &[EVE]);
    assert_eq!(join(&mut bench, Some(Current::Hold)), Err(JoinError::TooManyHeld));
    bench.hang_up(own, BOB.laptop);
    bench.said();
    bench.ringing(BOB, &[EVE]);
    assert_eq!(join(&mut bench, Some(Current::Hold)), Err(JoinError::WrongState), "nobody answered the other");
    assert_eq!(join(&mut bench, Some(Current::Leave)), Ok(()));
    assert_eq!(end(&bench.said()).expect("bob took it back").0, EndReason::Cancelled);
}

#[test]
fn joining_makes_one_busy_for_calls_that_may_not_wait() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.hang_up(call, BOB.laptop);
    bench.ringing(DAVE, &[BOB]);
    bench.join(call, BOB.laptop);
    assert_eq!(end(&bench.said()).expect("bob is busy").0, EndReason::Busy);
}

#[test]
fn a_call_that_rings_or_was_not_answered_is_not_joined() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    let join = |bench: &mut Bench, who| bench.calls.join(bench.now, call, who, VOICE, None).map(drop);
    assert_eq!(join(&mut bench, BOB.laptop), Err(JoinError::WrongState), "it rings");
    bench.decline(call, BOB.laptop);
    bench.outputs();
    assert_eq!(join(&mut bench, BOB.laptop), Err(JoinError::WrongState), "nobody answered");
    assert_eq!(join(&mut bench, DAVE.laptop), Err(JoinError::UnknownCall));
    assert_eq!(bench.outputs(), []);
    bench.hang_up(call, ALICE.laptop);
    assert_eq!(join(&mut bench, BOB.laptop), Err(JoinError::CallOver));
}

#[test]
fn a_call_without_an_answer_in_time_may_be_joined_while_it_runs() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.accept(call, BOB.laptop);
    bench.wait(RING_FOR + Duration::from_secs(100));
    assert_eq!(bench.calls.calls_of_user(CAROL.user), [(call, SeatState::Missed, None)]);
    bench.join(call, CAROL.laptop);
    assert_eq!(bench.calls.calls_of_user(CAROL.user), [(call, SeatState::Active, Some(CAROL.laptop.device))]);
}
