//! Histograms in plain integers: whoever measures keeps one for itself and hands over copies.

use std::marker::PhantomData;
use std::time::Duration;

/// The most bounds of a scale.
const MOST: usize = 14;

/// What a histogram is of.
pub trait Scale: Copy {
    /// The upper bounds of the buckets, rising, 14 of them at most; what is above the last is counted too.
    const BOUNDS: &'static [u64];
    /// How many units of the bounds are one of the unit that is shown.
    const PER_SHOWN: f64;
}

/// Datagrams: up to a full run of UDP GSO (64 in the kernel), or a full batch of `recvmmsg`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Datagrams;

impl Scale for Datagrams {
    const BOUNDS: &'static [u64] = &[1, 2, 4, 8, 16, 32, 64];
    const PER_SHOWN: f64 = 1.0;
}

/// Time in microseconds, for what takes less than a second: from a packet's way through the server to a bad path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Micros;

impl Scale for Micros {
    const BOUNDS: &'static [u64] = &[50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000];
    const PER_SHOWN: f64 = 1e6;
}

/// Time in milliseconds, for what people wait for: from a connection to a ring of a minute and a half.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Millis;

impl Scale for Millis {
    const BOUNDS: &'static [u64] = &[25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000, 45_000, 90_000];
    const PER_SHOWN: f64 = 1e3;
}

/// Parts of a thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mille;

impl Scale for Mille {
    const BOUNDS: &'static [u64] = &[0, 1, 5, 10, 20, 50, 100, 200, 500];
    const PER_SHOWN: f64 = 1e3;
}

/// Rates in bits per second, shown in bytes: from a voice to a shared screen in full.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bitrates;

impl Scale for Bitrates {
    const BOUNDS: &'static [u64] = &[64_000, 128_000, 256_000, 512_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000, 32_000_000];
    const PER_SHOWN: f64 = 8.0;
}

/// A histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Histogram<S> {
    /// How many there were up to each bound and above the one before, and of those above the last.
    buckets: [u64; MOST + 1],
    sum: u64,
    scale: PhantomData<S>,
}

/// How many datagrams pass together.
pub type Sizes = Histogram<Datagrams>;

impl<S> Default for Histogram<S> {
    fn default() -> Self {
        Self { buckets: [0; MOST + 1], sum: 0, scale: PhantomData }
    }
}

impl<S: Scale> Histogram<S> {
    /// Adds one, in units of the scale.
    pub fn add(&mut self, value: u64) {
        const { assert!(S::BOUNDS.len() <= MOST) };
        self.buckets[S::BOUNDS.partition_point(|bound| *bound < value)] += 1;
        self.sum = self.sum.saturating_add(value);
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for (sum, more) in self.buckets.iter_mut().zip(other.buckets) {
            *sum += more;
        }
        Self { sum: self.sum + other.sum, ..self }
    }

    /// As it is shown.
    pub(super) fn distribution(&self) -> Distribution {
        let mut seen = 0;
        let cumulative = S::BOUNDS.iter().zip(self.buckets).map(|(bound, count)| {
            seen += count;
            (*bound as f64 / S::PER_SHOWN, seen)
        });
        Distribution { cumulative: cumulative.collect(), count: self.buckets.iter().sum(), sum: self.sum as f64 / S::PER_SHOWN }
    }
}

impl Histogram<Micros> {
    /// Adds a length of time.
    pub fn add_time(&mut self, time: Duration) {
        self.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}

impl Histogram<Millis> {
    /// Adds a length of time.
    pub fn add_time(&mut self, time: Duration) {
        self.add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    }
}

impl Histogram<Mille> {
    /// Adds a part of a whole, 0 to 1.
    pub fn add_part(&mut self, part: f32) {
        self.add((part.clamp(0.0, 1.0) * 1e3).round() as u64);
    }
}

/// A histogram in the unit that is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distribution {
    /// Each bound, and how many were no larger.
    pub(super) cumulative: Vec<(f64, u64)>,
    pub(super) count: u64,
    pub(super) sum: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_counted_up_to_the_first_bound_that_is_not_below_it() {
        let mut sizes = Sizes::default();
        [1, 2, 3, 9, 64, 65].into_iter().for_each(|size| sizes.add(size));
        let shown = sizes.distribution();
        assert_eq!(shown.cumulative, [(1.0, 1), (2.0, 2), (4.0, 3), (8.0, 3), (16.0, 4), (32.0, 4), (64.0, 5)]);
        assert_eq!((shown.count, shown.sum), (6, 144.0));
        let twice = sizes.plus(sizes).distribution();
        assert_eq!((twice.count, twice.sum), (12, 288.0));
    }

    #[test]
    fn what_is_shown_is_in_base_units() {
        let mut waits = Histogram::<Millis>::default();
        waits.add_time(Duration::from_millis(1_500));
        let shown = waits.distribution();
        assert_eq!((shown.cumulative[5], shown.cumulative[6], shown.sum), ((1.0, 0), (2.5, 1), 1.5));
        let mut losses = Histogram::<Mille>::default();
        [0.0, 0.0004, 0.02, 7.0].into_iter().for_each(|part| losses.add_part(part));
        let shown = losses.distribution();
        assert_eq!((shown.cumulative[0], shown.cumulative[4], shown.count), ((0.0, 2), (0.02, 3), 4));
    }

    #[test]
    fn the_bounds_of_every_scale_rise() {
        for bounds in [Datagrams::BOUNDS, Micros::BOUNDS, Millis::BOUNDS, Mille::BOUNDS, Bitrates::BOUNDS] {
            assert!(bounds.is_sorted_by(|a, b| a < b), "{bounds:?}");
        }
    }
}
