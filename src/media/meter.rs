//! How many bits a second flow, over about the last second, in a few classes.

use std::time::{Duration, Instant};

/// The window is this many buckets of this length.
const BUCKETS: usize = 8;
const BUCKET: Duration = Duration::from_millis(125);
/// Before this the first keyframe would pass for the rate.
const KNOWN_AFTER: Duration = Duration::from_millis(500);

/// Counts bytes in `N` classes.
#[derive(Debug, Clone)]
pub(crate) struct Meter<const N: usize> {
    buckets: [[u32; N]; BUCKETS],
    /// The bucket being filled, and when it began.
    at: usize,
    began: Option<Instant>,
    /// Since when it counts without a pause of a whole window.
    since: Option<Instant>,
}

impl<const N: usize> Default for Meter<N> {
    fn default() -> Self {
        Self { buckets: [[0; N]; BUCKETS], at: 0, began: None, since: None }
    }
}

impl<const N: usize> Meter<N> {
    /// Counts `bytes` of a class; beyond the last class they count to the last.
    pub(crate) fn add(&mut self, now: Instant, class: usize, bytes: usize) {
        let passed = self.began.map_or(BUCKETS as u32, |began| passed(began, now));
        if passed as usize >= BUCKETS {
            *self = Self { began: Some(now), since: Some(now), ..Self::default() };
        } else if passed > 0 {
            for _ in 0..passed {
                self.at = (self.at + 1) % BUCKETS;
                self.buckets[self.at] = [0; N];
            }
            self.began = self.began.map(|began| began + passed * BUCKET);
        }
        let count = &mut self.buckets[self.at][class.min(N - 1)];
        *count = count.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    /// Bits per second of each class; zeros while too little is known, or after a window of silence.
    pub(crate) fn bps(&self, now: Instant) -> [u64; N] {
        let (Some(began), Some(since)) = (self.began, self.since) else { return [0; N] };
        let silent = passed(began, now) as usize;
        let known = now.saturating_duration_since(since);
        if known < KNOWN_AFTER || silent >= BUCKETS {
            return [0; N];
        }
        // The buckets that are left, of which the newest is not full yet.
        let kept = BUCKETS - silent;
        let window = known.min((kept - 1 + silent) as u32 * BUCKET + now.saturating_duration_since(began + silent as u32 * BUCKET));
        let mut total = [0_u64; N];
        for back in 0..kept {
            let bucket = &self.buckets[(self.at + BUCKETS - back) % BUCKETS];
            total.iter_mut().zip(bucket).for_each(|(total, bytes)| *total += u64::from(*bytes));
        }
        total.map(|bytes| bytes * 8_000_000 / (window.as_micros() as u64).max(1))
    }
}

/// How many buckets end between two instants, at most all.
fn passed(began: Instant, now: Instant) -> u32 {
    let passed = now.saturating_duration_since(began).as_micros() / BUCKET.as_micros();
    passed.min(BUCKETS as u128) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_steady_flow_is_measured_within_a_few_percent_and_silence_after_a_second() {
        let (mut meter, start) = (Meter::<2>::default(), Instant::now());
        assert_eq!(meter.bps(start), [0, 0]);
        for at in 0..300 {
            meter.add(start + at * 10 * MS, 0, 100);
            meter.add(start + at * 10 * MS, 7, 25);
            if at == 20 {
                assert_eq!(meter.bps(start + at * 10 * MS), [0, 0], "not known yet");
            }
            if at >= 100 {
                let [low, high] = meter.bps(start + at * 10 * MS);
                assert!((76_000..84_000).contains(&low) && (19_000..21_000).contains(&high), "{low} {high}");
            }
        }
        assert!(meter.bps(start + 3_500 * MS)[0] < 60_000, "it fades");
        assert_eq!(meter.bps(start + 4_200 * MS), [0, 0]);
    }

    #[test]
    fn after_a_pause_it_counts_anew() {
        let (mut meter, start) = (Meter::<1>::default(), Instant::now());
        meter.add(start, 0, 1_000_000);
        let later = start + 5_000 * MS;
        (0..60).for_each(|at| meter.add(later + at * 10 * MS, 0, 100));
        let [rate] = meter.bps(later + 600 * MS);
        assert!((70_000..90_000).contains(&rate), "{rate}");
    }
}
