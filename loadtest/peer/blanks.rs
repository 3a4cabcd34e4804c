//! How long a place for a picture had none that moves.

use std::time::{Duration, Instant};

/// Whoever looks at a picture that stands for so long takes it for broken; no keyframe or repeat takes as long to come.
pub(crate) const BLANK: Duration = Duration::from_secs(2);

/// Watches one place.
#[derive(Debug, Default)]
pub(super) struct Blanks {
    /// The last frame, or when the first was to be expected.
    since: Option<Instant>,
    ended: Duration,
}

impl Blanks {
    /// A place where a picture is to be expected from this time on; `None` for one where that has not begun.
    pub(super) fn expecting(since: Option<Instant>) -> Self {
        Self { since, ended: Duration::ZERO }
    }

    /// A frame is shown.
    pub(super) fn shown(&mut self, now: Instant) {
        self.ended += self.lasts(now);
        self.since = Some(now);
    }

    /// How long all blanks together have lasted, each from its last frame on, that which has not ended included.
    pub(super) fn lasted(&self, now: Instant) -> Duration {
        self.ended + self.lasts(now)
    }

    fn lasts(&self, now: Instant) -> Duration {
        let gap = self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        if gap > BLANK { gap } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_picture_that_never_comes_is_missed_from_when_it_was_expected() {
        let start = Instant::now();
        let blanks = Blanks::expecting(Some(start));
        assert_eq!((blanks.lasted(start + BLANK), blanks.lasted(start + 7 * SECOND)), (Duration::ZERO, 7 * SECOND));
        assert_eq!(Blanks::expecting(None).lasted(start + 60 * SECOND), Duration::ZERO, "nobody has accepted");
    }

    #[test]
    fn a_picture_that_stands_is_missed_until_it_goes_on_and_short_pauses_are_not() {
        let start = Instant::now();
        let mut blanks = Blanks::expecting(Some(start));
        for at in [1, 2, 4] {
            blanks.shown(start + at * SECOND);
        }
        assert_eq!(blanks.lasted(start + 5 * SECOND), Duration::ZERO);
        assert_eq!(blanks.lasted(start + 8 * SECOND), 4 * SECOND);
        blanks.shown(start + 9 * SECOND);
        assert_eq!(blanks.lasted(start + 10 * SECOND), 5 * SECOND);
    }
}
