//! The legs that wait to be drained. Voices, and what a timer is due for, go before pictures: a frame for hundreds of receivers takes
//! longer to send than a voice may wait, and a probe that is late measures the wait.

use std::collections::VecDeque;

use crate::leg::LegId;

/// In what order legs are drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Before all that came in turn, for a moment: what it has beyond that waits in turn.
    First,
    /// After those that came before.
    InTurn,
}

/// In which of the queues a leg is; it is in each at most once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Waits {
    first: bool,
    in_turn: bool,
}

/// The queues.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    first: VecDeque<LegId>,
    in_turn: VecDeque<LegId>,
}

impl Waiting {
    pub(crate) fn push(&mut self, id: LegId, waits: &mut Waits, turn: Turn) {
        let (queue, waits) = match turn {
            Turn::First => (&mut self.first, &mut waits.first),
            Turn::InTurn => (&mut self.in_turn, &mut waits.in_turn),
        };
        if !std::mem::replace(waits, true) {
            queue.push_back(id);
        }
    }

    /// The next to be drained; [`Waits::takes`] its turn then.
    pub(crate) fn pop(&mut self) -> Option<(LegId, Turn)> {
        let first = self.first.pop_front().map(|id| (id, Turn::First));
        first.or_else(|| self.in_turn.pop_front().map(|id| (id, Turn::InTurn)))
    }
}

impl Waits {
    /// It waits no more.
    pub(crate) fn takes(&mut self, turn: Turn) {
        match turn {
            Turn::First => self.first = false,
            Turn::InTurn => self.in_turn = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_go_before_pictures_and_nobody_waits_twice() {
        let (one, two) = (LegId(1), LegId(2));
        let (mut waiting, mut waits) = (Waiting::default(), [Waits::default(); 2]);
        waiting.push(one, &mut waits[0], Turn::InTurn);
        waiting.push(one, &mut waits[0], Turn::InTurn);
        waiting.push(two, &mut waits[1], Turn::First);
        waiting.push(one, &mut waits[0], Turn::First);
        let mut order = Vec::new();
        while let Some((id, turn)) = waiting.pop() {
            waits[usize::from(id == two)].takes(turn);
            order.push((id, turn));
        }
        assert_eq!(order, [(two, Turn::First), (one, Turn::First), (one, Turn::InTurn)]);
        waiting.push(one, &mut waits[0], Turn::InTurn);
        assert_eq!(waiting.pop(), Some((one, Turn::InTurn)), "it may wait again");
    }
}
