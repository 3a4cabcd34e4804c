//! A participant goes on with another leg: moved to another device, or connected anew after a change of network.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::{Lines, PAIR};
use crate::world::World;

/// One slot more than there are others, so that the first free one is not always the right one.
const ROOMY: Lines = Lines { audio_slots: 4, video_slots: 4, ..PAIR };

fn link() -> NetemConfig {
    NetemConfig::new().latency(Duration::from_millis(10))
}

/// Four talk, then the first leaves: everybody's first slots are free, and the third person's are further behind.
fn with_free_slots() -> World {
    let mut world = World::new();
    world.call(4, ROOMY, link());
    world.run(Duration::from_secs(3));
    world.remove(0);
    world.run(Duration::from_secs(1));
    world
}

/// The third person's leg gives way to one that is connected and sends from the first moment.
fn replace(world: &mut World) -> usize {
    let next = world.join(ROOMY, link());
    world.run_until("the next leg is connected", Duration::from_secs(2), |world| world.connected() == 5);
    world.remove(2);
    world.open_gate(next);
    world.start(next);
    next
}

#[test]
fn the_next_leg_appears_in_the_slots_of_the_one_before() {
    let mut world = with_free_slots();
    let before = world.client(2).id;
    let (faces, voices) = (world.all_shown(1, Camera), world.all_shown(1, Microphone));
    let next = replace(&mut world);
    let after = world.client(next).id;
    let expected =
        |shown: Vec<Option<_>>| shown.into_iter().map(|leg| if leg == Some(before) { Some(after) } else { leg }).collect::<Vec<_>>();
    assert!(faces.contains(&Some(before)) && faces[0].is_none(), "another slot would have been free: {faces:?}");
    assert_eq!(world.all_shown(1, Camera), expected(faces));
    assert_eq!(world.all_shown(1, Microphone), expected(voices));
}

#[test]
fn the_picture_stands_still_no_longer_than_the_first_keyframe_takes() {
    let mut world = with_free_slots();
    let before = world.client(2).id;
    let place = world.all_shown(1, Camera).iter().position(|leg| *leg == Some(before)).unwrap();
    let mid = world.client(1).mids(switchboard_media::Role::Slot(Camera))[place];
    replace(&mut world);
    let replaced = world.now;
    let shown = world.client(1).received[&mid].frames.len();
    world.run(Duration::from_secs(3));
    let received = &world.client(1).received[&mid];
    let first = received.frames_at.iter().skip(shown).find(|at| **at > replaced + Duration::from_millis(10)).unwrap();
    let frozen = first.saturating_duration_since(replaced);
    assert!(frozen <= Duration::from_millis(40), "{frozen:?}");
    assert_eq!(received.ssrcs.len(), 1, "the stream is the same");
    let video = received.video.report();
    assert!(video.is_flawless(), "no hole in sequence numbers, timestamps or picture ids: {video:?}");
    assert!(received.frames.len() > shown + 40, "and goes on");
}

#[test]
fn the_next_leg_hears_and_sees_everyone_within_a_keyframe() {
    let mut world = with_free_slots();
    let next = replace(&mut world);
    world.run_until("both others are seen", Duration::from_millis(200), |world| {
        world.client(next).received.values().filter(|received| !received.frames.is_empty()).count() == 2
    });
    world.run(Duration::from_secs(3));
    assert!(world.client(next).received.values().all(|received| received.is_flawless()));
}

#[test]
fn a_leg_that_replaces_a_dead_one_needs_no_slot_of_its_own() {
    let mut world = World::new();
    world.call(2, PAIR, link());
    world.run(Duration::from_secs(2));
    world.cut(1);
    let next = world.join(PAIR, link());
    world.open_gate(next);
    world.run_until("the next leg is connected", Duration::from_secs(2), |world| world.connected() == 3);
    assert_eq!(world.shown(0, Camera), Some(world.client(1).id), "there is one slot, and the dead leg is in it");
    world.start(next);
    world.remove(1);
    assert_eq!(world.shown(0, Camera), Some(world.client(next).id));
    let before = world.client(0).slot(Camera).frames.len();
    world.run_until("the picture of the next leg", Duration::from_millis(100), |world| world.client(0).slot(Camera).frames.len() > before);
}
