//! What is known of a user while a device of theirs is.

use std::collections::BTreeSet;

use switchboard_calls::Timestamp;
use switchboard_ids::{DeviceId, SessionId, UserId};

use super::super::line::LineId;

#[derive(Debug, Default)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) contacts: BTreeSet<UserId>,
    pub(super) blocked: BTreeSet<UserId>,
    /// In the order they connected, the lost ones too.
    pub(super) devices: Vec<DeviceId>,
    /// As the contacts were told.
    pub(super) online: bool,
    /// When to tell that they are not, unless a device connects.
    pub(super) offline_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Contact(UserId, bool),
    Block(UserId, bool),
}

/// A device between arriving and connected.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    /// By which connection.
    pub(super) line: LineId,
    /// The changes of the user's lists since.
    pub(super) changes: Vec<Change>,
}

impl User {
    pub(super) fn apply(&mut self, change: Change) {
        let (list, other, is_in) = match change {
            Change::Contact(other, is_in) => (&mut self.contacts, other, is_in),
            Change::Block(other, is_in) => (&mut self.blocked, other, is_in),
        };
        if is_in {
            list.insert(other);
        } else {
            list.remove(&other);
        }
    }
}
