//! The next deadline of everything that has one, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Deadlines of legs, or of groups.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    order: BTreeSet<(Instant, K)>,
    of: BTreeMap<K, Instant>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { order: BTreeSet::new(), of: BTreeMap::new() }
    }
}

impl<K: Copy + Ord> Timers<K> {
    /// Sets the one deadline that `key` has; `None` removes it.
    pub(crate) fn set(&mut self, key: K, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.of.insert(key, at),
            None => self.of.remove(&key),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, key));
        }
        if let Some(at) = at {
            self.order.insert((at, key));
        }
    }

    /// Brings the deadline forward to `at`, unless it is earlier.
    pub(crate) fn advance(&mut self, key: K, at: Instant) {
        if self.of.get(&key).is_none_or(|before| at < *before) {
            self.set(key, Some(at));
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes out one that is due by `now`, and when it was due.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(Instant, K)> {
        let (at, key) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.set(key, None);
        Some((at, key))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::leg::LegId;

    #[test]
    fn legs_come_due_in_order_and_once() {
        let (mut timers, now) = (Timers::default(), Instant::now());
        let (one, two) = (LegId(1), LegId(2));
        timers.set(one, Some(now + Duration::from_millis(20)));
        timers.set(two, Some(now + Duration::from_millis(10)));
        timers.set(one, Some(now + Duration::from_millis(5)));
        assert_eq!(timers.next(), Some(now + Duration::from_millis(5)));
        assert_eq!(timers.pop_due(now), None);
        let later = now + Duration::from_secs(1);
        assert_eq!(timers.pop_due(later), Some((now + Duration::from_millis(5), one)));
        assert_eq!(timers.pop_due(later), Some((now + Duration::from_millis(10), two)));
        assert_eq!(timers.pop_due(later), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_deadline_is_brought_forward_never_back() {
        let (mut timers, now) = (Timers::default(), Instant::now());
        for ms in [20, 10, 30] {
            timers.advance(LegId(1), now + Duration::from_millis(ms));
        }
        assert_eq!(timers.next(), Some(now + Duration::from_millis(10)));
    }
}
