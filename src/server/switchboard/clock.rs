//! The call machine's time: UTC read once, then the monotonic clock, so that setting the wall clock ends no ring early.

use std::time::Instant;

use switchboard_calls::Timestamp;

#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    utc: Timestamp,
    instant: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        let utc = Timestamp(u64::try_from(crate::clock::now_ms()).unwrap_or_default());
        Self { utc, instant: Instant::now() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.utc.saturating_add(self.instant.elapsed())
    }

    /// When the clock will show `at`; the future is rounded up, so that what is due then is due.
    pub(super) fn instant_of(&self, at: Timestamp) -> Instant {
        self.instant + at.saturating_since(self.utc)
    }
}
