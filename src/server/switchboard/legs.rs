//! The media of calls: which leg belongs to which device in which call, and which offers are still being answered.

use std::collections::BTreeMap;

use switchboard_calls::{CallKind, Current, MediaState};
use switchboard_ids::{CallId, DeviceId, UserId};

use super::mail::Callee;
use crate::media_driver::{GroupId, LegId, Offer};

/// What a leg is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) call: CallId,
    pub(super) device: DeviceId,
    pub(super) user: UserId,
    pub(super) group: GroupId,
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
}

#[derive(Debug, Default)]
pub(super) struct Legs {
    last_leg: u64,
    last_group: u64,
    legs: BTreeMap<LegId, Leg>,
    by_seat: BTreeMap<(CallId, DeviceId), LegId>,
    pending: BTreeMap<LegId, Pending>,
    parties: BTreeMap<CallId, Party>,
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

    pub(super) fn add(&mut self, id: LegId, leg: Leg) {
        self.by_seat.insert((leg.call, leg.device), id);
        self.legs.insert(id, leg);
    }

    pub(super) fn get(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id)
    }

    pub(super) fn remove(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.legs.remove(&id)?;
        self.by_seat.remove(&(leg.call, leg.device));
        Some(leg)
    }

    /// The leg a device has in a call.
    pub(super) fn of(&self, call: CallId, device: DeviceId) -> Option<(LegId, Leg)> {
        let id = *self.by_seat.get(&(call, device))?;
        self.legs.get(&id).map(|leg| (id, *leg))
    }

    pub(super) fn begin(&mut self, call: CallId, party: Party) {
        self.parties.insert(call, party);
    }

    pub(super) fn party(&self, call: CallId) -> Option<&Party> {
        self.parties.get(&call)
    }

    /// Learns the names of people who are asked in.
    pub(super) fn introduce(&mut self, call: CallId, people: impl IntoIterator<Item = (UserId, String)>) {
        if let Some(party) = self.parties.get_mut(&call) {
            party.names.extend(people);
        }
    }

    pub(super) fn end(&mut self, call: CallId) -> Option<Party> {
        self.parties.remove(&call)
    }
}
