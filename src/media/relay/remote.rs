//! A leg that another router has: what it shows and sounds, without a connection.

use std::time::Instant;

use super::{Demand, Introduction, RelayId};
use crate::leg::{GroupId, LegId};
use crate::router::Router;
use crate::source::{Source, SourceKind};
use crate::view::Sources;
use crate::voice::Voice;
use crate::waiting::Waits;

#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) group: GroupId,
    /// The router that has it.
    pub(crate) home: RelayId,
    /// When it was added there.
    pub(super) added: Instant,
    pub(crate) gate_open: bool,
    pub(crate) on: Sources,
    pub(crate) screen_since: Option<Instant>,
    pub(crate) voice: Voice,
    pub(crate) sources: Vec<Source>,
    /// How each of the sources comes from there.
    pub(super) feeds: Vec<Feed>,
    /// When its group last was, or is to be, brought in line with what it switched on or off.
    pub(super) sources_heeded: Option<Instant>,
    /// How it waits for what is asked of its home.
    pub(crate) waits: Waits,
}

/// One source on its way here.
#[derive(Debug, Default)]
pub(super) struct Feed {
    /// What its home was told of who takes it; `None` before it was told anything.
    pub(super) told: Option<Demand>,
    /// Whether its home said how it stands. Packets before that belong to what was taken earlier.
    pub(super) known: bool,
}

impl Remote {
    pub(super) fn new(home: RelayId, introduction: Introduction) -> Self {
        let Introduction { leg: _, group, added, gate_open, on, screen_since, voice, sources } = introduction;
        let sources: Vec<Source> = sources.into_iter().map(|(kind, mid, rids)| Source::new(kind, mid, Vec::new(), &rids)).collect();
        let feeds = sources.iter().map(|_| Feed::default()).collect();
        Self { group, home, added, gate_open, on, screen_since, voice, sources, feeds, sources_heeded: None, waits: Waits::default() }
    }

    /// The source of a kind, and how it comes.
    pub(super) fn feed(&mut self, kind: SourceKind) -> Option<(usize, &mut Source, &mut Feed)> {
        let place = self.sources.iter().position(|source| source.kind == kind)?;
        Some((place, &mut self.sources[place], &mut self.feeds[place]))
    }
}

impl Router {
    /// The sources of a leg, wherever it is.
    pub(crate) fn sources_of(&self, id: LegId) -> Option<&[Source]> {
        match self.legs.get(&id) {
            Some(leg) => Some(&leg.sources),
            None => self.remotes.get(&id).map(|remote| &*remote.sources),
        }
    }

    /// The same to be changed.
    pub(crate) fn sources_mut(&mut self, id: LegId) -> Option<&mut [Source]> {
        match self.legs.get_mut(&id) {
            Some(leg) => Some(&mut leg.sources),
            None => self.remotes.get_mut(&id).map(|remote| &mut *remote.sources),
        }
    }

    /// When a leg was added, wherever it is.
    pub(super) fn added(&self, id: LegId) -> Option<Instant> {
        let here = || self.legs.get(&id).map(|leg| leg.added);
        self.remotes.get(&id).map(|remote| remote.added).or_else(here)
    }

    /// The router that tells a group who speaks and how the connections are, where it is not this one: that of the leg that was
    /// there first, so that it changes seldom and all agree on it.
    pub(crate) fn told_elsewhere(&self, id: GroupId) -> Option<RelayId> {
        let first = self.groups.get(&id)?.members.first()?;
        self.remotes.get(first).map(|remote| remote.home)
    }
}
