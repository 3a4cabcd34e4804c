//! The media of calls: which leg belongs to which device in which call, and which offers are still being answered.

use std::collections::BTreeMap;

use switchboard_calls::{CallKind, Current, MediaState};
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::Tile;

use super::mail::Callee;
use super::scene::Scene;
use crate::media_driver::{self, GroupId, LegId, Offer, Sources, View};

/// What a leg is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) call: CallId,
    pub(super) device: DeviceId,
    pub(super) user: UserId,
    pub(super) group: GroupId,
}

/// What the media thread was told of a leg, and what that is made of.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The `a=mid`s of the slots that show cameras and screens.
    pub(super) picture_slots: Vec<String>,
    /// What its client said last that it shows.
    pub(super) tiles: Vec<Tile>,
    pub(super) view: View,
    pub(super) on: Option<Sources>,
}

/// What is to be done when an offer is answered.
#[derive(Debug)]
pub(super) enum Then {
    /// The offer is kept, for a call in which the two find out that they call each other.
    Place {
        callees: Vec<Callee>,
        kind: CallKind,
        media: MediaState,
        offer: Offer,
    },
    Warm,
    Accept {
        media: MediaState,
        current: Option<Current>,
    },
    Join {
        media: MediaState,
        current: Option<Current>,
    },
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) leg: Leg,
    /// The request.
    pub(super) id: u64,
    pub(super) then: Then,
}

/// The people and the media group of a call.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) group: GroupId,
    pub(super) names: BTreeMap<UserId, String>,
    pub(super) scene: Scene,
    /// The leg each of them is seen by, as the views were worked out last.
    pub(super) seen_by: BTreeMap<UserId, LegId>,
}

impl Party {
    pub(super) fn new(group: GroupId, names: BTreeMap<UserId, String>) -> Self {
        Self { group, names, scene: Scene::default(), seen_by: BTreeMap::new() }
    }
}

#[derive(Debug, Default)]
pub(super) struct Legs {
    last_leg: u64,
    last_group: u64,
    legs: BTreeMap<LegId, Leg>,
    told: BTreeMap<LegId, Told>,
    by_seat: BTreeMap<(CallId, DeviceId), LegId>,
    pending: BTreeMap<LegId, Pending>,
    parties: BTreeMap<CallId, Party>,
    by_group: BTreeMap<GroupId, CallId>,
}

impl Legs {
    pub(super) fn next_group(&mut self) -> GroupId {
        self.last_group += 1;
        GroupId(self.last_group)
    }

    /// Names a leg whose offer is being answered.
    pub(super) fn ask(&mut self, pending: Pending) -> LegId {
        self.last_leg += 1;
        let id = LegId(self.last_leg);
        self.pending.insert(id, pending);
        id
    }

    pub(super) fn answered(&mut self, id: LegId) -> Option<Pending> {
        self.pending.remove(&id)
    }

    pub(super) fn is_pending(&self, device: DeviceId) -> bool {
        self.pending.values().any(|pending| pending.leg.device == device)
    }

    pub(super) fn add(&mut self, id: LegId, leg: Leg, picture_slots: Vec<String>) {
        self.by_seat.insert((leg.call, leg.device), id);
        self.legs.insert(id, leg);
        self.told.insert(id, Told { picture_slots, ..Told::default() });
    }

    pub(super) fn get(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id)
    }

    pub(super) fn told(&self, id: LegId) -> Option<&Told> {
        self.told.get(&id)
    }

    pub(super) fn told_mut(&mut self, id: LegId) -> Option<&mut Told> {
        self.told.get_mut(&id)
    }

    /// What a leg shows, by what its client said last and by whom there is to see, if the media thread was told something
    /// else.
    pub(super) fn new_view(&mut self, id: LegId) -> Option<View> {
        let (leg, told) = (self.legs.get(&id)?, self.told.get_mut(&id)?);
        let seen_by = &self.parties.get(&leg.call)?.seen_by;
        let shown = |tile: &Tile| tile.user.filter(|shown| *shown != leg.user).and_then(|shown| seen_by.get(&shown).copied());
        let tile = |tile: &Tile| media_driver::Tile { mid: tile.mid.clone(), height: tile.height, shows: shown(tile), pinned: tile.pinned };
        let view = View { tiles: told.tiles.iter().map(tile).collect() };
        (told.view != view).then(|| {
            told.view.clone_from(&view);
            view
        })
    }

    pub(super) fn remove(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.legs.remove(&id)?;
        self.by_seat.remove(&(leg.call, leg.device));
        self.told.remove(&id);
        Some(leg)
    }

    /// The leg a device has in a call.
    pub(super) fn of(&self, call: CallId, device: DeviceId) -> Option<(LegId, Leg)> {
        let id = *self.by_seat.get(&(call, device))?;
        self.legs.get(&id).map(|leg| (id, *leg))
    }

    /// How many legs each call has.
    pub(super) fn by_call(&self) -> BTreeMap<CallId, usize> {
        let mut legs = BTreeMap::new();
        for (call, _) in self.by_seat.keys() {
            *legs.entry(*call).or_default() += 1;
        }
        legs
    }

    pub(super) fn begin(&mut self, call: CallId, party: Party) {
        self.by_group.insert(party.group, call);
        self.parties.insert(call, party);
    }

    /// The call whose media a group is.
    pub(super) fn call_of(&self, group: GroupId) -> Option<CallId> {
        self.by_group.get(&group).copied()
    }

    pub(super) fn party(&self, call: CallId) -> Option<&Party> {
        self.parties.get(&call)
    }

    pub(super) fn party_mut(&mut self, call: CallId) -> Option<&mut Party> {
        self.parties.get_mut(&call)
    }

    /// Learns the names of people who are asked in.
    pub(super) fn introduce(&mut self, call: CallId, people: impl IntoIterator<Item = (UserId, String)>) {
        if let Some(party) = self.parties.get_mut(&call) {
            party.names.extend(people);
        }
    }

    pub(super) fn end(&mut self, call: CallId) -> Option<Party> {
        let party = self.parties.remove(&call)?;
        self.by_group.remove(&party.group);
        Some(party)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_view_is_new_once_and_again_when_the_one_it_names_is_seen_by_another_leg() {
        let (call, group) = (CallId::from_u128(1), GroupId(1));
        let [anna, boris] = [1, 2].map(UserId::from_u128);
        let mut legs = Legs::default();
        legs.begin(call, Party::new(group, BTreeMap::new()));
        legs.add(LegId(1), Leg { call, device: DeviceId::from_u128(1), user: anna, group }, vec!["4".to_owned()]);
        assert_eq!(legs.new_view(LegId(1)), None, "it names nobody");
        legs.told_mut(LegId(1)).unwrap().tiles = vec![Tile { mid: "4".to_owned(), height: 360, user: Some(boris), pinned: false }];
        for seen_by in [None, Some(LegId(2)), Some(LegId(3))] {
            legs.party_mut(call).unwrap().seen_by = seen_by.map(|leg| (boris, leg)).into_iter().collect();
            assert_eq!(legs.new_view(LegId(1)).unwrap().tiles[0].shows, seen_by);
            assert_eq!(legs.new_view(LegId(1)), None, "nothing has changed since");
        }
    }
}
