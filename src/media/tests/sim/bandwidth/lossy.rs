//! On a link that loses, delays and disorders, a picture is shown that can be decoded, and it is no worse than need be.

use std::time::Duration;

use str0m_netem::{GilbertElliot, NetemConfig, Probability, RandomLoss};
use switchboard_media::SourceKind::Camera;

use super::{MS, RECEIVER, SECOND, changes, good, in_every_call, kbit, watched_over_seeded};
use crate::world::limited;

const LONGEST_FREEZE: Duration = Duration::from_millis(1_500);

/// What is shown over a link in the half minute that follows the first ten seconds: frames, and the layer most of the time.
fn shown_over(seed: u64, link: NetemConfig) -> (usize, Option<String>) {
    let mut world = watched_over_seeded(seed, &[link]);
    world.run(10 * SECOND);
    let since = world.now;
    let mut layers = world.layers_for(RECEIVER, 30 * SECOND);
    layers.sort();
    let frames = world.client(RECEIVER).slot(Camera).frames_at.iter().filter(|at| **at > since).count();
    let until = world.now;
    let freezes = world.client(RECEIVER).slot(Camera).freezes(since, until, LONGEST_FREEZE);
    assert!(freezes.is_empty(), "seed {seed}: {freezes:?}");
    assert!(world.client(RECEIVER).frames_follow_each_other(Camera), "what is shown can be decoded");
    (frames, layers[layers.len() / 2].clone())
}

fn losing(part: f32) -> NetemConfig {
    good().loss(RandomLoss::new(Probability::new(part)))
}

#[test]
fn one_packet_in_a_hundred_lost_costs_no_layer() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, losing(0.01));
        assert!(frames > 420 && layer.as_deref() == Some("f"), "{frames} of 450 frames, {layer:?}");
    });
}

#[test]
fn one_packet_in_twenty_lost_leaves_a_moving_picture() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, losing(0.05));
        assert!(frames > 360 && layer.is_some(), "{frames} of 450 frames, {layer:?}");
    });
}

#[test]
fn one_packet_in_ten_lost_leaves_a_picture() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, losing(0.10));
        assert!(frames > 225 && layer.is_some(), "{frames} of 450 frames, {layer:?}");
    });
}

#[test]
fn loss_in_bursts_leaves_a_moving_picture() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, good().loss(GilbertElliot::wifi()));
        assert!(frames > 360 && layer.is_some(), "{frames} of 450 frames, {layer:?}");
    });
}

/// What probes the path is shorter than such jitter, and often tells less of it than it carries: pictures move, and may be smaller.
#[test]
fn jitter_of_30_ms_costs_no_frame() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, NetemConfig::new().latency(40 * MS).jitter(30 * MS));
        assert!(frames > 420 && layer.is_some(), "{frames} of 450 frames, {layer:?}");
    });
}

#[test]
fn a_narrow_link_with_jitter_is_not_tried_again_and_again() {
    in_every_call(|seed| {
        let jittery = limited(600_000, 40 * MS).jitter(30 * MS);
        let mut world = watched_over_seeded(seed, &[jittery]);
        world.run(10 * SECOND);
        let (since, before) = (world.now, world.words_so_far(RECEIVER));
        let layers = world.layers_for(RECEIVER, 60 * SECOND);
        assert!(changes(&layers) < 10, "{} changes: {layers:?}", changes(&layers));
        let until = world.now;
        let freezes = world.client(RECEIVER).slot(Camera).freezes(since, until, LONGEST_FREEZE);
        assert!(freezes.is_empty(), "{freezes:?}");
        let (lost, heard) = world.words(RECEIVER, before);
        assert!(lost < 20, "{lost} of a thousand words lost, {heard} heard");
    });
}

#[test]
fn packets_out_of_order_cost_no_layer() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, good().reorder_gap(10));
        assert!(frames > 420 && layer.as_deref() == Some("f"), "{frames} of 450 frames, {layer:?}");
    });
}

#[test]
fn a_round_trip_of_300_ms_costs_no_layer() {
    in_every_call(|seed| {
        let (frames, layer) = shown_over(seed, NetemConfig::new().latency(280 * MS));
        assert!(frames > 420 && layer.as_deref() == Some("f"), "{frames} of 450 frames, {layer:?}");
    });
}

#[test]
fn half_a_second_without_a_packet_costs_little_more_than_that() {
    in_every_call(|seed| {
        let mut world = watched_over_seeded(seed, &[kbit(5_000)]);
        world.run(5 * SECOND);
        let since = world.now;
        for _ in 0..6 {
            world.set_link(RECEIVER, good(), losing(1.0));
            world.run(500 * MS);
            world.set_link(RECEIVER, good(), kbit(5_000));
            world.run(5 * SECOND);
            assert_eq!(world.layer(RECEIVER).as_deref(), Some("f"), "seed {seed}");
        }
        let until = world.now;
        assert_eq!(world.client(RECEIVER).slot(Camera).freezes(since, until, SECOND), [], "seed {seed}");
    });
}
