//! What those learn who have no seat, and those whose call is over.

use switchboard_calls::*;
use switchboard_ids::CallId;

use crate::bench::*;

/// What every command on a call says to someone, who holds no seat in it.
fn answers(bench: &mut Bench, call: CallId, who: Endpoint) -> String {
    let now = bench.now;
    let may = bench.calls.may_accept(call, who);
    let accept = bench.calls.accept(now, call, who, VOICE);
    let decline = bench.calls.decline(now, call, who);
    let cancel = bench.calls.cancel(now, call, who);
    let hang_up = bench.calls.hang_up(now, call, who);
    let set_media = bench.calls.set_media(now, call, who, VOICE);
    assert_eq!(bench.outputs(), []);
    format!("{may:?} {accept:?} {decline:?} {cancel:?} {hang_up:?} {set_media:?}")
}

const ALL_UNKNOWN: &str = "Err(UnknownCall) Err(UnknownCall) Err(UnknownCall) Err(UnknownCall) Err(UnknownCall) Err(UnknownCall)";
const ALL_OVER: &str = "Err(CallOver) Err(CallOver) Err(CallOver) Err(CallOver) Err(CallOver) Err(CallOver)";

#[test]
fn a_stranger_cannot_tell_a_call_from_none_at_any_time() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    let never = CallId::from_u128(999);
    assert_eq!(answers(&mut bench, never, DAVE.laptop), ALL_UNKNOWN);
    assert_eq!(answers(&mut bench, call, DAVE.laptop), ALL_UNKNOWN);
    bench.accept(call, BOB.laptop);
    bench.outputs();
    assert_eq!(answers(&mut bench, call, DAVE.laptop), ALL_UNKNOWN);
    bench.hang_up(call, BOB.laptop);
    bench.outputs();
    assert_eq!(answers(&mut bench, call, DAVE.laptop), ALL_UNKNOWN);
}

#[test]
fn those_who_had_a_seat_are_told_that_the_call_is_over() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    bench.hang_up(call, BOB.laptop);
    bench.outputs();
    for who in [ALICE.laptop, ALICE.phone, BOB.laptop, BOB.phone] {
        assert_eq!(answers(&mut bench, call, who), ALL_OVER, "{who:?}");
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
    assert_eq!(answers(&mut bench, ended[0], BOB.laptop), ALL_UNKNOWN);
    assert_eq!(answers(&mut bench, ended[1], BOB.laptop), ALL_OVER);
    assert_eq!(answers(&mut bench, ended[2], BOB.laptop), ALL_OVER);
}
