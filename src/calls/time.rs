//! Points in time, as the machine is told them.

use std::time::Duration;

/// UTC, in milliseconds since 1970.
///
/// Read the wall clock once and add a monotonic clock to it: a wall clock that is set forward would end rings early.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This time and `later` more, in whole milliseconds; `None` where no such time can be written.
    pub const fn checked_add(self, later: Duration) -> Option<Self> {
        let millis = later.as_millis();
        if millis > u64::MAX as u128 {
            return None;
        }
        match self.0.checked_add(millis as u64) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// This time and `later` more, in whole milliseconds; the last time there is where that cannot be written.
    pub const fn saturating_add(self, later: Duration) -> Self {
        match self.checked_add(later) {
            Some(sum) => sum,
            None => Self(u64::MAX),
        }
    }

    /// How long after `earlier` this is; `None` when it is before.
    pub const fn checked_since(self, earlier: Self) -> Option<Duration> {
        match self.0.checked_sub(earlier.0) {
            Some(millis) => Some(Duration::from_millis(millis)),
            None => None,
        }
    }

    /// How long after `earlier` this is; zero when it is before.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}
