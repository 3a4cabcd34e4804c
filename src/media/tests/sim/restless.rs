//! Clients that never leave things as they are: they cost their group little, and what they leave behind is shown.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Drop, Event, LegId, Sources, Tile};

use crate::client::{Lines, PAIR};
use crate::world::World;

const MS: Duration = Duration::from_millis(1);
const FOUR: Lines = Lines { audio_slots: 3, video_slots: 3, ..PAIR };
const NO_CAMERA: Sources = Sources { microphone: true, camera: false, screen: false };

fn call(people: usize, lines: Lines) -> World {
    let mut world = World::new();
    world.call(people, lines, NetemConfig::new().latency(10 * MS));
    world.run(Duration::from_secs(2));
    world.events.clear();
    world
}

/// How often a person's slots changed.
fn changes(world: &World, person: usize) -> usize {
    let id = LegId(person as u64 + 1);
    world.events.iter().filter(|event| matches!(event, Event::SlotChanged { leg, .. } if *leg == id)).count()
}

#[test]
fn a_camera_switched_off_and_on_200_times_a_second_changes_tiles_10_times_a_second_at_most_and_its_last_word_counts() {
    for (last, shown) in [(Sources::default(), true), (NO_CAMERA, false)] {
        let mut world = call(4, FOUR);
        world.set_sources(0, NO_CAMERA);
        assert_eq!([1, 2, 3].map(|person| changes(&world, person)), [1; 3], "the first word counts at once");
        for turn in 0..400 {
            world.run(5 * MS);
            world.set_sources(0, if turn % 2 == 0 { Sources::default() } else { NO_CAMERA });
        }
        world.set_sources(0, last);
        world.run(101 * MS);
        for person in 1..4 {
            let changes = changes(&world, person);
            assert!((1..=23).contains(&changes), "person {person}: {changes} changes in 2 s");
            let last = world.events.iter().rev().find_map(|event| match event {
                Event::SlotChanged { leg, source, .. } if *leg == LegId(person as u64 + 1) => Some(source.is_some()),
                _ => None,
            });
            assert_eq!(last, Some(shown), "person {person}");
        }
        world.events.clear();
        world.run(Duration::from_secs(1));
        for _ in 0..10 {
            world.set_sources(0, last);
        }
        assert_eq!(changes(&world, 1), 0, "the same word again changes nothing");
    }
}

#[test]
fn a_page_turned_200_times_a_second_changes_tiles_10_times_a_second_at_most_and_the_last_is_shown() {
    let mut world = call(4, Lines { video_slots: 1, ..FOUR });
    let mid = world.client(0).mids(switchboard_media::Role::Slot(Camera))[0].to_string();
    let turn = |world: &mut World, whom: usize| {
        let shows = Some(LegId(whom as u64 + 1));
        world.view(0, vec![Tile { mid: mid.clone(), height: 360, shows, pinned: false }]);
    };
    turn(&mut world, 2);
    turn(&mut world, 3);
    world.run(101 * MS);
    assert_eq!(world.shown(0, Camera), Some(LegId(4)));
    world.run(200 * MS);
    turn(&mut world, 2);
    assert_eq!(world.shown(0, Camera), Some(LegId(3)), "the first word counts at once");
    world.events.clear();
    for turned in 0..400 {
        world.run(5 * MS);
        turn(&mut world, 2 + turned % 2);
    }
    turn(&mut world, 1);
    world.run(101 * MS);
    assert_eq!(world.shown(0, Camera), Some(LegId(2)));
    let changes = changes(&world, 0);
    assert!((1..=22).contains(&changes), "{changes} changes in 2 s");
}

#[test]
fn ever_so_small_packets_are_cut_to_a_bound_by_their_number() {
    for (kind, most, payload) in [(Camera, 7_500 * 5 + 1_500, &[0x10, 0x01, 0x55][..]), (Microphone, 1_375 * 5 + 275, &[0x7c, 0x55])] {
        let mut world = call(2, PAIR);
        world.client(1).sends = false;
        let passed = |world: &World| {
            let counters = world.router.counters();
            counters.packets_in - counters.dropped(Drop::TooFast)
        };
        let before = passed(&world);
        for _ in 0..5_000 {
            let now = world.now;
            for _ in 0..20 {
                world.client(0).push(now, kind, None, payload.to_vec());
            }
            world.run(MS);
        }
        let dropped = world.router.counters().dropped(Drop::TooFast);
        assert!(dropped > 50_000, "{kind:?}: {dropped} of 100,000");
        // The packets of its ordinary sending, some 100 a second, are among them or beside them.
        let passed = passed(&world) - before;
        assert!(passed < most + 1_000, "{kind:?}: {passed} packets passed");
    }
}
