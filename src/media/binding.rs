//! Which source is shown in which slot: the policy of small calls, where everyone has a place and keeps it.
//!
//! A pure function of who is there: a slot keeps its source while that source exists, and free slots are filled with
//! sources not yet shown, in the order people joined. The slot that was emptied last is filled first: who comes right after
//! somebody left is the same person on another device or connection, and appears where they were.

use std::cmp::Reverse;
use std::time::Instant;

use crate::leg::LegId;
use crate::source::SourceKind;

/// A source by its owner and kind.
pub(crate) type SourceRef = (LegId, SourceKind);

/// A slot as this policy sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// What it takes.
    pub(crate) kind: SourceKind,
    /// What it carries.
    pub(crate) source: Option<SourceRef>,
    /// When it last lost its source.
    pub(crate) emptied: Option<Instant>,
}

/// What each of a receiver's slots should carry at `now`, given which sources of others there are, in join order.
pub(crate) fn bind(now: Instant, slots: &[Place], sources: &[SourceRef]) -> Vec<Option<SourceRef>> {
    let mut bound: Vec<Option<SourceRef>> = slots.iter().map(|slot| slot.source.filter(|current| sources.contains(current))).collect();
    // One that is emptied at this moment has nothing to say yet of when.
    let emptied = |place: usize| if slots[place].source.is_some() { Some(now) } else { slots[place].emptied };
    for source in sources {
        if bound.contains(&Some(*source)) {
            continue;
        }
        let free = (0..slots.len()).filter(|&place| bound[place].is_none() && slots[place].kind == source.1);
        if let Some(free) = free.min_by_key(|&place| (Reverse(emptied(place)), place)) {
            bound[free] = Some(*source);
        }
    }
    bound
}

#[cfg(test)]
mod tests {
    use SourceKind::{Camera, Microphone, Screen};

    use super::*;

    const ANNA: LegId = LegId(1);
    const BORIS: LegId = LegId(2);
    const VERA: LegId = LegId(3);

    fn free(kind: SourceKind) -> Place {
        Place { kind, source: None, emptied: None }
    }

    fn with(source: SourceRef) -> Place {
        Place { source: Some(source), ..free(source.1) }
    }

    #[test]
    fn each_kind_goes_to_slots_of_its_kind() {
        let slots = [free(Microphone), free(Camera), free(Screen)];
        let bound = bind(Instant::now(), &slots, &[(ANNA, Screen), (ANNA, Camera), (ANNA, Microphone)]);
        assert_eq!(bound, [Some((ANNA, Microphone)), Some((ANNA, Camera)), Some((ANNA, Screen))]);
    }

    #[test]
    fn those_who_stay_keep_their_place_when_another_leaves() {
        let slots = [with((ANNA, Camera)), with((BORIS, Camera)), free(Camera)];
        let bound = bind(Instant::now(), &slots, &[(BORIS, Camera), (VERA, Camera)]);
        assert_eq!(bound, [Some((VERA, Camera)), Some((BORIS, Camera)), None]);
    }

    #[test]
    fn who_comes_back_appears_where_they_were() {
        let now = Instant::now();
        let left = Place { emptied: Some(now), ..free(Camera) };
        assert_eq!(bind(now, &[free(Camera), left], &[(ANNA, Camera)]), [None, Some((ANNA, Camera))]);
    }

    #[test]
    fn a_source_without_a_free_slot_waits() {
        let slots = [with((ANNA, Camera))];
        assert_eq!(bind(Instant::now(), &slots, &[(ANNA, Camera), (BORIS, Camera)]), [Some((ANNA, Camera))]);
        assert_eq!(bind(Instant::now(), &slots, &[(BORIS, Camera)]), [Some((BORIS, Camera))]);
    }

    #[test]
    fn a_source_is_never_shown_twice() {
        assert_eq!(bind(Instant::now(), &[free(Camera), free(Camera)], &[(ANNA, Camera)]), [Some((ANNA, Camera)), None]);
    }
}
