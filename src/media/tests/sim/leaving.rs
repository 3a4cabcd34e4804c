//! One leaves, by whatever way; the others go on.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Event, LegError, LegId};

use crate::client::{Lines, PAIR};
use crate::datagrams::with_a_leg;
use crate::world::World;

const THREE: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };

fn three() -> World {
    let mut world = World::new();
    world.call(3, THREE, NetemConfig::new().latency(Duration::from_millis(10)));
    world.run(Duration::from_secs(3));
    world
}

fn assert_the_others_go_on(world: &mut World) {
    let before = world.client(0).slot(Camera).video.report();
    world.run(Duration::from_secs(4));
    let slot = world.client(0).slot(Camera);
    let after = slot.video.report();
    assert!(after.is_flawless(), "{after:?}");
    assert!(after.frames_decodable >= before.frames_decodable + 55, "15 frames/s go on: {before:?} {after:?}");
    let audio = world.client(0).slot(Microphone).audio.report();
    assert!(audio.is_flawless(), "{audio:?}");
}

#[test]
fn when_one_is_removed_the_others_see_no_gap() {
    let mut world = three();
    let gone = world.client(2).id;
    world.remove(2);
    assert_eq!(world.router.legs(), 2);
    let emptied = world.events.iter().filter(|event| matches!(event, Event::SlotChanged { source: None, leg, .. } if *leg != gone)).count();
    assert_eq!(emptied, 4, "the voice and the face of the one who left are taken from both others");
    assert_the_others_go_on(&mut world);
}

#[test]
fn the_removed_one_is_told() {
    let mut world = three();
    world.remove(2);
    world.run_until("the DTLS goodbye arrives", Duration::from_secs(1), |world| world.client(2).closed);
}

#[test]
fn a_peer_that_closes_is_gone_at_once() {
    let mut world = three();
    world.client(2).rtc.close().unwrap();
    let now = world.now;
    world.client(2).next = now;
    let gone = world.client(2).id;
    world.run_until("the leg is reported closed", Duration::from_secs(1), |world| {
        world.events.contains(&Event::LegFailed { leg: gone, error: LegError::Closed })
    });
    assert_eq!(world.router.legs(), 2);
    assert_the_others_go_on(&mut world);
}

#[test]
fn a_peer_whose_network_dies_is_given_up_within_a_bound() {
    let mut world = three();
    world.cut(2);
    let gone = world.client(2).id;
    world.run_until("the silent leg is given up", Duration::from_secs(40), |world| {
        world.events.iter().any(|event| matches!(event, Event::LegFailed { leg, error: LegError::Lost(_) } if *leg == gone))
    });
    assert_eq!(world.router.legs(), 2);
    assert_the_others_go_on(&mut world);
}

#[test]
fn a_peer_that_never_connects_is_given_up() {
    let (mut world, ..) = with_a_leg();
    world.run(Duration::from_secs(31));
    assert!(world.events.contains(&Event::LegFailed { leg: LegId(1), error: LegError::NeverConnected(30) }), "{:?}", world.events);
    assert_eq!(world.router.legs(), 0);
}
