//! A client that chooses whom its tiles show: pages, pins, and people who are not there.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Camera;
use switchboard_media::{Event, LegId, Role, Sources, Tile};

use crate::client::{Lines, PAIR};
use crate::world::World;

const TWO_TILES: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };
const CAMERA_OFF: Sources = Sources { microphone: true, camera: false, screen: false };

/// Six of whom the last shows two at a time.
fn six() -> World {
    let mut world = World::new();
    for _ in 0..6 {
        let person = world.join(TWO_TILES, NetemConfig::new().latency(Duration::from_millis(10)));
        world.open_gate(person);
        world.start(person);
    }
    world.run(Duration::from_secs(2));
    world
}

/// The last person's tiles show these, by person; a tile without is left to the router.
fn page(world: &mut World, tiles: [Option<usize>; 2]) {
    let mids = world.client(5).mids(Role::Slot(Camera));
    let mut all = Vec::new();
    for (mid, person) in mids.into_iter().zip(tiles) {
        let shows = person.map(|person| world.client(person).id);
        all.push(Tile { mid: mid.to_string(), height: 360, shows, pinned: false });
    }
    world.view(5, all);
}

fn ids(world: &mut World, people: [Option<usize>; 2]) -> Vec<Option<LegId>> {
    people.map(|person| person.map(|person| world.client(person).id)).to_vec()
}

#[test]
fn a_page_is_turned_without_an_offer_and_its_pictures_are_there_within_a_third_of_a_second() {
    let mut world = six();
    for turn in [[0, 1], [2, 3], [4, 0], [1, 4], [4, 1]] {
        page(&mut world, turn.map(Some));
        let turned = world.now;
        assert_eq!(world.all_shown(5, Camera), ids(&mut world, turn.map(Some)));
        world.run_until("both tiles move", Duration::from_millis(300), |world| {
            (0..2).all(|place| world.client(5).slot_at(Camera, place).frames_at.iter().filter(|at| **at > turned).count() > 1)
        });
        world.run(Duration::from_secs(1));
    }
    for place in 0..2 {
        let received = world.client(5).slot_at(Camera, place);
        assert!(received.is_flawless() && received.ssrcs.len() == 1, "{:?}", received.video.report());
    }
    assert!(world.client(5).frames_follow_each_other(Camera));
}

#[test]
fn one_who_is_chosen_is_in_no_other_tile_and_the_other_is_filled() {
    let mut world = six();
    let before = world.all_shown(5, Camera);
    let second = (0..5).find(|person| Some(world.client(*person).id) == before[1]).unwrap();
    page(&mut world, [Some(second), None]);
    let shown = world.all_shown(5, Camera);
    assert_eq!(shown[0], before[1]);
    assert!(shown[1].is_some() && shown[1] != shown[0], "{shown:?}");
}

#[test]
fn a_pinned_one_stays_whoever_speaks() {
    let mut world = six();
    page(&mut world, [Some(3), None]);
    for _ in 0..10 {
        world.run(Duration::from_secs(1));
        assert_eq!(world.shown(5, Camera), Some(world.client(3).id));
    }
}

#[test]
fn the_tile_of_one_without_a_camera_is_empty_and_fills_when_it_comes() {
    let mut world = six();
    world.set_sources(3, CAMERA_OFF);
    page(&mut world, [Some(3), Some(4)]);
    assert_eq!(world.all_shown(5, Camera), ids(&mut world, [None, Some(4)]));
    world.run(Duration::from_secs(2));
    let before = world.client(5).slot_at(Camera, 0).frames.len();
    world.set_sources(3, Sources::default());
    assert_eq!(world.all_shown(5, Camera), ids(&mut world, [Some(3), Some(4)]));
    world.run_until("it moves", Duration::from_millis(300), |world| world.client(5).slot_at(Camera, 0).frames.len() > before);
    world.remove(3);
    assert_eq!(world.all_shown(5, Camera), ids(&mut world, [None, Some(4)]));
    page(&mut world, [Some(5), Some(4)]);
    assert_eq!(world.all_shown(5, Camera), ids(&mut world, [None, Some(4)]), "nobody sees themselves");
}

#[test]
fn cameras_that_are_off_leave_their_tiles_to_others() {
    let mut world = six();
    let shown = world.all_shown(5, Camera);
    for person in 0..5 {
        if shown.contains(&Some(world.client(person).id)) {
            world.set_sources(person, CAMERA_OFF);
        }
    }
    let after = world.all_shown(5, Camera);
    assert!(after.iter().all(|leg| leg.is_some() && !shown.contains(leg)), "{shown:?} {after:?}");
}

#[test]
fn a_view_changes_the_slots_of_its_own_leg_only_and_unknown_tiles_are_passed_over() {
    let mut world = six();
    world.events.clear();
    let unknown = Tile { mid: "no such line".into(), height: 90, shows: Some(LegId(77)), pinned: true };
    let voice = world.client(5).mids(Role::Slot(switchboard_media::SourceKind::Microphone))[0];
    let voice = Tile { mid: voice.to_string(), height: 90, shows: Some(LegId(77)), pinned: true };
    world.view(5, vec![unknown, voice]);
    assert!(!world.events.iter().any(|event| matches!(event, Event::SlotChanged { .. })), "{:?}", world.events);
    page(&mut world, [Some(0), Some(2)]);
    let viewer = world.client(5).id;
    let of_others = |event: &&Event| matches!(event, Event::SlotChanged { leg, .. } if *leg != viewer);
    assert_eq!(world.events.iter().filter(of_others).count(), 0);
}
