//! The next deadline of every leg, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::leg::LegId;

#[derive(Debug, Default)]
pub(crate) struct Timers {
    order: BTreeSet<(Instant, LegId)>,
    of_leg: BTreeMap<LegId, Instant>,
}

impl Timers {
    /// Sets the one deadline of a leg; `None` removes it.
    pub(crate) fn set(&mut self, leg: LegId, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.of_leg.insert(leg, at),
            None => self.of_leg.remove(&leg),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, leg));
        }
        if let Some(at) = at {
            self.order.insert((at, leg));
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes out a leg that is due by `now`.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<LegId> {
        let (at, leg) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.set(leg, None);
        Some(leg)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
        assert_eq!(timers.pop_due(later), Some(one));
        assert_eq!(timers.pop_due(later), Some(two));
        assert_eq!(timers.pop_due(later), None);
        assert_eq!(timers.next(), None);
    }
}
