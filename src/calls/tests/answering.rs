//! Accept and decline.

use switchboard_calls::*;

use crate::bench::*;

#[test]
fn an_accepted_call_stops_ringing_on_the_other_devices() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.accept(call, BOB.phone);
    assert_eq!(stops(&bench.said()), [(BOB.laptop.device, RingStop::AnsweredElsewhere)]);
    assert_eq!(bench.calls.active_calls(), 1);
    assert_eq!(bench.calls.poll_timeout(), None);
}

#[test]
fn a_device_that_stops_ringing_is_told_where_it_was_answered_or_declined() {
    for decline in [false, true] {
        let mut bench = Bench::new();
        let call = bench.ringing(ALICE, &[BOB]);
        let why = if decline {
            bench.decline(call, BOB.phone);
            RingStop::DeclinedElsewhere
        } else {
            bench.accept(call, BOB.phone);
            RingStop::AnsweredElsewhere
        };
        assert_eq!(bench.said()[0], Output::StopRinging { call, device: BOB.laptop.device, why, by: Some(BOB.phone.device) });
    }
}

#[test]
fn the_first_accept_opens_both_gates_and_each_later_one_its_own() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.accept(call, BOB.laptop);
    assert_eq!(gates(&bench.said()), [ALICE.laptop.device, BOB.laptop.device]);
    bench.accept(call, CAROL.phone);
    assert_eq!(gates(&bench.said()), [CAROL.phone.device]);
}

#[test]
fn an_accept_is_told_to_all_in_the_call_but_the_one_who_accepted() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    let seats = bench.calls.accept(bench.now, call, BOB.laptop, PICTURE, None).expect("it rings");
    assert_eq!(
        seats[1],
        SeatView { user: BOB.user, state: SeatState::Active, media: PICTURE, device: Some(BOB.laptop.device), ringing_on: 0 }
    );
    assert_eq!(seats[2].state, SeatState::Ringing);
    assert_eq!(seat_changes(&bench.said()), [(BOB.user, SeatState::Active, vec![ALICE.laptop.device])]);
    bench.accept(call, CAROL.laptop);
    assert_eq!(seat_changes(&bench.said()), [(CAROL.user, SeatState::Active, vec![ALICE.laptop.device, BOB.laptop.device])]);
}

#[test]
fn a_call_taken_on_one_device_cannot_be_taken_or_declined_on_another() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    assert_eq!(bench.calls.accept(bench.now, call, BOB.phone, VOICE, None), Err(AcceptError::AnsweredElsewhere));
    assert_eq!(bench.calls.decline(bench.now, call, BOB.phone), Err(DeclineError::AnsweredElsewhere));
    assert_eq!(bench.outputs(), []);
}

#[test]
fn a_device_that_is_in_the_call_cannot_take_or_decline_it() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    for who in [ALICE.laptop, ALICE.phone, BOB.laptop] {
        assert_eq!(bench.calls.accept(bench.now, call, who, VOICE, None), Err(AcceptError::WrongState), "{who:?}");
        assert_eq!(bench.calls.decline(bench.now, call, who), Err(DeclineError::WrongState), "{who:?}");
    }
}

#[test]
fn a_device_that_does_not_ring_cannot_take_or_decline_the_call() {
    let mut bench = Bench::new();
    let mut place = bench.order(ALICE, &[BOB]);
    place.callees[0].devices.pop();
    let call = place.call;
    bench.calls.place(bench.now, place).expect("alice is free");
    assert_eq!(bench.calls.may_accept(call, BOB.phone, None), Err(AcceptError::WrongState));
    assert_eq!(bench.calls.decline(bench.now, call, BOB.phone), Err(DeclineError::WrongState));
    assert_eq!(bench.calls.may_accept(call, BOB.laptop, None), Ok(()));
}

#[test]
fn a_declined_call_stops_ringing_on_every_device() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB]);
    bench.decline(call, BOB.laptop);
    let said = bench.said();
    assert_eq!(stops(&said), [(BOB.phone.device, RingStop::DeclinedElsewhere)]);
    assert_eq!(seat_changes(&said), [(BOB.user, SeatState::Declined, vec![ALICE.laptop.device])]);
    let (reason, duration, to) = end(&said).expect("the only callee declined");
    assert_eq!((reason, duration, to), (EndReason::Declined, std::time::Duration::ZERO, vec![ALICE.laptop.device]));
    assert_eq!(removed_legs(&said), [ALICE.laptop.device]);
}

#[test]
fn one_who_declined_a_group_call_cannot_change_their_mind() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.decline(call, BOB.laptop);
    assert_eq!(end(&bench.said()), None);
    assert_eq!(bench.calls.accept(bench.now, call, BOB.phone, VOICE, None), Err(AcceptError::CallOver));
    assert_eq!(bench.calls.decline(bench.now, call, BOB.phone), Err(DeclineError::CallOver));
    assert_eq!(bench.state(call, CAROL), SeatState::Ringing);
}

#[test]
fn taking_one_of_two_calls_that_ring_makes_one_busy_for_the_other() {
    let mut bench = Bench::new();
    let first = bench.ringing(ALICE, &[BOB]);
    let second = bench.ringing(CAROL, &[BOB, DAVE]);
    bench.accept(first, BOB.laptop);
    let said = bench.said();
    assert!(said.contains(&Output::StopRinging { call: second, device: BOB.phone.device, why: RingStop::Ended, by: None }));
    assert!(said.contains(&Output::StopRinging { call: second, device: BOB.laptop.device, why: RingStop::Ended, by: None }));
    assert_eq!(bench.state(second, BOB), SeatState::Busy);
    assert_eq!(bench.calls.accept(bench.now, second, BOB.phone, VOICE, None), Err(AcceptError::InAnotherCall));
    bench.hang_up(first, BOB.laptop);
    assert_eq!(bench.calls.accept(bench.now, second, BOB.phone, VOICE, None), Err(AcceptError::CallOver));
}

#[test]
fn an_answered_call_starts_its_clock_at_the_first_accept() {
    let mut bench = Bench::new();
    let call = bench.ringing(ALICE, &[BOB, CAROL]);
    bench.wait(std::time::Duration::from_secs(5));
    bench.accept(call, BOB.laptop);
    assert_eq!(bench.calls.call(call).expect("it goes on").answered_at, Some(bench.now));
    bench.wait(std::time::Duration::from_secs(5));
    bench.accept(call, CAROL.laptop);
    bench.hang_up(call, CAROL.laptop);
    bench.wait(std::time::Duration::from_secs(7));
    bench.hang_up(call, ALICE.laptop);
    assert_eq!(end(&bench.said()).expect("bob is left alone").1, std::time::Duration::from_secs(12));
}
