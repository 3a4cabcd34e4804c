//! What is bounded, and that nothing is left behind.

use switchboard_calls::*;
use switchboard_ids::{DeviceId, UserId};

use crate::bench::*;

fn crowd(size: u128) -> Vec<Callee> {
    let callee =
        |n| Callee { user: UserId::from_u128(1000 + n), devices: vec![DeviceId::from_u128(1000 + n)], allowed: true, waiting: false };
    (0..size).map(callee).collect()
}

#[test]
fn a_call_takes_thirty_two_callees_and_no_more() {
    let mut bench = Bench::new();
    let mut place = bench.order(ALICE, &[]);
    place.callees = crowd(33);
    assert_eq!(bench.calls.place(bench.now, place.clone()), Err(PlaceError::TooManyCallees { max: 32 }));
    place.callees = crowd(32);
    assert_eq!(bench.calls.place(bench.now, place).map(|seats| seats.len()), Ok(33));
}

#[test]
fn a_call_has_no_more_seats_than_it_may() {
    let mut bench = Bench::with(Config { max_seats: 4, ..Config::default() });
    let mut place = bench.order(ALICE, &[]);
    place.callees = crowd(4);
    assert_eq!(bench.calls.place(bench.now, place), Err(PlaceError::TooManyCallees { max: 3 }));
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    let invite = |bench: &mut Bench, callees| bench.calls.invite(bench.now, call, ALICE.laptop, callees);
    assert_eq!(invite(&mut bench, crowd(2)), Err(InviteError::TooManySeats { max: 4 }));
    assert_eq!(bench.outputs(), []);
    bench.hang_up(call, CAROL.laptop);
    let mut callees = crowd(1);
    callees.push(CAROL.called());
    assert_eq!(invite(&mut bench, callees), Ok(()), "carol has a seat");
}

#[test]
fn a_call_grows_to_two_hundred_seats() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    let everyone = crowd(199);
    for callees in everyone[..198].chunks(32) {
        bench.calls.invite(bench.now, call, ALICE.laptop, callees.to_vec()).expect("there is room");
    }
    assert_eq!(bench.calls.seats(call).map(|seats| seats.len()), Some(200));
    let last = bench.calls.invite(bench.now, call, ALICE.laptop, everyone[198..].to_vec());
    assert_eq!(last, Err(InviteError::TooManySeats { max: 200 }));
}

#[test]
fn the_id_of_a_call_is_used_once() {
    let mut bench = Bench::new();
    let first = bench.order(ALICE, &[BOB]);
    let second = Place { call: first.call, ..bench.order(CAROL, &[DAVE]) };
    bench.calls.place(bench.now, first.clone()).expect("alice is free");
    assert_eq!(bench.calls.place(bench.now, second.clone()), Err(PlaceError::IdInUse));
    bench.calls.cancel(bench.now, first.call, ALICE.laptop).expect("nobody answered");
    assert_eq!(bench.calls.place(bench.now, second), Err(PlaceError::IdInUse));
}

#[test]
fn a_device_listed_twice_rings_once() {
    let mut bench = Bench::new();
    let mut place = bench.order(ALICE, &[BOB]);
    place.callees[0].devices = vec![BOB.laptop.device; 3];
    bench.calls.place(bench.now, place).expect("alice is free");
    assert_eq!(rings(&bench.said()), [BOB.laptop.device]);
}

#[test]
fn two_hundred_calls_leave_nothing_behind() {
    let mut bench = Bench::new();
    for round in 0..200 {
        let call = bench.ringing(ALICE, &[BOB, CAROL]);
        match round % 6 {
            0 => bench.hang_up(call, ALICE.laptop),
            1 => bench.wait(RING_FOR),
            2 => bench.gone(ALICE.laptop),
            3 => {
                bench.accept(call, BOB.laptop);
                bench.lost(BOB.laptop);
                bench.lost(ALICE.laptop);
                bench.wait(RING_FOR);
            }
            4 => {
                bench.calls.warm(bench.now, call, BOB.phone).expect("it rings there");
                bench.accept(call, BOB.phone);
                bench.hold(call, BOB.phone);
                bench.join(call, BOB.laptop);
                bench.decline(call, CAROL.laptop);
                bench.hang_up(call, BOB.laptop);
            }
            _ => {
                bench.accept(call, CAROL.phone);
                bench.hang_up(call, ALICE.laptop);
                bench.hang_up(call, CAROL.phone);
            }
        }
        bench.outputs();
        assert!(bench.calls.is_idle());
        assert_eq!(bench.calls.poll_timeout(), None);
        assert_eq!((bench.calls.active_calls(), bench.calls.ringing_calls()), (0, 0));
    }
}
