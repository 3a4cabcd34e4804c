//! Dividing a receiver's bandwidth anew: what there is goes to the allocator, and what it decides to the slots, the path's
//! prober, and the senders. Done when something changed and at a steady pace, never for a packet.

use std::time::Instant;

use str0m::bwe::Bitrate;

use crate::allocate::{Allocation, Rank, Wish, allocate};
use crate::binding::SourceRef;
use crate::congestion::Congestion;
use crate::ladder::{Rung, ladder};
use crate::leg::{Leg, LegId};
use crate::red;
use crate::router::{Event, Output, Router};
use crate::slot::Slot;
use crate::source::SourceKind;
use crate::view::{DEFAULT_HEIGHT, UNSAID_HEIGHT};
use crate::wanted::Layers;

/// What a voice may need at any moment, bits per second: Opus of a browser, with its headers. What was measured says little of
/// one that pauses between two sentences.
const VOICE: u64 = 32_000;
/// The prober tries up to twice what is desired: with this it tries what the next step needs and what ends a hold, not more. A
/// greater burst would be felt on the very paths that are too narrow.
const PROBED: f64 = 0.6;
/// Where there is nothing to better it finds out that there is room to spare, in which a keyframe is not paced for long.
const SPARE: f64 = 1.25;
/// More people than this rarely speak at once.
const SPEAK_AT_ONCE: usize = 2;

impl Router {
    /// Divides a leg's bandwidth among its pictures anew. Unknown legs, and those without video, are passed over.
    pub(crate) fn reallocate(&mut self, id: LegId) {
        if !self.congestion_control() {
            return self.give_everything(id);
        }
        let now = self.now;
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.congestion.next = None;
        if !leg.receives() {
            leg.rest(now, true);
            leg.congestion.next = leg.congestion.tires();
            return;
        }
        let (places, wishes) = self.wishes(id);
        let Some(leg) = self.legs.get(&id) else { return };
        let voices = leg.voices(now);
        let sent = leg.slots.iter().filter(|slot| slot.kind.is_video()).map(|slot| slot.bitrate(now)).sum();
        let before: u64 = wishes.iter().filter_map(Wish::costs).sum();
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.congestion.next = if places.is_empty() { leg.congestion.tires() } else { Some(Congestion::divides_next(now, id.0)) };
        let limits = if places.is_empty() { None } else { leg.congestion.limits(now, voices, before, sent, self.lag.blurs()) };
        let allocation = allocate(limits, &wishes);
        leg.spare_redundancy(allocation.next.is_some());
        leg.health.gets(now, allocation.spent, allocation.best);
        if let Some(limits) = limits {
            leg.congestion.divided(now, limits.keep, before, allocation.spent);
        }
        let paused = allocation.shares.iter().any(|share| share.paused);
        if let Some(estimate) = leg.congestion.set_paused(now, paused) {
            leg.rtc.bwe().reset(estimate);
        }
        leg.rest(now, wishes.iter().zip(&allocation.shares).all(|(wish, share)| wish.tile == 0 || share.paused));
        let desired = if leg.congestion.is_young(now) {
            Congestion::first_sought(voices, allocation.best)
        } else {
            let factor = if paused {
                1.0
            } else if allocation.next.is_some() {
                PROBED
            } else {
                SPARE
            };
            Congestion::needed(voices, allocation.next.unwrap_or(allocation.spent)) * factor
        };
        if allocation.best > 0
            && let Some(desired) = leg.congestion.seek(now, desired, allocation.next.is_some())
        {
            leg.rtc.bwe().set_bitrate(Bitrate::ZERO, desired);
        }
        tracing::trace!(leg = %id, estimate = leg.congestion.estimate(), voices, before, ?limits, ?allocation, "divided");
        self.give(id, &places, &allocation);
    }

    /// The slots of a leg that have a video source in them, by their place, and what each wishes.
    pub(crate) fn wishes(&mut self, id: LegId) -> (Vec<usize>, Vec<Wish>) {
        let now = self.now;
        let mut wishes = Vec::new();
        let bound = |leg: &Leg| -> Vec<(usize, SourceRef)> {
            leg.slots
                .iter()
                .enumerate()
                .filter_map(|(place, slot)| Some((place, slot.source.filter(|(_, kind)| kind.is_video())?)))
                .collect()
        };
        for (place, (owner, kind)) in self.legs.get(&id).map_or(Vec::new(), bound) {
            let Some(source) = self.source(owner, kind) else { continue };
            let mut facts = source.facts(now);
            source.peaks.apply(now, &mut facts);
            let Some(leg) = self.legs.get(&id) else { break };
            wishes.push((place, leg.wish(&leg.slots[place], ladder(kind, &facts))));
        }
        wishes.into_iter().unzip()
    }

