//! A publisher that sends far more than any encoder: it is cut to a bound, and nobody else notices.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{self, Camera, Microphone};
use switchboard_media::{Drop, LegId};

use crate::client::{Lines, PAIR};
use crate::world::World;

const THREE: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };
const MS: Duration = Duration::from_millis(1);
/// The publisher that floods; 1 and 2 are its victims.
const FLOODER: usize = 0;

/// A call of three in which, after two seconds, the first sends so many more packets of a kind each millisecond, for five seconds.
fn flooded(kind: SourceKind, packets: usize, payload: &[u8]) -> World {
    let mut world = World::new();
    world.call(3, THREE, NetemConfig::new().latency(20 * MS));
    world.run(Duration::from_secs(2));
    for _ in 0..5_000 {
        let now = world.now;
        for _ in 0..packets {
            world.client(FLOODER).push(now, kind, None, payload.to_vec());
        }
        world.run(MS);
    }
    world
}

/// Fails unless what the two others see and hear of each other is whole, and never stands still for longer than this.
fn assert_undisturbed(world: &mut World, still: Duration) {
    let now = world.now;
    for (one, other) in [(1, 2), (2, 1)] {
        let video = world.seen(one, Camera, other);
        assert!(video.is_flawless(), "{:?}", video.video.report());
        let freezes = video.freezes(video.frames_at[0], now, still);
        assert!(freezes.is_empty(), "{freezes:?}");
        let audio = world.seen(one, Microphone, other).audio.report();
        assert!(audio.is_flawless(), "{audio:?}");
    }
}

#[test]
fn a_camera_of_50_mbit_is_cut_to_a_bound_and_the_others_notice_nothing() {
    // A delta frame's packet (RFC 7741 §4.2), as large as the path takes.
    let mut payload = vec![0x55; 1_050];
    payload[..2].copy_from_slice(&[0x10, 0x01]);
    let mut world = flooded(Camera, 6, &payload);
    let dropped = world.router.counters().dropped(Drop::TooFast);
    // 6 kB/ms are 50 Mbit/s: of 30,000 packets, the bound passes 12 Mbit/s and one burst.
    assert!(dropped > 20_000, "{dropped} of 30,000");
    let passed = 30_000 - dropped;
    assert!(passed * 1_050 * 8 < 5 * 13_000_000 + 6_000_000, "{passed} packets passed");
    assert_undisturbed(&mut world, 200 * MS);
}

#[test]
fn a_voice_of_6_mbit_is_cut_to_a_bound_and_the_others_see_each_other_again_within_300_ms() {
    let mut world = flooded(Microphone, 1, &[0x7c; 750]);
    let dropped = world.router.counters().dropped(Drop::TooFast);
    assert!((3_500..5_000).contains(&dropped), "{dropped} of 5,000");
    // A voice goes before pictures: one may be paused until the path is known to carry what passes.
    assert_undisturbed(&mut world, 300 * MS);
}

#[test]
fn a_flood_that_ends_leaves_nothing_behind() {
    let mut world = flooded(Camera, 6, &[0x10, 0x01, 0x55, 0x55, 0x55, 0x55]);
    // The flood broke its own picture, which its next keyframe mends.
    world.run(Duration::from_secs(4));
    let since = world.now;
    world.run(Duration::from_secs(3));
    for victim in [1, 2] {
        let now = world.now;
        let video = world.seen(victim, Camera, FLOODER);
        assert!(video.shown_since(since) > 40, "{} frames in 3 s", video.shown_since(since));
        assert!(video.freezes(since, now, 200 * MS).is_empty());
        assert!(world.router.inspect(LegId(victim as u64 + 1)).is_some());
    }
    assert_undisturbed(&mut world, 200 * MS);
}
