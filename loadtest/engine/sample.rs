//! What the threads have seen, as a whole.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::PeerId;
use crate::peer::{Counts, Flight};

/// From a microsecond to a minute, to two digits (1 %): about 20 kB for each.
const LONGEST_US: u64 = 60_000_000;
const DIGITS: u8 = 2;

/// How long packets were on their way, in microseconds.
#[derive(Debug, Clone)]
pub(crate) struct Latencies {
    pub(crate) audio: Histogram<u32>,
    pub(crate) video: Histogram<u32>,
}

impl Default for Latencies {
    fn default() -> Self {
        let empty = || Histogram::new_with_bounds(1, LONGEST_US, DIGITS).expect("a microsecond to a minute are valid bounds");
        Self { audio: empty(), video: empty() }
    }
}

impl Latencies {
    pub(super) fn record(&mut self, flight: Flight) {
        let histogram = if flight.is_video { &mut self.video } else { &mut self.audio };
        histogram.saturating_record(micros(flight.took));
    }

    pub(super) fn clear(&mut self) {
        self.audio.reset();
        self.video.reset();
    }

    fn add(&mut self, other: &Self) {
        for (sum, part) in [(&mut self.audio, &other.audio), (&mut self.video, &other.video)] {
            sum.add(part).expect("both have the same bounds");
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(LONGEST_US)
}

/// Receivers that were without a picture they had a place for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Without {
    pub(crate) receivers: usize,
    /// All their places that were without one together.
    pub(crate) lasted: Duration,
}

/// What all peers have done and seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    /// Peers there are.
    pub(crate) peers: usize,
    /// Of those there are and of those that have gone.
    pub(crate) counts: Counts,
    /// Of each peer there is, by worker and number in it.
    pub(crate) each: BTreeMap<(usize, PeerId), Counts>,
    /// Since they were begun anew last.
    pub(crate) window: Latencies,
    /// Since the sample before.
    pub(crate) recent: Latencies,
}

impl Sample {
    /// Of the peers there are, those that were without a picture for longer than [`BLANK`](crate::peer::BLANK) at a time, some of it since
    /// the sample before, which was taken so long ago.
    pub(crate) fn without_picture(&self, before: &Self, window: Duration) -> Without {
        let mut without = Without::default();
        for (key, counts) in &self.each {
            let blank = before.each.get(key).map_or(counts.blank, |before| counts.blank.saturating_sub(before.blank));
            // A blank counts from its beginning, which may lie before the window.
            let blank = blank.min(window * counts.picture_slots as u32);
            without.receivers += usize::from(!blank.is_zero());
            without.lasted += blank;
        }
        without
    }

    pub(super) fn add(&mut self, other: Self) {
        self.peers += other.peers;
        self.counts += &other.counts;
        self.each.extend(other.each);
        self.window.add(&other.window);
        self.recent.add(&other.recent);
    }
}
