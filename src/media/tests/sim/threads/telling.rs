//! What a whole group is told is told by one of its routers.

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_media::{Event, LegId, Quality};

use super::{FOUR, MS, SECOND, SILENT, link};
use crate::sending::SPEAKING;
use crate::world::World;

fn told(world: &World) -> Vec<Vec<LegId>> {
    let legs = world.events.iter().filter_map(|event| match event {
        Event::Speakers { legs, .. } => Some(legs.clone()),
        _ => None,
    });
    legs.collect()
}

/// Four people on four routers, of whom nobody speaks.
fn quiet() -> World {
    let mut world = World::on(4, 1, 7);
    world.call(4, FOUR, link());
    (0..4).for_each(|person| world.client(person).voice = SILENT);
    world.run(4 * SECOND);
    world.events.clear();
    world
}

#[test]
fn who_speaks_is_told_once_wherever_they_are() {
    let mut world = quiet();
    for speaker in 0..4 {
        world.events.clear();
        world.client(speaker).voice = SPEAKING;
        world.run(2 * SECOND);
        world.client(speaker).voice = SILENT;
        world.run(3 * SECOND);
        assert_eq!(told(&world), [vec![LegId(speaker as u64 + 1)], vec![]]);
    }
}

#[test]
fn another_router_goes_on_telling_when_the_one_that_told_is_left_by_all() {
    let mut world = quiet();
    world.client(2).voice = SPEAKING;
    world.run(2 * SECOND);
    assert_eq!(told(&world), [vec![LegId(3)]]);
    world.remove(0);
    world.run(2 * SECOND);
    assert_eq!(told(&world).last(), Some(&vec![LegId(3)]), "it still holds");
    world.client(2).voice = SILENT;
    world.run(3 * SECOND);
    assert_eq!(told(&world).last(), Some(&vec![]));
    assert!(told(&world).len() <= 3, "{:?}", told(&world));
}

#[test]
fn one_who_mutes_elsewhere_is_no_speaker_at_once() {
    let mut world = quiet();
    world.client(2).voice = SPEAKING;
    world.run(2 * SECOND);
    let muted = switchboard_media::Sources { microphone: false, ..switchboard_media::Sources::default() };
    world.set_sources(2, muted);
    world.run(500 * MS);
    assert_eq!(told(&world), [vec![LegId(3)], vec![]]);
    assert!(!world.all_shown(0, switchboard_media::SourceKind::Microphone).contains(&Some(LegId(3))));
}

#[test]
fn a_bad_connection_is_told_once_wherever_it_is_and_never_more_than_once_a_second() {
    let mut world = quiet();
    let lossy = NetemConfig::new().latency(20 * MS).loss(RandomLoss::new(Probability::new(0.2)));
    (1..4).for_each(|person| world.set_link(person, lossy, lossy));
    let mut told_at = Vec::new();
    for _ in 0..100 {
        let known = world.events.len();
        world.run(100 * MS);
        let now = world.now;
        told_at.extend(world.events[known..].iter().filter(|event| matches!(event, Event::Quality { .. })).map(|_| now));
    }
    assert!(told_at.windows(2).all(|pair| pair[1] - pair[0] >= 900 * MS), "{} times in 10 s", told_at.len());
    let changes = world.events.iter().filter_map(|event| match event {
        Event::Quality { changes, .. } => Some(changes.clone()),
        _ => None,
    });
    let changes: Vec<(LegId, Quality)> = changes.flatten().collect();
    for leg in 2..5 {
        assert_eq!(changes.iter().rfind(|(of, _)| *of == LegId(leg)), Some(&(LegId(leg), Quality::Poor)), "{changes:?}");
    }
}
