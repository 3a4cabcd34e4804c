//! How late the router is served. It is not asleep then but busy, with the pictures of hundreds or on a machine that is: packets of a
//! probe leave further apart than they should, and reports of them wait. What is measured so says more of this machine than of the path.

use std::time::{Duration, Instant};

/// How long a late moment counts, at the least; at most twice that.
const COUNTS_FOR: Duration = Duration::from_secs(2);
/// Probes are bursts two milliseconds apart, for fifteen: when each leaves so much later, they measure a third of what they should.
const TELLING: Duration = Duration::from_millis(4);

/// The longest that anything waited lately.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lag {
    /// When `newest` began.
    since: Option<Instant>,
    newest: Duration,
    before: Duration,
}

impl Lag {
    /// Something due at `at` is done now.
    pub(crate) fn note(&mut self, now: Instant, at: Instant) {
        self.turn(now);
        self.newest = self.newest.max(now.saturating_duration_since(at));
    }

    /// The longest wait of the last seconds.
    pub(crate) fn worst(&self) -> Duration {
        self.newest.max(self.before)
    }

    /// Whether what is measured says more of this machine than of the path.
    pub(crate) fn blurs(&self) -> bool {
        self.worst() > TELLING
    }

    fn turn(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        if now >= since + COUNTS_FOR {
            self.before = if now < since + 2 * COUNTS_FOR { self.newest } else { Duration::ZERO };
            self.newest = Duration::ZERO;
            self.since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_moment_counts_for_a_while() {
        let (mut lag, start) = (Lag::default(), Instant::now());
        let at = |ms: u64| start + Duration::from_millis(ms);
        lag.note(at(0), at(0));
        lag.note(at(1_015), at(1_000));
        assert_eq!(lag.worst(), Duration::from_millis(15));
        assert!(lag.blurs());
        lag.note(at(2_100), at(2_100));
        assert!(lag.blurs(), "it was a second ago");
        lag.note(at(4_200), at(4_200));
        assert!(!lag.blurs());
    }
}
