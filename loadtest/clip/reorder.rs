//! Puts the packets of one RTP stream in order, within a bounded window, and counts what never came.

use std::collections::{BTreeMap, BTreeSet};

/// How many sequence numbers a checker waits for a missing packet: about half a second of the clip's video, well over the
/// time a retransmission takes.
pub const DEFAULT_REORDER_WINDOW: u64 = 128;

/// How many lost sequence numbers are remembered, to tell a packet that came too late from one that came twice.
const REMEMBERED_LOSSES: u64 = 4_096;

/// How a packet stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is new, and will come out of [`Reorder::poll`].
    Fresh,
    /// It was there already.
    Duplicate,
    /// It was given up for lost, or is from before the start.
    Late,
}

/// A packet in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ordered<T> {
    pub(crate) seq: u64,
    /// At least one packet is lost between the one before and this one.
    pub(crate) after_hole: bool,
    pub(crate) item: T,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) packets: u64,
    pub(crate) duplicates: u64,
    pub(crate) late: u64,
    pub(crate) missing: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Reorder<T> {
    window: u64,
    held: BTreeMap<u64, T>,
    lost: BTreeSet<u64>,
    /// The sequence number expected; `None` until the stream has begun.
    next: Option<u64>,
    first: Option<u64>,
    draining: bool,
    counts: Counts,
}

impl<T> Reorder<T> {
    pub(crate) fn new(window: u64) -> Self {
        Self { window, held: BTreeMap::new(), lost: BTreeSet::new(), next: None, first: None, draining: false, counts: Counts::default() }
    }

    pub(crate) fn push(&mut self, seq: u64, item: T) -> Arrival {
        self.draining = false;
        if self.first.is_some_and(|first| seq < first) || self.lost.remove(&seq) {
            self.counts.late += 1;
            return Arrival::Late;
        }
        if self.held.contains_key(&seq) || self.next.is_some_and(|next| seq < next) {
            self.counts.duplicates += 1;
            return Arrival::Duplicate;
        }
        self.counts.packets += 1;
        self.held.insert(seq, item);
        Arrival::Fresh
    }

    /// The stream begins with the lowest packet held. Until then packets are held, because the first to arrive need not be the
    /// first that was sent.
    pub(crate) fn start(&mut self) {
        if self.next.is_none() {
            self.next = self.held.first_key_value().map(|(&seq, _)| seq);
            self.first = self.next;
        }
    }

    /// How many packets are held.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// Gives up waiting: everything held comes out, and the holes count as missing.
    pub(crate) fn finish(&mut self) {
        self.draining = true;
    }

    pub(crate) fn poll(&mut self) -> Option<Ordered<T>> {
        let (&highest, _) = self.held.last_key_value()?;
        let (&seq, _) = self.held.first_key_value()?;
        if self.draining || highest - seq >= self.window {
            self.start();
        }
        let next = self.next?;
        let after_hole = seq != next;
        if after_hole && !self.draining && highest - next < self.window {
            return None;
        }
        self.lose(next, seq);
        self.next = Some(seq.saturating_add(1));
        let (seq, item) = self.held.pop_first()?;
        Some(Ordered { seq, after_hole, item })
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    fn lose(&mut self, from: u64, to: u64) {
        self.counts.missing += to - from;
        self.lost.extend(from.max(to.saturating_sub(REMEMBERED_LOSSES))..to);
        while self.lost.len() as u64 > REMEMBERED_LOSSES {
            self.lost.pop_first();
        }
    }
}

/// Extends 16-bit sequence numbers past their wrap (RFC 3550 §A.1).
#[derive(Debug, Clone, Default)]
pub(crate) struct Extender {
    highest: Option<u64>,
}

impl Extender {
    pub(crate) fn extend(&mut self, seq: u16) -> u64 {
        // The first cycle is 1, so that a packet from before the first to arrive has a number too.
        let highest = self.highest.unwrap_or(1 << 16 | u64::from(seq));
        let ahead = seq.wrapping_sub(highest as u16) as i16;
        let extended = highest.saturating_add_signed(i64::from(ahead));
        self.highest = Some(highest.max(extended));
        extended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polled(reorder: &mut Reorder<()>) -> Vec<(u64, bool)> {
        std::iter::from_fn(|| reorder.poll()).map(|packet| (packet.seq, packet.after_hole)).collect()
    }

    fn started(window: u64) -> Reorder<()> {
        let mut reorder = Reorder::new(window);
        reorder.push(10, ());
        reorder.start();
        assert_eq!(polled(&mut reorder), [(10, false)]);
        reorder
    }

    #[test]
    fn packets_out_of_order_come_out_in_order() {
        let mut reorder = started(8);
        reorder.push(12, ());
        assert_eq!(polled(&mut reorder), []);
        reorder.push(11, ());
        assert_eq!(polled(&mut reorder), [(11, false), (12, false)]);
        assert_eq!(reorder.counts(), Counts { packets: 3, ..Counts::default() });
    }

    #[test]
    fn a_packet_that_stays_away_is_given_up_when_the_window_is_full() {
        let mut reorder = started(3);
        for seq in [12, 13] {
            reorder.push(seq, ());
            assert_eq!(polled(&mut reorder), []);
        }
        reorder.push(14, ());
        assert_eq!(polled(&mut reorder), [(12, true), (13, false), (14, false)]);
        assert_eq!(reorder.counts().missing, 1);
        assert_eq!(reorder.push(11, ()), Arrival::Late);
        assert_eq!(reorder.push(11, ()), Arrival::Duplicate);
        assert_eq!(reorder.push(13, ()), Arrival::Duplicate);
    }

    #[test]
    fn nothing_comes_out_before_the_start() {
        let mut reorder = Reorder::new(4);
        reorder.push(11, ());
        reorder.push(10, ());
        assert_eq!(polled(&mut reorder), []);
        reorder.start();
        assert_eq!(polled(&mut reorder), [(10, false), (11, false)]);
    }

    #[test]
    fn a_full_window_starts_the_stream() {
        let mut reorder = Reorder::new(2);
        reorder.push(10, ());
        reorder.push(12, ());
        assert_eq!(polled(&mut reorder), [(10, false)]);
    }

    #[test]
    fn finishing_lets_everything_out_and_the_stream_may_go_on() {
        let mut reorder = started(100);
        reorder.push(15, ());
        reorder.finish();
        assert_eq!(polled(&mut reorder), [(15, true)]);
        reorder.push(17, ());
        assert_eq!(polled(&mut reorder), []);
        assert_eq!(reorder.counts().missing, 4);
    }

    #[test]
    fn a_leap_of_any_size_is_bounded_work() {
        let mut reorder = started(8);
        reorder.push(u64::MAX, ());
        assert_eq!(polled(&mut reorder), [(u64::MAX, true)]);
        assert_eq!(reorder.counts().missing, u64::MAX - 11);
    }

    #[test]
    fn sixteen_bit_numbers_are_extended_over_the_wrap_both_ways() {
        let mut extender = Extender::default();
        let extended: Vec<_> = [65_534, 1, 65_535, 0, 2, 65_533].map(|seq| extender.extend(seq) as i64 - 65_536).into();
        assert_eq!(extended, [65_534, 65_537, 65_535, 65_536, 65_538, 65_533]);
    }
}
