//! Devices that come and go.

use std::time::Duration;

use switchboard_calls::*;

use crate::bench::*;

/// Bob's browser after a reload.
const RELOADED: Endpoint = Endpoint { user: BOB.user, device: switchboard_ids::DeviceId::from_u128(29) };

#[test]
fn a_device_that_connects_while_its_user_is_called_rings_for_what_is_left() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.wait(Duration::from_secs(15));
    bench.calls.device_appeared(bench.now, RELOADED);
    let said = bench.outputs();
    let ring = Output::Ring { call, device: RELOADED.device, rings_for: Duration::from_secs(30), waiting: false };
    assert_eq!(said[0], ring);
    assert_eq!(counts(&said[1..]), [(BOB.user, 3)]);
    bench.accept(call, RELOADED);
    assert_eq!(stops(&bench.said()).len(), 2);
}

#[test]
fn a_device_that_connects_twice_rings_once() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    bench.calls.device_appeared(bench.now, BOB.laptop);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_device_rings_for_every_call_that_asks_for_its_user() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    bench.ringing(CAROL, &[BOB]);
    bench.calls.device_appeared(bench.now, RELOADED);
    assert_eq!(rings(&bench.said()), [RELOADED.device, RELOADED.device]);
}

#[test]
fn a_device_that_connects_while_its_user_talks_does_not_ring() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.calls.device_appeared(bench.now, RELOADED);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_seat_whose_devices_all_disconnect_waits_for_one_to_come_back() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.gone(BOB.laptop);
    assert_eq!(counts(&bench.outputs()), [(BOB.user, 1)]);
    bench.gone(BOB.phone);
    assert_eq!(seat_changes(&bench.said()), [(BOB.user, SeatState::Invited, vec![ALICE.laptop.device])]);
    bench.calls.device_appeared(bench.now, RELOADED);
    let said = bench.said();
    assert_eq!(rings(&said), [RELOADED.device]);
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Ringing, vec![ALICE.laptop.device])]);
    bench.accept(call, RELOADED);
}

#[test]
fn a_seat_no_device_came_back_to_is_missed_at_the_deadline() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    bench.gone(BOB.laptop);
    bench.gone(BOB.phone);
    bench.said();
    bench.wait(RING_FOR);
    let said = bench.said();
    assert_eq!(stops(&said), []);
    assert_eq!(end(&said).expect("nobody answered").0, EndReason::Missed);
}

#[test]
fn a_call_of_two_ends_when_one_connection_is_lost() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.gone(BOB.laptop);
    let said = bench.said();
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Left, vec![ALICE.laptop.device])]);
    assert_eq!(end(&said), Some((EndReason::ConnectionLost, Duration::ZERO, vec![ALICE.laptop.device])));
    assert_eq!(removed_legs(&said), [BOB.laptop.device, ALICE.laptop.device]);
    assert_eq!(bench.calls.call(call), None);
}

#[test]
fn a_call_of_three_goes_on_when_one_connection_is_lost() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    bench.gone(CAROL.laptop);
    assert_eq!(end(&bench.said()), None);
    bench.hang_up(call, BOB.laptop);
    assert_eq!(end(&bench.said()).expect("alice is alone").0, EndReason::HungUp);
}

#[test]
fn a_call_whose_caller_is_lost_before_an_answer_stops_ringing() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    bench.gone(ALICE.laptop);
    let said = bench.said();
    assert_eq!(stops(&said), [(BOB.laptop.device, RingStop::Cancelled), (BOB.phone.device, RingStop::Cancelled)]);
    assert_eq!(end(&said), Some((EndReason::ConnectionLost, Duration::ZERO, vec![])));
    assert_eq!(removed_legs(&said), [ALICE.laptop.device]);
}

#[test]
fn a_call_left_to_one_by_a_lost_connection_keeps_that_as_its_reason() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.accept(call, BOB.laptop);
    bench.gone(ALICE.laptop);
    bench.decline(call, CAROL.laptop);
    assert_eq!(end(&bench.said()).expect("bob is alone").0, EndReason::ConnectionLost);
}

#[test]
fn losing_another_device_of_someone_in_a_call_changes_nothing() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB]);
    bench.gone(BOB.phone);
    bench.gone(ALICE.phone);
    bench.gone(DAVE.laptop);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_device_is_gone_once() {
    let mut bench = Bench::new();
    bench.talking(ALICE, &[BOB, CAROL]);
    bench.gone(BOB.laptop);
    bench.outputs();
    bench.gone(BOB.laptop);
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_device_that_is_gone_is_not_told_of_rings_that_ended_meanwhile() {
    let mut bench = Bench::new();
    bench.ringing(ALICE, &[BOB]);
    bench.now = bench.now.saturating_add(RING_FOR);
    bench.gone(BOB.laptop);
    let said = bench.said();
    assert_eq!(stops(&said), [(BOB.phone.device, RingStop::Missed)]);
    assert_eq!(end(&said).expect("nobody answered in time").0, EndReason::Missed);
}
