//! A picture that was too dear for a moment is not locked out for good.

use switchboard_media::SourceKind::{self, Camera, Screen};

use super::{MS, RECEIVER, SECOND, SENDER, good, kbit};
use crate::client::{Lines, PAIR};
use crate::world::World;

/// After four seconds of four times what the path carries, the picture moves again within `bound` seconds.
fn returns(kind: SourceKind, sends: Lines, receives: Lines, bound: u32) {
    let mut world = World::new();
    world.join(sends, good());
    world.join_over(receives, good(), kbit(1_000));
    world.draw(RECEIVER, &[720]);
    for person in [SENDER, RECEIVER] {
        world.open_gate(person);
        world.client(person).sends = true;
    }
    world.run(6 * SECOND);
    let mut payload = vec![0x55; 1_050];
    payload[..2].copy_from_slice(&[0x10, 0x01]);
    for at in 0..4_000 {
        if at % 3 == 0 {
            let now = world.now;
            world.client(SENDER).push(now, kind, None, payload.clone());
        }
        world.run(MS);
    }
    let busy_until = world.now;
    let moves = |world: &mut World| {
        let now = world.now;
        let frames = &world.client(RECEIVER).slot(kind).frames_at;
        frames.iter().filter(|at| **at > busy_until.max(now - 2 * SECOND)).count() >= 10
    };
    world.run_until("the picture moves again", bound * SECOND, moves);
}

#[test]
fn a_camera_returns_after_a_busy_moment() {
    returns(Camera, PAIR, Lines { camera: false, ..PAIR }, 30);
}

#[test]
fn a_camera_with_layers_returns_after_a_busy_moment() {
    returns(Camera, Lines { simulcast: true, ..PAIR }, Lines { camera: false, ..PAIR }, 30);
}

#[test]
fn a_screen_returns_after_a_busy_moment() {
    returns(Screen, Lines { camera: false, screen: true, ..PAIR }, Lines { camera: false, screen_slots: 1, ..PAIR }, 30);
}
