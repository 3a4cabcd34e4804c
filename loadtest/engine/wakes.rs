//! When which peer wants to be woken. A peer's time changes with nearly every packet, so that an entry is not moved: it comes
//! up, is found to be too early, and is put where it belongs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::PeerId;

#[derive(Debug, Default)]
pub(super) struct Wakes {
    heap: BinaryHeap<Reverse<(Instant, PeerId)>>,
}

impl Wakes {
    pub(super) fn push(&mut self, at: Instant, peer: PeerId) {
        self.heap.push(Reverse((at, peer)));
    }

    /// The earliest entry.
    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// An entry whose time has come.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<PeerId> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, peer))| peer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn whoever_is_due_comes_up_in_order_and_nobody_before_their_time() {
        let (mut wakes, now) = (Wakes::default(), Instant::now());
        for (peer, ms) in [(1, 30), (2, 10), (3, 20)] {
            wakes.push(now + Duration::from_millis(ms), peer);
        }
        assert_eq!((wakes.next(), wakes.pop_due(now)), (Some(now + Duration::from_millis(10)), None));
        let due: Vec<_> = std::iter::from_fn(|| wakes.pop_due(now + Duration::from_millis(20))).collect();
        assert_eq!(due, [2, 3]);
    }
}
