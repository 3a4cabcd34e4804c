use std::time::Duration;

use super::*;
use crate::packet::video_packet;

const MS: Duration = Duration::from_millis(1);

struct Receiver {
    slot: Slot,
    layers: Vec<Layer>,
    counters: Counters,
    out: usize,
    now: Instant,
}

impl Receiver {
    fn new() -> Self {
        Self::of(1)
    }

    /// One that is shown a source of this many layers.
    fn of(layers: usize) -> Self {
        let formats = vec![(Format::Vp8, 96.into())];
        let slot = Slot::new(SourceKind::Camera, "v".into(), 1.into(), formats, &mut fastrand::Rng::with_seed(1));
        let layers = (0..layers).map(|_| Layer::new(None)).collect();
        Self { slot, layers, counters: Counters::default(), out: 0, now: Instant::now() }
    }

    fn running(&self) -> Running {
        crate::source::running(&self.layers, self.now)
    }

    /// How many packets go out when these come in.
    fn takes(&mut self, packets: &[Packet]) -> usize {
        let before = self.out;
        for packet in packets {
            let layer = &mut self.layers[packet.layer];
            layer.follow(self.now, (packet.layer as u32 + 1).into(), packet.position.seq, Some(packet.format));
            let packet = Packet { epoch: layer.epoch, ..packet.clone() };
            layer.note(self.now, &packet);
            let running = self.running();
            self.slot.take(self.now, &packet, (&self.layers, running), &mut self.counters, |_| self.out += 1);
        }
        self.out - before
    }

    fn awaited(&self) -> Option<usize> {
        self.slot.awaited(self.now, &self.layers, self.running())
    }
}

fn of_layer(layer: usize, seq: u64, keyframe: bool) -> Packet {
    let mut packet = video_packet(seq, keyframe, true);
    packet.layer = layer;
    packet.marker = true;
    packet.position.time = seq as u32 * 3_000;
    packet
}

fn frame(seq: u64, temporal: u8, sync: bool) -> Packet {
    let mut packet = of_layer(0, seq, false);
    (packet.part.temporal, packet.part.sync) = (temporal, sync);
    packet
}

const fn target(layer: usize, temporal: u8) -> Option<Target> {
    Some(Target { layer, temporal })
}

#[test]
fn nothing_goes_out_before_a_keyframe() {
    let mut receiver = Receiver::new();
    assert_eq!(receiver.awaited(), Some(0));
    assert_eq!(receiver.takes(&[video_packet(1, false, true), video_packet(2, false, true)]), 0);
    assert_eq!(receiver.takes(&[video_packet(3, true, true)]), 1);
    assert_eq!(receiver.awaited(), None);
    assert_eq!(receiver.counters.dropped(Drop::AwaitingKeyframe), 2, "what came before it is counted");
}

#[test]
fn a_keyframes_rest_that_overtook_its_beginning_is_not_lost() {
    let mut receiver = Receiver::new();
    assert_eq!(receiver.takes(&[video_packet(11, true, false), video_packet(12, true, false)]), 0);
    assert_eq!(receiver.takes(&[video_packet(10, true, true)]), 3);
}

#[test]
fn another_source_waits_for_its_own_keyframe() {
    let mut receiver = Receiver::new();
    receiver.takes(&[video_packet(1, true, true)]);
    receiver.slot.bind(receiver.now, None);
    receiver.layers = vec![Layer::new(None)];
    assert_eq!(receiver.takes(&[video_packet(900, false, true)]), 0);
    assert_eq!(receiver.takes(&[video_packet(901, true, true)]), 1);
}

#[test]
fn one_who_comes_just_after_the_keyframe_begins_with_it() {
    let mut receiver = Receiver::new();
    receiver.takes(&[video_packet(1, true, true), video_packet(2, false, true)]);
    receiver.slot.aim(None);
    receiver.slot.aim(target(0, Target::ALL));
    let (mut out, running) = (0, receiver.running());
    receiver.slot.begin(receiver.now, 0, &receiver.layers, running, &mut receiver.counters, |_| out += 1);
    assert_eq!(out, 2);
    assert_eq!(receiver.awaited(), None);
}

#[test]
fn a_slot_stays_where_it_is_until_a_keyframe_of_its_target_comes() {
    let mut receiver = Receiver::of(3);
    receiver.slot.aim(target(0, Target::ALL));
    assert_eq!(receiver.takes(&[of_layer(0, 1, true), of_layer(1, 1, true), of_layer(2, 1, true)]), 1);
    receiver.now += 500 * MS;
    assert_eq!(receiver.takes(&[of_layer(0, 2, false), of_layer(1, 2, false), of_layer(2, 2, false)]), 1);
    receiver.slot.aim(target(2, Target::ALL));
    assert_eq!(receiver.awaited(), Some(2));
    assert_eq!(receiver.takes(&[of_layer(0, 3, false), of_layer(1, 3, true), of_layer(2, 3, false)]), 1, "of the layer shown");
    assert_eq!(receiver.takes(&[of_layer(2, 4, true), of_layer(0, 4, false), of_layer(2, 5, false)]), 2, "of the layer aimed at");
    assert_eq!(receiver.slot.showing(), target(2, Target::ALL));
    assert_eq!((receiver.awaited(), receiver.counters.layer_switches), (None, 1));
}

