//! Legs that connect while the call rings.

use switchboard_calls::*;

use crate::bench::*;

type End = fn(&mut Bench, switchboard_ids::CallId);

fn warm(bench: &mut Bench, call: switchboard_ids::CallId, who: Endpoint) {
    bench.calls.warm(bench.now, call, who).expect("it rings there");
    assert!(bench.calls.is_warm(call, who.device));
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_warm_leg_stays_when_its_device_accepts_and_its_gate_opens_then() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    warm(&mut bench, call, BOB.laptop);
    bench.accept(call, BOB.laptop);
    let said = bench.said();
    assert_eq!(removed_legs(&said), []);
    assert_eq!(gates(&said), [ALICE.laptop.device, BOB.laptop.device]);
    assert!(!bench.calls.is_warm(call, BOB.laptop.device));
    bench.hang_up(call, BOB.laptop);
    assert_eq!(removed_legs(&bench.said()), [BOB.laptop.device, ALICE.laptop.device]);
}

#[test]
fn whatever_else_ends_the_ring_removes_the_warm_leg_once() {
    let ends: [(&str, End); 6] = [
        ("its own decline", |bench, call| bench.decline(call, BOB.phone)),
        ("a decline elsewhere", |bench, call| bench.decline(call, BOB.laptop)),
        ("an accept elsewhere", |bench, call| {
            bench.accept(call, BOB.laptop);
        }),
        ("the deadline", |bench, _| bench.wait(RING_FOR)),
        ("its going", |bench, _| bench.gone(BOB.phone)),
        ("another call", |bench, _| {
            bench.place(BOB, &[DAVE]);
        }),
    ];
    for (what, ends) in ends {
        let mut bench = Bench::new();
        let call = bench.ringing(ALICE, &[BOB, CAROL]);
        warm(&mut bench, call, BOB.phone);
        ends(&mut bench, call);
        let legs = removed_legs(&bench.said());
        assert_eq!(legs.iter().filter(|device| **device == BOB.phone.device).count(), 1, "{what}");
    }
}

#[test]
fn a_call_taken_back_removes_the_warm_legs() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    warm(&mut bench, call, BOB.phone);
    warm(&mut bench, call, BOB.phone);
    bench.hang_up(call, ALICE.laptop);
    assert_eq!(removed_legs(&bench.said()), [ALICE.laptop.device, BOB.phone.device]);
}

#[test]
fn a_warm_leg_outlasts_a_connection_that_comes_back() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    warm(&mut bench, call, BOB.phone);
    bench.lost(BOB.phone);
    bench.resumed(BOB.phone);
    assert_eq!(removed_legs(&bench.said()), []);
    bench.lost(BOB.phone);
    bench.wait(GRACE);
    assert_eq!(removed_legs(&bench.said()), [BOB.phone.device]);
}

#[test]
fn only_a_device_on_which_the_call_rings_may_warm_up() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    let second = bench.ringing(DAVE, &[BOB, CAROL]);
    let warm = |bench: &mut Bench, call, who: Endpoint| {
        let may = bench.calls.may_warm(call, who);
        assert_eq!(bench.calls.warm(bench.now, call, who), may);
        may
    };
    assert_eq!(warm(&mut bench, call, ALICE.laptop), Err(AcceptError::WrongState));
    assert_eq!(warm(&mut bench, call, BOB.phone), Err(AcceptError::AnsweredElsewhere));
    assert_eq!(warm(&mut bench, second, BOB.phone), Err(AcceptError::CallOver), "it ended since all were busy");
    assert_eq!(warm(&mut bench, call, DAVE.laptop), Err(AcceptError::UnknownCall));
}

#[test]
fn a_waiting_call_may_warm_up_beside_the_call_that_goes_on() {
    let mut bench = Bench::new();
    let talk = bench.talking(ALICE, &[BOB]);
    let waits = bench.offered(CAROL, &[BOB]);
    bench.said();
    warm(&mut bench, waits, BOB.laptop);
    bench.calls.accept(bench.now, waits, BOB.laptop, VOICE, Some(Current::Hold)).expect("it rings there");
    assert_eq!(removed_legs(&bench.said()), []);
    assert_eq!(bench.state(talk, BOB), SeatState::Held);
}
