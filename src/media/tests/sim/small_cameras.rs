//! A camera too small for all the layers it was offered with sends only the first of them, and nobody's connection is to blame for that.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Camera;
use switchboard_media::{Event, Quality};

use crate::client::{Lines, PAIR};
use crate::world::{World, limited};

const SECOND: Duration = Duration::from_secs(1);
const LATENCY: Duration = Duration::from_millis(20);
const VIEWER: usize = 1;

/// One whose camera has so many layers, and one behind this link who shows it large.
fn call(layers: usize, link: NetemConfig) -> World {
    let mut world = World::new();
    let good = NetemConfig::new().latency(LATENCY);
    let sender = world.join(Lines { simulcast: true, ..PAIR }, good);
    let viewer = world.join_over(Lines { camera: false, ..PAIR }, good, link);
    set_layers(&mut world, layers);
    world.draw(viewer, &[720]);
    for person in [sender, viewer] {
        world.open_gate(person);
        world.client(person).sends = true;
    }
    world
}

fn set_layers(world: &mut World, count: usize) {
    world.client(0).streams(Camera).into_iter().enumerate().for_each(|(place, stream)| stream.able = place < count);
}

fn height(world: &mut World) -> Option<u16> {
    world.client(VIEWER).slot(Camera).height()
}

fn not_good(world: &World) -> Vec<&Event> {
    let bad =
        |event: &&Event| matches!(event, Event::Quality { changes, .. } if changes.iter().any(|(_, quality)| *quality != Quality::Good));
    world.events.iter().filter(bad).collect()
}

#[test]
fn who_sees_all_that_a_small_camera_has_has_a_good_connection() {
    for (layers, best, link) in [(1, 180, 250_000), (2, 360, 800_000)] {
        let mut world = call(layers, limited(link, LATENCY));
        world.run(60 * SECOND);
        assert_eq!(not_good(&world), Vec::<&Event>::new(), "{layers} layers");
        assert_eq!(height(&mut world), Some(best));
    }
}

#[test]
fn on_a_narrow_path_it_is_fair_as_any_other() {
    let mut world = call(2, limited(220_000, LATENCY));
    world.run(60 * SECOND);
    assert!(!not_good(&world).is_empty());
    assert_eq!(height(&mut world), Some(180));
}

#[test]
fn a_larger_camera_is_seen_as_large_as_it_is_at_once() {
    let mut world = call(1, limited(5_000_000, LATENCY));
    world.run(30 * SECOND);
    for (layers, best) in [(2, 360), (3, 720)] {
        set_layers(&mut world, layers);
        world.run_until("the larger picture", 5 * SECOND, |world| height(world) == Some(best));
        world.run(30 * SECOND);
        assert_eq!(height(&mut world), Some(best), "and it stays");
    }
    assert_eq!(not_good(&world), Vec::<&Event>::new());
}
