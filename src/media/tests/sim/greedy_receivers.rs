//! A receiver that asks for everything all the time: for keyframes, and for packets to be sent again.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::{Lines, PAIR};
use crate::world::World;

const THREE: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };
const MS: Duration = Duration::from_millis(1);
const GREEDY: usize = 2;

fn call() -> World {
    let mut world = World::new();
    world.call(3, THREE, NetemConfig::new().latency(20 * MS));
    world.run(Duration::from_secs(3));
    world
}

fn assert_undisturbed(world: &mut World) {
    let now = world.now;
    for (one, other) in [(0, 1), (1, 0)] {
        let video = world.seen(one, Camera, other);
        assert!(video.is_flawless(), "{:?}", video.video.report());
        assert!(video.freezes(video.frames_at[0], now, 200 * MS).is_empty());
        assert!(world.seen(one, Microphone, other).is_flawless());
    }
}

#[test]
fn one_who_floods_keyframe_requests_costs_the_senders_a_few() {
    let mut world = call();
    let before: Vec<u64> = (0..2).map(|person| world.client(person).keyframe_requests).collect();
    for _ in 0..2_000 {
        for place in 0..2 {
            world.client(GREEDY).ask_keyframe_at(Camera, place);
        }
        world.run(5 * MS);
    }
    for (person, before) in before.into_iter().enumerate() {
        let asked = world.client(person).keyframe_requests - before;
        assert!((1..=8).contains(&asked), "person {person} was asked {asked} times in 10 s");
    }
    assert_undisturbed(&mut world);
}

#[test]
fn one_who_asks_for_nearly_all_packets_again_gets_a_bounded_part_more_and_the_others_notice_nothing() {
    let mut world = call();
    let (start, before) = (world.now, world.sent_to(GREEDY));
    world.run(Duration::from_secs(10));
    let usual = world.sent_to(GREEDY) - before;
    // What arrives never reaches its stack, so each packet it hears of in between is asked for.
    world.client(GREEDY).loses_of_ten = 8;
    let before = world.sent_to(GREEDY);
    world.run(Duration::from_secs(10));
    let greedy = world.sent_to(GREEDY) - before;
    assert!(greedy * 10 < usual * 15, "{greedy} bytes instead of {usual} in the 10 s since {start:?}");
    assert_undisturbed(&mut world);
}
