//! When each payload was sent, for those who receive it: how long it was on its way through the server.
//!
//! The server rewrites sequence numbers, timestamps and picture ids, but never what was encoded; so a payload is known by
//! its content. The clip repeats, and so do its payloads: the last time one was sent counts, which is right as long as
//! nothing is on its way for as long as the clip lasts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What one peer has sent; shared with those it calls.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    departures: Mutex<HashMap<u64, Instant>>,
}

impl Flights {
    pub(crate) fn departed(&self, content: &[u8], now: Instant) {
        self.departures().insert(fingerprint(content), now);
    }

    /// How long the payload was on its way; `None` if it was never sent.
    pub(crate) fn arrived(&self, content: &[u8], now: Instant) -> Option<Duration> {
        self.departures().get(&fingerprint(content)).map(|departed| now.saturating_duration_since(*departed))
    }

    fn departures(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        // Each change is one insertion, so the map is whole even if a thread died while it held the lock.
        self.departures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_timed_from_when_it_was_sent_last() {
        let (flights, start) = (Flights::default(), Instant::now());
        flights.departed(b"frame", start);
        flights.departed(b"frame", start + Duration::from_millis(5));
        assert_eq!(flights.arrived(b"frame", start + Duration::from_millis(7)), Some(Duration::from_millis(2)));
    }

    #[test]
    fn what_was_never_sent_has_no_time() {
        assert_eq!(Flights::default().arrived(b"frame", Instant::now()), None);
    }
}
