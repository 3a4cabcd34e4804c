//! What a receiver is sent who looks at nobody.

use std::time::Duration;

use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::{Lines, PAIR};
use crate::world::{World, limited};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn one_whose_tiles_are_all_hidden_is_sent_the_voices_and_nothing_beside_them() {
    let mut world = World::new();
    world.call(3, Lines { simulcast: true, audio_slots: 2, video_slots: 2, ..PAIR }, limited(5_000_000, Duration::from_millis(20)));
    (0..3).for_each(|person| world.draw(person, &[720, 360]));
    world.run(6 * SECOND);
    world.draw(1, &[0, 0]);
    world.run(3 * SECOND);
    let voices = |world: &mut World| (0..2).map(|place| world.client(1).slot_at(Microphone, place).bytes).sum::<u64>();
    let pictures = |world: &mut World| (0..2).map(|place| world.client(1).slot_at(Camera, place).packets).sum::<u64>();
    let before = (world.sent_to(1), voices(&mut world), pictures(&mut world));
    world.run(10 * SECOND);
    assert_eq!(pictures(&mut world), before.2);
    let (sent, words) = (world.sent_to(1) - before.0, voices(&mut world) - before.1);
    // Headers and seals are half as much again. What str0m fills a path up with would be 60 kB more.
    assert!(words > 90_000 && sent < words * 17 / 10, "{sent} bytes for {words} of words");
}
