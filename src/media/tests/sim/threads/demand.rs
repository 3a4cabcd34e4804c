//! What goes from router to router: one copy, of what somebody takes, and back what is wanted of it.

use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Event, LegId, Role, Tile};

use super::{FOUR, SECOND, link};
use crate::client::Lines;
use crate::world::World;

/// What the sender was told last of its camera.
fn wanted(world: &World, leg: u64) -> Option<(bool, Vec<String>)> {
    world.events.iter().rev().find_map(|event| match event {
        Event::LayersWanted { leg: told, kind: Camera, active, rids } if *told == LegId(leg) => Some((*active, rids.clone())),
        _ => None,
    })
}

#[test]
fn one_copy_of_a_packet_goes_over_however_many_take_it() {
    let mut world = World::on(2, 1, 7);
    let listener = Lines { camera: false, ..FOUR };
    world.call(1, FOUR, link());
    // All but the sender are on the other router.
    for _ in 0..3 {
        world.router.next_home(1);
        let person = world.join(listener, link());
        world.open_gate(person);
    }
    world.run(3 * SECOND);
    let (home, other) = (*world.router.each()[0].counters(), *world.router.each()[1].counters());
    assert!(home.packets_relayed > 200 && home.packets_relayed <= home.packets_in, "{home:?}");
    assert!(home.packets_relayed - other.packets_from_relays < 30, "but for what is under way: {home:?} {other:?}");
    assert!(other.packets_forwarded > 2 * other.packets_from_relays / 3, "each is given to three, of three layers one: {other:?}");
    assert_eq!(home.packets_forwarded, 0);
}

#[test]
fn what_nobody_elsewhere_takes_is_not_sent_there() {
    let mut world = World::on(2, 1, 7);
    world.call(1, FOUR, link());
    let deaf = world.join(Lines { camera: false, audio_slots: 0, video_slots: 0, ..FOUR }, link());
    world.open_gate(deaf);
    world.run(2 * SECOND);
    assert_eq!(world.router.carried[..2], [0, 0], "pictures, voices");
    let home = world.router.each()[0].counters();
    assert!(home.packets_in > 100 && home.packets_relayed == 0);
}

#[test]
fn layers_are_wanted_by_whoever_draws_them_on_whatever_router_and_stopped_when_nobody_does() {
    let mut world = World::on(3, 1, 7);
    world.call(3, FOUR, link());
    world.run(8 * SECOND);
    let all = ["q", "h", "f"].map(String::from).to_vec();
    assert!(wanted(&world, 1).is_none_or(|told| told.1.contains(&all[2])), "each draws a large picture: {:?}", wanted(&world, 1));
    // Whoever was not asked for by name stays small.
    let small = |world: &mut World, person: usize, height: u16| {
        let mids = world.client(person).mids(Role::Slot(Camera));
        let tile = |mid: str0m::media::Mid| Tile { mid: mid.to_string(), height, shows: None, pinned: false };
        world.view(person, mids.into_iter().map(tile).collect());
    };
    (1..3).for_each(|person| small(&mut world, person, 90));
    world.run(2 * SECOND);
    assert_eq!(wanted(&world, 1), Some((true, all[..1].to_vec())), "both elsewhere draw it small");
    small(&mut world, 2, 360);
    world.run(6 * SECOND);
    assert!(wanted(&world, 1).unwrap().1.contains(&all[1]), "one elsewhere draws it larger");
    let stats = world.router.inspect(LegId(3)).unwrap();
    assert!(stats.slots.iter().any(|slot| slot.source == (LegId(1), Camera) && slot.rid.as_deref() == Some("h")), "{stats:?}");
    (1..3).for_each(|person| small(&mut world, person, 0));
    world.run(SECOND);
    assert_eq!(wanted(&world, 1), Some((false, Vec::new())), "nobody draws it");
    let hidden = world.now;
    small(&mut world, 1, 90);
    world.run(SECOND);
    assert!(world.seen(1, Camera, 0).shown_since(hidden) > 5, "and it is back at once");
}

#[test]
fn requests_for_keyframes_from_everywhere_become_one() {
    let mut world = World::on(3, 2, 7);
    world.call(6, Lines { simulcast: false, audio_slots: 5, video_slots: 5, ..FOUR }, link());
    world.run(5 * SECOND);
    let asked = world.client(0).keyframe_requests;
    let answered = |world: &mut World| (1..6).map(|person| world.seen(person, Camera, 0).frames.len()).collect::<Vec<_>>();
    let before = answered(&mut world);
    for person in 1..6 {
        let place = world.all_shown(person, Camera).iter().position(|shown| *shown == Some(LegId(1))).unwrap();
        world.client(person).ask_keyframe_at(Camera, place);
        let now = world.now;
        world.client(person).next = now;
    }
    world.run(SECOND);
    assert_eq!(world.client(0).keyframe_requests - asked, 1);
    assert!(answered(&mut world).iter().zip(&before).all(|(after, before)| after > before));
}

#[test]
fn a_sender_that_ignores_requests_from_elsewhere_is_asked_again_but_not_more_than_three_times_a_second() {
    let mut world = World::on(2, 1, 7);
    let early = world.join(Lines { simulcast: false, ..FOUR }, link());
    world.open_gate(early);
    let sender = world.client(early);
    (sender.sends, sender.answers_keyframe_requests) = (true, false);
    world.run(500 * super::MS);
    let late = world.join(FOUR, link());
    world.open_gate(late);
    // Its clip begins again at a keyframe every two seconds and more; until then it is asked.
    let before = world.client(early).keyframe_requests;
    world.run(1_500 * super::MS);
    let asked = world.client(early).keyframe_requests - before;
    assert!((2..=6).contains(&asked), "asked {asked} times in 1.5 s");
}

#[test]
fn one_who_comes_elsewhere_sees_a_keyframe_that_has_just_passed() {
    let mut world = World::on(2, 1, 7);
    world.call(1, Lines { simulcast: false, ..FOUR }, link());
    world.client(0).heeds_wishes = false;
    let other = world.join(FOUR, link());
    world.run(3 * SECOND);
    // Though nobody looked until here, it is sent: a camera of a client that takes no word on it.
    // A keyframe passes, and then the gate opens. To ask for another takes two ways and a frame's time.
    world.client(0).streams(Camera).into_iter().for_each(crate::sending::Sending::restart);
    world.run(150 * super::MS);
    let opened = world.now;
    world.open_gate(other);
    world.run(150 * super::MS);
    let seen = world.seen(other, Camera, 0);
    assert!(seen.frames_at.first().is_some_and(|at| *at < opened + 30 * super::MS), "{:?}", seen.frames_at.first().map(|at| *at - opened));
    assert!(world.seen(other, Microphone, 0).packets > 3);
}
