//! A voice is not held back by pictures, however large one of them is.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::PAIR;
use crate::world::World;

const MS: Duration = Duration::from_millis(1);

#[test]
fn words_come_as_evenly_as_they_were_spoken_between_pictures_of_a_hundred_packets() {
    let mut world = World::new();
    world.call(2, PAIR, NetemConfig::new().latency(20 * MS));
    world.run(3_000 * MS);
    world.client(1).slot(Microphone).longest_silence = Duration::ZERO;
    let before = world.client(1).slot(Camera).packets;
    let mut payload = vec![0x55; 1_050];
    // A frame that is no keyframe (RFC 7741 §4.2, §4.3).
    payload[..2].copy_from_slice(&[0x10, 0x01]);
    for at in 0..40 {
        let now = world.now;
        (0..100).for_each(|_| world.client(0).push(now, Camera, None, payload.clone()));
        // At another moment between two words each time.
        world.run((240 + at % 20) * MS);
    }
    let shown = world.client(1).slot(Camera).packets - before;
    assert!(shown > 3_900, "the pictures come: {shown} packets");
    let longest = world.client(1).slot(Microphone).longest_silence;
    assert!(longest <= 23 * MS, "{longest:?} between two words of 20 ms");
}
