//! On which media thread a leg lives: those of one call together as long as one thread carries them, else spread.
//!
//! Pure. A call on several threads costs each of them a copy of every packet that its legs take, so small calls never spread; a
//! large one does, because a thread that is out of time is felt by every call on it.

/// A busy thread is relieved of what a call has beyond so many legs, and not of fewer: of those one core carries several calls.
const NEVER_SPREADS: usize = 12;
/// From this part of its time on, a thread takes no more of a large call: the rest is for bursts, and for the legs it has.
const BUSY: f32 = 0.7;
/// What a leg weighs that forwards nothing yet, as a part of a thread's time: those that join at once are not all put on one thread
/// because its numbers are of a moment ago.
const LEG: f32 = 0.002;

/// What a thread has to do.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Load {
    /// Its legs, of all calls.
    pub(super) legs: usize,
    /// The part of its time it was at work, 0 to 1.
    pub(super) busy: f32,
}

impl Load {
    fn weight(self) -> f32 {
        self.busy + LEG * self.legs as f32
    }
}

/// What bounds a thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// So many legs of one call are on one thread before others take some.
    pub(super) spread_after: usize,
    /// The most legs of a thread.
    pub(super) most: usize,
}

/// The thread for the next leg of a call that has `own` legs on each; `None` when all are full.
pub(super) fn place(bounds: Bounds, loads: &[Load], own: &[usize]) -> Option<usize> {
    let open = || (0..loads.len()).filter(|&thread| loads[thread].legs < bounds.most);
    let has_room = |&thread: &usize| {
        let tired = loads[thread].busy > BUSY && own[thread] >= NEVER_SPREADS;
        own[thread] > 0 && own[thread] < bounds.spread_after && !tired
    };
    let lightest = |threads: &mut dyn Iterator<Item = usize>| {
        threads.min_by(|one, other| loads[*one].weight().total_cmp(&loads[*other].weight()).then(one.cmp(other)))
    };
    lightest(&mut open().filter(has_room)).or_else(|| lightest(&mut open()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { spread_after: 50, most: 1_000 };

    fn loads<const THREADS: usize>(of: [(usize, f32); THREADS]) -> [Load; THREADS] {
        of.map(|(legs, busy)| Load { legs, busy })
    }

    #[test]
    fn a_new_call_goes_to_the_thread_with_the_least_to_do() {
        for (of, thread) in [
            ([(0, 0.0), (0, 0.0), (0, 0.0)], 0),
            ([(2, 0.0), (0, 0.0), (1, 0.0)], 1),
            ([(2, 0.1), (90, 0.4), (9, 0.3)], 0),
            ([(200, 0.1), (9, 0.3), (90, 0.2)], 1),
        ] {
            assert_eq!(place(BOUNDS, &loads(of), &[0, 0, 0]), Some(thread), "{of:?}");
        }
    }

    #[test]
    fn a_call_stays_together_until_it_is_large() {
        for (of, own, thread) in [
            ([(9, 0.6), (0, 0.0)], [1, 0], 0),
            ([(49, 0.6), (0, 0.0)], [49, 0], 0),
            ([(50, 0.6), (0, 0.0)], [50, 0], 1),
            ([(50, 0.6), (20, 0.6)], [50, 20], 1),
        ] {
            assert_eq!(place(BOUNDS, &loads(of), &own), Some(thread), "{of:?} {own:?}");
        }
    }

    #[test]
    fn of_a_thread_with_no_time_left_a_large_call_takes_no_more_and_a_small_one_does() {
        for (own, thread) in [([11, 0], 0), ([12, 0], 1), ([30, 0], 1)] {
            assert_eq!(place(BOUNDS, &loads([(40, 0.75), (10, 0.2)]), &own), Some(thread), "{own:?}");
        }
    }

    #[test]
    fn a_call_that_every_thread_has_its_part_of_grows_where_there_is_least_to_do() {
        assert_eq!(place(BOUNDS, &loads([(80, 0.5), (60, 0.4), (70, 0.6)]), &[50, 50, 50]), Some(1));
    }

    #[test]
    fn a_limit_of_two_spreads_six_over_three() {
        let bounds = Bounds { spread_after: 2, ..BOUNDS };
        let (mut legs, mut threads) = ([Load::default(); 4], Vec::new());
        for _ in 0..6 {
            let own = legs.map(|load| load.legs);
            let thread = place(bounds, &legs, &own).unwrap();
            legs[thread].legs += 1;
            threads.push(thread);
        }
        assert_eq!(threads, [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn a_full_thread_takes_no_leg_and_when_all_are_full_there_is_no_room() {
        let bounds = Bounds { most: 10, ..BOUNDS };
        assert_eq!(place(bounds, &loads([(10, 0.0), (3, 0.9)]), &[10, 0]), Some(1));
        assert_eq!(place(bounds, &loads([(10, 0.0), (10, 0.9)]), &[10, 0]), None);
    }

    #[test]
    fn with_one_thread_there_is_no_choice() {
        assert_eq!(place(BOUNDS, &loads([(600, 1.0)]), &[300]), Some(0));
    }
}
