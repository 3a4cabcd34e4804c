//! How good a leg's connection is: what str0m measures of it once a second, and a verdict that does not waver.

use std::time::{Duration, Instant};

use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

use crate::leg::Leg;
use crate::source::SourceKind;
use crate::stats::Quality;

/// How often str0m measures a leg.
pub(crate) const MEASURE_EVERY: Duration = Duration::from_secs(1);
/// It is worse only when two measurements in a row say so: one burst is not a bad connection.
const WORSE_AFTER: u8 = 2;
/// It is better only when it has been for longer than a bad moment comes apart from the next.
const BETTER_AFTER: u8 = 4;
/// To be better it has to be clearly so: below this part of what makes it worse.
const EASE: f32 = 0.7;
/// ICE consent checks come every 5 s (RFC 7675 §5.1), reports of what was received once a second: a peer that is heard of by
/// neither is not there.
const SILENT_AFTER: Duration = Duration::from_secs(6);
/// Until a new path is known to carry more, everyone sees less for a few seconds; that is no bad connection.
const REDUCED_AFTER: Duration = Duration::from_secs(10);

/// What is fair, and what is poor, from so much on.
struct Limits {
    loss: [f32; 2],
    rtt_ms: [f32; 2],
    jitter_ms: [f32; 2],
}

/// Opus hides 3 % of loss, and 10 % takes words. Talk is stilted from 300 ms one way (ITU-T G.114 calls 150 ms good and 400 ms the
/// limit), which is half of the round trip. Jitter is a delay to the ear as well: a jitter buffer holds three to four times as much.
const LIMITS: Limits = Limits { loss: [0.03, 0.10], rtt_ms: [280.0, 600.0], jitter_ms: [40.0, 100.0] };

/// What is known of a connection in a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Measured {
    /// Lost of what was sent to the leg, 0 to 1.
    pub(crate) loss_down: Option<f32>,
    /// Lost of what it sent.
    pub(crate) loss_up: Option<f32>,
    pub(crate) rtt: Option<Duration>,
    /// Of voices, the worst of either way.
    pub(crate) jitter: Duration,
    /// Whether it gets less video than it shows, because the path does not carry more.
    pub(crate) reduced: bool,
    /// Whether video it shows is not sent at all, because the path does not carry it.
    pub(crate) paused: bool,
    /// Whether nothing is heard of it.
    pub(crate) silent: bool,
}

impl Measured {
    /// What this second says, with limits at `ease` of what they are.
    fn grade(&self, ease: f32) -> Quality {
        let loss = self.loss_down.unwrap_or(0.0).max(self.loss_up.unwrap_or(0.0));
        let rtt_ms = self.rtt.unwrap_or_default().as_secs_f32() * 1e3;
        let jitter_ms = self.jitter.as_secs_f32() * 1e3;
        let values = [(loss, LIMITS.loss), (rtt_ms, LIMITS.rtt_ms), (jitter_ms, LIMITS.jitter_ms)];
        let reaches = |grade: usize| values.iter().any(|(value, limits)| *value > limits[grade] * ease);
        if self.paused || self.silent || reaches(1) {
            Quality::Poor
        } else if self.reduced || reaches(0) {
            Quality::Fair
        } else {
            Quality::Good
        }
    }
}

/// The verdict of a leg, and what it rests on.
#[derive(Debug, Default)]
pub(crate) struct Health {
    quality: Quality,
    worse: u8,
    better: u8,
    measured: Measured,
    /// Round trip by the receiver's reports (RFC 3550 §6.4.1), the longest of its slots.
    reported_rtt: Option<Duration>,
    /// Since when it gets less video than it shows.
    short_since: Option<Instant>,
    unread: bool,
}

impl Health {
    /// A second's measurements begin.
    pub(crate) fn begin(&mut self, stats: &PeerStats) {
        self.measured =
            Measured { loss_down: stats.egress_loss_fraction, loss_up: stats.ingress_loss_fraction, rtt: stats.rtt, ..Measured::default() };
        self.reported_rtt = None;
        self.unread = true;
    }

    /// The round trip to the leg, and what is lost on the way to it.
    pub(crate) fn path(&self) -> (Option<Duration>, Option<f32>) {
        (self.measured.rtt, self.measured.loss_down)
    }

    /// All that was measured of the path.
    pub(crate) fn measured(&self) -> &Measured {
        &self.measured
    }

    /// Its video costs so much, where at its best it would cost `best`, bits per second.
    pub(crate) fn gets(&mut self, now: Instant, spent: u64, best: u64) {
        self.short_since = (spent < best).then(|| self.short_since.unwrap_or(now));
    }

    /// Takes a second into account; gives the verdict if it is another than before.
    pub(crate) fn judge(&mut self, measured: &Measured) -> Option<Quality> {
        let (strict, lenient) = (measured.grade(1.0), measured.grade(EASE));
        let (worse, better) = (strict > self.quality, lenient < self.quality);
        self.worse = if worse { self.worse + 1 } else { 0 };
        self.better = if better { self.better + 1 } else { 0 };
        if self.worse == WORSE_AFTER {
            self.quality = strict;
        } else if self.better == BETTER_AFTER {
            self.quality = lenient;
        } else {
            return None;
        }
        (self.worse, self.better) = (0, 0);
        Some(self.quality)
    }
}

impl Leg {
    /// Takes in what is measured of a stream it sends.
    pub(crate) fn measure_ingress(&mut self, stats: &MediaIngressStats) {
        let voice = |kind: SourceKind| kind == SourceKind::Microphone;
        if self.sources.iter().any(|source| source.mid == stats.mid && voice(source.kind)) && self.voice.is_heard(stats.timestamp) {
            self.health.jitter(stats.jitter);
        }
    }

