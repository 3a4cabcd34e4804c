//! How large the members of a series are, in plain integers: a thread keeps them for itself and hands over copies.

/// The upper bounds of the buckets: up to a full run of UDP GSO (64 in the kernel), or a full batch of `recvmmsg`.
pub(super) const BOUNDS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// A histogram of sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// How many there were up to each bound and above the one before, and of those above the last.
    buckets: [u64; BOUNDS.len() + 1],
    sum: u64,
}

impl Sizes {
    /// Adds one of this size.
    pub fn add(&mut self, size: u64) {
        self.buckets[BOUNDS.partition_point(|bound| *bound < size)] += 1;
        self.sum += size;
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for (sum, more) in self.buckets.iter_mut().zip(other.buckets) {
            *sum += more;
        }
        Self { sum: self.sum + other.sum, ..self }
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Their sizes, summed.
    pub(super) fn sum(&self) -> u64 {
        self.sum
    }

    /// Each bound, and how many were no larger.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (u64, u64)> {
        let mut seen = 0;
        BOUNDS.into_iter().zip(self.buckets).map(move |(bound, count)| {
            seen += count;
            (bound, seen)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_counted_up_to_the_first_bound_that_is_not_below_it() {
        let mut sizes = Sizes::default();
        [1, 2, 3, 9, 64, 65].into_iter().for_each(|size| sizes.add(size));
        assert_eq!(sizes.cumulative().collect::<Vec<_>>(), [(1, 1), (2, 2), (4, 3), (8, 3), (16, 4), (32, 4), (64, 5)]);
        assert_eq!((sizes.count(), sizes.sum()), (6, 144));
        assert_eq!((sizes.plus(sizes).count(), sizes.plus(sizes).sum()), (12, 288));
    }
}
