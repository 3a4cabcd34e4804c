//! What comes together leaves together: between two packets of a frame nothing waits for a timer, and one call to the kernel takes them.
//! Only voices go before.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind;

use crate::client::{Lines, PAIR};
use crate::world::World;

#[test]
fn the_packets_of_a_frame_are_sent_in_one_turn() {
    let mut world = World::new();
    world.call(2, Lines { simulcast: true, ..PAIR }, NetemConfig::new());
    world.draw(1, &[720]);
    world.run(Duration::from_secs(10));
    world.most_in_a_row = 0;
    world.run(Duration::from_secs(5));
    assert!(world.most_in_a_row >= 15, "of the largest frame {} packets in a row", world.most_in_a_row);
}

#[test]
fn voices_that_come_with_a_picture_are_sent_to_everyone_before_it() {
    const RECEIVERS: usize = 20;
    // With header extensions and the tag of SRTP.
    const HEADERS: usize = 44;
    const LINES: Lines = Lines { audio_slots: 2, ..PAIR };
    let mut world = World::new();
    world.call(2, LINES, NetemConfig::new());
    for place in 0..RECEIVERS {
        // Lest their reports come in that very moment.
        let link = NetemConfig::new().latency(Duration::from_micros(5_000 + 777 * place as u64));
        let receiver = world.join(Lines { camera: false, ..LINES }, link);
        world.open_gate(receiver);
    }
    world.run(Duration::from_secs(5));
    (0..2).for_each(|person| world.client(person).sends = false);
    world.run(Duration::from_secs(1));
    world.lengths.clear();
    let now = world.now;
    let mut picture = vec![0x55; 1_000];
    picture[..2].copy_from_slice(&[0x10, 0x01]);
    (0..5).for_each(|_| world.client(0).push(now, SourceKind::Camera, None, picture.clone()));
    (0..2).for_each(|person| world.client(person).push(now, SourceKind::Microphone, None, vec![0x55; 80]));
    world.run(Duration::from_millis(1));
    let pictures = world.lengths.iter().filter(|length| **length == 1_000 + HEADERS).count();
    assert!(pictures >= 5 * RECEIVERS / 2, "{pictures}: each has one slot for a picture");
    let first_picture = world.lengths.iter().position(|length| *length == 1_000 + HEADERS).expect("there are pictures");
    let voices = world.lengths[..first_picture].iter().filter(|length| **length == 80 + HEADERS).count();
    assert_eq!(voices, 2 * RECEIVERS + 2, "both voices go to everyone before the first picture");
}
