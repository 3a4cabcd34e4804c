//! A group: who is in it, who of them is heard, and what is told to all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::leg::{GroupId, LegId};
use crate::packet::Packet;
use crate::router::{Event, Output, Router};
use crate::source::SourceKind;
use crate::speakers::Speakers;
use crate::stats::Quality;

/// How often at most it is told whose quality changed.
const TELL_QUALITY_EVERY: Duration = Duration::from_secs(1);
/// Many who begin to speak in one moment are looked at once.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub(crate) struct Group {
    /// In the order they were added.
    pub(crate) members: Vec<LegId>,
    pub(crate) speakers: Speakers,
    /// When somebody who waits for a tile may have one, or what was switched on or off is to be shown.
    pub(crate) rebind_at: Option<Instant>,
    looked: Option<Instant>,
    /// Whose quality is another than was told.
    changed: BTreeMap<LegId, Quality>,
    told_quality: Option<Instant>,
}

impl Group {
    /// Forgets a leg; true when nobody is left.
    pub(crate) fn remove(&mut self, leg: LegId) -> bool {
        self.members.retain(|member| *member != leg);
        self.speakers.remove(leg);
        self.changed.remove(&leg);
        self.members.is_empty()
    }

    fn tell_quality(&mut self, now: Instant) -> Option<Vec<(LegId, Quality)>> {
        if self.quality_due(now)? > now {
            return None;
        }
        self.told_quality = Some(now);
        Some(std::mem::take(&mut self.changed).into_iter().collect())
    }

    fn quality_due(&self, now: Instant) -> Option<Instant> {
        (!self.changed.is_empty()).then(|| self.told_quality.map_or(now, |told| told + TELL_QUALITY_EVERY))
    }
}

impl Router {
    /// Takes note of what a leg's packet says to its group: that somebody speaks, or that a screen is shared.
    pub(crate) fn notice(&mut self, id: LegId, source: usize, packet: &Packet) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let group = leg.group;
        match leg.sources[source].kind {
            SourceKind::Microphone => {
                let begins = leg.on.microphone && leg.voice.hear(self.now, packet.ext_vals.audio_level, packet.payload.len());
                if begins {
                    self.begins_to_sound(group, id);
                }
            }
            SourceKind::Screen if leg.on.screen && leg.screen_since.is_none() => {
                leg.screen_since = Some(self.now);
                self.rebind(group);
            }
            _ => {}
        }
    }

    fn begins_to_sound(&mut self, id: GroupId, leg: LegId) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.speakers.begin(leg);
        let at = group.looked.map_or(self.now, |looked| self.now.max(looked + LOOK_AGAIN_AFTER));
        self.group_timers.advance(id, at);
    }

    /// A leg's quality is another than before.
    pub(crate) fn quality_changed(&mut self, id: GroupId, leg: LegId, quality: Quality) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.changed.insert(leg, quality);
        if let Some(at) = group.quality_due(self.now) {
            self.group_timers.advance(id, at);
        }
    }

    /// Looks at who is heard in a group, brings its slots in line with that, and tells what is to be told.
    pub(crate) fn look_at(&mut self, id: GroupId) {
        let (now, most) = (self.now, self.audio_slots());
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.looked = Some(now);
        for (leg, _) in group.speakers.order() {
            if let Some(leg) = self.legs.get_mut(leg) {
                leg.voice.fade(now);
            }
        }
        let legs = &self.legs;
        let others_sound = group.speakers.look(now, |leg| Some(&legs.get(&leg)?.voice));
        if others_sound || group.rebind_at.is_some_and(|at| at <= now) {
            self.rebind(id);
        }
        let Some(group) = self.groups.get_mut(&id) else { return };
        if let Some(legs) = group.speakers.tell(now, most) {
            self.outputs.push_back(Output::Event(Event::Speakers { group: id, legs }));
        }
        if let Some(changes) = group.tell_quality(now) {
            self.outputs.push_back(Output::Event(Event::Quality { group: id, changes }));
        }
        let due = [group.speakers.due(now, most), group.rebind_at, group.quality_due(now)];
        self.group_timers.set(id, due.into_iter().flatten().min());
    }
}
