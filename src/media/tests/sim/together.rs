//! What comes together leaves together: between two packets of a frame nothing waits for a timer, and one call to the kernel takes them.

use std::time::Duration;

use str0m_netem::NetemConfig;

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
