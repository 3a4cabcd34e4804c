//! Without congestion control everyone is sent everything, and nothing else.

use switchboard_media::LegId;

use super::{RECEIVER, SECOND, SENDER, good, kbit};
use crate::client::{Lines, PAIR};
use crate::world::World;

/// A sender of three layers, and somebody with one large tile behind a link that carries the middle one; their gates are shut.
fn ringing(mut world: World) -> World {
    world.join(Lines { simulcast: true, ..PAIR }, good());
    world.join_over(Lines { camera: false, ..PAIR }, good(), kbit(600));
    world.draw(RECEIVER, &[720]);
    world.run_until("both are connected", 5 * SECOND, |world| world.connected() == 2);
    world
}

#[test]
fn a_picture_is_shown_in_full_whatever_the_path_carries() {
    let mut world = ringing(World::without_congestion_control(1));
    for person in [SENDER, RECEIVER] {
        world.open_gate(person);
        world.client(person).sends = true;
    }
    world.run_until("the largest layer", 2 * SECOND, |world| world.layer(RECEIVER).as_deref() == Some("f"));
    let layers = world.layers_for(RECEIVER, 20 * SECOND);
    assert!(layers.iter().all(|layer| layer.as_deref() == Some("f")), "{layers:?}");
    assert_eq!(world.pauses(), 0);
    assert_eq!(world.router.inspect(LegId(RECEIVER as u64 + 1)).unwrap().estimate_bps, None, "nothing is estimated");
    world.draw(RECEIVER, &[180]);
    world.run_until("no more than its tile is worth", SECOND, |world| world.layer(RECEIVER).as_deref() == Some("q"));
}

#[test]
fn nothing_is_probed() {
    let sent_while_it_rings = |world: World| {
        let mut world = ringing(world);
        let before = world.sent_to(RECEIVER);
        world.run(3 * SECOND);
        world.sent_to(RECEIVER) - before
    };
    let (with, without) = (sent_while_it_rings(World::seeded(1)), sent_while_it_rings(World::without_congestion_control(1)));
    assert!(with > 3_000, "there would be something to miss: {with} bytes");
    assert!(without < 1_000, "{without} bytes with nothing to say");
}
