//! A shared screen of one layer beside its sharer's face, where the path does not carry both at their best.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{self, Camera, Microphone, Screen};
use switchboard_media::{Event, Role, SlotStats, Tile};

use crate::client::{Lines, PAIR};
use crate::world::{World, limited};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const LATENCY: Duration = Duration::from_millis(20);
const SHARER: usize = 0;
const VIEWER: usize = 1;
/// Both begin at once, and what is too much for the path is felt before it is known.
const SETTLES_WITHIN: Duration = Duration::from_secs(8);
const SEEDS: [u64; 3] = [1, 2, 3];

fn kbit(kbit: u64) -> NetemConfig {
    limited(kbit * 1_000, LATENCY)
}

/// One who shares a page and shows their face, and one behind a link who shows the page large and the face small.
fn call(seed: u64, link: NetemConfig) -> World {
    let mut world = World::seeded(seed);
    let good = NetemConfig::new().latency(LATENCY);
    world.join(Lines { simulcast: true, screen: true, ..PAIR }, good);
    world.join_over(Lines { camera: false, screen_slots: 1, ..PAIR }, good, link);
    world.client(SHARER).streams(Screen)[0].show_page();
    let mids = [Screen, Camera].map(|kind| world.client(VIEWER).mids(Role::Slot(kind))[0].to_string());
    let tile = |(mid, height)| Tile { mid, height, shows: None, pinned: false };
    world.view(VIEWER, mids.into_iter().zip([720, 180]).map(tile).collect());
    for person in [SHARER, VIEWER] {
        world.open_gate(person);
        world.client(person).sends = true;
        world.run((seed * 37 % 101) as u32 * MS);
    }
    world
}

fn slot(world: &World, kind: SourceKind) -> SlotStats {
    let slots = world.router.inspect(switchboard_media::LegId(VIEWER as u64 + 1)).unwrap().slots;
    slots.into_iter().find(|slot| slot.source.1 == kind).unwrap()
}

/// What the viewer is shown of the page and of the face, once a second: the highest temporal layer, or nothing.
fn shown_for(world: &mut World, seconds: u32) -> [Vec<Option<u8>>; 2] {
    let mut shown = [Vec::new(), Vec::new()];
    for _ in 0..seconds {
        world.run(SECOND);
        for (kind, shown) in [Screen, Camera].into_iter().zip(&mut shown) {
            let slot = slot(world, kind);
            shown.push(slot.temporal.filter(|_| !slot.paused));
        }
    }
    shown
}

/// How often a picture was paused.
fn pauses(world: &World) -> usize {
    world.events.iter().filter(|event| matches!(event, Event::SlotPaused { paused: true, .. })).count()
}

/// Over a link of so much, after a few seconds, the page and the face are nearly always as they should be for a minute, and voices
/// whole.
fn settles(link_kbit: u64, page: impl Fn(Option<u8>) -> bool, face: impl Fn(Option<u8>) -> bool) {
    for seed in SEEDS {
        let mut world = call(seed, kbit(link_kbit));
        world.run(SETTLES_WITHIN);
        let before = pauses(&world);
        let [pages, faces] = shown_for(&mut world, 60);
        let as_it_should =
            |shown: &[Option<u8>], right: &dyn Fn(Option<u8>) -> bool| shown.iter().filter(|shown| right(**shown)).count() >= 54;
        assert!(as_it_should(&pages, &page), "seed {seed}: the page {pages:?}");
        assert!(as_it_should(&faces, &face), "seed {seed}: the face {faces:?}");
        assert_eq!(pauses(&world) - before, 0, "seed {seed}: nothing goes again");
        let voice = world.client(VIEWER).slot(Microphone);
        let (loss, words) = (voice.audio_loss(), voice.packets);
        assert!(loss < 0.01 && words > 3_000, "seed {seed}: {loss} of {words} words lost");
    }
}

#[test]
fn over_600_kbit_a_page_that_needs_all_of_it_is_paused_and_the_face_goes_on() {
    settles(600, |page| page.is_none(), |face| face.is_some());
}

#[test]
fn over_800_kbit_a_page_is_sharp_before_it_is_smooth_and_the_face_is_there() {
    settles(800, |page| page.is_some_and(|temporal| temporal < 2), |face| face.is_some());
}

#[test]
fn over_1500_kbit_a_page_is_sharp_and_smooth_and_so_is_a_small_face() {
    settles(1_500, |page| page == Some(2), |face| face == Some(2));
}

#[test]
fn a_page_that_does_not_fit_is_said_to_be_paused_and_is_back_first_when_it_does() {
    for seed in SEEDS {
        let mut world = call(seed, kbit(5_000));
        world.run(5 * SECOND);
        assert_eq!(pauses(&world), 0);
        let page = world.client(VIEWER).mids(Role::Slot(Screen))[0].to_string();
        world.set_link(VIEWER, NetemConfig::new().latency(LATENCY), kbit(350));
        let paused_pages = |world: &World| {
            let told = |event: &Event| match event {
                Event::SlotPaused { mid, paused, .. } => Some((*mid == page, *paused)),
                _ => None,
            };
            world.events.iter().filter_map(told).collect::<Vec<_>>()
        };
        world.run_until("the page is paused", 3 * SECOND, |world| paused_pages(world).contains(&(true, true)));
        world.run(5 * SECOND);
        let [pages, faces] = shown_for(&mut world, 20);
        assert!(pages.iter().all(Option::is_none) && faces.iter().all(Option::is_some), "seed {seed}: {pages:?} {faces:?}");
        world.set_link(VIEWER, NetemConfig::new().latency(LATENCY), kbit(800));
        world.run_until("the page goes on", 20 * SECOND, |world| paused_pages(world).last() == Some(&(true, false)));
        let next = world.now;
        let moves = |world: &mut World| world.client(VIEWER).slot(Screen).frames_at.last().is_some_and(|at| *at > next);
        world.run_until("and is seen", 500 * MS, moves);
        world.run(5 * SECOND);
        let [pages, faces] = shown_for(&mut world, 20);
        let gone = pages.iter().filter(|page| page.is_none()).count();
        assert!(gone <= 2 && faces.iter().all(Option::is_some), "seed {seed}: it stays, or is left once more: {pages:?} {faces:?}");
    }
}
