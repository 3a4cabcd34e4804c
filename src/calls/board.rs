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
    pub(crate) users: BTreeMap<UserId, CallId>,
    /// The call each device is active in.
    pub(crate) devices: BTreeMap<DeviceId, CallId>,
    /// The open seats. A user in `users` has none.
    pub(crate) open: BTreeSet<(UserId, CallId)>,
    /// The rings.
    pub(crate) rings: BTreeSet<(DeviceId, CallId)>,
    /// The end of the ringing of each call that has an open seat.
    pub(crate) deadlines: BTreeSet<(Timestamp, CallId)>,
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

    /// The calls in which this user has an open seat.
    pub(crate) fn open_seats(&self, user: UserId) -> Vec<CallId> {
        self.open.range((user, FIRST)..=(user, LAST)).map(|&(_, call)| call).collect()
    }

    /// The calls that ring on this device.
    pub(crate) fn rings_on(&self, device: DeviceId) -> Vec<CallId> {
        self.rings.range((device, FIRST)..=(device, LAST)).map(|&(_, call)| call).collect()
    }
}
