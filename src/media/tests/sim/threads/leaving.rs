//! Who leaves one router is missed on the others, and disturbs nobody.

use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Event, LegId, RelayId};

use super::{FOUR, MS, SECOND, link};
use crate::world::{GROUP, World};

/// The second of four people leaves.
fn one_leaves(routers: usize, on_each: usize, left: [usize; 2]) {
    let mut world = World::on(routers, on_each, 7);
    world.call(4, FOUR, link());
    world.run(4 * SECOND);
    let (known, since) = (world.events.len(), world.now);
    world.remove(1);
    world.run(2 * SECOND);
    let emptied = world.events[known..].iter().filter(|event| matches!(event, Event::SlotChanged { source: None, .. })).count();
    assert_eq!(emptied, 2 * 3, "a voice and a face in each of three");
    for person in [0, 2, 3] {
        assert!(world.is_whole(person));
        for whom in [0, 2, 3].into_iter().filter(|whom| *whom != person) {
            let now = world.now;
            assert!(world.seen(person, Camera, whom).freezes(since, now, 150 * MS).is_empty(), "{person} sees {whom}");
            assert!(world.seen(person, Microphone, whom).longest_silence < 60 * MS, "{person} hears {whom}");
        }
    }
    let legs: Vec<usize> = world.router.each().iter().map(switchboard_media::Router::legs).collect();
    assert_eq!(legs[..2], left);
}

#[test]
fn the_only_leg_of_a_router_that_is_removed_is_taken_from_slots_everywhere_and_the_others_go_on_without_a_gap() {
    one_leaves(4, 1, [1, 0]);
}

#[test]
fn and_so_is_one_of_two() {
    one_leaves(2, 2, [1, 2]);
}

#[test]
fn a_leg_that_fails_is_gone_everywhere() {
    let mut world = World::on(3, 1, 7);
    world.call(3, FOUR, link());
    world.run(3 * SECOND);
    world.cut(1);
    world.run_until("the leg is given up", 60 * SECOND, |world| world.router.legs() == 2);
    world.run(10 * MS);
    for person in [0, 2] {
        assert!(!world.all_shown(person, Camera).contains(&Some(LegId(2))));
        assert!(!world.all_shown(person, Microphone).contains(&Some(LegId(2))));
    }
}

#[test]
fn a_router_that_all_left_is_joined_anew_and_sees_and_is_seen_as_soon_as_on_one() {
    let mut world = World::on(2, 1, 7);
    world.call(2, FOUR, link());
    world.run(3 * SECOND);
    world.remove(1);
    world.run(SECOND);
    let relayed = world.router.each()[0].counters().packets_relayed;
    world.run(SECOND);
    assert_eq!(world.router.each()[0].counters().packets_relayed, relayed, "nothing is sent where nobody is");
    // The next goes to the first router, the one after it to the second.
    world.call(2, FOUR, link());
    world.run(1_500 * MS);
    for (person, whom) in [(0, 3), (3, 0), (3, 2), (2, 3)] {
        assert!(!world.seen(person, Camera, whom).frames.is_empty(), "{person} sees {whom}");
        assert!(world.seen(person, Microphone, whom).packets > 30, "{person} hears {whom}");
    }
    assert!([0, 2, 3].into_iter().all(|person| world.is_whole(person)));
}

#[test]
fn routers_that_are_linked_late_or_parted_show_each_other_what_there_is_and_no_more() {
    let mut world = World::on(2, 1, 7);
    world.call(2, FOUR, link());
    world.run(2 * SECOND);
    let now = world.now;
    world.router.between(now, 1, |router, now| router.unlink(now, GROUP, RelayId(0)));
    world.run(100 * MS);
    assert_eq!((world.shown(0, Camera), world.shown(1, Camera)), (None, Some(LegId(1))), "one direction stands by itself");
    let now = world.now;
    world.router.between(now, 1, |router, now| router.link(now, GROUP, RelayId(0)));
    world.run(SECOND);
    assert_eq!((world.shown(0, Camera), world.shown(1, Camera)), (Some(LegId(2)), Some(LegId(1))));
    let since = world.now - 500 * MS;
    assert!(world.seen(0, Camera, 1).shown_since(since) > 5);
}
