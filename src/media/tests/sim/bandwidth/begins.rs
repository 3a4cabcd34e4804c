//! How a call begins: on a good link with its best picture, and never with less than the smallest.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{LegId, Sources};

use super::{MS, RECEIVER, SECOND, good, in_every_call, kbit};
use crate::client::{Lines, PAIR};
use crate::world::World;

/// Three people, the second and third a moment after the one before, each with the others in large tiles.
fn three(seed: u64, lines: Lines, jitter_ms: u32) -> World {
    let mut world = World::seeded(seed);
    for person in 0..3 {
        world.join_over(lines, good().jitter(jitter_ms * MS), kbit(5_000));
        world.draw(person, &[720; 2]);
        world.open_gate(person);
        world.client(person).sends = true;
        world.run((seed * 37 % 101) as u32 * MS);
    }
    world
}

const TWO_TILES: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };

#[test]
fn three_people_on_good_links_see_each_other_at_their_best_within_five_seconds() {
    in_every_call(|seed| {
        for jitter_ms in [0, 5, 15] {
            let mut world = three(seed, Lines { simulcast: true, ..TWO_TILES }, jitter_ms);
            world.run(5 * SECOND);
            for person in 0..3 {
                assert_eq!(world.all_layers(person), ["f", "f"], "seed {seed}, {jitter_ms} ms of jitter in the reports");
            }
        }
    });
}

#[test]
fn on_good_links_no_picture_without_layers_is_ever_paused() {
    in_every_call(|seed| {
        for jitter_ms in [0, 5, 15] {
            let mut world = three(seed, TWO_TILES, jitter_ms);
            world.run(20 * SECOND);
            assert_eq!(world.pauses(), 0, "seed {seed}, {jitter_ms} ms of jitter in the reports");
        }
    });
}

#[test]
fn a_leg_that_was_warm_shows_the_right_layer_soon_after_its_gate_opens_and_on_a_good_link_within_a_second() {
    in_every_call(|seed| {
        for (link_kbit, layer, within) in [(5_000, "f", SECOND), (600, "h", 5 * SECOND), (300, "q", SECOND)] {
            let mut world = World::seeded(seed);
            let sender = world.join(Lines { simulcast: true, ..PAIR }, good());
            world.join_over(Lines { camera: false, ..PAIR }, good(), kbit(link_kbit));
            world.draw(RECEIVER, &[720]);
            world.client(sender).sends = true;
            world.client(RECEIVER).sends = true;
            world.open_gate(sender);
            world.run(2 * SECOND);
            assert_eq!(world.client(RECEIVER).slot(Camera).packets, 0, "nothing passes a shut gate");
            world.open_gate(RECEIVER);
            let right = |world: &mut World| world.layer(RECEIVER).as_deref() == Some(layer);
            world.run_until(&format!("{layer} over {link_kbit} kbit/s"), within, right);
        }
    });
}

#[test]
fn no_voice_waits_in_the_router_behind_video() {
    // Twelve cameras of 330 kbit/s each to one receiver, whose link carries all.
    let mut world = World::new();
    let lines = Lines { audio_slots: 5, video_slots: 12, ..PAIR };
    for _ in 0..13 {
        let person = world.join(lines, NetemConfig::new());
        world.draw(person, &[720; 12]);
        world.open_gate(person);
        world.client(person).sends = true;
    }
    for person in [0].into_iter().chain(2..13) {
        world.set_sources(person, Sources { microphone: false, ..Sources::default() });
    }
    world.run(10 * SECOND);
    world.client(0).slot(Microphone).longest_silence = Duration::ZERO;
    world.run(10 * SECOND);
    let video: u64 = world.router.inspect(LegId(1)).unwrap().slots.iter().map(|slot| slot.bitrate_bps).sum();
    assert!(video > 3_000_000, "{video} bit/s go the same way");
    // On a link without delay a packet that comes late has waited in the router.
    let longest = world.client(0).slot(Microphone).longest_silence;
    assert!(longest <= 21 * MS && longest > Duration::ZERO, "a packet every 20 ms, and between two of them {longest:?}");
}
