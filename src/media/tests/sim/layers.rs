//! Of a camera in simulcast layers a receiver sees the largest that comes, whatever happens to the others.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_media::SourceKind::Camera;

use crate::client::{Lines, PAIR};
use crate::pictures::Pictures;
use crate::world::World;

const MS: Duration = Duration::from_millis(1);
const SIMULCAST: Lines = Lines { simulcast: true, ..PAIR };

/// The second of two sees the first in its largest layer.
fn call(link: NetemConfig) -> World {
    let mut world = World::new();
    world.call(2, SIMULCAST, link);
    world.client(0).heeds_wishes = false;
    world.draw(1, &[720]);
    world.run_until("the largest layer", Duration::from_secs(10), |world| world.client(1).slot(Camera).height() == Some(720));
    world.run(Duration::from_secs(2));
    world
}

/// The first stops sending a layer, or starts again.
fn send(world: &mut World, layer: usize, wanted: bool) {
    world.client(0).streams(Camera)[layer].want(wanted);
}

fn height(world: &mut World) -> Option<u16> {
    world.client(1).slot(Camera).height()
}

#[test]
fn a_layer_that_stops_is_left_within_a_second_and_taken_again_when_it_comes_back() {
    let mut world = call(NetemConfig::new().latency(20 * MS));
    let began = world.now;
    for (layer, below) in [(2, 360), (1, 180)] {
        send(&mut world, layer, false);
        world.run_until("the layer below", Duration::from_secs(1), |world| height(world) == Some(below));
        world.run(Duration::from_secs(2));
        assert_eq!(height(&mut world), Some(below), "it stays there");
    }
    send(&mut world, 2, true);
    world.run_until("the largest layer", Duration::from_secs(20), |world| height(world) == Some(720));
    world.run(Duration::from_secs(1));
    let now = world.now;
    let slot = world.client(1).slot(Camera);
    let freezes = slot.freezes(slot.frames_at[0], now, 600 * MS);
    assert!(freezes.is_empty(), "{freezes:?}");
    assert!(slot.is_flawless(), "no number breaks and no frame is cut: {:?}", slot.video.report());
    assert_eq!(Pictures::new().first_undecodable(&slot.frames), None);
    assert_eq!(slot.ssrcs.len(), 1);
    let error = slot.clock_error(began);
    assert!(error < 20 * MS, "its time passes as time does: {error:?} beside it");
    assert!(world.router.total(|counters| counters.layer_switches) >= 3);
}

#[test]
fn when_the_smallest_layer_stops_nothing_changes() {
    let mut world = call(NetemConfig::new().latency(20 * MS));
    let since = world.now;
    for layer in [0, 1] {
        send(&mut world, layer, false);
    }
    world.run(Duration::from_secs(3));
    let now = world.now;
    let slot = world.client(1).slot(Camera);
    assert_eq!(slot.layer_changes(since), 0);
    assert!(slot.freezes(since, now, 200 * MS).is_empty() && slot.is_flawless());
}

#[test]
fn on_a_lossy_path_what_is_shown_over_many_switches_can_be_decoded() {
    let mut world = call(NetemConfig::new().latency(20 * MS).loss(RandomLoss::new(Probability::new(0.02))));
    let since = world.now;
    for _ in 0..6 {
        for (layer, wanted) in [(2, false), (1, false), (1, true), (2, true)] {
            send(&mut world, layer, wanted);
            world.run(Duration::from_millis(700));
        }
    }
    let (now, slot) = (world.now, world.client(1).slot(Camera));
    assert_eq!(slot.video.report().timestamp_regressions, 0);
    assert!(slot.shown_since(since) > 15 * 17 / 2, "half of the frames of 17 s: {}", slot.shown_since(since));
    let freezes = slot.freezes(since, now, 1_500 * MS);
    assert!(freezes.is_empty(), "{freezes:?}");
}

#[test]
fn a_layer_whose_picture_is_not_larger_than_the_one_below_is_counted_and_shown_as_it_is() {
    let mut world = call(NetemConfig::new().latency(20 * MS));
    let small = world.client(0).streams(Camera)[0].clip.clone();
    let counted = world.router.counters().wrong_dimensions;
    let largest = &mut world.client(0).streams(Camera)[2];
    largest.clip = small;
    largest.restart();
    world.run(Duration::from_secs(4));
    assert_eq!(height(&mut world), Some(180));
    assert!(world.router.counters().wrong_dimensions > counted);
}

#[test]
fn what_is_sent_in_a_slot_can_be_inspected() {
    let mut world = call(NetemConfig::new().latency(20 * MS));
    let id = world.client(1).id;
    let camera = |world: &World| world.router.inspect(id).unwrap().slots.into_iter().find(|slot| slot.source.1 == Camera).unwrap();
    let slot = camera(&world);
    assert_eq!((slot.rid.as_deref(), slot.temporal, slot.paused), (Some("f"), Some(2), false));
    assert_eq!(slot.source.0, world.client(0).id);
    assert!((700_000..1_300_000).contains(&slot.bitrate_bps), "{slot:?}");
    send(&mut world, 2, false);
    world.run(Duration::from_secs(3));
    let slot = camera(&world);
    assert_eq!(slot.rid.as_deref(), Some("h"));
    assert!((200_000..450_000).contains(&slot.bitrate_bps), "{slot:?}");
}
