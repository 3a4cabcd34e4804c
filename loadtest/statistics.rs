//! Percentiles.

use std::time::Duration;

use serde::Serialize;

/// How a number was distributed over the calls, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Percentiles {
    /// Of at least one sample; each percentile is a sample that was seen (nearest rank).
    pub(crate) fn of(samples: impl IntoIterator<Item = Duration>) -> Option<Self> {
        let mut sorted: Vec<Duration> = samples.into_iter().collect();
        sorted.sort_unstable();
        let max = *sorted.last()?;
        let rank = |percent: usize| {
            let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            milliseconds(sorted[at])
        };
        Some(Self { p50: rank(50), p95: rank(95), p99: rank(99), max: milliseconds(max) })
    }
}

/// With three digits after the point.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: &[u64]) -> Option<Percentiles> {
        Percentiles::of(samples.iter().map(|&ms| Duration::from_millis(ms)))
    }

    #[test]
    fn one_sample_is_every_percentile() {
        assert_eq!(of(&[7]), Some(Percentiles { p50: 7.0, p95: 7.0, p99: 7.0, max: 7.0 }));
    }

    #[test]
    fn percentiles_are_samples_in_order() {
        let samples: Vec<u64> = (1..=200).rev().collect();
        assert_eq!(of(&samples), Some(Percentiles { p50: 100.0, p95: 190.0, p99: 198.0, max: 200.0 }));
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        assert_eq!(of(&[]), None);
    }
}
