//! Which layers of a source anyone wants, told to its sender: more at once, fewer after a moment.

use std::time::{Duration, Instant};

/// How long a layer is kept that nobody wants: a glance at another page costs no keyframe, and an upload is not wasted.
pub(crate) const LINGER: Duration = Duration::from_millis(600);
const _: () = assert!(LINGER.as_millis() < 1_000, "a layer that nobody wants is stopped within a second");

/// Layers by their place among a source's, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Layers(u8);

impl Layers {
    /// The first `count` layers; no source has more than eight.
    pub(crate) const fn first(count: usize) -> Self {
        if count >= 8 { Self(u8::MAX) } else { Self((1 << count) - 1) }
    }

    pub(crate) const fn with(self, place: usize) -> Self {
        Self(self.0 | Self::first(place + 1).0 & !Self::first(place).0)
    }

    pub(crate) const fn has(self, place: usize) -> bool {
        Self(0).with(place).0 & self.0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// What the sender of a source was told.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// `None`: nothing, so it sends all.
    told: Option<Layers>,
    /// Since when fewer are wanted than that.
    fewer_since: Option<Instant>,
}

impl Wanted {
    /// Given what is wanted of `all`, what to tell the sender at this moment.
    pub(crate) fn update(&mut self, now: Instant, all: Layers, wanted: Layers) -> Option<Layers> {
        let told = self.told.unwrap_or(all);
        if wanted == told {
            self.fewer_since = None;
            return None;
        }
        let tell = if wanted.within(told) {
            if now < *self.fewer_since.get_or_insert(now) + LINGER {
                return None;
            }
            self.fewer_since = None;
            wanted
        } else {
            // What goes is still shown until what comes has its keyframe.
            let both = wanted.and(told);
            self.fewer_since = (both != wanted).then_some(now);
            both
        };
        self.told = Some(tell);
        Some(tell)
    }

    /// Whether the sender was asked for a layer, by its place.
    pub(crate) fn asks(&self, layer: usize) -> bool {
        self.told.is_none_or(|told| told.has(layer))
    }

    /// Leaves it at what was told until the next update, which is due after a while when that begins at `from`.
    pub(crate) fn wait(&mut self, from: Option<Instant>) {
        self.fewer_since = from;
    }

    /// When to look again, though nothing changes.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.fewer_since.map(|since| since + LINGER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Layers = Layers::first(3);
    const MS: Duration = Duration::from_millis(1);

    fn only(place: usize) -> Layers {
        Layers::default().with(place)
    }

    #[test]
    fn places_are_counted_from_the_smallest() {
        assert_eq!(ALL, Layers::default().with(0).with(1).with(2));
        assert!(only(1).has(1) && !only(1).has(0) && !only(1).has(2));
        assert!(Layers::default().is_empty() && Layers::first(0).is_empty());
        assert!(Layers::first(20).has(7) && only(7).has(7));
    }

    #[test]
    fn nothing_is_told_while_all_are_wanted() {
        assert_eq!(Wanted::default().update(Instant::now(), ALL, ALL), None);
    }

    #[test]
    fn fewer_are_told_after_a_moment_and_once() {
        let (mut wanted, now) = (Wanted::default(), Instant::now());
        assert_eq!(wanted.update(now, ALL, only(0)), None);
        assert_eq!(wanted.update(now + LINGER - MS, ALL, only(0)), None);
        assert_eq!(wanted.update(now + LINGER, ALL, only(0)), Some(only(0)));
        assert_eq!(wanted.update(now + 2 * LINGER, ALL, only(0)), None);
    }

    #[test]
    fn more_are_told_at_once() {
        let (mut wanted, now) = (Wanted::default(), Instant::now());
        wanted.update(now, ALL, Layers::default());
        assert_eq!(wanted.update(now + LINGER, ALL, Layers::default()), Some(Layers::default()));
        assert_eq!(wanted.update(now + LINGER + MS, ALL, only(2)), Some(only(2)));
    }

    #[test]
    fn a_change_of_mind_within_the_moment_is_not_told() {
        let (mut wanted, now) = (Wanted::default(), Instant::now());
        for step in 0..20 {
            assert_eq!(wanted.update(now + 2 * step * LINGER / 3, ALL, if step % 2 == 0 { only(0) } else { ALL }), None);
        }
    }

    #[test]
    fn of_two_layers_that_take_turns_both_run_for_the_moment() {
        let (mut wanted, now) = (Wanted::default(), Instant::now());
        wanted.update(now, ALL, only(0));
        wanted.update(now + LINGER, ALL, only(0));
        let later = now + 2 * LINGER;
        assert_eq!(wanted.update(later, ALL, only(2)), Some(only(0).with(2)));
        assert_eq!(wanted.update(later + LINGER - MS, ALL, only(2)), None);
        assert_eq!(wanted.update(later + LINGER, ALL, only(2)), Some(only(2)));
    }
}
