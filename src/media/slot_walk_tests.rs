//! Real layered video through a slot that is aimed at random: what comes out can always be decoded, and no number breaks.

use switchboard_clip::descriptor::{Descriptor, PictureId};
use switchboard_clip::{Clip, Vp8Checker, Vp8Packetizer};

use super::*;
use crate::media_clock::MediaClock;

const MS: Duration = Duration::from_millis(1);
const FRAME: Duration = Duration::from_micros(66_667);

/// How the packets reach the router.
#[derive(Clone, Copy)]
struct Path {
    /// Of a thousand packets, so many come later, by up to this.
    late: (u32, Duration),
    /// Of a thousand, so many never come.
    lost: u32,
    /// Of a thousand, after so many goes a packet of padding.
    padding: u32,
}

struct Walk {
    rng: fastrand::Rng,
    now: Instant,
    layers: Vec<Layer>,
    clocks: Vec<MediaClock>,
    slot: Slot,
    counters: Counters,
    received: Vec<(u64, u32, bool, Vec<u8>)>,
}

fn descriptor_rewritten(out: &Outgoing<'_>) -> Vec<u8> {
    if out.payload.is_empty() {
        return Vec::new();
    }
    let (mut descriptor, data) = Descriptor::parse(&out.payload).unwrap();
    descriptor.picture_id = out.position.picture_id.map(PictureId::Long);
    descriptor.tl0_picidx = out.position.tl0;
    let mut payload = Vec::new();
    descriptor.write(&mut payload);
    payload.extend_from_slice(data);
    payload
}

impl Walk {
    fn arrive(&mut self, layer: usize, seq: u64, time: u32, marker: bool, payload: &[u8]) {
        let own = &mut self.layers[layer];
        if !own.follow(self.now, (layer as u32 + 1).into(), seq, Some(Format::Vp8)) {
            return;
        }
        let parsed = vp8::parse(payload);
        let position = Position {
            seq,
            time,
            picture_id: parsed.and_then(|(_, vp8)| vp8.picture_id()),
            tl0: parsed.and_then(|(_, vp8)| vp8.tl0_pic_idx()),
        };
        let packet = Packet {
            layer,
            epoch: own.epoch,
            format: Format::Vp8,
            position,
            marker,
            payload: payload.into(),
            ext_vals: str0m::rtp::ExtensionValues::default(),
            wallclock: self.clocks[layer].wallclock(self.now, time, 90_000, own.is_newest(seq)),
            vp8: parsed.map(|(_, vp8)| vp8),
            part: parsed.map(|(part, _)| part).unwrap_or_default(),
            redundancy: None,
        };
        if !packet.is_padding() {
            own.note(self.now, &packet);
        }
        let running = crate::source::running(&self.layers, self.now);
        let received = &mut self.received;
        self.slot.take(self.now, &packet, (&self.layers, running), &mut self.counters, |out| {
            received.push((out.position.seq, out.position.time, out.marker, descriptor_rewritten(&out)));
        });
    }
}

