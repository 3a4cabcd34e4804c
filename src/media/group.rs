//! A group: who is in it, who of them is heard, and what is told to all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::leg::{GroupId, LegId};
use crate::packet::Packet;
use crate::relay::RelayId;
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
    /// In the order they were added, wherever they are.
    pub(crate) members: Vec<LegId>,
    /// The other routers that are told of those who are here.
    pub(crate) relays: Vec<RelayId>,
    pub(crate) speakers: Speakers,
    /// When somebody who waits for a tile may have one, or what was switched on or off is to be shown.
    pub(crate) rebind_at: Option<Instant>,
    looked: Option<Instant>,
    /// Whose quality is another than was told.
    changed: BTreeMap<LegId, Quality>,
    told_quality: Option<Instant>,
}

impl Group {
    /// Forgets a leg.
    pub(crate) fn remove(&mut self, leg: LegId) {
        self.members.retain(|member| *member != leg);
        self.speakers.remove(leg);
        self.changed.remove(&leg);
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
                self.publish_sources(id);
                self.rebind(group);
            }
            _ => {}
        }
    }

    pub(crate) fn begins_to_sound(&mut self, id: GroupId, leg: LegId) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.speakers.begin(leg);
        self.look_soon(id);
    }

    /// Looks at who is heard in a moment.
    pub(crate) fn look_soon(&mut self, id: GroupId) {
        let Some(group) = self.groups.get(&id) else { return };
        let at = group.looked.map_or(self.now, |looked| self.now.max(looked + LOOK_AGAIN_AFTER));
        self.group_timers.advance(id, at);
    }

    /// A leg's quality is another than before.
    pub(crate) fn quality_changed(&mut self, id: GroupId, leg: LegId, quality: Quality) {
        self.tell_quality_of(id, leg, quality);
        self.hand_over_quality(id);
    }

    /// Has it told in a moment what a leg's quality is.
    pub(crate) fn tell_quality_of(&mut self, id: GroupId, leg: LegId, quality: Quality) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.changed.insert(leg, quality);
        if let Some(at) = group.quality_due(self.now) {
            self.group_timers.advance(id, at);
        }
    }

    /// Gives what is to be told of qualities to the router that tells it, if that is another.
    pub(crate) fn hand_over_quality(&mut self, id: GroupId) {
        let Some(to) = self.told_elsewhere(id) else { return };
        let Some(group) = self.groups.get_mut(&id) else { return };
        for (leg, quality) in std::mem::take(&mut group.changed) {
            self.publish_quality(to, id, leg, quality);
        }
    }

    /// Looks at who is heard in a group, brings its slots in line with that, and tells what is to be told.
    pub(crate) fn look_at(&mut self, id: GroupId) {
        let (now, most) = (self.now, self.audio_slots());
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.looked = Some(now);
        for (leg, _) in group.speakers.order() {
            // Of one elsewhere it is told.
            if let Some(leg) = self.legs.get_mut(leg) {
                leg.voice.fade(now);
            }
        }
        let (legs, remotes) = (&self.legs, &self.remotes);
        let voice = |leg| legs.get(&leg).map(|leg| &leg.voice).or_else(|| Some(&remotes.get(&leg)?.voice));
        let sounded: Vec<LegId> = if group.relays.is_empty() { Vec::new() } else { group.speakers.legs().collect() };
        let others_sound = group.speakers.look(now, voice);
        sounded.into_iter().for_each(|leg| self.publish_voice(leg));
        let Some(group) = self.groups.get(&id) else { return };
        if others_sound || group.rebind_at.is_some_and(|at| at <= now) {
            self.rebind(id);
        }
        self.hand_over_quality(id);
        let elsewhere = self.told_elsewhere(id).is_some();
        let Some(group) = self.groups.get_mut(&id) else { return };
        if elsewhere {
            group.speakers.told_elsewhere();
        } else if let Some(legs) = group.speakers.tell(now, most) {
            self.outputs.push_back(Output::Event(Event::Speakers { group: id, legs }));
        }
        if let Some(changes) = group.tell_quality(now) {
            self.outputs.push_back(Output::Event(Event::Quality { group: id, changes }));
        }
        let due = [group.speakers.due(now, most), group.rebind_at, group.quality_due(now)];
        self.group_timers.set(id, due.into_iter().flatten().min());
    }
}