    /// Gives the slots what they are to have.
    pub(crate) fn give(&mut self, id: LegId, places: &[usize], allocation: &Allocation) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let mut changed = Vec::new();
        for (&place, share) in places.iter().zip(&allocation.shares) {
            let slot = &mut leg.slots[place];
            slot.aim(share.aim);
            if slot.paused != share.paused {
                slot.paused = share.paused;
                let event = Event::SlotPaused { leg: id, mid: slot.mid.to_string(), paused: share.paused };
                self.outputs.push_back(Output::Event(event));
            }
            let shown = slot.showing().or(share.aim);
            let wants = [share.aim, share.wants, shown.filter(|_| share.aim.is_some())];
            let wants = wants.iter().flatten().fold(Layers::default(), |layers, target| layers.with(target.layer));
            if slot.wants != wants {
                slot.wants = wants;
                changed.extend(slot.source);
            }
        }
        self.catch_up(id);
        for (owner, kind) in changed {
            self.tell_wanted(owner, kind);
        }
    }

    /// Tells the sender of a source which layers anyone wants, if it does not know.
    pub(crate) fn tell_wanted(&mut self, owner: LegId, kind: SourceKind) {
        let now = self.now;
        if self.remotes.contains_key(&owner) {
            return self.touch(owner);
        }
        if !kind.is_video() {
            return;
        }
        let Some(leg) = self.legs.get(&owner) else { return };
        // A screen that has not begun is shown to nobody, and could not begin if it were told to send nothing.
        let begun = leg.gate_open && (kind != SourceKind::Screen || leg.screen_since.is_some());
        let Some(source) = leg.sources.iter().find(|source| source.kind == kind) else { return };
        let of_slot = |(to, place): &(LegId, usize)| self.legs.get(to).map(|leg| leg.slots[*place].wants);
        let elsewhere = source.relays.iter().map(|(_, layers)| *layers);
        let wanted = source.subscribers.iter().filter_map(of_slot).chain(elsewhere).fold(Layers::default(), Layers::and);
        let Some(source) = self.source(owner, kind) else { return };
        if !begun {
            // It goes on as it is, to be there in the moment the gate opens.
            return source.wanted.wait(None);
        }
        if source.layers.iter().all(|layer| layer.heard.is_none()) {
            // What has sent nothing may begin.
            source.wanted.wait(Some(now));
            return self.touch(owner);
        }
        if let Some(tell) = source.wanted.update(now, Layers::first(source.layers.len()), wanted) {
            let layers = source.layers.iter().enumerate().filter(|(place, _)| tell.has(*place));
            let rids = layers.filter_map(|(_, layer)| layer.rid.map(|rid| rid.to_string())).collect();
            let event = Event::LayersWanted { leg: owner, kind, active: !tell.is_empty(), rids };
            self.outputs.push_back(Output::Event(event));
        }
        self.touch(owner);
    }

    /// Tells a leg that may be seen from this moment on what of it is wanted.
    pub(crate) fn tell_all_wanted(&mut self, id: LegId) {
        for kind in [SourceKind::Camera, SourceKind::Screen] {
            self.tell_wanted(id, kind);
        }
    }

    /// Does for a leg what is due of all this.
    pub(crate) fn keep_dividing(&mut self, id: LegId) {
        let now = self.now;
        let Some(leg) = self.legs.get(&id) else { return };
        let due: Vec<SourceKind> =
            leg.sources.iter().filter(|source| source.wanted.due().is_some_and(|at| at <= now)).map(|source| source.kind).collect();
        if leg.congestion.next.is_some_and(|at| at <= now) {
            self.reallocate(id);
        }
        for kind in due {
            self.tell_wanted(id, kind);
        }
    }
}

impl Leg {
    /// Has the path tried before there are pictures: while it rings, so that they begin with the right layer.
    pub(crate) fn look_ahead(&mut self, now: Instant) {
        self.rtc.bwe().set_bitrate(Bitrate::ZERO, Congestion::first_sought(0, 0));
        self.rest(now, true);
        self.congestion.next = self.congestion.tires();
    }

    /// Sends nothing that is not media, or goes on where that ended.
    fn rest(&mut self, now: Instant, idle: bool) {
        if let Some(estimate) = self.congestion.set_idle(now, idle) {
            self.rtc.bwe().reset(estimate);
            if estimate == Bitrate::ZERO {
                self.rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::ZERO);
            }
        }
    }

    fn wish(&self, slot: &Slot, rungs: Vec<Rung>) -> Wish {
        let tile = self.view.tiles.iter().find(|tile| *tile.mid == *slot.mid);
        let rank = match (slot.kind, tile.is_some_and(|tile| tile.pinned)) {
            (SourceKind::Screen, _) => Rank::Screen,
            (_, true) => Rank::Pinned,
            (_, false) => Rank::Other,
        };
        let has = slot.aimed().filter(|_| !slot.wants.is_empty());
        let unnamed = if self.view.tiles.is_empty() { UNSAID_HEIGHT } else { DEFAULT_HEIGHT };
        Wish { rank, tile: tile.map_or(unnamed, |tile| tile.height), rungs, has, paused: slot.paused }
    }

    /// What the voices it hears cost, or may at any moment.
    fn voices(&self, now: Instant) -> u64 {
        let voices: Vec<&Slot> = self.slots.iter().filter(|slot| slot.kind == SourceKind::Microphone && slot.source.is_some()).collect();
        let measured: u64 = voices.iter().map(|slot| slot.bitrate(now)).sum();
        measured.max(VOICE * voices.len().min(SPEAK_AT_ONCE) as u64)
    }

    /// Leaves RED away while a picture lacks room on a tight path. While none does, an estimate tells little: it follows what is sent.
    fn spare_redundancy(&mut self, lacks_room: bool) {
        let bps = self.congestion.estimate().filter(|_| lacks_room);
        for slot in &mut self.slots {
            slot.tight = bps.is_some_and(|bps| red::is_left_away(bps, slot.tight));
        }
    }

    /// When it has something to divide or to tell next.
    pub(crate) fn divides(&self) -> impl Iterator<Item = Instant> {
        self.sources.iter().filter_map(|source| source.wanted.due()).chain(self.congestion.next)
    }
}
