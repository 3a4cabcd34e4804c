//! Which source is shown in which slot: one policy for each kind, pure functions of who is there, who speaks and what a receiver
//! wants to see.
//!
//! What they have in common: nobody gets their own source, a source is in one slot of a receiver at most, and a slot keeps its
//! source while there is no reason to change it. The slot that was emptied last is filled first: who comes right after somebody
//! left is the same person on another device or connection, and appears where they were.

mod audio;
mod screen;
mod stage;
mod video;

use std::cmp::Reverse;
use std::time::Instant;

pub(crate) use stage::{Performer, Stage};

use crate::leg::LegId;
use crate::source::SourceKind;

/// A source by its owner and kind.
pub(crate) type SourceRef = (LegId, SourceKind);

/// A slot as these policies see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// What it takes.
    pub(crate) kind: SourceKind,
    /// What it carries.
    pub(crate) source: Option<SourceRef>,
    /// When it got its source, or lost the last.
    pub(crate) since: Option<Instant>,
    /// Whose picture the client wants in it; `None` leaves the choice to the policy.
    pub(crate) shows: Option<LegId>,
    /// Whether the client does not draw it.
    pub(crate) hidden: bool,
}

/// A receiver as these policies see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receiver {
    pub(crate) me: LegId,
    /// How many voices it hears at most.
    pub(crate) audio_slots: usize,
    /// When a speaker last took the tile of somebody silent.
    pub(crate) swapped: Option<Instant>,
}

/// What each of a receiver's slots should carry.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) sources: Vec<Option<SourceRef>>,
    /// Whether a speaker takes the tile of somebody silent.
    pub(crate) swaps: bool,
    /// When the next speaker who waits for a tile, or for a slot for a voice, may have one.
    pub(crate) again: Option<Instant>,
}

/// Binds a receiver's slots at `now`, given what its group has to show.
pub(crate) fn bind(now: Instant, receiver: Receiver, places: &[Place], stage: &Stage) -> Binding {
    let mut tiles = Tiles { now, me: receiver.me, places, sources: vec![None; places.len()] };
    let heard = audio::bind(&mut tiles, receiver.audio_slots, stage);
    screen::bind(&mut tiles, stage);
    let (swaps, seen) = video::bind(&mut tiles, receiver.swapped, stage);
    Binding { sources: tiles.sources, swaps, again: heard.into_iter().chain(seen).min() }
}

/// A receiver's slots on their way to being bound.
struct Tiles<'a> {
    now: Instant,
    me: LegId,
    places: &'a [Place],
    sources: Vec<Option<SourceRef>>,
}

impl Tiles<'_> {
    /// The slots of a kind whose source the policy chooses.
    fn automatic(&self, kind: SourceKind) -> impl Iterator<Item = usize> {
        let places = self.places.iter().enumerate();
        places.filter(move |(_, place)| place.kind == kind && place.shows.is_none()).map(|(at, _)| at)
    }

    fn has(&self, source: SourceRef) -> bool {
        self.sources.contains(&Some(source))
    }

    /// Gives the slots whose client has chosen what they are to show, where it is there.
    fn bind_chosen(&mut self, kind: SourceKind, stage: &Stage) {
        for (at, place) in self.places.iter().enumerate().filter(|(_, place)| place.kind == kind) {
            let Some(chosen) = place.shows else { continue };
            let source = (chosen, kind);
            if chosen != self.me && stage.has(source) && !self.has(source) {
                self.sources[at] = Some(source);
            }
        }
    }

    /// Leaves sources where they are, as far as `stays` says so.
    fn keep(&mut self, kind: SourceKind, stays: impl Fn(SourceRef) -> bool) {
        for (at, place) in self.places.iter().enumerate() {
            let Some(source) = place.source.filter(|source| source.0 != self.me && source.1 == kind) else { continue };
            if place.shows.is_none() && stays(source) && !self.has(source) {
                self.sources[at] = Some(source);
            }
        }
    }

    /// The free slot that the next source of a kind goes to: one that is drawn, then the one that was emptied last.
    fn free(&self, kind: SourceKind) -> Option<usize> {
        // One that is emptied at this moment has nothing to say yet of when.
        let emptied = |place: &Place| if place.source.is_some() { Some(self.now) } else { place.since };
        let free = self.automatic(kind).filter(|&at| self.sources[at].is_none());
        free.min_by_key(|&at| (self.places[at].hidden, Reverse(emptied(&self.places[at])), at))
    }

    /// Fills the free slots of a kind, at most `most` of them, with those who come first.
    fn fill(&mut self, kind: SourceKind, most: usize, first: &[LegId]) {
        let me = self.me;
        let mut left = most;
        for leg in first.iter().filter(|leg| **leg != me) {
            if left == 0 {
                return;
            }
            if self.has((*leg, kind)) {
                continue;
            }
            let Some(free) = self.free(kind) else { return };
            self.sources[free] = Some((*leg, kind));
            left -= 1;
        }
    }
}

#[cfg(test)]
mod tests;
