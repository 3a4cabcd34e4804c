//! Judges a synthetic stream by sequence number and time alone: what is missing, and which frames are whole.

use std::collections::VecDeque;

use switchboard_clip::descriptor::Descriptor;
use switchboard_clip::vp8;

use super::stamp::Stamp;

/// Frames that may be under way at once; one that stays incomplete for longer is given up.
const OPEN_FRAMES: usize = 16;

/// How far behind the highest sequence number a packet is still told from one that came twice.
const WINDOW: u64 = 1_024;

/// One received stream.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    first: Option<u64>,
    highest: u64,
    seen: VecDeque<bool>,
    /// Each packet counted once.
    pub(super) packets: u64,
    frames: VecDeque<OpenFrame>,
    pub(super) frames_complete: u64,
    pub(super) keyframes: u64,
}

#[derive(Debug)]
struct OpenFrame {
    timestamp: u32,
    packets: u16,
    keyframe: bool,
    complete: bool,
}

impl Sequence {
    /// Takes a packet that carries media. Says whether it completed a frame.
    pub(super) fn handle(&mut self, seq: u64, timestamp: u32, stamp: Stamp, media: &[u8], is_video: bool) -> bool {
        if !self.is_new(seq) {
            return false;
        }
        self.packets += 1;
        if !is_video {
            return true;
        }
        let at = match self.frames.iter().position(|frame| frame.timestamp == timestamp) {
            Some(at) => at,
            None => {
                if self.frames.len() == OPEN_FRAMES {
                    self.frames.pop_front();
                }
                self.frames.push_back(OpenFrame { timestamp, packets: 0, keyframe: false, complete: false });
                self.frames.len() - 1
            }
        };
        let frame = &mut self.frames[at];
        frame.packets += 1;
        frame.keyframe |= Descriptor::parse(media).is_ok_and(|(of, data)| of.starts_frame() && vp8::is_keyframe(data));
        let complete = !frame.complete && frame.packets >= stamp.packets;
        if complete {
            frame.complete = true;
            self.frames_complete += 1;
            self.keyframes += u64::from(frame.keyframe);
        }
        // Nothing could be shown before a decoder had something to start at.
        complete && self.keyframes > 0
    }

    /// Padding keeps its number.
    pub(super) fn handle_padding(&mut self, seq: u64) {
        if self.is_new(seq) {
            self.packets += 1;
        }
    }

    /// Numbers between the first and the last that never came.
    pub(super) fn missing(&self) -> u64 {
        self.first.map_or(0, |first| (self.highest + 1 - first).saturating_sub(self.packets))
    }

    fn is_new(&mut self, seq: u64) -> bool {
        let first = *self.first.get_or_insert_with(|| {
            self.highest = seq;
            seq
        });
        if seq < first || self.highest.saturating_sub(seq) >= WINDOW {
            return false;
        }
        while self.highest < seq {
            self.highest += 1;
            self.seen.push_back(false);
        }
        if self.seen.is_empty() {
            self.seen.push_back(false);
        }
        while self.seen.len() as u64 > WINDOW {
            self.seen.pop_front();
        }
        let back = (self.highest - seq) as usize;
        let Some(at) = self.seen.len().checked_sub(back + 1) else { return false };
        !std::mem::replace(&mut self.seen[at], true)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn stamp(packets: u16) -> Stamp {
        Stamp { sent: Duration::ZERO, packets, intact: true }
    }

    #[test]
    fn what_came_late_is_not_missing_and_what_came_twice_counts_once() {
        let mut sequence = Sequence::default();
        for seq in [100, 101, 104, 102, 104, 101, 105] {
            sequence.handle(seq, seq as u32, stamp(1), &[], false);
        }
        assert_eq!((sequence.packets, sequence.missing()), (5, 1));
        sequence.handle(103, 103, stamp(1), &[], false);
        assert_eq!((sequence.packets, sequence.missing()), (6, 0));
    }

    #[test]
    fn a_long_hole_is_all_missing() {
        let mut sequence = Sequence::default();
        sequence.handle(7, 7, stamp(1), &[], false);
        sequence.handle(5_007, 8, stamp(1), &[], false);
        assert_eq!((sequence.packets, sequence.missing()), (2, 4_999));
    }

    #[test]
    fn a_frame_is_shown_when_its_last_packet_came_in_whatever_order_and_not_before_a_keyframe() {
        let key = [0x90, 0x80, 0x01, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 5, 0xd0, 2];
        let delta = [0x90, 0x80, 0x01, 0x11, 0, 0];
        let rest = [0x80, 0x80, 0x01, 9];
        let mut sequence = Sequence::default();
        let mut handle = |seq, timestamp, media: &[u8]| sequence.handle(seq, timestamp, stamp(2), media, true);
        assert!(!handle(0, 10, &delta) && !handle(1, 10, &rest), "nothing to start at");
        assert!(!handle(3, 20, &rest));
        assert!(handle(2, 20, &key));
        assert!(!handle(2, 20, &key), "again");
        assert!(!handle(4, 30, &delta) && handle(5, 30, &rest));
        assert_eq!((sequence.frames_complete, sequence.keyframes), (3, 1));
    }
}
