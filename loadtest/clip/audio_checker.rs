//! Judges a received audio stream: every packet is a whole frame, so order, holes and time are all there is to see.

use std::collections::VecDeque;

use crate::reorder::{DEFAULT_REORDER_WINDOW, Extender, Ordered, Reorder};

/// Audio begins to be judged at this many packets, so that the first of them may arrive out of order.
const HELD_AT_START: usize = 4;

/// One packet in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedAudio {
    /// Extended sequence number.
    pub seq: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// The encoded audio; empty for padding.
    pub data: Vec<u8>,
}

/// What was counted. Complete only after [`AudioChecker::finish`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AudioReport {
    /// Packets received in time, each counted once.
    pub packets: u64,
    /// Packets received more than once.
    pub duplicates: u64,
    /// Packets that came after they had been given up, or are from before the start.
    pub late: u64,
    /// Sequence numbers that never came.
    pub missing: u64,
    /// Packets whose RTP timestamp is not after the one before.
    pub timestamp_regressions: u64,
}

impl AudioReport {
    /// Whether something came, and all of it, in order.
    pub fn is_flawless(&self) -> bool {
        self.packets > 0 && self.late + self.missing + self.timestamp_regressions == 0
    }
}

/// Takes every packet of one received audio stream, in any order within the reorder window.
#[derive(Debug, Clone)]
pub struct AudioChecker {
    extender: Extender,
    reorder: Reorder<(u32, Vec<u8>)>,
    packets: VecDeque<ReceivedAudio>,
    last_timestamp: Option<u32>,
    timestamp_regressions: u64,
}

impl Default for AudioChecker {
    fn default() -> Self {
        Self::new()
    }
}

impl AudioChecker {
    /// A checker with the [`DEFAULT_REORDER_WINDOW`].
    pub fn new() -> Self {
        Self {
            extender: Extender::default(),
            reorder: Reorder::new(DEFAULT_REORDER_WINDOW),
            packets: VecDeque::new(),
            last_timestamp: None,
            timestamp_regressions: 0,
        }
    }

    /// Takes a packet with its extended sequence number. Do not mix with [`AudioChecker::handle_rtp_16`].
    pub fn handle_rtp(&mut self, seq: u64, timestamp: u32, payload: &[u8]) {
        self.reorder.push(seq, (timestamp, payload.to_vec()));
        if self.reorder.held() >= HELD_AT_START {
            self.reorder.start();
        }
        self.advance();
    }

    /// Takes a packet with its sequence number as it is on the wire.
    pub fn handle_rtp_16(&mut self, seq: u16, timestamp: u32, payload: &[u8]) {
        let seq = self.extender.extend(seq);
        self.handle_rtp(seq, timestamp, payload);
    }

    /// The next packet, in the order of sending. Packets are kept until they are polled.
    pub fn poll_packet(&mut self) -> Option<ReceivedAudio> {
        self.packets.pop_front()
    }

    /// Nothing more is awaited: packets still missing are given up.
    pub fn finish(&mut self) {
        self.reorder.finish();
        self.advance();
    }

    /// What was counted so far.
    pub fn report(&self) -> AudioReport {
        let counts = self.reorder.counts();
        AudioReport {
            packets: counts.packets,
            duplicates: counts.duplicates,
            late: counts.late,
            missing: counts.missing,
            timestamp_regressions: self.timestamp_regressions,
        }
    }

    fn advance(&mut self) {
        while let Some(Ordered { seq, item: (timestamp, data), .. }) = self.reorder.poll() {
            if let Some(last) = self.last_timestamp.replace(timestamp)
                && (timestamp.wrapping_sub(last) as i32) <= 0
            {
                self.timestamp_regressions += 1;
            }
            self.packets.push_back(ReceivedAudio { seq, timestamp, data });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clip;

    #[test]
    fn the_clip_arrives_as_it_was_sent_even_when_the_first_packets_are_swapped() {
        let clip = Clip::opus();
        let mut checker = AudioChecker::new();
        let mut order: Vec<u32> = (0..151).collect();
        order.swap(0, 1);
        order.swap(70, 75);
        for at in order {
            let seq = 65_500u16.wrapping_add(at as u16);
            checker.handle_rtp_16(seq, at * 960, &clip.frames()[at as usize].data);
        }
        let received: Vec<_> = std::iter::from_fn(|| checker.poll_packet()).map(|packet| packet.data).collect();
        let sent: Vec<_> = clip.frames().iter().map(|frame| frame.data.clone()).collect();
        assert!(received == sent);
        assert_eq!(checker.report(), AudioReport { packets: 151, ..AudioReport::default() });
        assert!(checker.report().is_flawless());
    }

    #[test]
    fn lost_packets_and_time_that_runs_back_are_counted() {
        let mut checker = AudioChecker::new();
        for (seq, timestamp) in [(1, 960), (2, 1_920), (5, 4_800), (6, 4_800), (7, 960)] {
            checker.handle_rtp(seq, timestamp, &[1]);
        }
        checker.finish();
        assert_eq!(checker.report(), AudioReport { packets: 5, missing: 2, timestamp_regressions: 2, ..AudioReport::default() });
        assert!(!checker.report().is_flawless());
    }

    #[test]
    fn silence_is_not_flawless() {
        assert!(!AudioReport::default().is_flawless());
    }
}
