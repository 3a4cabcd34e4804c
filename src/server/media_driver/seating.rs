//! Which leg is on which thread, and which threads share a group.

use std::collections::HashMap;

use switchboard_media::{GroupId, LegId};

use super::Full;
use super::placement::{Bounds, Load, place};

/// The legs asked for and not yet known to be gone.
#[derive(Debug)]
pub(super) struct Seating {
    bounds: Bounds,
    legs: HashMap<LegId, (GroupId, usize)>,
    /// How many legs of each group each thread has.
    groups: HashMap<GroupId, Vec<usize>>,
    /// How many legs each thread has.
    each: Vec<usize>,
}

impl Seating {
    pub(super) fn new(threads: usize, bounds: Bounds) -> Self {
        Self { bounds, legs: HashMap::new(), groups: HashMap::new(), each: vec![0; threads] }
    }

    /// Gives a leg its thread, by the part of its time each is at work, and the threads that the group was on without it until here.
    pub(super) fn seat(&mut self, leg: LegId, group: GroupId, busy: impl Fn(usize) -> f32) -> Result<(usize, Vec<usize>), Full> {
        let loads: Vec<Load> = self.each.iter().enumerate().map(|(thread, legs)| Load { legs: *legs, busy: busy(thread) }).collect();
        let mut nowhere = vec![0; loads.len()];
        let thread = place(self.bounds, &loads, self.groups.get(&group).unwrap_or(&nowhere)).ok_or(Full)?;
        let own = self.groups.entry(group).or_insert_with(|| std::mem::take(&mut nowhere));
        own[thread] += 1;
        let joined = if own[thread] == 1 { others(own, thread) } else { Vec::new() };
        self.each[thread] += 1;
        self.legs.insert(leg, (group, thread));
        Ok((thread, joined))
    }

    /// A leg is gone: gives its thread and group, and the threads that the group is on without it from here on.
    pub(super) fn leave(&mut self, leg: LegId) -> Option<(usize, GroupId, Vec<usize>)> {
        let (group, thread) = self.legs.remove(&leg)?;
        self.each[thread] -= 1;
        let own = self.groups.get_mut(&group)?;
        own[thread] -= 1;
        let parted = if own[thread] == 0 { others(own, thread) } else { Vec::new() };
        if own.iter().all(|legs| *legs == 0) {
            self.groups.remove(&group);
        }
        Some((thread, group, parted))
    }

    /// The thread of a leg. One that is gone has none, and any can say so.
    pub(super) fn thread_of(&self, leg: LegId) -> usize {
        self.legs.get(&leg).map_or(0, |(_, thread)| *thread)
    }
}

fn others(own: &[usize], thread: usize) -> Vec<usize> {
    own.iter().enumerate().filter(|(other, legs)| *other != thread && **legs > 0).map(|(other, _)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_a_group_from_the_first_of_its_legs_on_each_to_the_last() {
        let mut seating = Seating::new(3, Bounds { spread_after: 2, most: 9 });
        let group = GroupId(1);
        let seats: Vec<_> = (0..6).map(|leg| seating.seat(LegId(leg), group, |_| 0.0).unwrap()).collect();
        assert_eq!(seats, [(0, vec![]), (0, vec![]), (1, vec![0]), (1, vec![]), (2, vec![0, 1]), (2, vec![])]);
        assert_eq!(seating.thread_of(LegId(3)), 1);
        assert_eq!(seating.leave(LegId(2)), Some((1, group, vec![])));
        assert_eq!(seating.leave(LegId(3)), Some((1, group, vec![0, 2])));
        assert_eq!(seating.leave(LegId(3)), None, "once");
        for leg in [0, 1, 4, 5] {
            seating.leave(LegId(leg));
        }
        assert!(seating.legs.is_empty() && seating.groups.is_empty() && seating.each == [0; 3]);
    }

    #[test]
    fn a_refused_leg_leaves_nothing() {
        let mut seating = Seating::new(1, Bounds { spread_after: 2, most: 1 });
        seating.seat(LegId(1), GroupId(1), |_| 0.0).unwrap();
        assert_eq!(seating.seat(LegId(2), GroupId(2), |_| 0.0), Err(Full));
        assert_eq!((seating.each[0], seating.legs.len(), seating.groups.len()), (1, 1, 1));
    }
}
