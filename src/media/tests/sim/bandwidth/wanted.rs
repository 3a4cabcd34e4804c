//! What one receiver gets is no other's loss, and what nobody gets is not sent.

use switchboard_media::Event;
use switchboard_media::SourceKind::Camera;

use super::{MS, RECEIVER, SECOND, SENDER, good, kbit, watched_over};
use crate::client::{Lines, PAIR};
use crate::world::World;

/// The one with a good uplink.
const OTHER: usize = 2;

/// The layers the sender was last told are wanted; none before it was told anything.
fn told(world: &World) -> Option<Vec<String>> {
    world.events.iter().rev().find_map(|event| match event {
        Event::LayersWanted { kind: Camera, rids, active, .. } => {
            assert_eq!(*active, !rids.is_empty());
            Some(rids.clone())
        }
        _ => None,
    })
}

#[test]
fn ten_receivers_on_ten_links_have_each_what_its_own_carries() {
    let links = [150, 300, 400, 600, 800, 1_000, 2_500, 4_000, 5_000, 10_000];
    let mut world = watched_over(&links.map(kbit));
    world.run(10 * SECOND);
    let layers: Vec<String> = (0..links.len()).map(|place| world.layer(RECEIVER + place).unwrap_or_default()).collect();
    assert_eq!(layers, ["q", "q", "q", "h", "h", "h", "f", "f", "f", "f"], "of {links:?} kbit/s");
    let best = world.client(RECEIVER + 9).slot(Camera);
    assert!(best.video.report().is_flawless(), "the bad links of others are not noticed: {:?}", best.video.report());
}

#[test]
fn layers_nobody_wants_are_stopped_within_a_second_and_start_again_at_once() {
    let mut world = watched_over(&[kbit(5_000)]);
    world.run_until("the largest layer alone is wanted", 6 * SECOND, |world| told(world) == Some(vec!["f".into()]));
    world.draw(RECEIVER, &[180]);
    world.run_until("the smallest layer", 500 * MS, |world| world.layer(RECEIVER).as_deref() == Some("q"));
    world.run_until("the largest is stopped", SECOND, |world| told(world) == Some(vec!["q".into()]));
    world.run(SECOND);
    world.draw(RECEIVER, &[720]);
    world.run_until("the largest layer again", 500 * MS, |world| world.layer(RECEIVER).as_deref() == Some("f"));
}

#[test]
fn a_camera_nobody_sees_is_stopped_within_a_second_and_seen_again_within_a_keyframe() {
    let mut world = watched_over(&[kbit(5_000)]);
    world.run(5 * SECOND);
    world.draw(RECEIVER, &[0]);
    world.run_until("the camera is stopped", SECOND, |world| told(world) == Some(Vec::new()));
    world.run(2 * SECOND);
    world.draw(RECEIVER, &[720]);
    let shown = world.now;
    world.run_until("a picture", 300 * MS, |world| world.client(RECEIVER).slot(Camera).frames_at.last().is_some_and(|at| *at > shown));
}

#[test]
fn a_bad_uplink_of_one_takes_nothing_from_the_picture_of_another() {
    let mut world = World::new();
    let two = Lines { simulcast: true, audio_slots: 2, video_slots: 2, ..PAIR };
    for link in [good(), kbit(5_000), good()] {
        let person = world.join_over(two, good(), link);
        world.draw(person, &[720, 720]);
        world.open_gate(person);
        world.client(person).sends = true;
    }
    world.run(10 * SECOND);
    assert_eq!(world.seen(RECEIVER, Camera, OTHER).height(), Some(720));
    world.set_link(SENDER, kbit(300), good());
    let since = world.now;
    world.run(20 * SECOND);
    let until = world.now;
    let other = world.seen(RECEIVER, Camera, OTHER);
    assert_eq!(other.layer_changes(since), 0, "{:?}", other.heights);
    assert_eq!(other.freezes(since, until, 200 * MS), [], "and it moves all the time");
}