#[test]
fn a_frame_is_brought_to_its_end_before_the_slot_moves() {
    let mut receiver = Receiver::of(2);
    receiver.slot.aim(target(0, Target::ALL));
    receiver.takes(&[of_layer(0, 1, true), of_layer(1, 1, false)]);
    receiver.slot.aim(target(1, Target::ALL));
    let part =
        |seq, marker| Packet { marker, position: Position { time: 6_000, ..of_layer(0, seq, false).position }, ..of_layer(0, seq, false) };
    assert_eq!(receiver.takes(&[part(2, false), of_layer(1, 2, true), of_layer(1, 3, false)]), 1);
    assert_eq!(receiver.awaited(), None, "the keyframe is there");
    assert_eq!(receiver.takes(&[part(3, false)]), 1);
    assert_eq!(receiver.takes(&[part(4, true)]), 3, "the end of the frame, and what came of the other layer");
    assert_eq!(receiver.slot.showing(), target(1, Target::ALL));
}

#[test]
fn a_frame_that_does_not_end_is_not_waited_for() {
    for late in [of_layer(0, 3, false), of_layer(1, 3, false)] {
        let mut receiver = Receiver::of(2);
        receiver.slot.aim(target(0, Target::ALL));
        receiver.takes(&[of_layer(0, 1, true), of_layer(1, 1, false)]);
        receiver.slot.aim(target(1, Target::ALL));
        let cut = Packet { marker: false, ..of_layer(0, 2, false) };
        assert_eq!(receiver.takes(&[cut, of_layer(1, 2, true)]), 1);
        receiver.now += if late.layer == 0 { Duration::ZERO } else { FRAME_ENDS_WITHIN };
        let moved = receiver.takes(&[late]);
        assert_eq!((receiver.slot.showing(), moved > 0), (target(1, Target::ALL), true));
    }
}

#[test]
fn a_layer_that_stops_is_left_for_one_that_runs() {
    let mut receiver = Receiver::of(2);
    receiver.takes(&[of_layer(0, 1, true), of_layer(1, 1, true)]);
    assert_eq!(receiver.slot.showing(), target(1, Target::ALL));
    receiver.now += 260 * MS;
    assert_eq!(receiver.takes(&[of_layer(0, 2, false)]), 0);
    assert_eq!(receiver.awaited(), Some(0), "its keyframe is asked for");
    assert_eq!(receiver.takes(&[of_layer(0, 3, true)]), 1);
    assert_eq!(receiver.slot.showing(), target(0, Target::ALL));
    assert_eq!(receiver.takes(&[of_layer(1, 2, false)]), 0);
    assert_eq!(receiver.awaited(), Some(1), "it runs again");
}

#[test]
fn what_is_paused_or_hidden_stops_at_once_and_returns_with_a_keyframe() {
    let mut receiver = Receiver::new();
    receiver.takes(&[video_packet(1, true, true)]);
    receiver.slot.aim(None);
    assert_eq!(receiver.takes(&[video_packet(2, false, true), video_packet(3, true, true)]), 0);
    assert_eq!((receiver.awaited(), receiver.slot.showing()), (None, None), "nothing is asked for it");
    receiver.now += 1_000 * MS;
    receiver.slot.aim(target(0, Target::ALL));
    assert_eq!(receiver.awaited(), Some(0));
    assert_eq!(receiver.takes(&[video_packet(4, false, true), video_packet(5, true, true)]), 1);
}

#[test]
fn temporal_layers_that_are_left_out_are_counted_and_leave_no_number_behind() {
    let mut receiver = Receiver::new();
    receiver.takes(&[of_layer(0, 1, true), frame(2, 2, true)]);
    receiver.slot.aim(target(0, 0));
    assert_eq!(receiver.takes(&[frame(3, 1, true), frame(4, 2, false), frame(5, 0, false)]), 1);
    assert_eq!(receiver.counters.dropped(Drop::TemporalLayer), 2);
    assert_eq!(receiver.slot.showing(), target(0, 0));
    receiver.slot.aim(target(0, Target::ALL));
    assert_eq!(receiver.takes(&[frame(6, 2, true), frame(7, 1, true), frame(8, 2, false), frame(9, 0, false), frame(10, 2, true)]), 3);
}

#[test]
fn of_a_sender_that_marks_no_frame_to_rise_at_a_keyframe_is_asked_for() {
    let mut receiver = Receiver::new();
    receiver.slot.aim(target(0, 0));
    receiver.takes(&[of_layer(0, 1, true), frame(2, 1, false)]);
    receiver.slot.aim(target(0, Target::ALL));
    for seq in 0..45 {
        receiver.now += 50 * MS;
        let awaited = receiver.awaited();
        assert_eq!(awaited, (seq > 40).then_some(0), "after {seq} frames");
        assert_eq!(receiver.takes(&[frame(3 + seq, (seq % 2) as u8, false)]), usize::from(seq % 2 == 0));
    }
    assert_eq!(receiver.takes(&[of_layer(0, 50, true), frame(51, 1, false)]), 2);
    assert_eq!(receiver.awaited(), None);
}

#[test]
fn a_format_the_receiver_did_not_take_is_counted_and_never_sent() {
    let mut receiver = Receiver::new();
    let profile = crate::format::H264Profile::Baseline;
    let h264 = Packet { format: Format::H264 { mode: 1, profile }, ..video_packet(1, true, true) };
    assert_eq!(receiver.takes(&[h264]), 0);
    assert_eq!(receiver.counters.dropped(Drop::NoCodec), 1);
    assert_eq!(receiver.awaited(), None, "no keyframe would help");
}

#[test]
fn a_stream_that_begins_anew_is_shown_from_its_next_keyframe() {
    let mut receiver = Receiver::new();
    receiver.takes(&[video_packet(1, true, true)]);
    assert_eq!(receiver.takes(&[video_packet(9_000, false, true), video_packet(9_001, false, true)]), 0);
    assert_eq!(receiver.awaited(), Some(0));
    assert_eq!(receiver.takes(&[video_packet(9_002, true, true)]), 1);
}
