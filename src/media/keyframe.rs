//! When to ask a source for a keyframe: often enough to be heard, seldom enough not to drown it.

use std::time::{Duration, Instant};

/// Requests of many receivers within this time become one, and a source that stays silent is asked again after it.
/// An encoder needs about two frame times to answer; a keyframe costs it as much as a second of video.
pub(crate) const ASK_EVERY: Duration = Duration::from_millis(300);
/// A request or two may be lost on the way; after so many a source that sends nothing at all is asked half as often each time,
const PROMPT: u32 = 3;
/// down to this often: what begins to send does so with a keyframe, asked or not.
const SELDOM: Duration = Duration::from_millis(9_600);

/// One source's keyframe requests.
#[derive(Debug, Default)]
pub(crate) struct KeyframeAsk {
    wanted: bool,
    asked: Option<Instant>,
    /// How often it was asked since its last packet.
    unheard: u32,
}

impl KeyframeAsk {
    /// Somebody cannot go on without a keyframe.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A packet arrived: it is there to be asked.
    pub(crate) fn heard(&mut self) {
        self.unheard = 0;
    }

    /// A keyframe arrived: everyone who wanted one has it.
    pub(crate) fn satisfied(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask now; remembers that it did.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self.wanted && self.due().is_none_or(|at| at <= now);
        if due {
            self.asked = Some(now);
            self.unheard = self.unheard.saturating_add(1);
        }
        due
    }

    /// When to ask next; `None` when nothing is wanted or it may be asked at once.
    pub(crate) fn due(&self) -> Option<Instant> {
        if !self.wanted {
            return None;
        }
        let patience = ASK_EVERY * 2_u32.saturating_pow(self.unheard.saturating_sub(PROMPT).min(8));
        self.asked.map(|asked| asked + patience.min(SELDOM))
    }
}

/// How soon a receiver is heard again after each of its requests: a decoder that lost something asks once or twice, and one that
/// asks on and on would cost everyone else who sees the same picture.
const HEARD_AFTER: [Duration; 5] = [
    Duration::from_millis(300),
    Duration::from_millis(600),
    Duration::from_millis(1_200),
    Duration::from_millis(2_400),
    Duration::from_millis(4_800),
];
/// A receiver that asked for nothing this long after it might is trusted again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(5);

/// One receiver's requests for keyframes of what it is shown.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    again: Option<Instant>,
    granted: usize,
    /// A request that came too soon, and is heard later.
    owed: bool,
}

impl Patience {
    /// Whether a request is heard now; if not, it is kept for [`Patience::due`].
    pub(crate) fn hears(&mut self, now: Instant) -> bool {
        if self.again.is_some_and(|again| now < again) {
            self.owed = true;
            return false;
        }
        if self.again.is_none_or(|again| now >= again + FORGIVEN_AFTER) {
            self.granted = 0;
        }
        self.again = Some(now + HEARD_AFTER[self.granted.min(HEARD_AFTER.len() - 1)]);
        self.granted += 1;
        self.owed = false;
        true
    }

    /// Whether a request that was kept is heard now.
    pub(crate) fn due(&mut self, now: Instant) -> bool {
        self.owed && self.again.is_none_or(|again| now >= again) && self.hears(now)
    }

    /// It got a keyframe: what it had asked for is done.
    pub(crate) fn satisfied(&mut self) {
        self.owed = false;
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

    /// When a source is asked within a minute, in which it sends packets so often, none of them a keyframe.
    fn asked_of(heard_every: Option<u32>) -> Vec<u32> {
        let (mut ask, start) = (KeyframeAsk::default(), Instant::now());
        ask.want();
        let asks = |at: &u32| {
            if heard_every.is_some_and(|every| at.is_multiple_of(every)) {
                ask.heard();
            }
            ask.take(start + *at * MS)
        };
        (0..60_000).step_by(10).filter(asks).collect()
    }

    #[test]
    fn one_that_sends_nothing_is_asked_ever_more_seldom_but_for_good() {
        let asked = asked_of(None);
        assert_eq!(asked[..7], [0, 300, 600, 900, 1_500, 2_700, 5_100]);
        let gaps: Vec<u32> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(gaps[6..], [4_800, 9_600, 9_600, 9_600, 9_600, 9_600]);
    }

    #[test]
    fn one_that_sends_no_keyframe_is_asked_as_often_as_before() {
        assert_eq!(asked_of(Some(70)).len(), 200);
    }

    #[test]
    fn the_first_packet_of_one_that_was_silent_brings_the_next_request_at_once() {
        let (mut ask, start) = (KeyframeAsk::default(), Instant::now());
        ask.want();
        let asked = (0..30_000).step_by(10).filter(|at| ask.take(start + *at * MS)).count();
        assert_eq!(asked, 10);
        assert!(!ask.take(start + 30_000 * MS));
        ask.heard();
        assert!(ask.take(start + 30_000 * MS));
    }

    #[test]
    fn nothing_is_asked_that_nobody_wants() {
        assert!(!KeyframeAsk::default().take(Instant::now()));
    }

    #[test]
    fn one_who_asks_on_and_on_is_heard_ever_more_seldom() {
        let (mut patience, start) = (Patience::default(), Instant::now());
        let heard = (0..30_000).step_by(10).filter(|at| patience.hears(start + *at * MS)).count();
        assert!((8..=12).contains(&heard), "heard {heard} times in 30 s");
        assert!(patience.hears(start + 60_000 * MS), "and again when it has been quiet");
        assert!(patience.hears(start + 60_300 * MS), "with patience anew");
    }

    #[test]
    fn a_request_that_came_too_soon_is_heard_later_unless_a_keyframe_came() {
        let (mut patience, start) = (Patience::default(), Instant::now());
        assert!(patience.hears(start));
        assert!(!patience.hears(start + 100 * MS));
        assert!(!patience.due(start + 200 * MS));
        assert!(patience.due(start + 300 * MS));
        assert!(!patience.due(start + 9_000 * MS), "once");
        patience.hears(start + 20_000 * MS);
        patience.hears(start + 20_001 * MS);
        patience.satisfied();
        assert!(!patience.due(start + 30_000 * MS));
    }
}
