//! What a router asks of another for the sake of its own legs, and what it does when it is asked.

use super::{RelayId, Said};
use crate::binding::SourceRef;
use crate::layer::Layer;
use crate::leg::LegId;
use crate::router::Router;
use crate::waiting::Turn;
use crate::wanted::Layers;

/// What is taken of a source in another router, by all its legs together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Demand {
    /// Whether it is to be sent at all.
    pub(super) taken: bool,
    /// Of video, the layers that somebody has use for.
    pub(super) layers: Layers,
}

impl Router {
    /// Asks the home of a leg for what of it is wanted here, where that is another than before, and for keyframes that are due.
    pub(crate) fn ask_home(&mut self, id: LegId, turn: Turn) {
        let now = self.now;
        let Self { legs, remotes, .. } = &mut *self;
        let Some(remote) = remotes.get_mut(&id) else { return };
        remote.waits.takes(turn);
        let mut asked = Vec::new();
        let mut due = None;
        for (source, feed) in remote.sources.iter_mut().zip(&mut remote.feeds) {
            let kind = source.kind;
            let of_slot = |(to, place): &(LegId, usize)| legs.get(to).map(|leg| leg.slots[*place].wants);
            let layers = source.subscribers.iter().filter_map(of_slot).fold(Layers::default(), Layers::and);
            let demand = Demand { taken: !source.subscribers.is_empty(), layers };
            if feed.told != Some(demand) {
                feed.told = Some(demand);
                asked.push(Said::Demand { leg: id, kind, demand });
            }
            if !demand.taken && std::mem::take(&mut feed.known) {
                source.layers = source.layers.iter().map(|layer| Layer::new(layer.rid)).collect();
            }
            // Before it is known how the source stands, nobody can tell whether its last keyframe will do.
            for (place, layer) in source.layers.iter_mut().enumerate().filter(|_| feed.known) {
                if layer.keyframe.take(now) {
                    asked.push(Said::Keyframe { leg: id, kind, layer: place });
                }
                due = due.into_iter().chain(layer.keyframe.due()).min();
            }
        }
        let home = remote.home;
        self.timers.set(id, due);
        asked.into_iter().for_each(|said| self.say(home, said));
    }

    /// Another router takes a source from here on, takes other layers of it, or takes it no more.
    pub(super) fn demanded(&mut self, from: RelayId, (id, kind): SourceRef, demand: Demand) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let linked = self.groups.get(&leg.group).is_some_and(|group| group.relays.contains(&from));
        let Some(source) = leg.sources.iter_mut().find(|source| source.kind == kind && linked) else { return };
        let before = source.relays.iter().position(|(relay, _)| *relay == from);
        if let Some(before) = before {
            source.relays.swap_remove(before);
        }
        if demand.taken {
            source.relays.push((from, demand.layers));
            if before.is_none() {
                let layers = source.layers.iter().map(Layer::for_elsewhere).collect();
                let peaks = source.peaks.clone();
                self.say(from, Said::State { leg: id, kind, layers, peaks });
            }
        }
        self.tell_wanted(id, kind);
    }

    pub(super) fn keyframe_demanded(&mut self, (id, kind): SourceRef, layer: usize) {
        // Of one that has left nobody needs it any more.
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let source = leg.sources.iter_mut().find(|source| source.kind == kind);
        if let Some(layer) = source.and_then(|source| source.layers.get_mut(layer)) {
            layer.keyframe.want();
            self.touch(id);
        }
    }
}
