//! Bringing slots in line with the binding: who is shown where is decided in `binding`, and made so here.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::binding::{Binding, Performer, Place, Receiver, SourceRef, Stage, bind};
use crate::leg::{GroupId, LegId};
use crate::router::{Event, Output, Router};
use crate::source::SourceKind;
use crate::speakers::LOOK_EVERY;

impl Router {
    /// Brings every slot of a group in line with who is there and who speaks.
    pub(crate) fn rebind(&mut self, id: GroupId) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.rebind_at = None;
        let members = std::mem::take(&mut group.members);
        let stage = self.stage(id, &members);
        let mut left = BTreeSet::new();
        let again = members.iter().filter_map(|member| self.rebind_leg(*member, &stage, &mut left)).min();
        if let Some(group) = self.groups.get_mut(&id) {
            group.members = members;
        }
        self.rebind_by(id, again);
        self.tell_left(left);
    }

    /// Brings the slots of one leg in line with what it wants to see.
    pub(crate) fn rebind_one(&mut self, id: LegId) {
        let Some(group) = self.legs.get(&id).map(|leg| leg.group) else { return };
        let stage = self.stage(group, &self.groups[&group].members);
        let mut left = BTreeSet::new();
        let again = self.rebind_leg(id, &stage, &mut left);
        self.rebind_by(group, again);
        self.tell_left(left);
    }

    /// Has the group looked at again at this instant.
    fn rebind_by(&mut self, id: GroupId, at: Option<Instant>) {
        if let (Some(at), Some(group)) = (at, self.groups.get_mut(&id)) {
            // Receivers' turns come at as many instants as there are receivers: those of one moment are looked at together.
            let at = at.max(self.now + LOOK_EVERY);
            group.rebind_at = Some(group.rebind_at.map_or(at, |before| before.min(at)));
            self.group_timers.advance(id, at);
        }
    }

    fn stage(&self, id: GroupId, members: &[LegId]) -> Stage {
        let performers: Vec<Performer> = members.iter().filter_map(|id| self.performer(*id)).collect();
        Stage::new(&performers, self.groups.get(&id).map_or(&[], |group| group.speakers.order()))
    }

    /// Gives when a speaker who waits for one of its slots may have it. Adds the sources that leave one.
    fn rebind_leg(&mut self, id: LegId, stage: &Stage, left: &mut BTreeSet<SourceRef>) -> Option<Instant> {
        let (now, audio_slots) = (self.now, self.audio_slots());
        let leg = self.legs.get_mut(&id)?;
        let places: Vec<Place> = leg.places().collect();
        let binding = if leg.receives() {
            bind(now, Receiver { me: id, audio_slots, swapped: leg.swapped }, &places, stage)
        } else {
            Binding { sources: vec![None; places.len()], ..Binding::default() }
        };
        if binding.swaps {
            leg.swapped = Some(now);
        }
        let mut rebound = Vec::new();
        for (place, source) in binding.sources.into_iter().enumerate() {
            let before = places[place].source;
            if source != before {
                let slot = &mut leg.slots[place];
                slot.bind(now, source);
                self.outputs.push_back(Output::Event(Event::SlotChanged { leg: id, mid: slot.mid.to_string(), source }));
                rebound.push((place, before, source));
            }
        }
        if rebound.is_empty() {
            return binding.again;
        }
        // A source that moves between two slots leaves the one before it comes to the other.
        for (place, before, _) in &rebound {
            self.unsubscribe(id, *place, *before);
            left.extend(*before);
        }
        for (place, _, source) in &rebound {
            let Some((from, kind)) = *source else { continue };
            if let Some(source) = self.source(from, kind) {
                source.subscribers.push((id, *place));
            }
            if self.remotes.contains_key(&from) {
                self.touch(from);
            }
        }
        // Divided before the first keyframe is taken, which is then that of the right layer.
        self.reallocate(id);
        self.touch(id);
        binding.again
    }

    /// Takes a slot from the receivers of a source, if that is still there.
    pub(crate) fn unsubscribe(&mut self, id: LegId, place: usize, source: Option<SourceRef>) {
        if let Some(source) = source.and_then(|(from, kind)| self.source(from, kind))
            && let Some(at) = source.subscribers.iter().position(|subscriber| *subscriber == (id, place))
        {
            source.subscribers.swap_remove(at);
        }
    }

    /// Tells the senders of sources that left slots what of them is wanted: each once, for it is asked of all who are shown it.
    pub(crate) fn tell_left(&mut self, left: BTreeSet<SourceRef>) {
        for (from, kind) in left {
            self.tell_wanted(from, kind);
        }
    }

    /// What a leg has to show, wherever it is; nothing while its gate is shut.
    fn performer(&self, id: LegId) -> Option<Performer> {
        let (open, on, sources, screen_since, voice) = match self.legs.get(&id) {
            Some(leg) => (leg.gate_open, leg.shows(), &leg.sources, leg.screen_since, &leg.voice),
            None => {
                let remote = self.remotes.get(&id)?;
                (remote.gate_open, remote.on, &remote.sources, remote.screen_since, &remote.voice)
            }
        };
        let shows = |kind: SourceKind| on.has(kind) && sources.iter().any(|source| source.kind == kind);
        open.then(|| Performer {
            leg: id,
            microphone: shows(SourceKind::Microphone),
            camera: shows(SourceKind::Camera),
            screen: screen_since.filter(|_| shows(SourceKind::Screen)),
            spoke: voice.spoke(),
        })
    }
}
