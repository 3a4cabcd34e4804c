//! What all calls share: who is where, when to come back, and the outputs not yet polled.
//!
//! The sets here index the seats, so that no command has to walk through the calls. Only the edges in `call` write them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::{Output, Record, Timestamp};

#[derive(Debug, Default)]
pub(crate) struct Board {
    /// The latest time told. It never goes back, so neither does history.
    pub(crate) now: Timestamp,
    pub(crate) outputs: VecDeque<Output>,
    /// The call each user is active in.
    pub(crate) active: BTreeMap<UserId, CallId>,
    /// All seats of the calls that run.
    pub(crate) seated: BTreeSet<(UserId, CallId)>,
    /// The seats that devices hold, and whose they are.
    pub(crate) present: BTreeMap<(DeviceId, CallId), UserId>,
    /// The open seats.
    pub(crate) open: BTreeSet<(UserId, CallId)>,
    /// The rings.
    pub(crate) rings: BTreeSet<(DeviceId, CallId)>,
    pub(crate) lost: Lost,
    pub(crate) deadlines: BTreeSet<(Timestamp, Deadline)>,
}

/// What happens at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deadline {
    /// The open seat of a user is missed.
    Ring(CallId, UserId),
    /// A lost device is gone.
    Grace(DeviceId),
}

/// The devices whose connection is lost and whose grace is not over.
#[derive(Debug, Default)]
pub(crate) struct Lost(BTreeMap<DeviceId, Grace>);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Grace {
    pub(crate) until: Timestamp,
    /// The connection was one to an earlier run.
    pub(crate) restored: bool,
}

impl Lost {
    pub(crate) fn contains(&self, device: DeviceId) -> bool {
        self.0.contains_key(&device)
    }
}

const FIRST: CallId = CallId::from_u128(0);
const LAST: CallId = CallId::from_u128(u128::MAX);

impl Board {
    pub(crate) fn set_clock(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn record(&mut self, record: Record) {
        self.push(Output::Record(record));
    }

    /// The calls in which this user has a seat of any kind.
    pub(crate) fn seats_of(&self, user: UserId) -> impl Iterator<Item = CallId> {
        self.seated.range((user, FIRST)..=(user, LAST)).map(|&(_, call)| call)
    }

    /// The calls in which this user has an open seat.
    pub(crate) fn open_seats(&self, user: UserId) -> Vec<CallId> {
        self.open.range((user, FIRST)..=(user, LAST)).map(|&(_, call)| call).collect()
    }

    /// The calls that ring on this device.
    pub(crate) fn rings_on(&self, device: DeviceId) -> Vec<CallId> {
        self.rings.range((device, FIRST)..=(device, LAST)).map(|&(_, call)| call).collect()
    }

    /// The calls in which this device holds a seat, and whose it is.
    pub(crate) fn present_on(&self, device: DeviceId) -> impl Iterator<Item = (CallId, UserId)> {
        self.present.range((device, FIRST)..=(device, LAST)).map(|(&(_, call), &user)| (call, user))
    }

    /// A device loses its connection. One that has lost it already gets no more time.
    pub(crate) fn lose(&mut self, device: DeviceId, grace: Grace) -> bool {
        if self.lost.contains(device) {
            return false;
        }
        self.lost.0.insert(device, grace);
        self.deadlines.insert((grace.until, Deadline::Grace(device)));
        true
    }

    /// A device is lost no more.
    pub(crate) fn find(&mut self, device: DeviceId) -> Option<Grace> {
        let grace = self.lost.0.remove(&device)?;
        self.deadlines.remove(&(grace.until, Deadline::Grace(device)));
        Some(grace)
    }

    pub(crate) fn grace_of(&self, device: DeviceId) -> Option<Grace> {
        self.lost.0.get(&device).copied()
    }
}
