//! No room between two routers: pictures are lost for a moment, and nothing else.

use std::time::Duration;

use switchboard_media::Event;
use switchboard_media::SourceKind::{Camera, Microphone};

use super::{FOUR, MS, SECOND, link};
use crate::world::World;

#[test]
fn when_there_is_no_room_pictures_from_elsewhere_stand_still_for_a_moment_and_nothing_else_does() {
    let mut world = World::on(2, 2, 7);
    world.call(4, FOUR, link());
    world.run(5 * SECOND);
    let known = world.events.len();
    let full_since = world.now;
    world.router.full = true;
    world.run(500 * MS);
    world.router.full = false;
    world.run(5 * SECOND);
    assert!(world.router.left_out > 100, "{} were left out", world.router.left_out);
    let (now, shown_again) = (world.now, full_since + 2 * SECOND);
    for person in 0..4 {
        for whom in (0..4).filter(|whom| *whom != person) {
            let neighbour = whom / 2 == person / 2;
            let voice = world.seen(person, Microphone, whom);
            assert!(voice.is_flawless() && voice.longest_silence < 100 * MS, "{person} hears {whom}");
            let face = world.seen(person, Camera, whom);
            let freezes = face.freezes(full_since, now, 200 * MS);
            if neighbour {
                assert!(face.is_flawless() && freezes.is_empty(), "{person} sees {whom}, who is on the same router: {freezes:?}");
            } else {
                assert!(!freezes.is_empty(), "{person} sees {whom}: the test is of something");
                let longest = freezes.iter().map(|(_, length)| *length).max().unwrap_or_default();
                assert!(longest < Duration::from_millis(1_500), "{person} sees {whom} again after {longest:?}");
                assert!(face.freezes(shown_again, now, 200 * MS).is_empty() && face.shown_since(shown_again) > 40, "{person} sees {whom}");
            }
        }
    }
    let disturbed = |event: &&Event| matches!(event, Event::SlotChanged { .. } | Event::SlotPaused { .. } | Event::LegFailed { .. });
    assert_eq!(world.events[known..].iter().find(disturbed), None);
}
