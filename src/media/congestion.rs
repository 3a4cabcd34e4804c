//! What the path to a leg carries, as far as is known, and how much of it its video may use.
//!
//! The estimate is str0m's: delay, loss and probes by transport-wide feedback (draft-ietf-rmcat-gcc-02). What is decided here is how
//! far to trust it: pictures are not bettered on its first good word, and not worsened on its first bad one.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;

use crate::allocate::Limits;

/// What a path is taken to carry before anything was sent on it: a small picture and a voice, which nearly every path does.
/// The first probes try three and six times as much.
pub(crate) const INITIAL: Bitrate = Bitrate::kbps(300);
/// The least that is looked for at first: with less the first probes are cut to so few packets that what they measure is too little,
/// and is believed. They take 15 ms, which any path bears.
const FIRST_SOUGHT: Bitrate = Bitrate::kbps(1_200);
/// How often the bandwidth is divided anew while there is video: soon enough to go down within a second of trouble.
const EVERY: Duration = Duration::from_millis(200);
/// Legs whose pictures begin at the same moment drift apart by up to so much each time, lest they divide at the same moments for ever.
const DRIFT_MS: u64 = 16;

/// The part of the estimate that is used, of a hundred; the rest is for what is not counted: headers, repairs, reports.
const USED: u64 = 95;
/// How much more than it costs there must be before a picture is bettered, of a hundred.
const HEADROOM: u64 = 115;
/// While upgrades are held back, this much more is reason enough.
const FAR_ABOVE: u64 = 130;
/// A little too much is borne for this long: the estimate often comes back by itself.
const PATIENCE: Duration = Duration::from_secs(3);
/// Too much by more than this, of a hundred, is not borne at all.
const A_LITTLE: u64 = 150;
/// After a downgrade nothing is bettered for so long; each upgrade that fails soon doubles it.
const HOLD: Duration = Duration::from_secs(2);
const LONGEST_HOLD: Duration = Duration::from_secs(16);
/// An upgrade that was taken back within this has failed.
const SOON: Duration = Duration::from_secs(10);
/// How often a path is tried on which a picture could be better.
const TRY_EVERY: Duration = Duration::from_secs(3);
/// At first.
const TRY_FIRST_EVERY: Duration = Duration::from_millis(400);
/// A desire that grows is told no sooner after the one before: probes fill the path for a moment.
const SEEK_AGAIN: Duration = Duration::from_secs(1);
/// The smallest pictures are shown while the estimate is not far below what they need: this much of it is taken to be there, of a hundred. To
/// take them away is worse than a short queue, and where little is sent an estimate cannot grow.
const BOLD: u64 = 140;
/// While all that is sent arrives, and at first, when probes tell little and nothing is lost, as much as the first of them try.
const BOLD_WHILE_WELL: u64 = 600;
/// After a try that was in vain, though all that was sent arrived, so much is dared: the probes may be what fails. So they do while the
/// router is busy.
const BOLDEST: u64 = 2_400;
/// No more than this of a round trip is taken for the router's own wait, each way.
const EXCUSED: Duration = Duration::from_millis(25);
/// An estimate that is below this part, of a hundred, of all it was in the second before the last, and of which most is used, is still
/// on its way down: it follows the path's queue, which is full before the first report of it comes back. One that a probe had
/// raised for a moment comes down as fast, which means nothing.
const FALLEN: u64 = 50;
/// At a sign of a queue the estimate becomes 85 % of what arrives: where all arrived, what was sent is 118 % of the estimate, and where
/// not, more than this.
const STUCK: u64 = 170;
const FALLS_WITHIN: Duration = Duration::from_secs(1);
/// After a fall so much of the estimate is left unused, of a hundred, for a while: until the queue is empty, in which a keyframe would
/// come late and voices do.
const DRAINED: u64 = 40;
const DRAINS_FOR: Duration = Duration::from_millis(1_500);
/// What was sent arrived when no more of it was lost than this, and it did not queue for longer.
const LOST: f32 = 0.02;
const QUEUED: Duration = Duration::from_millis(60);
/// What was measured in a second holds until the next measurement, which may be a little late.
const HOLDS_FOR: Duration = Duration::from_millis(1_250);
/// Reports come ten to twenty times a second.
const MAX_RECENT: usize = 64;
/// Loss above this takes words, which may be the picture's fault when it lasts for so many measurements.
const TAKES_WORDS: f32 = 0.08;
const LASTS: u32 = 3;
/// How long after pictures were paused the path is tried again; each time that is in vain doubles it.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What tries a path takes words on one that carries a voice and no more.
const TRY_AGAIN_AT_LAST: Duration = Duration::from_secs(32);
/// How long the first pictures wait for the first probes to say what the path carries.
const TRIED_AFTER: Duration = Duration::from_secs(1);
/// Within so long what becomes of them is measured. Until then they are not taken away, unless the estimate has fallen.
const MEASURED_AFTER: Duration = Duration::from_millis(2_250);
/// str0m tells the mean of its estimates of so long, that of a rest among them.
const SMOOTHED_OVER: Duration = Duration::from_secs(3);
/// A path that has been tried for so long before there were pictures is known.
pub(crate) const LOOKS_AHEAD: Duration = Duration::from_secs(1);
/// The first probes and what follows from them take about this long.
const YOUNG: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(crate) struct Congestion {
    estimate: Option<u64>,
    /// When the first picture was to be sent.
    begun: Option<Instant>,
    /// Whether the estimate says something: probes have come back, or had time to.
    tried: bool,
    /// When the bandwidth is divided next; `None` while there is no video.
    pub(crate) next: Option<Instant>,
    over_since: Option<Instant>,
    raised: Option<Instant>,
    hold: Duration,
    held: Option<Held>,
    /// While a picture is paused: when the path is tried next.
    tries: Option<Instant>,
    /// How long that was from the time before.
    try_after: Duration,
    /// How much of the estimate may be tried while all that is sent arrives, of a hundred.
    credit: u64,
    /// When no picture was paused any more.
    resumed: Option<Instant>,
    /// The estimates of the last second, the oldest first.
    recent: VecDeque<(Instant, u64)>,
    /// Until when the queue at the narrowest place of the path is let run empty.
    drains_until: Option<Instant>,
    /// When it was last measured what becomes of what is sent.
    measured: Option<Instant>,
    /// Until when what is sent is known to arrive.
    carried_until: Option<Instant>,
    /// The shortest round trip of all: that without a queue.
    shortest: Option<Duration>,
    loss: f32,
    /// How many measurements in a row have told of loss that takes words.
    lossy: u32,
    /// Whether nothing is sent but voices: what was known of the path before is kept.
    rests: bool,
    /// Since when no pictures are to be sent.
    idle_since: Option<Instant>,
    /// When it went on after a rest.
    woke: Option<Instant>,
    /// What the prober was told, and when.
    sought: Option<(Instant, Bitrate)>,
}

