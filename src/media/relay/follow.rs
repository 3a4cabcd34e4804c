//! What another router says of its legs, taken to heart: they are shown here as if they were here.

use std::time::Instant;

use super::{Introduction, RelayId, Remote};
use crate::binding::SourceRef;
use crate::counters::Drop;
use crate::heed::heed_at;
use crate::layer::Layer;
use crate::leg::{GroupId, LegId};
use crate::packet::Packet;
use crate::peaks::Peaks;
use crate::router::Router;
use crate::source::Source;
use crate::stats::Quality;
use crate::view::Sources;
use crate::voice::Voice;

impl Router {
    /// Forgets the legs that another router has of a group.
    pub(super) fn forget_remotes(&mut self, from: RelayId, id: GroupId) {
        let members = self.groups.get(&id).map_or(Vec::new(), |group| group.members.clone());
        let theirs = members.into_iter().filter(|member| self.remotes.get(member).is_some_and(|remote| remote.home == from));
        let theirs: Vec<LegId> = theirs.collect();
        for leg in &theirs {
            self.take_out_remote(*leg);
        }
        if !theirs.is_empty() {
            self.without_some(id);
        }
    }

    pub(super) fn remote_came(&mut self, from: RelayId, introduction: Introduction) {
        let (id, group, added) = (introduction.leg, introduction.group, introduction.added);
        if self.legs.contains_key(&id) || self.remotes.contains_key(&id) {
            return;
        }
        let opens = introduction.gate_open;
        self.remotes.insert(id, Remote::new(from, introduction));
        let members = self.groups.get(&group).map_or(Vec::new(), |group| group.members.clone());
        let later = |member: &LegId| self.added(*member).is_some_and(|other| (other, *member) > (added, id));
        let place = members.iter().position(later).unwrap_or(members.len());
        self.groups.entry(group).or_default().members.insert(place, id);
        // Its home may remember what was asked of it before; it is told anew.
        self.touch(id);
        if opens {
            self.rebind(group);
        }
    }

    pub(super) fn remote_left(&mut self, from: RelayId, id: LegId) {
        let Some(group) = self.remote(from, id).map(|remote| remote.group) else { return };
        self.take_out_remote(id);
        self.without_some(group);
    }

    pub(super) fn remote_gate(&mut self, from: RelayId, id: LegId, open: bool) {
        let Some(remote) = self.remote(from, id) else { return };
        remote.gate_open = open;
        if !open {
            remote.sources.iter_mut().for_each(Source::forget_recent);
        }
        let group = remote.group;
        self.rebind(group);
    }

    pub(super) fn remote_sources(&mut self, from: RelayId, id: LegId, on: Sources, screen_since: Option<Instant>) {
        let now = self.now;
        let Some(remote) = self.remote(from, id) else { return };
        remote.screen_since = screen_since;
        remote.on = on;
        if !on.microphone {
            remote.voice.mute();
        }
        let (group, at) = (remote.group, heed_at(&mut remote.sources_heeded, now));
        self.heed_sources(id, group, on, at);
    }

    pub(super) fn remote_voice(&mut self, from: RelayId, id: LegId, voice: Voice) {
        let Some(remote) = self.remote(from, id) else { return };
        let before = (remote.voice.sounds(), remote.voice.speaks());
        remote.voice = voice;
        let (group, after) = (remote.group, (remote.voice.sounds(), remote.voice.speaks()));
        if before == after {
            return;
        }
        if after.0 {
            self.begins_to_sound(group, id);
        } else {
            self.look_soon(group);
        }
    }

    pub(super) fn remote_state(&mut self, from: RelayId, (id, kind): SourceRef, layers: Vec<Layer>, peaks: Peaks) {
        let Some((_, source, feed)) = self.remote(from, id).and_then(|remote| remote.feed(kind)) else { return };
        // It may have been given up on the way here.
        feed.known = feed.told.is_some_and(|told| told.taken) && layers.len() == source.layers.len();
        if !feed.known {
            return;
        }
        (source.layers, source.peaks) = (layers, peaks);
        if kind.is_video() {
            for (receiver, _) in source.subscribers.clone() {
                self.reallocate(receiver);
            }
        }
    }

    pub(super) fn remote_packet(&mut self, from: RelayId, (id, kind): SourceRef, packet: &Packet) {
        let now = self.now;
        self.counters.packets_from_relays += 1;
        let Some(remote) = self.remote(from, id) else { return self.counters.drop(Drop::NotASource) };
        let open = remote.gate_open;
        let Some((place, source, feed)) = remote.feed(kind) else { return self.counters.drop(Drop::NotASource) };
        let layer = source.layers.get_mut(packet.layer).filter(|_| feed.known && open);
        let Some(layer) = layer else { return self.counters.drop(Drop::LayerNotWanted) };
        layer.follow_elsewhere(now, packet);
        self.pass_on(now, (id, place), packet);
    }

    pub(super) fn take_quality(&mut self, group: GroupId, leg: LegId, quality: Quality) {
        if self.groups.get(&group).is_some_and(|group| group.members.contains(&leg)) {
            self.tell_quality_of(group, leg, quality);
        }
    }

    fn remote(&mut self, from: RelayId, id: LegId) -> Option<&mut Remote> {
        self.remotes.get_mut(&id).filter(|remote| remote.home == from)
    }

    fn take_out_remote(&mut self, id: LegId) {
        let Some(remote) = self.remotes.remove(&id) else { return };
        self.timers.set(id, None);
        if let Some(group) = self.groups.get_mut(&remote.group) {
            group.remove(id);
        }
    }

    /// Brings a group in line with that some of another router's legs are gone.
    fn without_some(&mut self, id: GroupId) {
        if !self.forget_if_empty(id) {
            self.rebind(id);
            // Who tells who speaks may be another from here on.
            self.group_timers.advance(id, self.now);
        }
    }
}
