//! Connections that are lost, come back, or do not.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn a_lost_seat_is_shown_as_reconnecting_and_kept_as_it_was() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    assert_eq!(bench.calls.poll_timeout(), Some(bench.now.saturating_add(GRACE)));
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Reconnecting, vec![ALICE.laptop.device])]);
    assert_eq!(said.len(), 1, "the leg stays, its gate open: {said:?}");
    bench.wait(GRACE - MOMENT);
    bench.resumed(BOB.laptop);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Active, vec![ALICE.laptop.device])]);
    assert_eq!(said.len(), 1);
    assert_eq!(bench.calls.poll_timeout(), None);
    assert_eq!(bench.calls.active_call_of(BOB.laptop.device), Some(call));
}

#[test]
fn a_device_that_does_not_come_back_is_gone_when_its_grace_is_over() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.wait(GRACE);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Left, vec![ALICE.laptop.device, CAROL.laptop.device])]);
    assert_eq!((removed_legs(&said), expired(&said)), (vec![BOB.laptop.device], vec![BOB.laptop.device]));
    bench.resumed(BOB.laptop);
    assert_eq!(bench.outputs(), []);
    bench.hang_up(call, CAROL.laptop);
    assert_eq!(end(&bench.said()).expect("alice is alone").0, EndReason::HungUp);
}

#[test]
fn a_call_of_two_ends_with_the_grace_and_says_that_the_connection_was_lost() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.wait(GRACE);
    let (reason, duration, to) = end(&bench.said()).expect("alice is alone");
    assert_eq!((reason, duration, to), (EndReason::ConnectionLost, GRACE, vec![ALICE.laptop.device]));
}

#[test]
fn a_call_whose_people_are_all_lost_waits_for_them() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.lost(ALICE.laptop);
    bench.wait(Duration::from_secs(10));
    bench.lost(BOB.laptop);
    bench.said();
    bench.wait(Duration::from_secs(10) - MOMENT);
    assert_eq!(bench.said(), []);
    bench.resumed(ALICE.laptop);
    bench.resumed(BOB.laptop);
    assert_eq!((bench.state(call, ALICE), bench.state(call, BOB)), (SeatState::Active, SeatState::Active));
}

#[test]
fn losing_the_connection_again_while_it_is_lost_gives_no_more_time() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.wait(Duration::from_secs(15));
    bench.lost(BOB.laptop);
    bench.wait(Duration::from_secs(5));
    assert_eq!(expired(&bench.said()), [BOB.laptop.device]);
}

#[test]
fn each_loss_has_a_full_grace() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.wait(Duration::from_secs(15));
    bench.resumed(BOB.laptop);
    bench.lost(BOB.laptop);
    bench.wait(Duration::from_secs(15));
    assert_eq!(expired(&bench.said()), []);
    bench.wait(Duration::from_secs(5));
    assert_eq!(expired(&bench.said()), [BOB.laptop.device]);
}

#[test]
fn a_device_without_calls_expires_too_and_once() {
    let mut bench = Bench::new();
    bench.lost(DAVE.phone);
    bench.wait(GRACE);
    assert_eq!(bench.outputs(), [Output::DeviceExpired { device: DAVE.phone.device }]);
    bench.wait(GRACE);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_lost_device_that_is_dismissed_is_gone_at_once_and_does_not_expire() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.gone(BOB.laptop);
    assert_eq!(end(&bench.said()).expect("alice is alone").2, [ALICE.laptop.device]);
    bench.wait(GRACE);
    assert_eq!(bench.outputs(), []);
    assert_eq!(bench.calls.poll_timeout(), None);
}

#[test]
fn a_lost_device_is_told_what_happens_meanwhile_for_its_owner_to_keep() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.hang_up(call, CAROL.laptop);
    assert_eq!(seat_changes(&bench.said()), [(CAROL.user, SeatState::Left, vec![ALICE.laptop.device, BOB.laptop.device])]);
    bench.hang_up(call, ALICE.laptop);
    assert_eq!(end(&bench.said()).expect("bob is alone").2, [BOB.laptop.device, ALICE.laptop.device]);
}

#[test]
fn a_ring_on_a_lost_device_waits_and_counts_no_more() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    assert_eq!(counts(&bench.outputs()), [(BOB.user, 1)]);
    bench.lost(BOB.phone);
    assert_eq!(seat_changes(&bench.said()), [(BOB.user, SeatState::Invited, vec![ALICE.laptop.device])]);
    bench.wait(Duration::from_secs(5));
    bench.resumed(BOB.laptop);
    let said = bench.said();
    assert_eq!((rings(&said), counts(&said)), (vec![], vec![(BOB.user, 1)]));
    assert_eq!(bench.calls.rings_of_device(BOB.laptop.device), [(call, Duration::from_secs(40))]);
    bench.accept(call, BOB.laptop);
    assert_eq!(stops(&bench.said()), [(BOB.phone.device, RingStop::AnsweredElsewhere)]);
}

