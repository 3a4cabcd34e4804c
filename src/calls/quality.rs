//! How a call was heard and seen: the reports of a seat, added up, and the mean opinion score (MOS) they amount to.
//!
//! MOS is estimated by the E-model (ITU-T G.107) from loss, round trip and jitter: 1 is bad, 4.4 the best that can come out.

use crate::Timestamp;

/// What a device received since its last report.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Report {
    /// Packets that came.
    pub received: u64,
    /// Packets that did not come (RFC 3550 §6.4.1).
    pub lost: u64,
    /// Round trip to the server, milliseconds.
    pub rtt_ms: f64,
    /// Interarrival jitter of the audio (RFC 3550 §6.4.1), milliseconds.
    pub jitter_ms: f64,
    /// For how long video stood still, milliseconds; of several videos, the sum.
    pub frozen_ms: u64,
}

/// How a call was for one seat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Which part of the packets was lost, 0 to 1.
    pub loss: f64,
    /// Round trip, milliseconds, mean over packets.
    pub rtt_ms: f64,
    /// Jitter, milliseconds, mean over packets.
    pub jitter_ms: f64,
    /// Mean opinion score, 1 to 4.5, mean over packets.
    pub mos: f64,
    /// For how long video stood still, milliseconds.
    pub frozen_ms: u64,
    /// When the report with the lowest score came.
    pub worst_at: Timestamp,
    /// Its score.
    pub worst_mos: f64,
}

/// The most packets one report can tell of: ten minutes of 25 videos of 300 packets a second. More is no measurement.
const MAX_PACKETS: u64 = 5_000_000;
/// Longer round trips do not make a call worse: nobody talks over one.
const MAX_RTT_MS: f64 = 10_000.0;
/// No jitter buffer bridges more.
const MAX_JITTER_MS: f64 = 2_000.0;
/// Freezes of 25 videos for the longest time between two reports that can be meant.
const MAX_FROZEN_MS: u64 = 25 * 60_000;

/// The reports of one seat so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    received: u64,
    lost: u64,
    /// Sums weighted by packets.
    rtt: f64,
    jitter: f64,
    mos: f64,
    frozen_ms: u64,
    worst: Option<(Timestamp, f64)>,
    /// Something was added since it was written down.
    news: bool,
}

impl Tally {
    /// Adds a report. Passed over is one with a time that is negative or not a number, or with more packets than can be; what
    /// is merely too large is cut to the greatest that means anything.
    pub(crate) fn add(&mut self, report: Report, at: Timestamp) {
        let Report { received, lost, rtt_ms, jitter_ms, frozen_ms } = report;
        let possible = |ms: f64| ms.is_finite() && ms >= 0.0;
        if !possible(rtt_ms) || !possible(jitter_ms) || received > MAX_PACKETS || lost > MAX_PACKETS {
            return;
        }
        self.news = true;
        self.frozen_ms = self.frozen_ms.saturating_add(frozen_ms.min(MAX_FROZEN_MS));
        let packets = received + lost;
        if packets == 0 {
            return;
        }
        let (rtt_ms, jitter_ms) = (rtt_ms.min(MAX_RTT_MS), jitter_ms.min(MAX_JITTER_MS));
        let weight = packets as f64;
        let mos = mos(lost as f64 / weight, rtt_ms, jitter_ms);
        self.received = self.received.saturating_add(received);
        self.lost = self.lost.saturating_add(lost);
        self.rtt += rtt_ms * weight;
        self.jitter += jitter_ms * weight;
        self.mos += mos * weight;
        if self.worst.is_none_or(|(_, worst)| mos < worst) {
            self.worst = Some((at, mos));
        }
    }

    /// What it amounts to, if anything came at all and something was added since this was asked last.
    pub(crate) fn take_news(&mut self) -> Option<Quality> {
        let (worst_at, worst_mos) = self.worst.filter(|_| self.news && self.received > 0)?;
        self.news = false;
        let packets = self.received as f64 + self.lost as f64;
        Some(Quality {
            loss: self.lost as f64 / packets,
            rtt_ms: self.rtt / packets,
            jitter_ms: self.jitter / packets,
            mos: self.mos / packets,
            frozen_ms: self.frozen_ms,
            worst_at,
            worst_mos,
        })
    }
}

/// The rating of a perfect connection with the default values of G.107 (table 2).
const R_BEST: f64 = 93.2;
/// One frame of 20 ms has to be full before it is sent.
const FRAME_MS: f64 = 20.0;
/// A jitter buffer keeps about twice the mean deviation, which is what RFC 3550 calls jitter.
const BUFFERED_JITTERS: f64 = 2.0;
/// From this one-way delay people begin to talk at the same time: the knee of G.107's delay impairment, in milliseconds.
const KNEE_MS: f64 = 177.3;
/// Below the knee each millisecond costs this much, and above it so much more: the two-line fit to Id of G.107 (Cole and
/// Rosenbluth, "Voice over IP performance monitoring", 2001).
const PER_MS: f64 = 0.024;
const PER_MS_ABOVE: f64 = 0.11;
/// Impairment by the codec itself: none, since Opus as browsers send it is wideband and the scale ends at telephone quality.
const IE: f64 = 0.0;
/// Robustness against loss. G.113 has no value for Opus; this is that of G.729A (appendix I), the closest there: frames of
/// 20 ms to a packet with concealment built in.
const BPL: f64 = 19.0;
/// The impairment at which nothing can be understood (G.107, equation 7-29).
const IE_MAX: f64 = 95.0;

/// The score of a connection with this loss (0 to 1), round trip and jitter.
fn mos(loss: f64, rtt_ms: f64, jitter_ms: f64) -> f64 {
    let delay = rtt_ms / 2.0 + BUFFERED_JITTERS * jitter_ms + FRAME_MS;
    let delayed = PER_MS * delay + PER_MS_ABOVE * (delay - KNEE_MS).max(0.0);
    let percent = loss * 100.0;
    let lost = IE + (IE_MAX - IE) * percent / (percent + BPL);
    score(R_BEST - delayed - lost)
}

/// The score that goes with a rating R (G.107, annex B).
fn score(r: f64) -> f64 {
    match r {
        r if r <= 0.0 => 1.0,
        r if r >= 100.0 => 4.5,
        // The cubic dips below 1 where R is small.
        r => (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0),
    }
}