/// Upgrades are held back.
#[derive(Debug, Clone, Copy)]
struct Held {
    until: Instant,
    /// What was spent when that began: so much may be spent in another way.
    bps: u64,
}

impl Default for Congestion {
    fn default() -> Self {
        Self {
            estimate: None,
            begun: None,
            tried: false,
            next: None,
            over_since: None,
            raised: None,
            hold: HOLD,
            held: None,
            tries: None,
            try_after: TRY_AGAIN_AFTER,
            credit: BOLD_WHILE_WELL,
            resumed: None,
            recent: VecDeque::new(),
            drains_until: None,
            measured: None,
            carried_until: None,
            shortest: None,
            loss: 0.0,
            lossy: 0,
            rests: false,
            idle_since: None,
            woke: None,
            sought: None,
        }
    }
}

impl Congestion {
    /// The path is estimated to carry so much, bits per second.
    pub(crate) fn estimated(&mut self, now: Instant, bps: u64) {
        if self.rests {
            return;
        }
        let woke = self.woke.filter(|woke| now < *woke + SMOOTHED_OVER);
        let bps = if woke.is_some() { bps.max(self.estimate.unwrap_or(0)) } else { bps };
        self.estimate = Some(bps);
        while self.recent.len() >= MAX_RECENT || self.recent.get(1).is_some_and(|(at, _)| now > *at + 2 * FALLS_WITHIN) {
            self.recent.pop_front();
        }
        self.recent.push_back((now, bps));
    }

