//! When a datagram came: the system notes it by the clock of the day, which may be set at any moment; a run is measured by one that only
//! goes on.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A datagram waits no longer than this to be read; if it seems to have, the clock of the day was set.
const LONGEST: Duration = Duration::from_secs(2);

/// The two clocks at one moment. It is taken anew before each round of reading, so that they cannot drift apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clocks {
    now: Instant,
    unix: Duration,
}

impl Clocks {
    pub(super) fn read() -> Self {
        Self { now: Instant::now(), unix: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() }
    }

    /// When that came which is read now.
    pub(super) fn came(&self, at: Option<Duration>, now: Instant) -> Instant {
        let Some(at) = at else { return now };
        let come = if at > self.unix { self.now.checked_add(at - self.unix) } else { self.now.checked_sub(self.unix - at) };
        come.filter(|come| *come <= now && now.duration_since(*come) < LONGEST).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waited_to_be_read_came_before_and_a_clock_that_was_set_is_not_believed() {
        let clocks = Clocks { now: Instant::now(), unix: Duration::from_secs(1_000_000) };
        let read = clocks.now + Duration::from_millis(30);
        let came = |ms: u64| clocks.came(Some(Duration::from_millis(ms)), read);
        assert_eq!(came(1_000_000_010), clocks.now + Duration::from_millis(10));
        assert_eq!(came(999_999_990), clocks.now - Duration::from_millis(10));
        assert_eq!(came(1_000_005_000), read, "in the future");
        assert_eq!(came(900_000_000), read, "a day ago");
        assert_eq!(clocks.came(None, read), read);
    }
}
