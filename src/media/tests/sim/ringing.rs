//! While it rings, the legs of both sides connect behind shut gates; at accept cameras start, gates open and connections come
//! up in any order, and the first picture must not wait for a second keyframe.

use std::time::{Duration, Instant};

use str0m_netem::NetemConfig;
use switchboard_clip::Clip;
use switchboard_media::Event;
use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::PAIR;
use crate::world::World;

const ONE_WAY: Duration = Duration::from_millis(10);
/// The bursts of a keyframe, and a turn of the simulation.
const SLACK: Duration = Duration::from_millis(11);

/// A caller and devices of the one called, all connected, none sending.
fn warm(devices: usize) -> World {
    let mut world = World::new();
    for _ in 0..=devices {
        world.join(PAIR, NetemConfig::new().latency(ONE_WAY));
    }
    world.run_until("all are connected", Duration::from_secs(3), |world| world.connected() == devices + 1);
    world
}

/// When the person's first picture was there: that it is the first the other sent, and no keyframe was asked of it.
fn first_picture(world: &mut World, person: usize, sender: usize) -> Instant {
    world.run_until("the first picture", Duration::from_secs(2), |world| !world.client(person).slot(Camera).frames.is_empty());
    let at = world.client(person).slot(Camera).frames_at[0];
    world.run(Duration::from_secs(2));
    let slot = world.client(person).slot(Camera);
    assert_eq!(slot.frames[0], Clip::vp8().frames()[0].data, "the first keyframe that was sent is the first picture shown");
    assert!(slot.video.report().is_flawless(), "{:?}", slot.video.report());
    assert!(world.client(person).frames_follow_each_other(Camera));
    assert_eq!(world.client(sender).keyframe_requests, 0, "no second keyframe was needed");
    at
}

#[test]
fn while_it_rings_nobody_is_sent_or_asked_for_anything() {
    let mut world = warm(3);
    let first = *world.router.counters();
    // Each path is tried for a moment, so that what it carries is known when somebody answers.
    world.run(Duration::from_secs(2));
    let before = *world.router.counters();
    assert!(before.datagrams_out - first.datagrams_out < 4 * 300, "tried, not flooded");
    world.run(Duration::from_secs(43));
    let after = *world.router.counters();
    assert_eq!((after.packets_forwarded, after.keyframes_asked), (0, 0));
    assert!(!world.events.iter().any(|event| matches!(event, Event::SlotChanged { .. })), "nobody is told of anyone");
    assert_eq!(world.router.legs(), 4, "all stay connected as long as it rings");
    assert!((0..4).all(|person| world.client(person).packets() == 0));
    let (heard, said) = (after.datagrams_in - before.datagrams_in, after.datagrams_out - before.datagrams_out);
    assert!(said <= heard + 4 * 50, "signs of life are answered, and a report a second says so: {heard} in, {said} out");
}

#[test]
fn a_device_that_only_rang_stays_shut_when_another_answers() {
    let mut world = warm(2);
    world.open_gate(0);
    world.open_gate(1);
    (0..3).for_each(|person| world.start(person));
    world.run(Duration::from_secs(2));
    assert_eq!(world.client(2).packets(), 0);
    assert_eq!(world.shown(0, Camera), Some(world.client(1).id));
}

#[test]
fn a_camera_that_starts_when_the_gates_are_open_is_seen_at_its_first_keyframe() {
    let mut world = warm(1);
    world.open_gate(0);
    world.open_gate(1);
    world.run(Duration::from_millis(30));
    world.start(0);
    let started = world.now;
    let waited = first_picture(&mut world, 1, 0).saturating_duration_since(started);
    assert!(waited <= 2 * ONE_WAY + SLACK, "{waited:?}");
}

#[test]
fn a_camera_that_starts_before_the_gates_open_is_seen_at_its_first_keyframe() {
    for late in [15, 50, 150, 250].map(Duration::from_millis) {
        let mut world = warm(1);
        world.start(0);
        world.run(late);
        world.open_gate(0);
        world.open_gate(1);
        let opened = world.now;
        let waited = first_picture(&mut world, 1, 0).saturating_duration_since(opened);
        assert!(waited <= ONE_WAY + SLACK, "opened {late:?} after the start: {waited:?}");
    }
}

#[test]
fn one_whose_connection_comes_up_just_after_the_first_keyframe_sees_it() {
    let mut world = warm(0);
    world.open_gate(0);
    let late = world.join(PAIR, NetemConfig::new().latency(ONE_WAY));
    world.open_gate(late);
    world.start(0);
    world.run_until("the late one is connected", Duration::from_secs(1), |world| world.connected() == 2);
    let connected = world.now;
    let waited = first_picture(&mut world, late, 0).saturating_duration_since(connected);
    assert!(waited <= ONE_WAY + SLACK, "{waited:?}");
}

#[test]
fn a_keyframe_that_passed_long_ago_is_replaced_by_another_within_a_round_trip() {
    let mut world = warm(1);
    world.start(0);
    world.run(Duration::from_secs(1));
    world.open_gate(0);
    world.open_gate(1);
    let opened = world.now;
    world.run_until("the first picture", Duration::from_secs(2), |world| !world.client(1).slot(Camera).frames.is_empty());
    let waited = world.client(1).slot(Camera).frames_at[0].saturating_duration_since(opened);
    let frame = Clip::vp8().frame_duration();
    assert!(waited <= 3 * ONE_WAY + frame + SLACK, "asked for, made at the next frame, sent: {waited:?}");
    assert_eq!(world.client(0).keyframe_requests, 1);
}

#[test]
fn the_voice_is_there_with_the_picture() {
    let mut world = warm(1);
    world.open_gate(0);
    world.open_gate(1);
    world.start(0);
    let started = world.now;
    world.run_until("a voice", Duration::from_millis(100), |world| world.client(1).slot(Microphone).packets > 0);
    let waited = world.client(1).slot(Microphone).first_at.unwrap().saturating_duration_since(started);
    assert!(waited <= 2 * ONE_WAY + SLACK, "{waited:?}");
}
