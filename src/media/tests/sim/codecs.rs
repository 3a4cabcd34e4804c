//! Who has another codec than the sender is shown nothing of it, and never something under a wrong name.

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Camera;
use switchboard_media::{Drop, Role};

use crate::client::{Lines, PAIR, VideoCodecs};
use crate::world::World;

const MS: Duration = Duration::from_millis(1);
const CONSTRAINED_BASELINE: u32 = 0x42_e0_1f;
const HIGH: u32 = 0x64_00_1f;

/// A keyframe's parameter sets (STAP-A), its slice in two parts (FU-A), and a slice of the next frame (RFC 6184 §5).
const KEYFRAME: [&[u8]; 3] = [&[0x78, 0, 3, 0x67, 0x42, 0xe0, 0, 2, 0x68, 0xce], &[0x7c, 0x85, 1, 2, 3], &[0x7c, 0x45, 4, 5, 6]];
const NEXT: &[u8] = &[0x41, 0x9a, 7, 8, 9];

/// One who sends nothing by itself, and who looks at it.
fn call(viewer: VideoCodecs) -> World {
    let mut world = World::new();
    for video in [VideoCodecs::H264, viewer] {
        let person = world.join(Lines { video, ..PAIR }, NetemConfig::new().latency(10 * MS));
        world.open_gate(person);
    }
    world.run(Duration::from_secs(1));
    world
}

/// The first sends a packet, and what becomes of it arrives.
fn send(world: &mut World, profile: u32, payload: &[u8]) {
    let now = world.now;
    let pt = world.client(0).h264(profile, 1);
    world.client(0).push(now, Camera, Some(pt), payload.to_vec());
    world.run(30 * MS);
}

fn arrived(world: &mut World) -> u64 {
    let mid = world.client(1).mids(Role::Slot(Camera))[0];
    world.client(1).received.get(&mid).map_or(0, |slot| slot.packets)
}

#[test]
fn h264_is_shown_from_its_keyframe_on_to_those_who_have_it() {
    for viewer in [VideoCodecs::H264, VideoCodecs::Both] {
        let mut world = call(viewer);
        send(&mut world, CONSTRAINED_BASELINE, NEXT);
        assert_eq!(arrived(&mut world), 0, "nothing before a keyframe");
        assert!(world.client(0).keyframe_requests > 0, "which is asked for");
        for payload in KEYFRAME {
            send(&mut world, CONSTRAINED_BASELINE, payload);
        }
        send(&mut world, CONSTRAINED_BASELINE, NEXT);
        assert_eq!(arrived(&mut world), 4);
        let bytes = KEYFRAME.iter().map(|payload| payload.len()).sum::<usize>() + NEXT.len();
        assert_eq!(world.client(1).slot(Camera).bytes, bytes as u64, "as it was sent");
    }
}

/// A picture of each of three layers, the first of them 100 bytes long and each further twice as long.
fn send_layers(world: &mut World, nal: u8) {
    let now = world.now;
    let pt = world.client(0).h264(CONSTRAINED_BASELINE, 1);
    for layer in 0..3 {
        let mut payload = vec![7; 100 << layer];
        payload[0] = nal;
        world.client(0).push_frame(now, layer, pt, payload);
    }
    world.run(66 * MS);
}

#[test]
fn of_three_layers_of_h264_the_one_that_fills_the_tile_is_shown_from_its_keyframe_on() {
    const IDR: u8 = 0x65;
    const SLICE: u8 = 0x41;
    let mut world = World::new();
    for lines in [Lines { simulcast: true, ..PAIR }, PAIR] {
        let person = world.join(Lines { video: VideoCodecs::H264, ..lines }, NetemConfig::new().latency(10 * MS));
        world.open_gate(person);
    }
    world.draw(1, &[180]);
    world.run(Duration::from_secs(1));
    // Which of the three keyframes of a moment arrives first is chance, and the first is shown until the right one is there.
    send_layers(&mut world, IDR);
    let shown = |world: &mut World| (arrived(world), world.client(1).slot(Camera).bytes);
    let more = |world: &mut World, slices: u64| {
        let before = shown(world);
        (0..slices).for_each(|_| send_layers(world, SLICE));
        let after = shown(world);
        (after.0 - before.0, after.1 - before.1)
    };
    assert_eq!(more(&mut world, 30), (30, 3_000), "the smallest, every picture of it");
    let asked = world.client(0).keyframe_requests;
    world.draw(1, &[720]);
    assert_eq!(more(&mut world, 75), (75, 7_500), "which goes on until the other has a keyframe");
    assert!(world.client(0).keyframe_requests > asked, "that is asked for");
    send_layers(&mut world, IDR);
    assert_eq!(more(&mut world, 29), (29, 29 * 400), "and from there on the largest");
    assert_eq!(world.client(1).slot(Camera).ssrcs.len(), 1, "in the same stream");
}

