//! Voices with RED (RFC 2198): for those who take it, a lost packet is in the next one once more.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_clip::Clip;
use switchboard_media::Drop;
use switchboard_media::SourceKind::Microphone;

use crate::client::{Lines, PAIR};
use crate::world::World;

const VOICE: Lines = Lines { camera: false, video_slots: 0, ..PAIR };
const RED: Lines = Lines { red: true, ..VOICE };

fn clean() -> NetemConfig {
    NetemConfig::new().latency(Duration::from_millis(20))
}

fn lossy() -> NetemConfig {
    clean().loss(RandomLoss::new(Probability::new(0.05)))
}

/// The first speaks to the second. Each has its own lines and link; of the first counts the way up, of the second the way
/// down. Whether it speaks RED is up to the first.
fn speak(seconds: u64, (lines, up, red): (Lines, NetemConfig, bool), (others, down): (Lines, NetemConfig)) -> World {
    let mut world = World::new();
    for person in [world.join_over(lines, up, clean()), world.join_over(others, clean(), down)] {
        world.open_gate(person);
    }
    world.client(0).sends_red = red;
    world.run_until("both are connected", Duration::from_secs(10), |world| world.connected() == 2);
    world.start(0);
    world.run(Duration::from_secs(seconds));
    world
}

#[test]
fn at_five_percent_loss_one_who_takes_red_misses_less_than_one_percent_and_one_who_does_not_five() {
    let mut loss = [VOICE, RED].map(|lines| speak(20, (VOICE, clean(), false), (lines, lossy())).client(1).slot(Microphone).audio_loss());
    assert!(loss[1] < 0.01, "{loss:?}");
    loss[0] -= 0.05;
    assert!(loss[0].abs() < 0.02, "the link loses what it says, or the one above proves nothing: {loss:?}");
}

#[test]
fn what_a_sender_of_red_repeats_heals_its_own_link_for_those_without_red_too() {
    for lines in [VOICE, RED] {
        let mut world = speak(20, (RED, lossy(), true), (lines, clean()));
        let slot = world.client(1).slot(Microphone);
        assert!(slot.audio_loss() < 0.01, "{}", slot.audio_loss());
        assert_eq!(slot.audio.report().timestamp_regressions, 0);
        assert_eq!(slot.red_packets > 0, lines.red);
    }
    let mut world = speak(20, (RED, lossy(), false), (RED, clean()));
    assert!(world.client(1).slot(Microphone).audio_loss() > 0.03, "the link loses what it says, or the above proves nothing");
}

#[test]
fn five_percent_loss_on_both_ways_stays_below_one_percent() {
    let mut world = speak(60, (RED, lossy(), true), (RED, lossy()));
    let loss = world.client(1).slot(Microphone).audio_loss();
    assert!(loss < 0.01, "{loss}");
}

#[test]
fn what_is_heard_is_what_was_said_in_either_form() {
    for (lines, red) in [(VOICE, false), (RED, false), (RED, true)] {
        for others in [VOICE, RED] {
            let mut world = speak(5, (lines, clean(), red), (others, clean()));
            let slot = world.client(1).slot(Microphone);
            assert!(slot.is_flawless(), "{:?}", slot.audio.report());
            assert_eq!(slot.red_packets > 230, others.red, "{} of 250 packets are RED", slot.red_packets);
            let clip = Clip::opus();
            let heard = std::iter::from_fn(|| slot.audio.poll_packet());
            for (at, packet) in heard.enumerate() {
                assert_eq!(packet.data, clip.looped(at as u64).data, "packet {at}");
            }
        }
    }
}

#[test]
fn red_goes_to_each_under_the_payload_types_it_gave() {
    for (speaker, listener) in [(false, true), (true, false), (true, true)] {
        let mut world = World::new();
        for other_types in [speaker, listener] {
            world.other_types = other_types;
            let person = world.join(RED, clean());
            world.open_gate(person);
        }
        world.client(0).sends_red = true;
        world.run_until("both are connected", Duration::from_secs(10), |world| world.connected() == 2);
        world.start(0);
        world.run(Duration::from_secs(5));
        let slot = world.client(1).slot(Microphone);
        assert!(slot.is_flawless(), "{:?}", slot.audio.report());
        assert!(slot.red_packets > 230, "{} of 250 packets are RED", slot.red_packets);
        assert_eq!(slot.pts.last(), Some(&if listener { 110 } else { 63 }));
    }
}

#[test]
fn broken_red_is_dropped_and_counted_and_the_voice_goes_on() {
    let mut world = speak(2, (RED, clean(), true), (VOICE, clean()));
    let mut rng = fastrand::Rng::with_seed(5);
    let before = world.client(1).slot(Microphone).packets;
    for _ in 0..500 {
        let (now, length) = (world.now, rng.usize(1..30));
        // Most begin with a block that is longer than the packet.
        let noise = (0..length).map(|_| 0x80 | rng.u8(..)).collect();
        world.client(0).push(now, Microphone, Some(63), noise);
        world.run(Duration::from_millis(20));
    }
    assert!(world.router.counters().dropped(Drop::BadRed) > 400);
    let heard = world.client(1).slot(Microphone).packets - before;
    assert!(heard >= 500, "{heard} packets of its own in 10 s");
}
