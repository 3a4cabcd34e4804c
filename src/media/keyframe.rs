//! When to ask a source for a keyframe: often enough to be heard, seldom enough not to drown it.

use std::time::{Duration, Instant};

/// Requests of many receivers within this time become one, and a source that stays silent is asked again after it.
/// An encoder needs about two frame times to answer; a keyframe costs it as much as a second of video.
pub(crate) const ASK_EVERY: Duration = Duration::from_millis(300);

/// One source's keyframe requests.
#[derive(Debug, Default)]
pub(crate) struct KeyframeAsk {
    wanted: bool,
    asked: Option<Instant>,
}

impl KeyframeAsk {
    /// Somebody cannot go on without a keyframe.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A keyframe arrived: everyone who wanted one has it.
    pub(crate) fn satisfied(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask now; remembers that it did.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self.due().is_some_and(|at| at <= now);
        if due {
            self.asked = Some(now);
        } else if self.wanted && self.asked.is_none() {
            self.asked = Some(now);
            return true;
        }
        due
    }

    /// When to ask next; `None` when nothing is wanted or it may be asked at once.
    pub(crate) fn due(&self) -> Option<Instant> {
        if !self.wanted {
            return None;
        }
        self.asked.map(|asked| asked + ASK_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn many_wishes_become_one_request() {
        let (mut ask, now) = (KeyframeAsk::default(), Instant::now());
        ask.want();
        assert!(ask.take(now));
        ask.want();
        assert!(!ask.take(now + 299 * MS));
        assert!(ask.take(now + 300 * MS));
    }

    #[test]
    fn a_silent_source_is_asked_until_a_keyframe_comes() {
        let (mut ask, now) = (KeyframeAsk::default(), Instant::now());
        ask.want();
        assert!(ask.take(now));
        assert_eq!(ask.due(), Some(now + ASK_EVERY));
        assert!(ask.take(now + ASK_EVERY));
        ask.satisfied();
        assert_eq!(ask.due(), None);
        assert!(!ask.take(now + 10 * ASK_EVERY));
    }

    #[test]
    fn nothing_is_asked_that_nobody_wants() {
        assert!(!KeyframeAsk::default().take(Instant::now()));
    }
}
