//! A picture that costs much and has no layers: it is shown in full or not at all, and what may be tried of a path is soon more than that
//! carries.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Camera;

use super::{MS, RECEIVER, SECOND, SENDER, good, in_every_call, kbit};
use crate::client::{Lines, PAIR};
use crate::world::World;

/// The one who talks, and is not seen.
const SPEAKER: usize = 2;

/// A camera without layers sends 2.4 Mbit/s for so long: thirty frames a second of nine packets each, every thirtieth a keyframe.
fn show_dear_picture(world: &mut World, seconds: u32) {
    for frame in 0..seconds * 30 {
        let now = world.now;
        let mut packet = vec![0x55; 1_100];
        let keyframe = [0x10, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02];
        let begins = if frame % 30 == 0 { &keyframe[..] } else { &[0x10, 0x01] };
        packet[..begins.len()].copy_from_slice(begins);
        let mut continues = vec![0x55; 1_100];
        continues[0] = 0x00;
        let sender = world.client(SENDER);
        let pt = sender.video_pt();
        sender.push(now, Camera, None, packet);
        (0..7).for_each(|_| sender.push(now, Camera, None, continues.clone()));
        sender.push_frame(now, 0, pt, continues);
        world.run(SECOND / 30);
    }
}

/// A picture for a receiver behind this link, from a router that is busy for so long each time it is served, and somebody who talks.
fn call(seed: u64, link: NetemConfig, busy: Duration) -> World {
    let mut world = World::seeded(seed);
    world.busy = busy;
    world.join(PAIR, good());
    world.join_over(Lines { camera: false, ..PAIR }, good(), link);
    world.join(Lines { camera: false, ..PAIR }, good());
    world.draw(RECEIVER, &[720]);
    for person in [SENDER, RECEIVER, SPEAKER] {
        world.open_gate(person);
        world.run((seed * 37 % 101) as u32 * MS);
    }
    world.client(SPEAKER).sends = true;
    world
}

#[test]
fn a_router_that_is_busy_does_not_take_itself_for_a_narrow_path() {
    in_every_call(|seed| {
        let mut world = call(seed, good(), 18 * MS);
        show_dear_picture(&mut world, 20);
        assert_eq!(world.pauses(), 0, "seed {seed}");
    });
}

#[test]
fn a_narrow_path_is_tried_for_a_dear_picture_at_the_cost_of_few_words() {
    in_every_call(|seed| {
        for (link_kbit, busy_ms) in [(100, 0), (600, 0), (250, 18)] {
            let mut world = call(seed, kbit(link_kbit), busy_ms * MS);
            let before = world.words_so_far(RECEIVER);
            show_dear_picture(&mut world, 90);
            let (lost, heard) = world.words(RECEIVER, before);
            let tried = world.pauses();
            assert!(link_kbit < 200 || tried > 1, "seed {seed}, {link_kbit} kbit/s: the picture was not tried again");
            assert!(
                heard > 4_400 && lost <= 10,
                "seed {seed}, {link_kbit} kbit/s, {tried} tries: heard {heard}, lost {lost} of a thousand"
            );
        }
    });
}
