//! Packets that are authentic and make no sense: what is in them is counted and dropped, and felt by nobody else.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{self, Camera, Microphone};

use crate::client::{Lines, PAIR};
use crate::world::World;

const THREE: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };
const MS: Duration = Duration::from_millis(1);

/// What the second and third see and hear of each other is whole.
fn assert_undisturbed(world: &mut World) {
    let now = world.now;
    for (one, other) in [(1, 2), (2, 1)] {
        let video = world.seen(one, Camera, other);
        assert!(video.is_flawless(), "{:?}", video.video.report());
        assert!(video.freezes(video.frames_at[0], now, 200 * MS).is_empty());
        assert!(world.seen(one, Microphone, other).is_flawless());
    }
}

fn dropped(world: &World) -> u64 {
    switchboard_media::Drop::ALL.iter().map(|why| world.router.counters().dropped(*why)).sum()
}

/// The first of three sends random bytes on a stream for four seconds, among its own packets.
fn with_noise(seed: u64, kind: SourceKind, pt: Option<u8>) -> World {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut world = World::new();
    world.call(3, THREE, NetemConfig::new().latency(20 * MS));
    world.run(Duration::from_secs(1));
    for _ in 0..800 {
        let (now, length) = (world.now, rng.usize(..60));
        let noise = (0..length).map(|_| rng.u8(..)).collect();
        world.client(0).push(now, kind, pt, noise);
        world.run(5 * MS);
    }
    world
}

#[test]
fn random_bytes_in_place_of_vp8_are_dropped_and_the_next_keyframe_mends_the_picture() {
    let mut world = with_noise(1, Camera, None);
    assert!(dropped(&world) > 50, "{}", dropped(&world));
    let since = world.now + Duration::from_secs(2);
    world.run(Duration::from_secs(5));
    for person in [1, 2] {
        let shown = world.seen(person, Camera, 0).shown_since(since);
        assert!(shown > 40, "{shown} frames in 3 s");
    }
    assert_undisturbed(&mut world);
}

#[test]
fn random_bytes_in_place_of_opus_are_heard_by_nobody_else() {
    let mut world = with_noise(2, Microphone, None);
    assert_undisturbed(&mut world);
}

#[test]
fn header_extensions_that_are_not_what_their_ids_say_harm_nobody() {
    // Levels become clocks, clocks orientations, counters levels.
    for by in [1, 2, 3, 5, 8] {
        let mut world = World::new();
        let link = NetemConfig::new().latency(20 * MS);
        world.extensions_rotated = by;
        world.call(1, THREE, link);
        world.extensions_rotated = 0;
        world.call(2, THREE, link);
        world.run(Duration::from_secs(5));
        assert_undisturbed(&mut world);
        let since = world.now - Duration::from_secs(3);
        assert!(world.seen(1, Camera, 0).shown_since(since) > 40, "its own picture is whole");
    }
}
