//! The legs that wait to be drained. Voices go before pictures: a frame for hundreds of receivers takes longer to send than a voice may
//! wait. What a timer is due for goes between two pictures: a probe that is late measures the wait, and what is due all the time must
//! not keep pictures back.

use std::collections::VecDeque;
use std::time::Instant;

use crate::leg::LegId;

/// Why a leg is drained, which says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// For a voice: at once, and for no more than that.
    Voice,
    /// For a timer that was due then: before the next picture, and for no more than that.
    Due(Instant),
    /// For pictures and all the rest, after those that came before.
    Rest,
}

/// In which of the queues a leg is; it is in each at most once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Waits {
    voice: bool,
    due: bool,
    rest: bool,
}

/// The queues. A leg that is gone may still be in them: ids are not used again.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    voices: VecDeque<LegId>,
    due: VecDeque<(LegId, Instant)>,
    rest: VecDeque<LegId>,
    /// Whether the last that was neither was one that was due.
    after_due: bool,
}

impl Waiting {
    pub(crate) fn push(&mut self, id: LegId, waits: &mut Waits, turn: Turn) {
        if std::mem::replace(waits.of(turn), true) {
            return;
        }
        match turn {
            Turn::Voice => self.voices.push_back(id),
            Turn::Due(at) => self.due.push_back((id, at)),
            Turn::Rest => self.rest.push_back(id),
        }
    }

    /// The next to be drained; [`Waits::takes`] its turn then.
    pub(crate) fn pop(&mut self) -> Option<(LegId, Turn)> {
        if let Some(id) = self.voices.pop_front() {
            return Some((id, Turn::Voice));
        }
        let after_due = std::mem::replace(&mut self.after_due, false);
        let rest = if after_due || self.due.is_empty() { self.rest.pop_front() } else { None };
        if let Some(id) = rest {
            return Some((id, Turn::Rest));
        }
        self.after_due = true;
        self.due.pop_front().map(|(id, at)| (id, Turn::Due(at)))
    }
}

impl Waits {
    /// It waits no more.
    pub(crate) fn takes(&mut self, turn: Turn) {
        *self.of(turn) = false;
    }

    fn of(&mut self, turn: Turn) -> &mut bool {
        match turn {
            Turn::Voice => &mut self.voice,
            Turn::Due(_) => &mut self.due,
            Turn::Rest => &mut self.rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_go_before_all_and_what_is_due_between_two_pictures() {
        let (mut waiting, mut waits) = (Waiting::default(), [Waits::default(); 5]);
        let due = Turn::Due(Instant::now());
        let mut push = |waiting: &mut Waiting, leg: u64, turn| waiting.push(LegId(leg), &mut waits[leg as usize], turn);
        for (leg, turn) in [(1, Turn::Rest), (1, Turn::Rest), (2, Turn::Rest), (3, due), (4, due), (3, Turn::Voice)] {
            push(&mut waiting, leg, turn);
        }
        let order: Vec<_> = std::iter::from_fn(|| waiting.pop()).map(|(leg, turn)| (leg.0, turn)).collect();
        assert_eq!(order, [(3, Turn::Voice), (3, due), (1, Turn::Rest), (4, due), (2, Turn::Rest)]);
        push(&mut waiting, 1, Turn::Rest);
        assert_eq!(waiting.pop(), None, "it has not taken its turn yet");
        waits[1].takes(Turn::Rest);
        waiting.push(LegId(1), &mut waits[1], Turn::Rest);
        assert_eq!(waiting.pop(), Some((LegId(1), Turn::Rest)), "it may wait again");
    }
}
