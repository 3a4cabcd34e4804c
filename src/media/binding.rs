//! Which source is shown in which slot: the policy of small calls, where everyone has a place and keeps it.
//!
//! A pure function of who is there: a slot keeps its source while that source exists, and free slots are filled with
//! sources not yet shown, in the order people joined.

use crate::leg::LegId;
use crate::source::SourceKind;

/// A source by its owner and kind.
pub(crate) type SourceRef = (LegId, SourceKind);

/// What each of a receiver's slots should carry, given what they carry (`slots`: kind taken, binding) and which sources
/// of others there are, in join order.
pub(crate) fn bind(slots: &[(SourceKind, Option<SourceRef>)], sources: &[SourceRef]) -> Vec<Option<SourceRef>> {
    let mut bound: Vec<Option<SourceRef>> = slots.iter().map(|(_, current)| current.filter(|current| sources.contains(current))).collect();
    for source in sources {
        if bound.contains(&Some(*source)) {
            continue;
        }
        let free = (0..slots.len()).find(|&place| bound[place].is_none() && slots[place].0 == source.1);
        if let Some(free) = free {
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

    #[test]
    fn each_kind_goes_to_slots_of_its_kind() {
        let bound = bind(&[(Microphone, None), (Camera, None), (Screen, None)], &[(ANNA, Screen), (ANNA, Camera), (ANNA, Microphone)]);
        assert_eq!(bound, [Some((ANNA, Microphone)), Some((ANNA, Camera)), Some((ANNA, Screen))]);
    }

    #[test]
    fn those_who_stay_keep_their_place_when_another_leaves() {
        let slots = [(Camera, Some((ANNA, Camera))), (Camera, Some((BORIS, Camera))), (Camera, None)];
        assert_eq!(bind(&slots, &[(BORIS, Camera), (VERA, Camera)]), [Some((VERA, Camera)), Some((BORIS, Camera)), None]);
    }

    #[test]
    fn a_source_without_a_free_slot_waits() {
        let slots = [(Camera, Some((ANNA, Camera)))];
        assert_eq!(bind(&slots, &[(ANNA, Camera), (BORIS, Camera)]), [Some((ANNA, Camera))]);
        assert_eq!(bind(&slots, &[(BORIS, Camera)]), [Some((BORIS, Camera))]);
    }

    #[test]
    fn a_source_is_never_shown_twice() {
        assert_eq!(bind(&[(Camera, None), (Camera, None)], &[(ANNA, Camera)]), [Some((ANNA, Camera)), None]);
    }
}
