//! How long the steps of signalling and of joining take, by name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The steps every target has; its requests have names of their own.
pub(crate) mod steps {
    /// From asking for a call's media until ICE and DTLS are done.
    pub(crate) const JOIN: &str = "join";
    /// From an accept until the first frame that can be shown, at each seat that shows any.
    pub(crate) const ACCEPT_TO_FIRST_FRAME: &str = "accept_to_first_frame";
    /// From placing a call until it rings.
    pub(crate) const RING: &str = "ring";
}

/// Up to a minute, to 1 %.
const LONGEST_US: u64 = 60_000_000;

/// Durations by the name of the step. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timings(Arc<Mutex<BTreeMap<&'static str, Histogram<u32>>>>);

/// How a duration was distributed, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Timings {
    /// A step took so long.
    pub(crate) fn record(&self, step: &'static str, took: Duration) {
        let mut steps = self.steps();
        let histogram = steps
            .entry(step)
            .or_insert_with(|| Histogram::new_with_bounds(1, LONGEST_US, 2).expect("a microsecond to a minute are valid bounds"));
        histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
    }

    /// All steps there were.
    pub(crate) fn spreads(&self) -> BTreeMap<&'static str, Spread> {
        self.steps().iter().filter_map(|(step, histogram)| Some((*step, Spread::of(histogram)?))).collect()
    }

    /// One step.
    pub(crate) fn spread(&self, step: &str) -> Option<Spread> {
        self.steps().get(step).and_then(Spread::of)
    }

    fn steps(&self) -> MutexGuard<'_, BTreeMap<&'static str, Histogram<u32>>> {
        // Each change is one count, so the histograms are whole even if a thread died while it held the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spread {
    /// Of a histogram in microseconds; `None` when it is empty.
    pub(crate) fn of(histogram: &Histogram<u32>) -> Option<Self> {
        let at = |percent| histogram.value_at_percentile(percent) as f64 / 1e3;
        let spread = Self { count: histogram.len(), p50: at(50.0), p95: at(95.0), p99: at(99.0), max: histogram.max() as f64 / 1e3 };
        (!histogram.is_empty()).then_some(spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_spread_to_a_hundredth() {
        let timings = Timings::default();
        for ms in 1..=1_000 {
            timings.clone().record(steps::JOIN, Duration::from_millis(ms));
        }
        let spread = timings.spread(steps::JOIN).unwrap();
        assert_eq!(spread.count, 1_000);
        for (found, wanted) in [(spread.p50, 500.0), (spread.p95, 950.0), (spread.p99, 990.0), (spread.max, 1_000.0)] {
            assert!((found / wanted - 1.0).abs() < 0.01, "{found} for {wanted}");
        }
        assert_eq!(timings.spread(steps::RING), None);
    }
}
