//! What is bounded, and that nothing is left behind.

use switchboard_calls::*;
use switchboard_ids::{DeviceId, UserId};

use crate::bench::*;

fn crowd(size: u128) -> Vec<Callee> {
    let callee = |n| Callee { user: UserId::from_u128(1000 + n), devices: vec![DeviceId::from_u128(1000 + n)], allowed: true };
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
        match round % 4 {
            0 => bench.hang_up(call, ALICE.laptop),
            1 => bench.wait(RING_FOR),
            2 => bench.gone(ALICE.laptop),
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
