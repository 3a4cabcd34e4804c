//! A slot that shows first one person and then another stays one continuous stream.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_media::Drop;
use switchboard_media::SourceKind::{Camera, Microphone, Screen};

use crate::client::{Lines, PAIR};
use crate::world::World;

fn three_with_one_tile_each(link: NetemConfig) -> World {
    let mut world = World::new();
    world.call(3, PAIR, link);
    world.run(Duration::from_secs(5));
    world
}

#[test]
fn numbers_run_on_when_a_slot_is_given_to_another_person() {
    let mut world = three_with_one_tile_each(NetemConfig::new().latency(Duration::from_millis(20)));
    let (first, second) = (world.client(0).id, world.client(1).id);
    assert_eq!(world.shown(2, Camera), Some(first));
    let frames_of_the_first = world.client(2).slot(Camera).video.report().frames_decodable;
    world.remove(0);
    assert_eq!(world.shown(2, Camera), Some(second));
    world.run(Duration::from_secs(5));
    let slot = world.client(2).slot(Camera);
    assert_eq!(slot.ssrcs.len(), 1, "the receiver sees one stream, whoever is in it");
    let video = slot.video.report();
    assert!(video.is_flawless(), "no hole in sequence numbers, timestamps or picture ids: {video:?}");
    assert!(video.frames_decodable >= frames_of_the_first + 65, "the second person moves: {video:?}");
    assert!(world.client(2).frames_follow_each_other(Camera), "the second person is shown from a keyframe on");
    let audio = world.client(2).slot(Microphone);
    assert_eq!(audio.ssrcs.len(), 1);
    assert!(audio.audio.report().is_flawless(), "{:?}", audio.audio.report());
}

#[test]
fn the_new_person_is_seen_at_the_next_keyframe() {
    let mut world = three_with_one_tile_each(NetemConfig::new().latency(Duration::from_millis(20)));
    let before = world.client(2).slot(Camera).frames.len();
    world.remove(0);
    let switched = world.now;
    world
        .run_until("a frame of the new person", Duration::from_millis(300), |world| world.client(2).slot(Camera).frames.len() > before + 1);
    let frozen = world.client(2).slot(Camera).frames_at[before].saturating_duration_since(switched);
    assert!(frozen < Duration::from_millis(300), "frozen for {frozen:?}");
}

#[test]
fn a_switch_on_a_lossy_link_recovers_by_itself() {
    let link = NetemConfig::new().latency(Duration::from_millis(20)).loss(RandomLoss::new(Probability::new(0.05)));
    let mut world = three_with_one_tile_each(link);
    let before = world.client(2).slot(Camera).video.report().frames_decodable;
    world.remove(0);
    world.run(Duration::from_secs(10));
    let video = world.client(2).slot(Camera).video.report();
    // The one layer there is may be paused for a few seconds: so much loss looks like a path that is too narrow.
    assert!(video.frames_decodable > before + 60, "of 150 frames: {video:?}");
    assert_eq!(video.timestamp_regressions, 0);
}

#[test]
fn a_screen_goes_to_the_slot_for_screens() {
    let mut world = World::new();
    let link = NetemConfig::new().latency(Duration::from_millis(10));
    world.call(2, Lines { screen: true, screen_slots: 1, ..PAIR }, link);
    world.run(Duration::from_secs(3));
    for person in 0..2 {
        for kind in [Camera, Screen] {
            let video = world.client(person).slot(kind).video.report();
            assert!(video.is_flawless() && video.frames_decodable > 30, "{kind:?}: {video:?}");
        }
    }
}

#[test]
fn of_a_client_that_sends_simulcast_one_layer_is_shown() {
    let mut world = World::new();
    let link = NetemConfig::new().latency(Duration::from_millis(10));
    world.call(2, Lines { simulcast: true, ..PAIR }, link);
    (0..2).for_each(|person| world.client(person).heeds_wishes = false);
    world.run(Duration::from_secs(5));
    for person in 0..2 {
        let video = world.client(person).slot(Camera).video.report();
        assert!(video.is_flawless() && video.frames_decodable > 60, "{video:?}");
        assert!(world.client(person).keyframe_requests < 5, "nobody is asked for keyframes without end");
    }
    assert!(world.router.counters().dropped(Drop::LayerNotWanted) > 100, "the other layers are counted");
}
