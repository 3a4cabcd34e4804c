//! A call of a seed goes the same way each time: so a found seed is a found fault, and no test fails by chance.

use std::thread;
use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};

use crate::client::{Lines, PAIR};
use crate::world::{World, limited};

const MS: Duration = Duration::from_millis(1);
const THREE: Lines = Lines { simulcast: true, audio_slots: 2, video_slots: 2, ..PAIR };

/// Three people on links that lose, reorder and are too narrow; and what was sent to each by every tenth of a second.
fn call(seed: u64) -> (Vec<u64>, String) {
    let mut world = World::seeded(seed);
    let lossy = NetemConfig::new().latency(30 * MS).jitter(10 * MS).loss(RandomLoss::new(Probability::new(0.03)));
    world.call(2, THREE, lossy);
    world.call(1, THREE, limited(400_000, 40 * MS));
    let mut sent = Vec::new();
    for _ in 0..100 {
        world.run(100 * MS);
        sent.extend((0..3).map(|person| world.sent_to(person)));
    }
    (sent, format!("{:?}", world.events))
}

#[test]
fn a_call_of_the_same_seed_goes_the_same_way_to_the_last_byte() {
    let [one, same, other] = [5, 5, 6].map(|seed| thread::spawn(move || call(seed)).join().unwrap());
    assert_eq!(one, same);
    assert_ne!(one.0, other.0, "and one of another seed another way");
}
