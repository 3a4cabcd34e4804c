//! What a leg's client has offered to show.

use crate::leg::LegId;
use crate::router::Router;
use crate::source::SourceKind;

impl Router {
    /// The `a=mid`s of a leg's slots for cameras and screens, in the order of its offer; none of an unknown leg. They never
    /// change: a client that wants others makes a new connection.
    pub fn picture_slots(&self, id: LegId) -> Vec<String> {
        let slots = self.legs.get(&id).into_iter().flat_map(|leg| &leg.slots);
        slots.filter(|slot| slot.kind != SourceKind::Microphone).map(|slot| slot.mid.to_string()).collect()
    }
}
