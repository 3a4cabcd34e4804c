//! Judges a received VP8 stream as a decoder would live it: which frames are whole, which could be shown, and whether the
//! numbers a decoder relies on run on without a break.

use std::collections::VecDeque;

use crate::descriptor::{Descriptor, PictureId};
use crate::reorder::{DEFAULT_REORDER_WINDOW, Extender, Reorder};
use crate::vp8;
use crate::vp8_assembler::{Assembled, Assembler, CompleteFrame, Packet};
use crate::vp8_references::References;

/// A frame all of whose packets were received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFrame {
    /// Counts the frames of which anything was received, from 0.
    pub position: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// VP8 picture id, if the sender writes one.
    pub picture_id: Option<u16>,
    /// TL0PICIDX, if the sender writes one.
    pub tl0_picidx: Option<u8>,
    /// A decoder can start here.
    pub keyframe: bool,
    /// A decoder that got everything so far can show this frame.
    pub decodable: bool,
    /// Extended sequence number of its first packet.
    pub first_seq: u64,
    /// Extended sequence number of its last packet.
    pub last_seq: u64,
    /// The VP8 frame.
    pub data: Vec<u8>,
}

/// What was counted. Complete only after [`Vp8Checker::finish`]: before that, packets may still wait for missing ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vp8Report {
    /// Packets received in time, each counted once.
    pub packets: u64,
    /// Packets received more than once.
    pub duplicates: u64,
    /// Packets that came after they had been given up; they count as missing too, unless they are from before the start.
    pub late: u64,
    /// Sequence numbers that never came.
    pub missing: u64,
    /// Packets without payload: padding that probes for bandwidth. They carry no part of a frame.
    pub padding: u64,
    /// Packets without a valid VP8 descriptor, or without VP8 data after it.
    pub malformed: u64,
    /// Frames whose every packet came.
    pub frames_complete: u64,
    /// Frames of which only a part came.
    pub frames_incomplete: u64,
    /// Complete frames a decoder can start at.
    pub keyframes: u64,
    /// Complete frames a decoder could show.
    pub frames_decodable: u64,
    /// Places with nothing missing where the picture id is not the one before plus 1.
    pub picture_id_breaks: u64,
    /// Places with nothing missing where TL0PICIDX does not fit the temporal layer.
    pub tl0_picidx_breaks: u64,
    /// Frames whose RTP timestamp is not after the one before.
    pub timestamp_regressions: u64,
    /// The position of the first frame a decoder could show.
    pub first_decodable: Option<u64>,
}

impl Vp8Report {
    /// Whether a decoder had nothing to complain of: something came, all of it, in a form it can show from the first frame on.
    pub fn is_flawless(&self) -> bool {
        let faults = self.missing
            + self.late
            + self.malformed
            + self.frames_incomplete
            + self.picture_id_breaks
            + self.tl0_picidx_breaks
            + self.timestamp_regressions;
        faults == 0 && self.frames_decodable > 0 && self.frames_decodable == self.frames_complete
    }
}

/// Takes every packet of one received stream (one SSRC, retransmissions already put back into it), in any order within the
/// reorder window. After each packet, [`Vp8Checker::poll_frame`] gives the frames it completed.
#[derive(Debug, Clone)]
pub struct Vp8Checker {
    extender: Extender,
    reorder: Reorder<Option<Packet>>,
    assembler: Assembler,
    frames: VecDeque<ReceivedFrame>,
    report: Vp8Report,
    references: References,
    /// The ids of the frame just before; `None` after a hole.
    before: Option<Ids>,
    /// Packets without payload since the frame just before.
    filled: u16,
    last_timestamp: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Ids {
    picture: Option<PictureId>,
    tl0: Option<u8>,
}

impl Default for Vp8Checker {
    fn default() -> Self {
        Self::new()
    }
}

impl Vp8Checker {
    /// A checker with the [`DEFAULT_REORDER_WINDOW`].
    pub fn new() -> Self {
        Self::with_reorder_window(DEFAULT_REORDER_WINDOW)
    }

    /// A checker that gives a packet up once another arrives that is `window` sequence numbers ahead of it.
    pub fn with_reorder_window(window: u64) -> Self {
        Self {
            extender: Extender::default(),
            reorder: Reorder::new(window),
            assembler: Assembler::default(),
            frames: VecDeque::new(),
            report: Vp8Report::default(),
            references: References::default(),
            before: None,
            filled: 0,
            last_timestamp: None,
        }
    }

    /// Takes a packet with its extended sequence number. Do not mix with [`Vp8Checker::handle_rtp_16`].
    pub fn handle_rtp(&mut self, seq: u64, timestamp: u32, marker: bool, payload: &[u8]) {
        let parsed = Descriptor::parse(payload).ok().map(|(descriptor, data)| (descriptor, data.to_vec()));
        let opens = parsed.as_ref().is_some_and(|(descriptor, data)| descriptor.starts_frame() && vp8::is_keyframe(data));
        if payload.is_empty() {
            self.report.padding += 1;
        } else if parsed.is_none() {
            self.report.malformed += 1;
        }
        let packet = (!payload.is_empty()).then_some(Packet { timestamp, marker, content: parsed });
        self.reorder.push(seq, packet);
        if opens {
            self.reorder.start();
        }
        self.advance();
    }