    /// What was measured in the last second: the part that was lost, and the round trip, of which `lag` may have been this machine's.
    pub(crate) fn measured(&mut self, now: Instant, loss: Option<f32>, rtt: Option<Duration>, lag: Duration) {
        self.measured = Some(now);
        self.loss = loss.unwrap_or(0.0);
        self.lossy = if self.loss > TAKES_WORDS { self.lossy + 1 } else { 0 };
        let Some(rtt) = rtt else { return };
        let shortest = self.shortest.map_or(rtt, |shortest| shortest.min(rtt));
        self.shortest = Some(shortest);
        self.carried_until = (self.loss <= LOST && rtt <= shortest + QUEUED + 2 * lag.min(EXCUSED)).then_some(now + HOLDS_FOR);
    }

    fn carried(&self, now: Instant) -> bool {
        self.carried_until.is_some_and(|until| now < until)
    }

    /// Whether the estimate falls because too much is sent. One that falls while hardly anything is sent says little.
    fn falls(&self, now: Instant, sent: u64) -> bool {
        let Some(estimate) = self.estimate else { return false };
        let Some(then) = now.checked_sub(FALLS_WITHIN) else { return false };
        let before = self.recent.iter().filter(|(at, _)| *at <= then).map(|(_, bps)| *bps).min().unwrap_or(0);
        let stuck = sent * 100 > estimate * STUCK || self.loss > TAKES_WORDS;
        estimate < before * FALLEN / 100 && stuck
    }

    pub(crate) fn estimate(&self) -> Option<u64> {
        self.estimate
    }

    /// Whether its pictures have only begun: then all the path carries is looked for at once, and later one step after the other.
    pub(crate) fn is_young(&self, now: Instant) -> bool {
        self.begun.is_none_or(|begun| now < begun + YOUNG)
    }

    /// What video may cost, given what voices cost, what the pictures shown cost, and what was sent of them in the last second; `None`
    /// before the first estimate. A router that is `busy` cannot tell much by probes.
    pub(crate) fn limits(&mut self, now: Instant, voices: u64, spent: u64, sent: u64, busy: bool) -> Option<Limits> {
        let begun = *self.begun.get_or_insert(now);
        self.tried |= now >= begun + TRIED_AFTER || self.estimate.is_some_and(|bps| bps != INITIAL.as_u64());
        let said = self.estimate.filter(|_| self.tried)?;
        let falls = self.falls(now, sent + voices);
        let estimate = if falls { said / 2 } else { said };
        let draining = falls || self.drains_until.is_some_and(|until| now < until);
        let used = if draining { estimate * (100 - DRAINED) / 100 } else { estimate * USED / 100 };
        let video = used.saturating_sub(voices);
        let mut keep = video;
        if spent <= video {
            self.over_since = None;
        } else {
            let since = *self.over_since.get_or_insert(now);
            let carried = self.carried(now) && spent <= sent * 115 / 100;
            let borne = spent <= video * A_LITTLE / 100 && now < since + PATIENCE;
            let awaited = self.measured.is_none_or(|at| at <= begun) && now < begun + MEASURED_AFTER;
            let unmeasured = awaited && (busy || said >= INITIAL.as_u64());
            if !draining && (carried || borne || unmeasured) {
                keep = spent;
            } else if spent > video * A_LITTLE / 100 && falls {
                self.drains_until = Some(now + DRAINS_FOR);
            }
        }
        let mut raise = video * 100 / HEADROOM;
        self.held = self.held.filter(|held| now < held.until);
        if let Some(held) = self.held {
            raise = raise.min(held.bps.max(video * 100 / FAR_ABOVE));
        }
        let credit = match self.lossy {
            _ if self.carried(now) && busy => BOLDEST,
            _ if self.carried(now) => self.credit,
            _ if self.is_young(now) && self.loss <= LOST => BOLD_WHILE_WELL,
            ..LASTS => BOLD,
            LASTS.. => 0,
        };
        let bold = (said * credit / 100).saturating_sub(voices);
        // Where all is paused the smallest picture is tried, too, for probes may tell too little.
        let tries = self.idle_since.is_some() && self.carried(now) && self.tries.is_some_and(|at| now >= at);
        let resume = if tries { raise.max(bold) } else { raise };
        Some(Limits { keep, raise, least: keep.max(bold), resume })
    }

    /// What was spent, and is from now on, within `keep`.
    pub(crate) fn divided(&mut self, now: Instant, keep: u64, before: u64, after: u64) {
        if before > keep && after < before {
            let failed = self.raised.is_some_and(|raised| now < raised + SOON);
            self.hold = if failed { (self.hold * 2).min(LONGEST_HOLD) } else { HOLD };
            self.held = Some(Held { until: now + self.hold, bps: after });
            self.raised = None;
        } else if after > before {
            self.raised = Some(now);
        }
    }

