//! How the paths of all legs of a thread fare: one sample of each leg a second.

use std::time::{Duration, Instant};

use switchboard_media::PathStats;

use crate::observe::{Bitrates, Histogram, Micros, Mille};

/// As often as legs are measured.
const EVERY: Duration = Duration::from_secs(1);

/// The samples since the start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paths {
    /// Round trips.
    pub rtt: Histogram<Micros>,
    /// Jitter of voices.
    pub jitter: Histogram<Micros>,
    /// Lost of what was sent to them.
    pub loss_down: Histogram<Mille>,
    /// Lost of what they sent.
    pub loss_up: Histogram<Mille>,
    /// What the paths to them are believed to carry.
    pub estimate: Histogram<Bitrates>,
    sampled: Option<Instant>,
}

impl Paths {
    /// Takes a sample of each path, unless that was done less than a second ago.
    pub(super) fn sample(&mut self, now: Instant, paths: impl Iterator<Item = PathStats>) {
        if self.sampled.is_some_and(|sampled| now < sampled + EVERY) {
            return;
        }
        self.sampled = Some(now);
        for PathStats { estimate_bps, rtt, loss_down, loss_up, jitter } in paths {
            rtt.into_iter().for_each(|rtt| self.rtt.add_time(rtt));
            jitter.into_iter().for_each(|jitter| self.jitter.add_time(jitter));
            loss_down.into_iter().for_each(|loss| self.loss_down.add_part(loss));
            loss_up.into_iter().for_each(|loss| self.loss_up.add_part(loss));
            estimate_bps.into_iter().for_each(|bps| self.estimate.add(bps));
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            rtt: self.rtt.plus(other.rtt),
            jitter: self.jitter.plus(other.jitter),
            loss_down: self.loss_down.plus(other.loss_down),
            loss_up: self.loss_up.plus(other.loss_up),
            estimate: self.estimate.plus(other.estimate),
            sampled: self.sampled.max(other.sampled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_counted_once_a_second_and_what_was_not_measured_is_not() {
        let (now, mut paths) = (Instant::now(), Paths::default());
        let measured = PathStats { rtt: Some(Duration::from_millis(30)), loss_down: Some(0.02), ..PathStats::default() };
        for ms in [0, 250, 999, 1_000, 1_200] {
            paths.sample(now + Duration::from_millis(ms), [measured, PathStats::default()].into_iter());
        }
        let mut twice = Histogram::<Micros>::default();
        (0..2).for_each(|_| twice.add_time(Duration::from_millis(30)));
        assert_eq!((paths.rtt, paths.jitter), (twice, Histogram::default()));
        assert_eq!(paths.plus(paths).rtt, twice.plus(twice));
    }
}
