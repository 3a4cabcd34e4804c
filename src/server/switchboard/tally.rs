//! What became of calls and media connections since the start, in plain numbers: kept here, read by `publish`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use switchboard_calls::{CallKind, EndReason, Record, Timestamp};
use switchboard_ids::CallId;
use switchboard_protocol::{ErrorCode, QualityReport};

use super::translate::{end_reason, kind_out, word};
use crate::media_driver::{LegError, LegId};
use crate::observe::{Histogram, Micros, Millis};

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) placed: BTreeMap<[String; 1], u64>,
    /// By kind and result.
    pub(super) ended: BTreeMap<[String; 2], u64>,
    /// By what ended the ringing.
    pub(super) rings: BTreeMap<String, Histogram<Millis>>,
    pub(super) joins: Histogram<Millis>,
    pub(super) refused: BTreeMap<[String; 1], u64>,
    pub(super) leg_results: BTreeMap<[String; 1], u64>,
    pub(super) reports: Reports,
    pub(super) lag: Histogram<Micros>,
    running: BTreeMap<CallId, Running>,
    /// When the offers of legs that are not connected yet came.
    offered: BTreeMap<LegId, Instant>,
}

/// What clients said of what they receive.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Of how many the video ran, and of how many it froze.
    pub(super) ran: u64,
    pub(super) froze: u64,
    pub(super) frozen: Duration,
    pub(super) received: u64,
    pub(super) lost: u64,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    kind: CallKind,
    placed_at: Timestamp,
    answered: bool,
}

impl Tally {
    /// A call of an earlier run goes on.
    pub(super) fn taken_up(&mut self, call: CallId, kind: CallKind, placed_at: Timestamp, answered: bool) {
        self.running.insert(call, Running { kind, placed_at, answered });
    }

    pub(super) fn record(&mut self, record: &Record) {
        match *record {
            Record::Placed { call, kind, at, .. } => {
                *self.placed.entry([word(kind_out(kind))]).or_default() += 1;
                self.running.insert(call, Running { kind, placed_at: at, answered: false });
            }
            Record::Answered { call, at } => {
                if let Some(running) = self.running.get_mut(&call) {
                    running.answered = true;
                    let rang = at.saturating_since(running.placed_at);
                    self.rings.entry("answered".to_owned()).or_default().add_time(rang);
                }
            }
            Record::Ended { call, at, reason } => {
                if let Some(running) = self.running.remove(&call) {
                    self.ended(running, at, reason);
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, running: Running, at: Timestamp, reason: EndReason) {
        let result = word(end_reason(reason));
        if !running.answered {
            self.rings.entry(result.clone()).or_default().add_time(at.saturating_since(running.placed_at));
        }
        *self.ended.entry([word(kind_out(running.kind)), result]).or_default() += 1;
    }

    /// A leg's offer came.
    pub(super) fn offered(&mut self, leg: LegId) {
        self.offered.insert(leg, Instant::now());
    }

    /// A leg is connected.
    pub(super) fn connected(&mut self, leg: LegId) {
        *self.leg_results.entry(["connected".to_owned()]).or_default() += 1;
        if let Some(offered) = self.offered.remove(&leg) {
            self.joins.add_time(offered.elapsed());
        }
    }

    /// A leg ended by itself.
    pub(super) fn failed(&mut self, error: &LegError) {
        *self.leg_results.entry([leg_result(error).to_owned()]).or_default() += 1;
    }

    /// A leg is gone, connected or not.
    pub(super) fn gone(&mut self, leg: LegId) {
        self.offered.remove(&leg);
    }

    pub(super) fn refused(&mut self, code: ErrorCode) {
        *self.refused.entry([word(code)]).or_default() += 1;
    }

    /// A client has reported. What it says is believed within reason: it has no more than the five seconds a report is of, for each
    /// of a few dozen videos.
    pub(super) fn reported(&mut self, report: &QualityReport) {
        const MOST: Duration = Duration::from_secs(300);
        const MOST_PACKETS: u64 = 1_000_000;
        let frozen = Duration::from_millis(report.frozen_ms).min(MOST);
        let count = if frozen.is_zero() { &mut self.reports.ran } else { &mut self.reports.froze };
        *count += 1;
        self.reports.frozen += frozen;
        self.reports.received += report.received.min(MOST_PACKETS);
        self.reports.lost += report.lost.min(MOST_PACKETS);
    }
}

/// The word for why a leg ended by itself.
pub(super) fn leg_result(error: &LegError) -> &'static str {
    match error {
        LegError::NeverConnected(_) => "not_reached",
        LegError::NoHandshake(_) => "no_handshake",
        LegError::Lost(_) => "lost",
        LegError::TooManyStreams(_) => "too_many_streams",
        LegError::Closed => "closed_by_peer",
        LegError::Transport(_) => "transport_failed",
    }
}

#[cfg(test)]
mod tests {
    use switchboard_ids::UserId;

    use super::*;

    #[test]
    fn a_call_is_counted_with_its_kind_and_what_came_of_it_once() {
        let mut tally = Tally::default();
        let (answered, missed) = (CallId::from_u128(1), CallId::from_u128(2));
        let caller = UserId::from_u128(1);
        let at = Timestamp;
        for call in [answered, missed] {
            tally.record(&Record::Placed { call, kind: CallKind::Video, at: at(1_000), caller });
        }
        tally.record(&Record::Answered { call: answered, at: at(4_000) });
        tally.record(&Record::Ended { call: answered, at: at(90_000), reason: EndReason::HungUp });
        tally.record(&Record::Ended { call: answered, at: at(90_000), reason: EndReason::HungUp });
        tally.record(&Record::Ended { call: missed, at: at(46_000), reason: EndReason::Missed });
        let ended: Vec<_> = tally.ended.iter().map(|([kind, result], count)| (kind.as_str(), result.as_str(), *count)).collect();
        assert_eq!(ended, [("video", "hung_up", 1), ("video", "missed", 1)]);
        let mut expected = Histogram::<Millis>::default();
        expected.add_time(Duration::from_secs(3));
        assert_eq!(tally.rings["answered"], expected, "not how long they talked");
        let mut expected = Histogram::<Millis>::default();
        expected.add_time(Duration::from_secs(45));
        assert_eq!(tally.rings["missed"], expected);
        assert!(tally.running.is_empty());
    }

    #[test]
    fn a_client_that_says_nonsense_does_not_end_the_count() {
        let mut tally = Tally::default();
        let nonsense = QualityReport { received: u64::MAX, lost: u64::MAX, frozen_ms: u64::MAX, ..QualityReport::default() };
        (0..3).for_each(|_| tally.reported(&nonsense));
        tally.reported(&QualityReport::default());
        assert_eq!((tally.reports.froze, tally.reports.ran), (3, 1));
        assert_eq!(tally.reports.frozen, Duration::from_secs(900));
    }
}