/// A walk of so many frames; what came out, in the order of its numbers.
fn walk(seed: u64, frames: u32, path: Path) -> (Walk, Vp8Checker) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let slot = Slot::new(SourceKind::Camera, "v".into(), 9.into(), vec![(Format::Vp8, 96.into())], &mut rng);
    let start = Instant::now();
    let mut walk = Walk {
        layers: (0..3).map(|_| Layer::new(None)).collect(),
        clocks: (0..3).map(|_| MediaClock::default()).collect(),
        slot,
        counters: Counters::default(),
        received: Vec::new(),
        now: start,
        rng,
    };
    let clips = Clip::layers();
    let mut senders: Vec<(Vp8Packetizer, u64, u32, u64, bool)> = (0..3_u16)
        .map(|layer| {
            let packetizer = Vp8Packetizer::new(0x7fff - 20 * layer).with_tl0_picidx(250);
            (packetizer, walk.rng.u64(0..65_536), walk.rng.u32(..), 0, true)
        })
        .collect();
    // When it arrives, layer, number, time, marker, payload.
    let mut on_the_way: Vec<(Instant, usize, u64, u32, bool, Vec<u8>)> = Vec::new();
    for frame in 0..frames {
        let captured = start + frame * FRAME;
        for (layer, clip) in clips.iter().enumerate() {
            let (packetizer, seq, time, position, on) = &mut senders[layer];
            if walk.rng.u32(0..120) == 0 && layer > 0 {
                *on = !*on;
                *position = clip.restart(*position);
            }
            let running = crate::source::running(&walk.layers, walk.now);
            // The sender answers within a frame.
            if walk.slot.awaited(walk.now, &walk.layers, running) == Some(layer) && walk.rng.bool() {
                *position = clip.restart(*position);
            }
            *time = time.wrapping_add(6_000);
            let picture = clip.looped(*position);
            *position += 1;
            if !*on {
                continue;
            }
            for payload in packetizer.packetize_layer(&picture.data, picture.temporal.unwrap()) {
                let mut arrives = captured + 20 * MS + layer as u32 * MS;
                if walk.rng.u32(0..1_000) < path.late.0 {
                    arrives += path.late.1 * walk.rng.u32(1..=100) / 100;
                }
                if walk.rng.u32(0..1_000) >= path.lost {
                    on_the_way.push((arrives, layer, *seq, *time, payload.marker, payload.data));
                }
                *seq += 1;
                if walk.rng.u32(0..1_000) < path.padding {
                    on_the_way.push((arrives, layer, *seq, *time, false, Vec::new()));
                    *seq += 1;
                }
            }
        }
        on_the_way.sort_by_key(|(arrives, layer, seq, ..)| (*arrives, *layer, *seq));
        let due = on_the_way.partition_point(|(arrives, ..)| *arrives <= captured + FRAME);
        for (arrives, layer, seq, time, marker, payload) in on_the_way.drain(..due) {
            walk.now = walk.now.max(arrives);
            walk.arrive(layer, seq, time, marker, &payload);
        }
        if walk.rng.u32(0..12) == 0 {
            let target = Target { layer: walk.rng.usize(0..3), temporal: walk.rng.u8(0..3) };
            walk.slot.aim((walk.rng.u32(0..20) > 0).then_some(target));
        }
    }
    let mut checker = Vp8Checker::new();
    let mut received = walk.received.clone();
    received.sort_by_key(|(seq, ..)| *seq);
    for (seq, time, marker, payload) in received {
        checker.handle_rtp(seq, time, marker, &payload);
    }
    checker.finish();
    (walk, checker)
}

fn assert_no_number_twice(walk: &Walk, seed: u64) {
    let mut seqs: Vec<u64> = walk.received.iter().map(|(seq, ..)| *seq).collect();
    seqs.sort_unstable();
    assert!(seqs.windows(2).all(|pair| pair[0] != pair[1]), "seed {seed}: a number went out twice");
}

#[test]
fn on_a_clean_path_every_frame_is_whole_and_decodable_whatever_it_is_aimed_at() {
    let (mut switches, mut left_out) = (0, 0);
    for seed in 0..20 {
        let (walk, checker) = walk(seed, 600, Path { late: (0, MS), lost: 0, padding: 50 });
        let report = checker.report();
        assert!(report.is_flawless(), "seed {seed}: {report:?}");
        assert_no_number_twice(&walk, seed);
        switches += walk.counters.layer_switches;
        left_out += walk.counters.dropped(Drop::TemporalLayer);
    }
    assert!(switches > 200 && left_out > 1_000, "{switches} switches, {left_out} packets left out");
}

#[test]
fn packets_that_come_late_find_their_place_and_spoil_no_frame() {
    for seed in 100..120 {
        let (walk, checker) = walk(seed, 600, Path { late: (60, 150 * MS), lost: 0, padding: 20 });
        let report = checker.report();
        assert_no_number_twice(&walk, seed);
        assert_eq!((report.timestamp_regressions, report.malformed, report.tl0_picidx_breaks), (0, 0, 0), "seed {seed}: {report:?}");
        // What was on its way when the slot was paused or moved on a second time stays out.
        assert!(report.missing <= 3 && report.frames_incomplete <= 3, "seed {seed}: {report:?}");
        assert!(report.frames_complete - report.frames_decodable <= 1, "seed {seed}: {report:?}");
    }
}

#[test]
fn whatever_is_lost_no_number_is_given_twice_and_no_time_runs_back() {
    for seed in 200..220 {
        let (walk, checker) = walk(seed, 600, Path { late: (100, 400 * MS), lost: 60, padding: 50 });
        assert_no_number_twice(&walk, seed);
        let report = checker.report();
        assert_eq!((report.timestamp_regressions, report.malformed), (0, 0), "seed {seed}: {report:?}");
        assert!(report.frames_decodable > 50, "seed {seed}: {report:?}");
    }
}
