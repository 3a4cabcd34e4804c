//! What the VP8 checker says of streams that are whole, reordered, broken or garbage.

use crate::garbage::Garbage;
use crate::{Clip, ReceivedFrame, Vp8Checker, Vp8Packetizer, Vp8Report};

#[derive(Clone)]
struct Sent {
    seq: u64,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// The packets of the clip's first `frames` frames, looped; the picture ids wrap on the way.
fn stream(frames: u64) -> Vec<Sent> {
    let clip = Clip::vp8();
    let mut packetizer = Vp8Packetizer::new(0x7ff0).with_tl0_picidx(250);
    let mut sent = Vec::new();
    for at in 0..frames {
        let timestamp = (at as u32).wrapping_mul(clip.timestamp_step()).wrapping_sub(12_000);
        for payload in packetizer.packetize(&clip.looped(at).data) {
            sent.push(Sent { seq: 65_530 + sent.len() as u64, timestamp, marker: payload.marker, payload: payload.data });
        }
    }
    sent
}

/// Index of the first packet of frame `at`.
fn first_of(sent: &[Sent], at: usize) -> usize {
    if at == 0 { 0 } else { sent.iter().enumerate().filter(|(_, packet)| packet.marker).nth(at - 1).unwrap().0 + 1 }
}

fn feed(checker: &mut Vp8Checker, packet: &Sent) {
    checker.handle_rtp(packet.seq, packet.timestamp, packet.marker, &packet.payload);
}

fn check(sent: &[Sent]) -> (Vp8Report, Vec<ReceivedFrame>) {
    let mut checker = Vp8Checker::new();
    sent.iter().for_each(|packet| feed(&mut checker, packet));
    checker.finish();
    let frames = std::iter::from_fn(|| checker.poll_frame()).collect();
    (checker.report(), frames)
}

#[test]
fn the_looped_clip_is_flawless_and_its_bytes_are_the_same() {
    let clip = Clip::vp8();
    let sent = stream(100);
    let (report, frames) = check(&sent);
    assert!(report.is_flawless(), "{report:?}");
    assert_eq!((report.frames_decodable, report.keyframes, report.first_decodable), (100, 7, Some(0)));
    assert_eq!(report.packets, sent.len() as u64);
    for (at, frame) in (0..).zip(&frames) {
        assert_eq!(frame.data, clip.looped(at).data, "frame {at}");
        assert_eq!((frame.position, frame.decodable), (at, true));
    }
}

#[test]
fn each_frame_comes_out_with_its_last_packet() {
    let mut checker = Vp8Checker::new();
    for packet in stream(20) {
        feed(&mut checker, &packet);
        assert_eq!(checker.poll_frame().map(|frame| frame.last_seq), packet.marker.then_some(packet.seq));
    }
}

#[test]
fn sixteen_bit_sequence_numbers_do_as_well() {
    let mut checker = Vp8Checker::new();
    for packet in stream(60) {
        checker.handle_rtp_16(packet.seq as u16, packet.timestamp, packet.marker, &packet.payload);
    }
    checker.finish();
    assert!(checker.report().is_flawless());
}

#[test]
fn reordering_and_duplicates_within_the_window_change_nothing() {
    let mut garbage = Garbage::seeded(4);
    let mut sent = stream(90);
    for at in 0..sent.len() - 20 {
        let other = at + garbage.below(20);
        sent.swap(at, other);
    }
    let repeated = sent[5].clone();
    sent.insert(30, repeated);
    let (report, frames) = check(&sent);
    assert!(report.is_flawless(), "{report:?}");
    assert_eq!((report.frames_decodable, report.duplicates, frames.len()), (90, 1, 90));
}

#[test]
fn a_lost_packet_makes_everything_until_the_next_keyframe_undecodable() {
    let mut sent = stream(45);
    sent.remove(first_of(&sent, 3) + 1);
    let (report, frames) = check(&sent);
    assert_eq!((report.missing, report.frames_incomplete, report.frames_complete), (1, 1, 44));
    assert_eq!(report.frames_decodable, 3 + 30);
    assert_eq!((report.picture_id_breaks, report.timestamp_regressions), (0, 0));
    assert!(frames[3..14].iter().all(|frame| !frame.decodable));
    assert!(frames[14].keyframe && frames[14].decodable && frames[14].position == 15);
}

#[test]
fn a_packet_after_the_window_is_late_and_stays_missing() {
    let sent = stream(45);
    let lost = first_of(&sent, 3);
    let mut checker = Vp8Checker::with_reorder_window(10);
    sent.iter().enumerate().filter(|(at, _)| *at != lost).for_each(|(_, packet)| feed(&mut checker, packet));
    feed(&mut checker, &sent[lost]);
    checker.finish();
    assert_eq!((checker.report().missing, checker.report().late), (1, 1));
}

#[test]
fn a_receiver_that_joins_between_keyframes_starts_at_the_next_one() {
    let sent = stream(20);
    let (report, frames) = check(&sent[first_of(&sent, 12)..]);
    assert_eq!((report.first_decodable, report.frames_complete, report.frames_decodable), (Some(3), 8, 5));
    assert!(!frames[2].decodable && frames[3].decodable);
    assert!(!report.is_flawless());
}

#[test]
fn a_frame_left_out_without_a_hole_is_a_break_of_the_ids_and_cannot_be_decoded_past() {
    let mut sent = stream(15);
    let (from, to) = (first_of(&sent, 5), first_of(&sent, 6));
    sent.drain(from..to);
    for (seq, packet) in (0..).zip(&mut sent) {
        packet.seq = seq;
    }
    let (report, _) = check(&sent);
    assert_eq!((report.missing, report.picture_id_breaks, report.tl0_picidx_breaks), (0, 1, 1));
    assert_eq!((report.frames_complete, report.frames_decodable), (14, 5));
}

#[test]
fn timestamps_that_stand_or_run_back_are_counted() {
    let mut sent = stream(10);
    let (fifth, sixth) = (first_of(&sent, 5), first_of(&sent, 6));
    let behind = sent[fifth].timestamp - 12_000;
    sent[fifth..sixth].iter_mut().for_each(|packet| packet.timestamp = behind);
    let (report, _) = check(&sent);
    assert_eq!((report.timestamp_regressions, report.frames_decodable), (1, 10));
}

#[test]
fn a_missing_marker_costs_one_frame_and_no_hole() {
    let mut sent = stream(10);
    let last = first_of(&sent, 5) - 1;
    sent[last].marker = false;
    let (report, _) = check(&sent);
    assert_eq!((report.frames_incomplete, report.frames_complete, report.missing), (1, 9, 0));
    assert_eq!(report.frames_decodable, 4);
}

#[test]
fn packets_of_two_frames_are_never_joined() {
    let mut sent = stream(10);
    let middle = first_of(&sent, 5) + 1;
    sent[middle].timestamp += 1;
    let (report, frames) = check(&sent);
    assert!(report.frames_incomplete >= 1);
    assert!(frames.iter().all(|frame| Clip::vp8().frames().iter().any(|sent| sent.data == frame.data)));
}

#[test]
fn padding_between_frames_is_no_fault() {
    let mut sent = stream(10);
    let at = first_of(&sent, 5);
    let pad = Sent { payload: Vec::new(), marker: false, ..sent[at].clone() };
    sent.insert(at, pad);
    for (seq, packet) in (0..).zip(&mut sent) {
        packet.seq = seq;
    }
    let (report, _) = check(&sent);
    assert!(report.is_flawless(), "{report:?}");
    assert_eq!((report.padding, report.frames_decodable), (1, 10));
}

#[test]
fn a_frame_of_an_upper_layer_that_padding_stands_for_is_no_break() {
    let clip = &Clip::layers()[0];
    let mut packetizer = Vp8Packetizer::new(0x7ffd).with_tl0_picidx(0);
    let mut sent = Vec::new();
    for (at, frame) in (0u32..).zip(&clip.frames()[..8]) {
        for payload in packetizer.packetize_layer(&frame.data, frame.temporal.unwrap()) {
            let (payload, marker) = if at == 3 { (Vec::new(), false) } else { (payload.data, payload.marker) };
            sent.push(Sent { seq: sent.len() as u64, timestamp: at * 6_000, marker, payload });
        }
    }
    let (report, _) = check(&sent);
    assert!(report.is_flawless(), "{report:?}");
    assert_eq!((report.padding, report.frames_decodable), (1, 7));
    sent.retain(|packet| !packet.payload.is_empty());
    sent.iter_mut().zip(0..).for_each(|(packet, seq)| packet.seq = seq);
    assert_eq!(check(&sent).0.picture_id_breaks, 1, "without it, it is one");
}

#[test]
fn a_payload_without_vp8_is_malformed_and_breaks_its_frame_only() {
    let mut sent = stream(20);
    let at = first_of(&sent, 3);
    sent[at].payload = vec![0x90, 0x80];
    let (report, _) = check(&sent);
    assert_eq!((report.malformed, report.frames_incomplete, report.missing), (1, 1, 0));
    assert_eq!(report.frames_decodable, 3 + 5);
}

#[test]
fn an_endless_frame_is_given_up() {
    let mut checker = Vp8Checker::new();
    checker.handle_rtp(0, 0, false, &[&[0x10][..], &[0; 100]].concat());
    let more = [&[0x00][..], &[0; 60_000]].concat();
    for seq in 1..200 {
        checker.handle_rtp(seq, 0, false, &more);
    }
    checker.finish();
    assert_eq!((checker.report().frames_complete, checker.report().frames_incomplete), (0, 1));
}

#[test]
fn nothing_received_is_not_flawless() {
    assert!(!check(&[]).0.is_flawless());
}

#[test]
fn garbage_is_counted_and_never_panics() {
    let mut garbage = Garbage::seeded(5);
    let real = stream(30);
    for round in 0..300 {
        let mut checker = Vp8Checker::with_reorder_window(1 + garbage.below(64) as u64);
        let mut fed = 0;
        for packet in &real {
            if garbage.chance(3) {
                let seq = if garbage.chance(50) { garbage.next() } else { packet.seq + garbage.below(9) as u64 };
                checker.handle_rtp(seq, garbage.next() as u32, garbage.chance(2), &garbage.bytes(40));
                fed += 1;
            }
            if round % 2 == 0 && !garbage.chance(9) {
                feed(&mut checker, packet);
                fed += 1;
            }
        }
        checker.finish();
        let report = checker.report();
        assert_eq!(report.packets + report.duplicates + report.late, fed);
        assert!(report.frames_decodable <= report.frames_complete);
        assert_eq!(std::iter::from_fn(|| checker.poll_frame()).count() as u64, report.frames_complete);
    }
}
