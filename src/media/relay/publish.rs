//! What a router tells the others of its own legs.

use std::time::Instant;

use super::{Introduction, RelayId, Said};
use crate::leg::{GroupId, Leg, LegId};
use crate::packet::Packet;
use crate::router::Router;
use crate::stats::Quality;

impl Router {
    /// Tells another router of the legs of a group from here on. It is linked for its part by whoever drives it, before or after.
    pub fn link(&mut self, now: Instant, id: GroupId, relay: RelayId) {
        self.advance(now);
        self.forget_demands(id, relay);
        let group = self.groups.entry(id).or_default();
        if !group.relays.contains(&relay) {
            group.relays.push(relay);
        }
        let members = group.members.clone();
        self.say(relay, Said::Hello(id));
        for member in members {
            if let Some(leg) = self.legs.get(&member) {
                let introduction = introduction(member, leg);
                self.say(relay, Said::Came(introduction));
            }
        }
    }

    /// Tells another router nothing more of a group.
    pub fn unlink(&mut self, now: Instant, id: GroupId, relay: RelayId) {
        self.advance(now);
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.relays.retain(|known| *known != relay);
        self.say(relay, Said::Bye(id));
        self.forget_demands(id, relay);
        self.forget_if_empty(id);
    }

    /// Nothing that another router took is taken there any more.
    fn forget_demands(&mut self, id: GroupId, relay: RelayId) {
        for member in self.groups.get(&id).map_or(Vec::new(), |group| group.members.clone()) {
            let Some(leg) = self.legs.get_mut(&member) else { continue };
            leg.sources.iter_mut().for_each(|source| source.relays.retain(|(taker, _)| *taker != relay));
            self.tell_all_wanted(member);
        }
    }

    pub(crate) fn publish_came(&mut self, id: LegId) {
        self.publish(id, |leg| Said::Came(introduction(id, leg)));
    }

    pub(crate) fn publish_gate(&mut self, id: LegId) {
        self.publish(id, |leg| Said::Gate { leg: id, open: leg.gate_open });
    }

    pub(crate) fn publish_sources(&mut self, id: LegId) {
        self.publish(id, |leg| Said::Sources { leg: id, on: leg.shows(), screen_since: leg.screen_since });
    }

    pub(crate) fn publish_voice(&mut self, id: LegId) {
        self.publish(id, |leg| Said::Voice { leg: id, voice: leg.voice.clone() });
    }

    pub(crate) fn publish_left(&mut self, id: LegId, group: GroupId) {
        for relay in self.relays_of(group) {
            self.say(relay, Said::Left(id));
        }
    }

    /// Gives a packet of a source to the routers that take it, a copy each.
    pub(crate) fn publish_packet(&mut self, (id, place): (LegId, usize), packet: &Packet) {
        let Some(source) = self.legs.get_mut(&id).and_then(|leg| leg.sources.get_mut(place)) else { return };
        let (kind, relays) = (source.kind, std::mem::take(&mut source.relays));
        for (relay, _) in &relays {
            self.counters.packets_relayed += 1;
            self.say(*relay, Said::Packet { leg: id, kind, packet: packet.clone() });
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.sources[place].relays = relays;
        }
    }

    /// Has another router tell what a leg's quality is.
    pub(crate) fn publish_quality(&mut self, to: RelayId, group: GroupId, leg: LegId, quality: Quality) {
        self.say(to, Said::Quality { group, leg, quality });
    }

    fn publish(&mut self, id: LegId, said: impl Fn(&Leg) -> Said) {
        let Some(group) = self.legs.get(&id).map(|leg| leg.group) else { return };
        for relay in self.relays_of(group) {
            if let Some(leg) = self.legs.get(&id) {
                let said = said(leg);
                self.say(relay, said);
            }
        }
    }

    fn relays_of(&self, group: GroupId) -> Vec<RelayId> {
        self.groups.get(&group).map_or(Vec::new(), |group| group.relays.clone())
    }
}

fn introduction(id: LegId, leg: &Leg) -> Introduction {
    let sources = leg.sources.iter();
    Introduction {
        leg: id,
        group: leg.group,
        added: leg.added,
        gate_open: leg.gate_open,
        on: leg.shows(),
        screen_since: leg.screen_since,
        voice: leg.voice.clone(),
        sources: sources.map(|source| (source.kind, source.mid, source.layers.iter().filter_map(|layer| layer.rid).collect())).collect(),
    }
}