#[test]
fn a_call_to_someone_whose_devices_are_all_lost_waits_for_one() {
    let mut bench = Bench::new();
    bench.lost(BOB.laptop);
    bench.lost(BOB.phone);
    let call = bench.ringing(ALICE, &[BOB]);
    assert_eq!(bench.state(call, BOB), SeatState::Invited);
    bench.resumed(BOB.phone);
    assert_eq!(counts(&bench.said()), [(BOB.user, 1)]);
    bench.accept(call, BOB.phone);
}

#[test]
fn a_held_seat_comes_back_held() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hold(call, BOB.laptop);
    bench.lost(BOB.laptop);
    assert_eq!(bench.state(call, BOB), SeatState::Reconnecting);
    bench.resumed(BOB.laptop);
    assert_eq!(bench.state(call, BOB), SeatState::Held);
}

#[test]
fn a_lost_seat_that_another_device_holds_is_told_to_the_lost_device_alone() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let waits = bench.offered(CAROL, &[BOB]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.calls.accept(bench.now, waits, BOB.phone, VOICE, Some(Current::Hold)).expect("it rings there");
    let said = bench.said();
    assert!(seat_changes(&said).contains(&(BOB.user, SeatState::Held, vec![BOB.laptop.device])), "{said:?}");
    assert_eq!(bench.state(call, BOB), SeatState::Reconnecting);
    bench.resumed(BOB.laptop);
    let said = bench.said();
    assert!(seat_changes(&said).contains(&(BOB.user, SeatState::Held, vec![ALICE.laptop.device])), "{said:?}");
}

#[test]
fn one_is_busy_for_others_while_reconnecting() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.place(CAROL, &[BOB]);
    assert_eq!(end(&bench.said()).expect("bob is busy").0, EndReason::Busy);
}

#[test]
fn a_device_in_several_calls_is_lost_and_found_in_all() {
    let mut bench = Bench::new();
    let held = bench.talking(ALICE, &[BOB]);
    bench.hold(held, BOB.laptop);
    let talk = bench.talking(CAROL, &[BOB]);
    bench.lost(BOB.laptop);
    assert_eq!([bench.state(held, BOB), bench.state(talk, BOB)], [SeatState::Reconnecting; 2]);
    bench.resumed(BOB.laptop);
    assert_eq!([bench.state(held, BOB), bench.state(talk, BOB)], [SeatState::Held, SeatState::Active]);
    bench.lost(BOB.laptop);
    bench.said();
    bench.wait(GRACE);
    let said = bench.said();
    let ends = said.iter().filter(|said| matches!(said, Output::Ended { reason: EndReason::ConnectionLost, .. })).count();
    assert_eq!((ends, expired(&said)), (2, vec![BOB.laptop.device]));
    assert!(bench.calls.is_idle());
}

#[test]
fn the_media_of_a_lost_device_are_no_news() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.lost(BOB.laptop);
    bench.outputs();
    assert_eq!(bench.calls.media_lost(bench.now, call, BOB.laptop), Err(SeatError::WrongState));
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_device_whose_media_broke_is_told_whether_the_call_goes_on_or_not() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.calls.media_lost(bench.now, call, BOB.laptop).expect("bob is in it");
    let said = bench.said();
    assert_eq!(put_out(&said), [(BOB.laptop.device, PutOut::MediaLost)]);
    assert_eq!(bench.state(call, BOB), SeatState::Left);
    bench.calls.media_lost(bench.now, call, CAROL.laptop).expect("carol is in it");
    let said = bench.said();
    assert_eq!(put_out(&said), []);
    assert_eq!(end(&said).expect("alice is alone").2, [ALICE.laptop.device, CAROL.laptop.device]);
}

#[test]
fn a_lost_device_that_appears_is_back() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.lost(BOB.laptop);
    bench.calls.device_appeared(bench.now, BOB.laptop);
    assert_eq!(bench.state(call, BOB), SeatState::Active);
    assert_eq!(bench.calls.poll_timeout(), None);
}

#[test]
fn a_caller_who_is_lost_goes_on_calling_for_the_grace() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.lost(ALICE.laptop);
    assert_eq!(bench.said(), []);
    bench.accept(call, BOB.laptop);
    assert_eq!(gates(&bench.said()), [ALICE.laptop.device, BOB.laptop.device]);
}
