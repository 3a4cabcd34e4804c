//! The switchboard as another node sees it, and that node as the switchboard does: mail and lines as words that go over a link.
//!
//! A node that does not have the switchboard has a [`Guest`] for it: what its `Handle` posts goes up the link, and what comes
//! down is put on its lines. Whoever has the switchboard has a [`Host`] for each link: what comes up becomes mail, and lines
//! that end at the other node put what they are told on the link.

mod guest;
mod host;

pub(crate) use guest::Guest;
pub(super) use host::FarLine;
pub(crate) use host::Host;
use serde::{Deserialize, Serialize};
use switchboard_ids::{DeviceId, SessionId, UserId};
use switchboard_protocol::{Event, ServerMessage};

use super::mail::{Ask, Newcomer, Resumption};
use super::overview::CallOverview;

/// What goes up to the node that has the switchboard. Lines are numbered by the node they end at, questions by the one that
/// asks.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Up {
    Resume {
        line: u64,
        device: DeviceId,
        after: u64,
        user: UserId,
        session: SessionId,
        question: u64,
    },
    Arriving {
        line: u64,
        device: DeviceId,
        user: UserId,
        session: SessionId,
    },
    Connected {
        line: u64,
        device: DeviceId,
        newcomer: Newcomer,
    },
    Asked {
        line: u64,
        device: DeviceId,
        id: u64,
        ask: Ask,
    },
    Gone {
        line: u64,
        device: DeviceId,
        left: bool,
    },
    Leave {
        device: DeviceId,
        session: SessionId,
        question: u64,
    },
    Posted {
        device: DeviceId,
        session: SessionId,
        text: String,
        question: u64,
    },
    ContactsChanged {
        users: [UserId; 2],
        now_contacts: Option<bool>,
    },
    BlockChanged {
        user: UserId,
        other: UserId,
        blocked: bool,
    },
    Tell {
        users: Vec<UserId>,
        event: Event,
    },
    LoggedOut {
        session: SessionId,
    },
    Overview {
        question: u64,
    },
    /// Nothing: a sign of life.
    Alive,
}

/// What comes down.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Down {
    Told {
        line: u64,
        message: Box<ServerMessage>,
    },
    Posted {
        line: u64,
        text: String,
    },
    InCall {
        line: u64,
        in_call: bool,
    },
    Closed {
        line: u64,
        replaced: bool,
    },
    Resumed {
        question: u64,
        outcome: Resumption,
    },
    Known {
        question: u64,
        known: bool,
    },
    Overview {
        question: u64,
        calls: Vec<CallOverview>,
    },
    /// Nothing: a sign of life.
    Alive,
}
