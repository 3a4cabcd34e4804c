//! Whether a layer that was asked for comes at all: a small camera has fewer layers than were offered, and a sender's own path, or its
//! processor, may carry no more. What does not come is nobody's bad connection, and no receiver's path is tried for it.

use std::time::{Duration, Instant};

/// A layer that was asked for begins within a round trip and a keyframe; a sender whose uplink is still being tried takes some seconds.
const NEVER_CAME: Duration = Duration::from_secs(4);
/// One that came before is there, and takes its time only when its sender's uplink has to be tried anew. A path that is no longer tried
/// for it may have no room for it when it comes.
const STAYS_AWAY: Duration = Duration::from_secs(12);
/// It is looked at several times a second while anyone is shown its source; what was before a longer gap is forgotten.
const LOOKED_AT_WITHIN: Duration = Duration::from_secs(1);

/// What is known of a layer at an instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Its packets arrive.
    pub(crate) runs: bool,
    /// It came before.
    pub(crate) known: bool,
    /// It was asked for, or never heard, and its sender is there: other layers of it arrive.
    pub(crate) asked: bool,
}

/// How long a layer has been asked for in vain.
#[derive(Debug, Default)]
pub(crate) struct Absence {
    /// When that began, and when it was seen last.
    asked: Option<(Instant, Instant)>,
    missing: bool,
}

impl Absence {
    /// Takes a look into account. One that was given up stays so until it runs.
    pub(crate) fn look(&mut self, now: Instant, look: Look) {
        if look.runs {
            *self = Self::default();
        } else if look.asked {
            let since = self.asked.filter(|(_, seen)| now <= *seen + LOOKED_AT_WITHIN).map_or(now, |(since, _)| since);
            self.asked = Some((since, now));
            self.missing |= now >= since + if look.known { STAYS_AWAY } else { NEVER_CAME };
        } else {
            self.asked = None;
        }
    }

    /// Whether it was asked for in vain, and is not counted upon.
    pub(crate) fn is_missing(&self) -> bool {
        self.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const RUNS: Look = Look { runs: true, known: true, asked: true };
    const IN_VAIN: Look = Look { runs: false, known: false, asked: true };
    const STOPPED: Look = Look { runs: false, known: true, asked: true };
    const LEFT_ALONE: Look = Look { runs: false, known: true, asked: false };

    /// After these looks, each for so many milliseconds, five a second.
    fn missing(looks: &[(u32, Look)]) -> bool {
        let (mut absence, mut now) = (Absence::default(), Instant::now());
        for (time, look) in looks {
            for _ in 0..time / 200 {
                absence.look(now, *look);
                now += 200 * MS;
            }
        }
        absence.is_missing()
    }

    #[test]
    fn what_does_not_come_though_it_was_asked_for_is_given_up_until_it_comes() {
        for (looks, expected) in [
            (&[(60_000, RUNS)][..], false),
            (&[(4_000, IN_VAIN)], false),
            (&[(4_400, IN_VAIN)], true),
            (&[(60_000, LEFT_ALONE)], false),
            (&[(3_000, IN_VAIN), (200, LEFT_ALONE), (3_000, IN_VAIN)], false),
            (&[(3_000, IN_VAIN), (200, RUNS), (3_000, STOPPED)], false),
            (&[(200, RUNS), (12_000, STOPPED)], false),
            (&[(200, RUNS), (12_400, STOPPED)], true),
            (&[(5_000, IN_VAIN), (60_000, LEFT_ALONE)], true),
            (&[(60_000, IN_VAIN), (200, RUNS)], false),
            (&[(60_000, IN_VAIN), (200, RUNS), (11_000, STOPPED)], false),
        ] {
            assert_eq!(missing(looks), expected, "{looks:?}");
        }
    }

    #[test]
    fn the_time_in_which_nobody_was_shown_its_source_does_not_count() {
        let (mut absence, start) = (Absence::default(), Instant::now());
        for at in [0, 800, 60_000, 60_800, 61_600] {
            absence.look(start + at * MS, IN_VAIN);
        }
        assert!(!absence.is_missing());
    }
}
