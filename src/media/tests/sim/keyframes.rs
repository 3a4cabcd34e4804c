//! A receiver that cannot decode gets a keyframe, and a sender is not drowned in requests for it.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Camera;

use crate::client::PAIR;
use crate::world::World;

fn running() -> World {
    let mut world = World::new();
    world.call(3, PAIR, NetemConfig::new().latency(Duration::from_millis(10)));
    world.run(Duration::from_secs(3));
    world
}

#[test]
fn a_receivers_request_reaches_the_one_it_sees() {
    let mut world = running();
    let shown = world.shown(1, Camera).expect("somebody is shown");
    let asked_before: Vec<u64> = (0..3).map(|person| world.client(person).keyframe_requests).collect();
    world.client(1).ask_keyframe(Camera);
    let now = world.now;
    world.client(1).next = now;
    world.run(Duration::from_millis(200));
    for (person, before) in asked_before.into_iter().enumerate() {
        let expected = before + u64::from(world.client(person).id == shown);
        assert_eq!(world.client(person).keyframe_requests, expected, "person {person}");
    }
}

#[test]
fn requests_of_many_in_the_same_moment_become_one() {
    let mut world = running();
    assert_eq!((world.shown(1, Camera), world.shown(2, Camera)), (Some(world.client(0).id), Some(world.client(0).id)));
    let before = world.client(0).keyframe_requests;
    for person in [1, 2] {
        world.client(person).ask_keyframe(Camera);
        let now = world.now;
        world.client(person).next = now;
    }
    world.run(Duration::from_millis(200));
    assert_eq!(world.client(0).keyframe_requests, before + 1);
}

#[test]
fn a_sender_that_ignores_requests_is_asked_again_but_not_more_than_three_times_a_second() {
    let mut world = World::new();
    let link = NetemConfig::new().latency(Duration::from_millis(10));
    let early = world.join(PAIR, link);
    world.open_gate(early);
    let sender = world.client(early);
    (sender.sends, sender.answers_keyframe_requests) = (true, false);
    world.run(Duration::from_millis(500));
    let late = world.join(PAIR, link);
    world.open_gate(late);
    let before = world.client(early).keyframe_requests;
    world.run(Duration::from_secs(10));
    let asked = world.client(early).keyframe_requests - before;
    assert!((1..=30).contains(&asked), "asked {asked} times in 10 s");
}

#[test]
fn a_camera_that_is_on_and_sends_nothing_is_asked_ever_more_seldom_and_seen_at_once_when_it_sends_again() {
    let mut world = World::new();
    let link = NetemConfig::new().latency(Duration::from_millis(10));
    world.call(1, PAIR, link);
    world.run(Duration::from_secs(3));
    world.client(0).on.camera = false;
    world.run(Duration::from_secs(1));
    world.call(1, PAIR, link);
    let before = world.client(0).keyframe_requests;
    world.run(Duration::from_millis(60_200));
    let asked = world.client(0).keyframe_requests - before;
    assert!((5..=14).contains(&asked), "asked {asked} times in a minute");
    assert!(world.client(1).slot(Camera).frames.is_empty());
    // It goes on in the middle, and a keyframe comes because somebody asks.
    world.client(0).on.camera = true;
    world.client(0).streams(Camera)[0].go_on();
    world.run_until("a picture", Duration::from_millis(400), |world| !world.client(1).slot(Camera).frames.is_empty());
    assert_eq!(world.client(0).keyframe_requests - before, asked + 1);
}
