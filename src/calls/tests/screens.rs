//! One screen at a time is shared in a call.

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::bench::*;

const SCREEN: MediaState = MediaState { microphone: true, camera: false, screen: true };

fn shares(bench: &mut Bench, call: CallId, who: Endpoint) {
    bench.calls.set_media(bench.now, call, who, SCREEN).expect("the device is in the call");
}

/// Who shares a screen, as the seats say.
fn sharing(bench: &Bench, call: CallId) -> Vec<UserId> {
    let seats = bench.calls.seats(call).expect("the call goes on");
    seats.iter().filter(|seat| seat.media.screen).map(|seat| seat.user).collect()
}

fn taken(said: &[Output]) -> Vec<(DeviceId, UserId)> {
    let taken = said.iter().filter_map(|output| match output {
        Output::ScreenTaken { device, by, .. } => Some((*device, *by)),
        _ => None,
    });
    taken.collect()
}

#[test]
fn a_screen_is_taken_over_and_everyone_is_told_in_an_order_that_never_shows_two() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    shares(&mut bench, call, ALICE.laptop);
    assert_eq!((sharing(&bench, call), taken(&bench.said())), (vec![ALICE.user], vec![]));
    shares(&mut bench, call, BOB.laptop);
    assert_eq!(sharing(&bench, call), [BOB.user]);
    let said = bench.said();
    let all = vec![ALICE.laptop.device, BOB.laptop.device, CAROL.laptop.device];
    let but_bob = vec![ALICE.laptop.device, CAROL.laptop.device];
    assert_eq!(seat_changes(&said), [(ALICE.user, SeatState::Active, all), (BOB.user, SeatState::Active, but_bob)]);
    assert_eq!(taken(&said), [(ALICE.laptop.device, BOB.user)]);
    let at = |is: fn(&Output) -> bool| said.iter().position(is).expect("it is said");
    let seen = at(|output| matches!(output, Output::SeatChanged { seat, .. } if seat.user == BOB.user));
    assert!(at(|output| matches!(output, Output::ScreenTaken { .. })) < seen, "before bob's screen is seen");
}

#[test]
fn a_word_on_its_way_takes_no_screen_back_and_the_share_is_free_again_once_its_loser_has_stopped() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    shares(&mut bench, call, ALICE.laptop);
    shares(&mut bench, call, BOB.laptop);
    bench.said();
    // She mutes her microphone, and does not know yet.
    let muted = MediaState { microphone: false, ..SCREEN };
    bench.calls.set_media(bench.now, call, ALICE.laptop, muted).expect("the device is in the call");
    assert_eq!((sharing(&bench, call), taken(&bench.said())), (vec![BOB.user], vec![]));
    let alice = bench.calls.seats(call).expect("the call goes on")[0];
    assert_eq!(alice.media, MediaState { screen: false, ..muted }, "the rest of what she says is heard");
    bench.calls.join(bench.now, call, ALICE.laptop, VOICE, None).expect("alice has a seat");
    shares(&mut bench, call, ALICE.laptop);
    assert_eq!(sharing(&bench, call), [BOB.user], "new media is no word of it either");
    bench.calls.set_media(bench.now, call, ALICE.laptop, VOICE).expect("the device is in the call");
    shares(&mut bench, call, ALICE.laptop);
    assert_eq!((sharing(&bench, call), taken(&bench.said())), (vec![ALICE.user], vec![(BOB.laptop.device, ALICE.user)]));
}

#[test]
fn another_device_of_one_who_lost_a_share_may_share_at_once() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    shares(&mut bench, call, BOB.laptop);
    shares(&mut bench, call, ALICE.laptop);
    bench.calls.join(bench.now, call, BOB.phone, VOICE, None).expect("bob has a seat");
    shares(&mut bench, call, BOB.phone);
    assert_eq!(sharing(&bench, call), [BOB.user]);
}

