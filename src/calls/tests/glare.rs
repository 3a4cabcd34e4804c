//! Two who call each other at the same moment.

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn one_who_calls_their_caller_is_shown_the_call_that_rings() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    assert_eq!(bench.calls.glare(BOB.user, &[ALICE.user]), Some(call));
    let place = bench.order(BOB, &[ALICE]);
    assert_eq!(bench.calls.place(bench.now, place), Err(PlaceError::Glare { call }));
    assert_eq!(bench.outputs(), []);
    bench.accept(call, BOB.laptop);
    assert_eq!(bench.state(call, BOB), SeatState::Active);
    assert_eq!(bench.calls.active_calls(), 1);
}

#[test]
fn only_a_call_of_two_that_still_rings_is_one_with_the_call_back() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    assert_eq!(bench.calls.glare(BOB.user, &[ALICE.user]), None, "others were called too");
    bench.hang_up(call, ALICE.laptop);

    bench.ringing(ALICE, &[BOB]);
    assert_eq!(bench.calls.glare(BOB.user, &[ALICE.user, CAROL.user]), None, "others are called too");
    assert_eq!(bench.calls.glare(BOB.user, &[CAROL.user]), None, "carol calls nobody");
    assert_eq!(bench.calls.glare(ALICE.user, &[BOB.user]), None, "bob calls nobody");
    bench.wait(RING_FOR);
    assert_eq!(bench.calls.glare(BOB.user, &[ALICE.user]), None, "it rings no more");

    bench.talking(ALICE, &[BOB]);
    assert_eq!(bench.calls.glare(BOB.user, &[ALICE.user]), None, "they talk");
}

#[test]
fn a_caller_who_talks_to_others_is_called_as_anyone() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.invite(call, ALICE.laptop, &[CAROL]);
    bench.accept(call, CAROL.laptop);
    bench.outputs();
    let second = bench.place(BOB, &[ALICE]);
    assert_eq!(bench.calls.call(second), None);
    assert_eq!(end(&bench.said()).expect("alice is busy").0, EndReason::Busy);
}
