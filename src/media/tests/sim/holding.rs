//! A call on hold: the gate of one who is connected closes, and opens again.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::Event;
use switchboard_media::SourceKind::{Camera, Microphone};

use crate::client::{Lines, PAIR};
use crate::world::World;

const THREE: Lines = Lines { audio_slots: 2, video_slots: 2, ..PAIR };

/// Three talk, and the third is held; what was on its way has arrived.
fn one_of_three_held() -> World {
    let mut world = World::new();
    world.call(3, THREE, NetemConfig::new().latency(Duration::from_millis(10)));
    world.run(Duration::from_secs(3));
    world.events.clear();
    world.close_gate(2);
    world.run(Duration::from_millis(30));
    world
}

fn packets(world: &mut World) -> [u64; 3] {
    [0, 1, 2].map(|person| world.client(person).packets())
}

#[test]
fn one_who_is_held_hears_and_sees_nothing() {
    let mut world = one_of_three_held();
    let held = world.client(2).id;
    let before = packets(&mut world);
    world.run(Duration::from_secs(4));
    assert_eq!(packets(&mut world)[2], before[2]);
    let emptied = |event: &&Event| matches!(event, Event::SlotChanged { leg, source: None, .. } if *leg == held);
    assert_eq!(world.events.iter().filter(emptied).count(), 4, "the two voices and two faces it had are taken from it");
}

#[test]
fn one_who_is_held_is_neither_heard_nor_seen() {
    let mut world = one_of_three_held();
    let held = world.client(2).id;
    let emptied = |event: &&Event| matches!(event, Event::SlotChanged { leg, source: None, .. } if *leg != held);
    assert_eq!(world.events.iter().filter(emptied).count(), 4, "its voice and face are taken from both others");
    let mids = world.client(0).mids(switchboard_media::Role::Slot(Camera));
    let before = mids.iter().map(|mid| world.client(0).received[mid].packets).collect::<Vec<_>>();
    world.run(Duration::from_secs(4));
    let after = mids.iter().map(|mid| world.client(0).received[mid].packets).collect::<Vec<_>>();
    assert!(after[0] > before[0] + 55, "the one who is not held goes on");
    assert_eq!(after[1], before[1], "the tile of the held one stands still");
}

#[test]
fn the_others_notice_nothing_of_each_other() {
    let mut world = one_of_three_held();
    world.run(Duration::from_secs(4));
    let slot = world.client(0).slot(Camera);
    assert!(slot.video.report().is_flawless() && slot.video.report().frames_decodable > 95, "{:?}", slot.video.report());
    let audio = world.client(0).slot(Microphone).audio.report();
    assert!(audio.is_flawless(), "{audio:?}");
}

#[test]
fn a_long_hold_loses_no_connection() {
    let mut world = one_of_three_held();
    world.client(2).sends = false;
    world.run(Duration::from_secs(120));
    assert_eq!(world.router.legs(), 3);
    world.open_gate(2);
    world.start(2);
    world.run_until("the held one is seen again", Duration::from_millis(200), |world| {
        let last = world.client(2).slot(Camera).frames_at.last().copied();
        last.is_some_and(|last| world.now.saturating_duration_since(last) < Duration::from_millis(50))
    });
}

#[test]
fn after_it_the_picture_is_back_within_a_keyframe_both_ways_and_no_number_has_a_hole() {
    let mut world = one_of_three_held();
    world.run(Duration::from_secs(4));
    let frames = |world: &mut World, person: usize| {
        let mids = world.client(person).mids(switchboard_media::Role::Slot(Camera));
        mids.into_iter().map(|mid| world.client(person).received[&mid].frames.len()).collect::<Vec<_>>()
    };
    let before = [frames(&mut world, 0), frames(&mut world, 2)];
    let frames_of_held = before[0][1];
    world.open_gate(2);
    world.run_until("the held one sees both again, and is seen", Duration::from_millis(200), |world| {
        let (others, held) = (frames(world, 0), frames(world, 2));
        others[1] > frames_of_held && held.iter().zip(&before[1]).all(|(after, before)| after > before)
    });
    world.run(Duration::from_secs(4));
    for person in 0..3 {
        let received = &world.client(person).received;
        assert_eq!(received.len(), 4, "person {person} sees the streams it saw before");
        for received in received.values() {
            assert_eq!(received.ssrcs.len(), 1, "each slot stays one stream");
            assert!(received.is_flawless(), "person {person}: {:?} {:?}", received.video.report(), received.audio.report());
        }
        assert!(world.client(person).frames_follow_each_other(Camera), "person {person} is shown nothing it cannot decode");
    }
}

#[test]
fn what_was_sent_while_held_is_never_shown() {
    let mut world = one_of_three_held();
    let held_at = world.now;
    world.run(Duration::from_secs(5));
    world.open_gate(2);
    let opened_at = world.now;
    world.run(Duration::from_secs(2));
    let mid = world.client(0).mids(switchboard_media::Role::Slot(Camera))[1];
    let shown = &world.client(0).received[&mid].frames_at;
    assert!(shown.iter().all(|at| *at <= held_at || *at >= opened_at));
    let after = shown.iter().filter(|at| **at >= opened_at).count();
    assert!((25..=31).contains(&after), "two seconds of picture, not the seven since it was held: {after} frames");
}

#[test]
fn what_was_seen_before_a_moments_hold_is_not_shown_again_after_it() {
    let mut world = World::new();
    for person in 0..2 {
        world.join(PAIR, NetemConfig::new().latency(Duration::from_millis(10)));
        world.open_gate(person);
    }
    world.run_until("both are connected", Duration::from_secs(3), |world| world.connected() == 2);
    world.start(0);
    world.run(Duration::from_millis(100));
    world.close_gate(0);
    world.run(Duration::from_millis(50));
    world.open_gate(0);
    let before = world.client(1).slot(Camera).frames.len();
    world.run(Duration::from_millis(19));
    assert_eq!(world.client(1).slot(Camera).frames.len(), before, "a picture made after it takes a round trip at least");
    world.run_until("a picture made after it", Duration::from_millis(400), |world| world.client(1).slot(Camera).frames.len() > before);
}
