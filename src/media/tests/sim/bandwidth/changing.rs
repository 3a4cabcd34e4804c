//! On a link that changes, pictures give way to voices at once, and come back by themselves.

use std::time::Duration;

use str0m_netem::{LossModel, Probability, RandomLoss};
use switchboard_media::Event;
use switchboard_media::SourceKind::Camera;

use super::{MS, RECEIVER, SECOND, changes, good, in_every_call, kbit, watched_over_seeded};

/// The path's queue is full, and as much as it holds is lost, before the first report tells: frames that can be decoded are there again
/// after this.
const RECOVERS_WITHIN: Duration = Duration::from_secs(2);

#[test]
fn from_5_mbit_to_400_kbit_and_back_voices_go_on_and_the_picture_follows() {
    in_every_call(|seed| {
        let mut world = watched_over_seeded(seed, &[kbit(5_000)]);
        world.run(5 * SECOND);
        assert_eq!(world.layer(RECEIVER).as_deref(), Some("f"));
        let before = world.words_so_far(RECEIVER);
        world.set_link(RECEIVER, good(), kbit(400));
        let step = world.now;
        world.run_until("a smaller layer", 2 * SECOND, |world| world.layer(RECEIVER).is_some_and(|layer| layer != "f"));
        world.run(13 * SECOND);
        let until = world.now;
        assert_eq!(world.client(RECEIVER).slot(Camera).freezes(step, until, RECOVERS_WITHIN), [], "seed {seed}");
        world.set_link(RECEIVER, good(), kbit(5_000));
        world.run_until("the largest layer again", 15 * SECOND, |world| world.layer(RECEIVER).as_deref() == Some("f"));
        world.run(5 * SECOND);
        assert_eq!(world.layer(RECEIVER).as_deref(), Some("f"), "and it stays");
        let (lost, heard) = world.words(RECEIVER, before);
        assert!(lost < 10, "{lost} of a thousand words lost, {heard} heard");
    });
}

#[test]
fn below_what_a_picture_needs_it_is_paused_visibly_and_returns_by_itself() {
    in_every_call(|seed| {
        let mut world = watched_over_seeded(seed, &[kbit(1_000)]);
        world.run(5 * SECOND);
        world.set_link(RECEIVER, good(), kbit(70));
        let paused = |world: &crate::world::World| {
            world.events.iter().rev().find_map(|event| match event {
                Event::SlotPaused { paused, .. } => Some(*paused),
                _ => None,
            })
        };
        world.run_until("the picture is paused", 10 * SECOND, |world| paused(world) == Some(true));
        world.set_link(RECEIVER, good(), kbit(1_000));
        world.run_until("the picture goes on", 15 * SECOND, |world| paused(world) == Some(false));
        world.run_until("and is seen", SECOND, |world| world.layer(RECEIVER).is_some());
    });
}

#[test]
fn a_picture_that_was_paused_returns_where_one_that_never_was_is_kept() {
    in_every_call(|seed| {
        let mut world = watched_over_seeded(seed, &[good()]);
        world.run(5 * SECOND);
        world.set_link(RECEIVER, good(), kbit(60));
        world.run(15 * SECOND);
        assert_eq!(world.layer(RECEIVER), None, "60 kbit/s carry no picture");
        world.set_link(RECEIVER, good(), kbit(150));
        world.run(SECOND);
        let before = world.words_so_far(RECEIVER);
        world.run_until("the picture", 30 * SECOND, |world| world.layer(RECEIVER).is_some());
        world.run(10 * SECOND);
        let layers = world.layers_for(RECEIVER, 30 * SECOND);
        assert!(changes(&layers) < 3, "{layers:?}");
        let (lost, heard) = world.words(RECEIVER, before);
        assert!(lost < 15, "{lost} of a thousand words lost, {heard} heard");
    });
}

#[test]
fn a_link_that_carries_a_voice_alone_is_tried_so_seldom_that_the_voice_does_not_suffer() {
    in_every_call(|seed| {
        let mut world = watched_over_seeded(seed, &[kbit(100)]);
        world.run(10 * SECOND);
        let before = world.words_so_far(RECEIVER);
        world.run(120 * SECOND);
        let (lost, heard) = world.words(RECEIVER, before);
        assert!(lost < 15, "{lost} of a thousand words lost, {heard} heard");
        assert!(world.pauses() < 10, "{} pauses", world.pauses());
    });
}

#[test]
fn after_an_outage_the_picture_is_back() {
    in_every_call(|seed| {
        for outage in [3, 10] {
            let mut world = watched_over_seeded(seed, &[kbit(5_000)]);
            world.run(5 * SECOND);
            let dead = good().loss(LossModel::Random(RandomLoss::new(Probability::ONE)));
            world.set_link(RECEIVER, dead, dead);
            world.run(outage * SECOND);
            world.set_link(RECEIVER, good(), kbit(5_000));
            let back = world.now;
            world.run_until("a picture", 2 * SECOND, |world| {
                world.client(RECEIVER).slot(Camera).frames_at.last().is_some_and(|at| *at > back)
            });
            world.run_until("the largest layer", 15 * SECOND, |world| world.layer(RECEIVER).as_deref() == Some("f"));
        }
    });
}

#[test]
fn a_hidden_tile_is_sent_nothing_and_returns_at_once() {
    in_every_call(|seed| {
        let mut world = watched_over_seeded(seed, &[kbit(5_000)]);
        world.run(5 * SECOND);
        world.draw(RECEIVER, &[0]);
        world.run(SECOND);
        let packets = world.client(RECEIVER).slot(Camera).packets;
        world.run(5 * SECOND);
        assert_eq!(world.client(RECEIVER).slot(Camera).packets, packets, "nothing of a picture nobody sees");
        world.draw(RECEIVER, &[720]);
        let shown = world.now;
        let next = |world: &mut crate::world::World| world.client(RECEIVER).slot(Camera).frames_at.last().is_some_and(|at| *at > shown);
        world.run_until("the picture", 300 * MS, next);
    });
}
