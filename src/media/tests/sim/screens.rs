//! Sharing a screen: beside a camera or without one, taken over by another, stopped.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Screen};
use switchboard_media::{Sources, Tile};

use crate::client::{Lines, PAIR};
use crate::world::World;

const SHARING: Lines = Lines { screen: true, screen_slots: 1, audio_slots: 2, video_slots: 2, ..PAIR };
const NO_SCREEN: Sources = Sources { microphone: true, camera: true, screen: false };
const ALL: Sources = Sources { microphone: true, camera: true, screen: true };

/// Three who all could share, and do not; the third has as many slots for screens as is said.
fn three(screen_slots: usize) -> World {
    let mut world = World::new();
    for person in 0..3 {
        let lines = if person == 2 { Lines { screen_slots, ..SHARING } } else { SHARING };
        world.join(lines, NetemConfig::new().latency(Duration::from_millis(10)));
        world.set_sources(person, NO_SCREEN);
        world.open_gate(person);
        world.start(person);
    }
    world.run(Duration::from_secs(1));
    world
}

fn sees_screen(world: &mut World, viewer: usize) {
    let before = world.client(viewer).slot(Screen).frames.len();
    world.run_until("the screen moves", Duration::from_millis(300), |world| world.client(viewer).slot(Screen).frames.len() > before + 1);
}

#[test]
fn a_screen_starts_and_stops_beside_the_camera() {
    let mut world = three(1);
    assert_eq!(world.shown(2, Screen), None, "lines without a screen take no slot");
    world.set_sources(0, ALL);
    assert_eq!(world.shown(2, Screen), Some(world.client(0).id));
    sees_screen(&mut world, 2);
    world.set_sources(0, NO_SCREEN);
    assert_eq!((world.shown(1, Screen), world.shown(2, Screen)), (None, None));
    world.run(Duration::from_secs(1));
    let before = world.client(2).slot(Screen).packets;
    world.run(Duration::from_secs(1));
    assert_eq!(world.client(2).slot(Screen).packets, before);
    let camera = world.client(2).slot(Camera).video.report();
    assert!(camera.is_flawless() && camera.frames_decodable > 40, "the cameras notice nothing: {camera:?}");
    assert!(world.client(2).slot(Screen).is_flawless());
}

#[test]
fn without_a_camera_a_screen_is_shown_as_well() {
    let mut world = three(1);
    world.set_sources(0, Sources { camera: false, ..ALL });
    sees_screen(&mut world, 1);
    let sharer = world.client(0).id;
    assert!(!world.all_shown(1, Camera).contains(&Some(sharer)));
}

#[test]
fn another_takes_it_over_and_when_that_ends_the_first_is_back() {
    let mut world = three(1);
    world.set_sources(0, ALL);
    world.run(Duration::from_secs(1));
    world.set_sources(1, ALL);
    assert_eq!(world.shown(2, Screen), Some(world.client(1).id));
    assert_eq!(world.shown(1, Screen), Some(world.client(0).id), "who shares sees the other's, not their own");
    sees_screen(&mut world, 2);
    world.run(Duration::from_secs(1));
    world.remove(1);
    assert_eq!(world.shown(2, Screen), Some(world.client(0).id));
    sees_screen(&mut world, 2);
    let report = world.client(2).slot(Screen).video.report();
    assert!(report.is_flawless() && world.client(2).frames_follow_each_other(Screen), "{report:?}");
}

#[test]
fn two_slots_show_two_and_a_chosen_one_stays_where_it_was_chosen() {
    let mut world = three(2);
    world.set_sources(0, ALL);
    world.set_sources(1, ALL);
    let (first, second) = (world.client(0).id, world.client(1).id);
    let mut shown = world.all_shown(2, Screen);
    shown.sort();
    assert_eq!(shown, [Some(first), Some(second)]);
    let mid = world.client(2).mids(switchboard_media::Role::Slot(Screen))[1].to_string();
    for chosen in [first, second] {
        world.run(Duration::from_millis(100));
        world.view(2, vec![Tile { mid: mid.clone(), height: 720, shows: Some(chosen), pinned: false }]);
        let other = if chosen == first { second } else { first };
        assert_eq!(world.all_shown(2, Screen), [Some(other), Some(chosen)]);
    }
}

#[test]
fn a_line_that_sends_nothing_takes_no_slot_from_one_that_does() {
    let mut world = World::new();
    let link = NetemConfig::new().latency(Duration::from_millis(10));
    world.call(2, SHARING, link);
    world.client(1).on = NO_SCREEN;
    world.run(Duration::from_secs(1));
    // Nobody has said whose screen is on: the packets do.
    assert_eq!((world.shown(0, Screen), world.shown(1, Screen)), (None, Some(world.client(0).id)));
    let late = world.join(SHARING, link);
    world.client(late).on = NO_SCREEN;
    world.open_gate(late);
    world.start(late);
    world.run(Duration::from_secs(1));
    assert_eq!(world.shown(1, Screen), Some(world.client(0).id));
    world.client(late).on = ALL;
    world.run(Duration::from_millis(200));
    assert_eq!(world.shown(1, Screen), Some(world.client(late).id));
}
