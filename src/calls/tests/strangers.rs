//! What those learn who have no seat, and those whose call is over.

use std::collections::BTreeSet;

use switchboard_calls::*;
use switchboard_ids::CallId;

use crate::bench::*;

/// What every command on a call says to someone, who holds no seat in it.
fn answers(bench: &mut Bench, call: CallId, who: Endpoint) -> BTreeSet<String> {
    let now = bench.now;
    let calls = &mut bench.calls;
    let answers = [
        format!("{:?}", calls.may_accept(call, who, None)),
        format!("{:?}", calls.may_warm(call, who)),
        format!("{:?}", calls.may_join(call, who, None)),
        format!("{:?}", calls.accept(now, call, who, VOICE, None)),
        format!("{:?}", calls.warm(now, call, who)),
        format!("{:?}", calls.join(now, call, who, VOICE, None)),
        format!("{:?}", calls.decline(now, call, who)),
        format!("{:?}", calls.cancel(now, call, who)),
        format!("{:?}", calls.hang_up(now, call, who)),
        format!("{:?}", calls.media_lost(now, call, who)),
        format!("{:?}", calls.set_media(now, call, who, VOICE)),
        format!("{:?}", calls.report(now, call, who, Report::default())),
        format!("{:?}", calls.hold(now, call, who)),
        format!("{:?}", calls.unhold(now, call, who, Some(Current::Leave))),
        format!("{:?}", calls.invite(now, call, who, vec![])),
    ];
    assert_eq!(bench.outputs(), []);
    answers.into_iter().collect()
}

fn all(answer: &str) -> BTreeSet<String> {
    BTreeSet::from([answer.to_owned()])
}

#[test]
fn a_stranger_cannot_tell_a_call_from_none_at_any_time() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    let never = CallId::from_u128(999);
    assert_eq!(answers(&mut bench, never, DAVE.laptop), all("Err(UnknownCall)"));
    assert_eq!(answers(&mut bench, call, DAVE.laptop), all("Err(UnknownCall)"));
    bench.accept(call, BOB.laptop);
    bench.outputs();
    assert_eq!(answers(&mut bench, call, DAVE.laptop), all("Err(UnknownCall)"));
    bench.hang_up(call, BOB.laptop);
    bench.outputs();
    assert_eq!(answers(&mut bench, call, DAVE.laptop), all("Err(UnknownCall)"));
}

#[test]
fn those_who_had_a_seat_are_told_that_the_call_is_over() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hang_up(call, BOB.laptop);
    bench.outputs();
    for who in [ALICE.laptop, ALICE.phone, BOB.laptop, BOB.phone] {
        assert_eq!(answers(&mut bench, call, who), all("Err(CallOver)"), "{who:?}");
    }
}

#[test]
fn a_call_that_ended_long_ago_is_forgotten() {
    let mut bench = Bench::with(Config { remembered: 2, ..Config::default() });
    let ended: Vec<_> = (0..3)
        .map(|_| {
            let call = bench.talking(ALICE, &[BOB]);
            bench.hang_up(call, ALICE.laptop);
            bench.outputs();
            call
        })
        .collect();
    assert_eq!(answers(&mut bench, ended[0], BOB.laptop), all("Err(UnknownCall)"));
    assert_eq!(answers(&mut bench, ended[1], BOB.laptop), all("Err(CallOver)"));
    assert_eq!(answers(&mut bench, ended[2], BOB.laptop), all("Err(CallOver)"));
}

#[test]
fn one_who_may_not_be_called_is_a_stranger_to_the_call_at_any_time() {
    let mut bench = Bench::new();
    let mut place = bench.order(ALICE, &[BOB, CAROL]);
    place.callees[1].allowed = false;
    let call = place.call;
    bench.calls.place(bench.now, place).expect("alice is free");
    bench.outputs();
    assert_eq!(answers(&mut bench, call, CAROL.laptop), all("Err(UnknownCall)"));
    bench.accept(call, BOB.laptop);
    bench.outputs();
    assert_eq!(answers(&mut bench, call, CAROL.laptop), all("Err(UnknownCall)"));
    bench.calls.device_appeared(bench.now, CAROL.phone);
    assert_eq!(bench.outputs(), []);
    bench.hang_up(call, BOB.laptop);
    bench.outputs();
    assert_eq!(answers(&mut bench, call, CAROL.laptop), all("Err(UnknownCall)"));
}