#[test]
fn new_media_of_the_device_that_shares_does_not_end_the_share() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    shares(&mut bench, call, ALICE.laptop);
    bench.said();
    bench.calls.join(bench.now, call, ALICE.laptop, VOICE, None).expect("alice has a seat");
    assert_eq!(sharing(&bench, call), [ALICE.user]);
    assert_eq!(seat_changes(&bench.said()), [], "nobody sees anything of it");
}

#[test]
fn who_shares_already_takes_it_from_nobody_and_who_stops_gives_it_to_nobody() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    shares(&mut bench, call, ALICE.laptop);
    bench.said();
    shares(&mut bench, call, ALICE.laptop);
    assert_eq!(bench.said(), [], "nothing changed");
    bench.calls.set_media(bench.now, call, BOB.laptop, VOICE).expect("the device is in the call");
    assert_eq!(sharing(&bench, call), [ALICE.user]);
    bench.calls.set_media(bench.now, call, ALICE.laptop, VOICE).expect("the device is in the call");
    assert_eq!((sharing(&bench, call), taken(&bench.said())), (vec![], vec![]));
}

#[test]
fn holding_a_call_ends_the_share_and_going_on_does_not_bring_it_back() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    shares(&mut bench, call, ALICE.laptop);
    bench.hold(call, ALICE.laptop);
    assert_eq!(sharing(&bench, call), []);
    assert_eq!(bench.calls.set_media(bench.now, call, ALICE.laptop, SCREEN), Err(SeatError::WrongState));
    bench.calls.unhold(bench.now, call, ALICE.laptop, None).expect("it holds the call");
    assert_eq!(sharing(&bench, call), []);
    shares(&mut bench, call, ALICE.laptop);
    assert_eq!(sharing(&bench, call), [ALICE.user]);
}

#[test]
fn a_call_put_on_hold_from_another_device_ends_the_share_of_the_one_that_had_it() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB]);
    shares(&mut bench, call, BOB.laptop);
    let other = bench.offered(CAROL, &[BOB]);
    bench.said();
    bench.calls.accept(bench.now, other, BOB.phone, VOICE, Some(Current::Hold)).expect("the call rings there");
    let own = bench.said().into_iter().find_map(|output| match output {
        Output::SeatChanged { seat, to, .. } if seat.user == BOB.user && to.contains(&BOB.laptop.device) => Some(seat),
        _ => None,
    });
    assert_eq!(own.map(|seat| (seat.state, seat.media.screen)), Some((SeatState::Held, false)));
    assert_eq!(sharing(&bench, call), []);
}

#[test]
fn a_lost_device_keeps_its_share_until_its_grace_is_over_or_another_takes_it() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    shares(&mut bench, call, ALICE.laptop);
    bench.lost(ALICE.laptop);
    assert_eq!(sharing(&bench, call), [ALICE.user], "its media may flow on while its signalling is away");
    shares(&mut bench, call, BOB.laptop);
    assert_eq!(taken(&bench.said()), [(ALICE.laptop.device, BOB.user)], "kept for it until it is back");
    bench.resumed(ALICE.laptop);
    bench.lost(BOB.laptop);
    bench.wait(GRACE);
    assert_eq!(sharing(&bench, call), []);
}

#[test]
fn leaving_moving_and_coming_back_share_nothing() {
    let mut bench = Bench::new();
    let call = bench.talking(ALICE, &[BOB, CAROL]);
    shares(&mut bench, call, BOB.laptop);
    bench.calls.join(bench.now, call, BOB.phone, SCREEN, None).expect("bob has a seat");
    assert_eq!(sharing(&bench, call), [], "the screen of the laptop is not the phone's");
    shares(&mut bench, call, BOB.phone);
    bench.hang_up(call, BOB.phone);
    assert_eq!(sharing(&bench, call), []);
    bench.calls.join(bench.now, call, BOB.laptop, SCREEN, None).expect("bob has a seat");
    assert_eq!((sharing(&bench, call), taken(&bench.said())), (vec![], vec![]));
}