    /// What to tell the path's prober, if anything, where `more` says that a picture could be better. Each desire that grows beyond
    /// the estimate makes it try at once, and without that it may never try: so it shrinks from time to time.
    pub(crate) fn seek(&mut self, now: Instant, desired: Bitrate, more: bool) -> Option<Bitrate> {
        let desired = if more { desired.max(Bitrate::bps(self.estimate.unwrap_or(0)) * 1.1) } else { desired };
        if self.rests {
            return None;
        }
        // Probes get lost among the first packets of media, and so does what they would have said.
        let (again, every) = if self.is_young(now) { (EVERY, TRY_FIRST_EVERY) } else { (SEEK_AGAIN, TRY_EVERY) };
        let tell = match self.sought {
            None => desired,
            Some((at, before)) if now < at + again && desired > before => return None,
            Some((at, _)) if more && now >= at + every => desired * 0.5,
            Some((_, before)) if desired.as_u64().abs_diff(before.as_u64()) * 10 > before.as_u64() => desired,
            Some(_) => return None,
        };
        self.sought = Some((now, tell));
        Some(tell)
    }

    /// Says whether a picture is paused. From time to time the path is tried then: where little is sent an estimate has nothing to grow
    /// by, and one that loss has lowered is not probed any more. Gives the rate to begin anew with when it is.
    pub(crate) fn set_paused(&mut self, now: Instant, paused: bool) -> Option<Bitrate> {
        match self.tries {
            None if paused => {
                let in_vain = self.resumed.is_some_and(|resumed| now < resumed + SOON);
                self.try_after = if in_vain { self.later() } else { TRY_AGAIN_AFTER };
                self.tries = Some(now + self.try_after);
                self.credit = BOLD_WHILE_WELL;
            }
            Some(at) if paused && now >= at => {
                self.try_after = self.later();
                if self.idle_since.is_some() && self.carried(now) {
                    self.credit = BOLDEST;
                }
                self.tries = Some(now + self.try_after);
                // One that rests looks about for a moment.
                self.idle_since = self.idle_since.map(|_| now);
                return self.estimate.filter(|_| !self.rests).map(Bitrate::bps);
            }
            Some(_) if !paused => (self.tries, self.resumed) = (None, Some(now)),
            _ => {}
        }
        None
    }

    fn later(&self) -> Duration {
        (self.try_after * 2).min(TRY_AGAIN_AT_LAST)
    }

    /// Says whether pictures are to be sent. When that changes, gives what the path is to be taken for: for nothing while none are, since
    /// str0m fills up to 50 kbit/s with padding as long as the estimate has room for it.
    pub(crate) fn set_idle(&mut self, now: Instant, idle: bool) -> Option<Bitrate> {
        let since = idle.then(|| *self.idle_since.get_or_insert(now));
        self.idle_since = since;
        let rests = since.is_some_and(|since| now >= since + LOOKS_AHEAD);
        if std::mem::replace(&mut self.rests, rests) == rests {
            return None;
        }
        self.sought = None;
        self.recent.clear();
        self.woke = (!rests).then_some(now);
        Some(if rests { Bitrate::ZERO } else { self.estimate.map_or(INITIAL, Bitrate::bps) })
    }

    /// When it begins to rest, unless pictures come.
    pub(crate) fn tires(&self) -> Option<Instant> {
        self.idle_since.filter(|_| !self.rests).map(|since| since + LOOKS_AHEAD)
    }

    /// When the bandwidth is divided next, for the leg of this number.
    pub(crate) fn divides_next(now: Instant, leg: u64) -> Instant {
        now + EVERY + Duration::from_millis(leg % DRIFT_MS)
    }

    /// What to look for at first.
    pub(crate) fn first_sought(voices: u64, video: u64) -> Bitrate {
        Self::needed(voices, video).max(FIRST_SOUGHT)
    }

    /// What to look for on the path, so that pictures that cost so much fit with headroom.
    pub(crate) fn needed(voices: u64, video: u64) -> Bitrate {
        Bitrate::bps((voices + video * HEADROOM / 100) * 100 / USED)
    }
}

#[cfg(test)]
#[path = "congestion_tests.rs"]
mod tests;