    /// Takes a packet with its sequence number as it is on the wire.
    pub fn handle_rtp_16(&mut self, seq: u16, timestamp: u32, marker: bool, payload: &[u8]) {
        let seq = self.extender.extend(seq);
        self.handle_rtp(seq, timestamp, marker, payload);
    }

    /// The next complete frame, in the order of sending. Frames are kept until they are polled.
    pub fn poll_frame(&mut self) -> Option<ReceivedFrame> {
        self.frames.pop_front()
    }

    /// Waits no longer for what is missing: what was held comes out. So does a decoder go on at a keyframe that is there.
    pub fn give_up(&mut self) {
        self.reorder.finish();
        self.advance();
    }

    /// Nothing more is awaited: packets still missing are given up. The last frames come out of [`Vp8Checker::poll_frame`].
    pub fn finish(&mut self) {
        self.reorder.finish();
        self.advance();
        self.assembler.finish();
        self.judge();
    }

    /// What was counted so far.
    pub fn report(&self) -> Vp8Report {
        let counts = self.reorder.counts();
        Vp8Report { packets: counts.packets, duplicates: counts.duplicates, late: counts.late, missing: counts.missing, ..self.report }
    }

    fn advance(&mut self) {
        while let Some(ordered) = self.reorder.poll() {
            match ordered.item {
                Some(packet) => self.assembler.handle(ordered.seq, ordered.after_hole, packet),
                None if ordered.after_hole => self.assembler.handle_hole(),
                None => self.filled = self.filled.saturating_add(1),
            }
            self.judge();
        }
    }

    fn judge(&mut self) {
        while let Some(assembled) = self.assembler.poll() {
            match assembled {
                Assembled::Complete(frame) => self.judge_complete(frame),
                Assembled::Incomplete => {
                    self.report.frames_incomplete += 1;
                    self.break_off();
                }
                Assembled::Hole => self.break_off(),
            }
        }
    }

    fn break_off(&mut self) {
        self.references.lost();
        self.before = None;
    }

    fn judge_complete(&mut self, frame: CompleteFrame) {
        let keyframe = vp8::is_keyframe(&frame.data);
        let picture_continues = self.check_ids(&frame.descriptor, keyframe);
        self.check_timestamp(frame.timestamp);
        if !picture_continues {
            self.references.lost();
        }
        let decodable = self.references.admit(keyframe, &frame.descriptor);

        let report = &mut self.report;
        let position = report.frames_complete + report.frames_incomplete;
        report.frames_complete += 1;
        report.keyframes += u64::from(keyframe);
        if decodable {
            report.frames_decodable += 1;
            report.first_decodable.get_or_insert(position);
        }
        self.frames.push_back(ReceivedFrame {
            position,
            timestamp: frame.timestamp,
            picture_id: frame.descriptor.picture_id.map(PictureId::value),
            tl0_picidx: frame.descriptor.tl0_picidx,
            keyframe,
            decodable,
            first_seq: frame.first_seq,
            last_seq: frame.last_seq,
            data: frame.data,
        });
    }

    /// Whether the picture id follows the one before, as far as there is one.
    fn check_ids(&mut self, descriptor: &Descriptor, keyframe: bool) -> bool {
        let ids = Ids { picture: descriptor.picture_id, tl0: descriptor.tl0_picidx };
        let filled = std::mem::take(&mut self.filled);
        let Some(before) = self.before.replace(ids) else { return true };
        let base_layer = descriptor.temporal.is_none_or(|(layer, _)| layer == 0);
        // At a keyframe a stream may go over to a sender that has no temporal layers.
        let ends = keyframe && ids.tl0.is_none();
        if !ends && before.tl0.is_some_and(|tl0| ids.tl0 != Some(tl0.wrapping_add(u8::from(base_layer)))) {
            self.report.tl0_picidx_breaks += 1;
        }
        let continues = before.picture.is_none_or(|id| ids.picture == Some(id.next()));
        // Where a frame is left out after its number was given, what fills its place has no payload, and its picture id is not used.
        let left_out = (ids.tl0.is_some() && filled > 0).then(|| {
            std::iter::successors(before.picture, |id| Some(id.next())).skip(2).take(usize::from(filled)).any(|id| ids.picture == Some(id))
        });
        self.report.picture_id_breaks += u64::from(!continues && left_out != Some(true));
        continues
    }

    fn check_timestamp(&mut self, timestamp: u32) {
        if let Some(last) = self.last_timestamp.replace(timestamp)
            && (timestamp.wrapping_sub(last) as i32) <= 0
        {
            self.report.timestamp_regressions += 1;
        }
    }
}