    /// Takes in what is measured of a slot of it.
    pub(crate) fn measure_egress(&mut self, stats: &MediaEgressStats) {
        let Some(slot) = self.slots.iter().find(|slot| slot.mid == stats.mid && slot.source.is_some()) else { return };
        self.health.reported_rtt = self.health.reported_rtt.max(stats.rtt);
        if let Some(remote) = stats.remote.as_ref().filter(|_| slot.kind == SourceKind::Microphone) {
            self.health.jitter(remote.jitter);
        }
    }

    /// Once a second's measurements are complete: the verdict if it is another than before.
    pub(crate) fn judge(&mut self, now: Instant, lag: Duration) -> Option<Quality> {
        if !std::mem::take(&mut self.health.unread) {
            return None;
        }
        let mut measured = self.health.measured;
        // The time in the transport-wide reports is new but holds the wait for the report; that in receiver reports does not,
        // and may be old.
        measured.rtt = [measured.rtt, self.health.reported_rtt].into_iter().flatten().min();
        self.congestion.measured(now, measured.loss_down, measured.rtt, lag);
        if let Some(rtt) = self.health.reported_rtt {
            self.keep_for(rtt);
        }
        measured.silent = self.connected && self.heard.is_some_and(|heard| now.saturating_duration_since(heard) > SILENT_AFTER);
        let mut pictures = self.slots.iter().filter(|slot| slot.kind.is_video() && slot.source.is_some());
        measured.paused = pictures.clone().any(|slot| slot.paused);
        let long_enough = |since: Instant| now.saturating_duration_since(since) > REDUCED_AFTER;
        measured.reduced = self.health.short_since.is_some_and(long_enough) && pictures.next().is_some();
        self.health.measured = measured;
        self.health.judge(&measured)
    }
}

impl Health {
    /// Takes in a voice's jitter in ticks of its clock.
    fn jitter(&mut self, ticks: u32) {
        let rate = u64::from(SourceKind::Microphone.clock_rate());
        let jitter = Duration::from_micros(u64::from(ticks) * 1_000_000 / rate);
        self.measured.jitter = self.measured.jitter.max(jitter);
    }
}

#[cfg(test)]
mod tests {
    use Quality::{Fair, Good, Poor};

    use super::*;

    fn loss(loss: f32) -> Measured {
        Measured { loss_down: Some(loss), ..Measured::default() }
    }

    fn rtt(ms: u64) -> Measured {
        Measured { rtt: Some(Duration::from_millis(ms)), ..Measured::default() }
    }

    fn jitter(ms: u64) -> Measured {
        Measured { jitter: Duration::from_millis(ms), ..Measured::default() }
    }

    #[test]
    fn each_fault_has_its_grade() {
        let up = Measured { loss_up: Some(0.2), ..Measured::default() };
        let reduced = Measured { reduced: true, ..Measured::default() };
        let paused = Measured { paused: true, reduced: true, ..Measured::default() };
        let silent = Measured { silent: true, ..Measured::default() };
        let table = [
            (Measured::default(), Good),
            (loss(0.02), Good),
            (loss(0.05), Fair),
            (loss(0.15), Poor),
            (up, Poor),
            (rtt(80), Good),
            (rtt(300), Fair),
            (rtt(700), Poor),
            (jitter(30), Good),
            (jitter(60), Fair),
            (jitter(150), Poor),
            (reduced, Fair),
            (paused, Poor),
            (silent, Poor),
        ];
        for (measured, quality) in table {
            let mut health = Health::default();
            let verdicts: Vec<_> = (0..10).filter_map(|_| health.judge(&measured)).collect();
            let expected = if quality == Good { vec![] } else { vec![quality] };
            assert_eq!(verdicts, expected, "{measured:?}: told once");
        }
    }

    #[test]
    fn one_bad_second_is_not_a_bad_connection() {
        let mut health = Health::default();
        for _ in 0..10 {
            assert_eq!(health.judge(&loss(0.3)), None);
            assert_eq!(health.judge(&loss(0.0)), None);
        }
    }

    #[test]
    fn it_gets_better_after_a_while_and_only_when_it_clearly_is() {
        let mut health = Health::default();
        let mut verdicts = |measured: &Measured, seconds: usize| (0..seconds).filter_map(|_| health.judge(measured)).collect::<Vec<_>>();
        assert_eq!(verdicts(&loss(0.05), 2), [Fair]);
        assert_eq!(verdicts(&loss(0.028), 60), [], "just below the limit");
        assert_eq!(verdicts(&loss(0.0), 3), []);
        assert_eq!(verdicts(&loss(0.05), 1), []);
        assert_eq!(verdicts(&loss(0.0), 4), [Good]);
    }

    #[test]
    fn around_a_limit_it_does_not_waver() {
        let mut health = Health::default();
        let changes = (0..60).filter_map(|second| health.judge(&loss(if second % 3 == 0 { 0.027 } else { 0.033 }))).count();
        assert_eq!(changes, 1);
    }

    #[test]
    fn from_poor_to_good_is_one_step_when_all_is_well() {
        let mut health = Health::default();
        let seconds = [loss(0.5), loss(0.5)].into_iter().chain([Measured::default(); 4]);
        let verdicts: Vec<_> = seconds.filter_map(|measured| health.judge(&measured)).collect();
        assert_eq!(verdicts, [Poor, Good]);
    }
}
