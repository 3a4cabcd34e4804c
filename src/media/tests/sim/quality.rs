//! How good everyone's connection is, told to all.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_media::{Event, LegId, Quality};

use crate::client::{Lines, PAIR};
use crate::world::{GROUP, World, limited};

fn link() -> NetemConfig {
    NetemConfig::new().latency(Duration::from_millis(20))
}

fn lossy(part: f32) -> NetemConfig {
    link().loss(RandomLoss::new(Probability::new(part)))
}

fn three() -> World {
    let mut world = World::new();
    world.call(3, PAIR, link());
    world.run(Duration::from_secs(5));
    world
}

/// What was told of each change.
fn told(world: &World) -> Vec<(LegId, Quality)> {
    let changes = |event: &Event| match event {
        Event::Quality { group, changes } => {
            assert_eq!(*group, GROUP);
            changes.clone()
        }
        _ => Vec::new(),
    };
    world.events.iter().flat_map(changes).collect()
}

#[test]
fn of_good_connections_nothing_is_told() {
    let mut world = three();
    world.run(Duration::from_secs(30));
    assert_eq!(told(&world), []);
}

#[test]
fn loss_in_either_direction_is_told_within_a_few_seconds_and_so_is_its_end() {
    for (up, down) in [(lossy(0.2), link()), (link(), lossy(0.2))] {
        let mut world = three();
        world.set_link(1, up, down);
        let bad = world.client(1).id;
        world.run_until("the loss is told", Duration::from_secs(5), |world| told(world).ends_with(&[(bad, Quality::Poor)]));
        world.set_link(1, link(), link());
        world.run_until("its end is told", Duration::from_secs(8), |world| told(world).ends_with(&[(bad, Quality::Good)]));
        assert!(told(&world).iter().all(|(leg, _)| *leg == bad), "the others' are not touched: {:?}", told(&world));
        assert!(told(&world).len() <= 4, "{:?}", told(&world));
    }
}

#[test]
fn a_long_way_is_fair_and_a_very_long_one_poor() {
    for (one_way, quality) in [(60, None), (170, Some(Quality::Fair)), (350, Some(Quality::Poor))] {
        let mut world = World::new();
        world.call(1, PAIR, link());
        world.call(1, PAIR, NetemConfig::new().latency(Duration::from_millis(one_way)));
        world.run(Duration::from_secs(20));
        let id = world.client(1).id;
        assert_eq!(told(&world).last().copied(), quality.map(|quality| (id, quality)), "{one_way} ms one way");
    }
}

#[test]
fn a_path_that_carries_a_smaller_picture_only_is_fair_and_one_that_carries_none_poor() {
    for (bps, quality) in [(700_000, Quality::Fair), (90_000, Quality::Poor)] {
        let mut world = World::new();
        world.call(2, Lines { simulcast: true, ..PAIR }, link());
        world.draw(1, &[720]);
        world.run(Duration::from_secs(15));
        assert_eq!(told(&world), [], "a good path takes a moment to be known, which is no fault of it");
        let id = world.client(1).id;
        world.set_link(1, link(), limited(bps, Duration::from_millis(20)));
        world.run_until("it is told", Duration::from_secs(20), |world| told(world).ends_with(&[(id, quality)]));
        world.run(Duration::from_secs(20));
        assert_eq!(told(&world).last(), Some(&(id, quality)), "{bps}");
        world.set_link(1, link(), link());
        world.run_until("its end is told", Duration::from_secs(40), |world| told(world).ends_with(&[(id, Quality::Good)]));
        assert!(told(&world).iter().all(|(leg, _)| *leg == id), "the other's is not touched: {:?}", told(&world));
    }
}

#[test]
fn a_connection_that_is_gone_is_poor_before_it_is_given_up() {
    let mut world = three();
    world.cut(2);
    let gone = world.client(2).id;
    world.run_until("it is told", Duration::from_secs(10), |world| told(world).contains(&(gone, Quality::Poor)));
    assert_eq!(world.router.legs(), 3);
}

#[test]
fn it_is_told_once_a_second_at_most() {
    let mut world = World::new();
    for _ in 0..3 {
        world.call(1, PAIR, link());
        // Each is measured at another moment of the second.
        world.run(Duration::from_millis(300));
    }
    let (mut told_at, step) = (Vec::new(), Duration::from_millis(50));
    for steps in 0..800 {
        for person in (0..3).filter(|_| steps % 80 == 0) {
            let config = if (steps / 80 + person) % 2 == 0 { lossy(0.25) } else { link() };
            world.set_link(person, config, config);
        }
        let before = world.events.len();
        world.run(step);
        let told = world.events[before..].iter().filter(|event| matches!(event, Event::Quality { .. }));
        told_at.extend(told.map(|_| world.now));
    }
    assert!((5..=40).contains(&told_at.len()), "{} times in 40 s", told_at.len());
    assert!(told_at.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(1) - step));
}

#[test]
fn round_trip_and_loss_can_be_inspected() {
    let mut world = three();
    let ids: Vec<LegId> = (0..3).map(|person| world.client(person).id).collect();
    world.set_link(1, link(), lossy(0.1));
    world.run(Duration::from_secs(20));
    for (person, id) in ids.iter().enumerate() {
        let stats = world.router.inspect(*id).expect("it is there");
        let rtt = stats.rtt.expect("measured");
        assert!((35..=60).contains(&rtt.as_millis()), "40 ms both ways: {rtt:?}");
        let loss = stats.loss.expect("measured");
        assert!(if person == 1 { loss > 0.01 && loss < 0.3 } else { loss == 0.0 }, "person {person}: {loss}");
    }
    assert_eq!(world.router.inspect(LegId(99)), None);
}