/// What x264 says before pictures of 360, 720 and 1,080 pixels.
const PARAMETER_SETS: [&[u8]; 3] = [
    &[0x67, 0x4d, 0x40, 0x16, 0xec, 0xa0, 0x50, 0x17, 0xfc, 0xb8, 8, 0x80, 0, 0, 3, 0, 0x80, 0, 0, 0xf, 7, 0x8b, 0x16, 0xcb],
    &[0x67, 0x64, 0, 0x1f, 0xac, 0xd9, 0x40, 0x50, 5, 0xbb, 1, 0x10, 0, 0, 3, 0, 0x10, 0, 0, 3, 1, 0xe0, 0xf1, 0x83, 0x19, 0x60],
    &[0x67, 0x64, 0, 0x28, 0xac, 0xd9, 0x40, 0x78, 2, 0x27, 0xe5, 0xc0, 0x44, 0, 0, 3, 0, 4, 0, 0, 3, 0, 0x78, 0x3c, 0x60, 0xc6, 0x58],
];

/// A keyframe of each of three layers of 360, 720 and 1,080 pixels, each packet of another length.
fn send_tall_layers(world: &mut World) {
    let now = world.now;
    let pt = world.client(0).h264(CONSTRAINED_BASELINE, 1);
    for (layer, set) in PARAMETER_SETS.into_iter().enumerate() {
        let slice = [&[0x65][..], &vec![7; 100 << layer]].concat();
        let unit = |unit: &[u8]| [&(unit.len() as u16).to_be_bytes()[..], unit].concat();
        world.client(0).push_frame(now, layer, pt, [vec![0x78], unit(set), unit(&slice)].concat());
    }
    world.run(66 * MS);
}

#[test]
fn the_layer_of_h264_that_fills_the_tile_is_chosen_by_the_heights_its_sender_tells() {
    for (tile, layer) in [(180, 0), (360, 0), (480, 1), (720, 1), (1_080, 2)] {
        let mut world = World::new();
        for lines in [Lines { simulcast: true, ..PAIR }, PAIR] {
            let person = world.join(Lines { video: VideoCodecs::H264, ..lines }, NetemConfig::new().latency(10 * MS));
            world.open_gate(person);
        }
        world.draw(1, &[tile]);
        (0..90).for_each(|_| send_tall_layers(&mut world));
        let before = (arrived(&mut world), world.client(1).slot(Camera).bytes);
        (0..10).for_each(|_| send_tall_layers(&mut world));
        let length = (world.client(1).slot(Camera).bytes - before.1) / (arrived(&mut world) - before.0);
        let expected = (6 + PARAMETER_SETS[layer].len() + (100 << layer)) as u64;
        assert_eq!(length, expected, "{tile} pixels");
    }
}

#[test]
fn another_profile_goes_under_its_own_payload_type_from_its_next_keyframe_on() {
    let mut world = call(VideoCodecs::H264);
    KEYFRAME.iter().for_each(|payload| send(&mut world, CONSTRAINED_BASELINE, payload));
    send(&mut world, HIGH, NEXT);
    assert_eq!(arrived(&mut world), 3, "its frames need another keyframe");
    KEYFRAME.iter().for_each(|payload| send(&mut world, HIGH, payload));
    assert_eq!(arrived(&mut world), 6);
    let high = world.client(1).h264(HIGH, 1);
    assert_eq!(world.client(1).slot(Camera).pts.last(), Some(&high));
}

#[test]
fn one_who_has_only_vp8_is_sent_nothing_of_h264_and_nobody_is_asked_for_keyframes() {
    let mut world = call(VideoCodecs::Vp8);
    for _ in 0..20 {
        KEYFRAME.iter().for_each(|payload| send(&mut world, CONSTRAINED_BASELINE, payload));
        send(&mut world, CONSTRAINED_BASELINE, NEXT);
    }
    assert_eq!(arrived(&mut world), 0);
    assert!(world.router.total(|counters| counters.dropped(Drop::NoCodec)) >= 20);
    assert!(world.client(0).keyframe_requests <= 1, "no keyframe would help");
}

#[test]
fn where_both_have_both_vp8_comes_first() {
    let mut world = World::new();
    let mut client = crate::client::Client::with(world.now, 1, Lines { video: VideoCodecs::Both, ..PAIR });
    let offer = client.offer(world.now, PAIR);
    let answer = world.router.add_leg(world.now, client.id, crate::world::GROUP, &offer).unwrap();
    let first = answer.lines().filter(|line| line.starts_with("a=rtpmap:") && !line.contains("opus") && !line.contains("red"));
    assert!(first.map(|line| line.contains("VP8")).next().unwrap(), "{answer}");
    assert!(answer.contains("H264"));
}
