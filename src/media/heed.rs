//! What clients say of themselves: what they show, and what they have switched on. It is heeded at once; one that goes on talking
//! is heeded at a steady pace, because what each word of it costs is work for its whole group.

use std::time::Instant;

use crate::leg::{GroupId, LegId};
use crate::router::Router;
use crate::speakers::LOOK_EVERY;
use crate::view::{Sources, View};

impl Router {
    /// Says what a leg's client shows; it replaces what was said before. Of many in a row the first counts at once, and the last
    /// 0.1 s later. Unknown legs are ignored.
    pub fn set_view(&mut self, now: Instant, id: LegId, view: View) {
        self.advance(now);
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.view != view) else { return };
        leg.set_view(view);
        let at = leg.view_heeded.map_or(self.now, |heeded| heeded + LOOK_EVERY);
        leg.view_waits.get_or_insert(at);
        if at > self.now {
            self.timers.advance(id, at);
        } else {
            self.heed_view(id);
        }
    }

    /// Does what a leg's client said it shows, if it is time to.
    pub(crate) fn heed_view(&mut self, id: LegId) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.view_waits.is_some_and(|at| at <= now)) else { return };
        leg.view_waits = None;
        leg.view_heeded = Some(now);
        self.rebind_one(id);
        self.reallocate(id);
    }

    /// Says which of its sources a leg has switched on. Of many changes in a row the first is shown at once, and the last 0.1 s
    /// later. Unknown legs are ignored.
    pub fn set_sources(&mut self, now: Instant, id: LegId, on: Sources) {
        self.advance(now);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if !leg.set_sources(now, on) {
            return;
        }
        let (group, at) = (leg.group, heed_at(&mut leg.sources_heeded, self.now));
        self.publish_sources(id);
        self.heed_sources(id, group, on, at);
    }

    /// Brings a group in line at `at` with what one of its legs has switched on.
    pub(crate) fn heed_sources(&mut self, id: LegId, group: GroupId, on: Sources, at: Instant) {
        let Some(known) = self.groups.get_mut(&group) else { return };
        if !on.microphone {
            known.speakers.remove(id);
        }
        if at > self.now {
            known.rebind_at = Some(known.rebind_at.map_or(at, |before| before.min(at)));
            self.group_timers.advance(group, at);
        } else {
            self.rebind(group);
        }
    }
}

/// When to heed what is said now, given when it last was, or is to be.
pub(crate) fn heed_at(heeded: &mut Option<Instant>, now: Instant) -> Instant {
    let at = match *heeded {
        Some(waits) if waits > now => waits,
        heeded => heeded.map_or(now, |heeded| heeded + LOOK_EVERY).max(now),
    };
    *heeded = Some(at);
    at
}
