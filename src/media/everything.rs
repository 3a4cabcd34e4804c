//! Without congestion control: each slot gets the best that is worth having for its tile, whatever the path carries. For measuring
//! what the estimate and its pacing cost.

use crate::allocate::{Limits, allocate};
use crate::congestion::Congestion;
use crate::leg::LegId;
use crate::router::Router;

impl Router {
    /// Gives a leg's slots all they may have. It is done again at the pace of dividing, since layers come and go.
    pub(crate) fn give_everything(&mut self, id: LegId) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.congestion.next = None;
        if !leg.receives() {
            return;
        }
        let (places, wishes) = self.wishes(id);
        let allocation = allocate(Some(Limits::NONE), &wishes);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.congestion.next = (!places.is_empty()).then(|| Congestion::divides_next(now, id.0));
        leg.health.gets(now, allocation.spent, allocation.best);
        self.give(id, &places, &allocation);
    }
}
