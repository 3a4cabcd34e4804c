//! What reaches the switchboard.

use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, DeviceId, SessionId, UserId};
use switchboard_protocol::{CallKind, Current, Event, Failure, MediaState, Offer, QualityReport, Tile};
use tokio::sync::oneshot;

use super::line::{Line, LineId};
use super::overview::CallOverview;

/// What reaches the switchboard.
#[derive(Debug)]
pub(crate) enum Mail {
    /// A device wants to go on after the last event it saw.
    Resume { device: DeviceId, after: u64, user: UserId, session: SessionId, line: Line, outcome: oneshot::Sender<Resumption> },
    /// A device is about to connect: changes of its user's contacts from here on are kept for it.
    Arriving { device: DeviceId, user: UserId, session: SessionId, line: LineId },
    /// A device is connected.
    Connected { device: DeviceId, newcomer: Newcomer, line: Line },
    /// A device asks for something.
    Asked { device: DeviceId, line: LineId, id: u64, ask: Ask },
    /// A device's connection ended; `left` when it was closed, not lost.
    Gone { device: DeviceId, line: LineId, left: bool },
    /// A device leaves, connected or lost; answered with whether it is one of this login.
    Leave { device: DeviceId, session: SessionId, known: oneshot::Sender<bool> },
    /// The client of a device said something to a node that has not its connection, `here` to this one; answered with whether
    /// another has.
    Posted { device: DeviceId, session: SessionId, text: String, here: bool, known: oneshot::Sender<bool> },
    /// Contacts or invitations of two people changed.
    ContactsChanged { users: [UserId; 2], now_contacts: Option<bool> },
    /// A user blocked another, or did so no more.
    BlockChanged { user: UserId, other: UserId, blocked: bool },
    /// Something that all devices of some people are told.
    Tell { users: Vec<UserId>, event: Event },
    /// A login ended.
    LoggedOut { session: SessionId },
    /// Somebody wants to know which calls run.
    Overview { told: oneshot::Sender<Vec<CallOverview>> },
    /// Take no new calls; answered when none runs.
    Drain { drained: oneshot::Sender<()> },
    /// The database takes no more history from here: another server controls the calls.
    Fenced,
    /// End everything; answered when it is done.
    Stop { done: oneshot::Sender<()> },
}

/// What came of the wish to resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resumption {
    /// The device goes on; what it missed is on its way.
    Resumed,
    /// What it missed cannot be told, but the device keeps its id and its calls when it connects anew.
    Anew(DeviceId),
    /// There is no such device, as far as this login may know.
    Unknown,
}

/// Someone who connects, as the database knows them at some moment after [`super::Handle::arriving`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Newcomer {
    /// The display name.
    pub name: String,
    /// What the device is called in the list of logins.
    pub label: String,
    /// The user's contacts.
    pub contacts: Vec<UserId>,
    /// Whom the user has blocked.
    pub blocked: Vec<UserId>,
}

/// A request, with what the connection has looked up for it.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Call contacts.
    Place {
        /// Who; the connection has made sure that they are contacts.
        callees: Vec<Callee>,
        /// As what.
        kind: CallKind,
        /// The caller's offer.
        offer: Offer,
    },
    /// Ask contacts into a call.
    Invite {
        /// The call.
        call: CallId,
        /// Who; the connection has made sure that they are contacts.
        callees: Vec<Callee>,
    },
    /// Connect the media of a call that rings.
    Warm {
        /// The call.
        call: CallId,
        /// This device's offer.
        offer: Offer,
    },
    /// Take a call.
    Accept {
        /// The call.
        call: CallId,
        /// This device's offer, where it was not warmed.
        offer: Option<Offer>,
        /// What becomes of the call the user is in.
        current: Option<Current>,
    },
    /// Take one's seat in a running call.
    Join {
        /// The call.
        call: CallId,
        /// This device's offer.
        offer: Offer,
        /// What becomes of the other call the user is in.
        current: Option<Current>,
    },
    /// Refuse a call.
    Decline(CallId),
    /// Take a call back.
    Cancel(CallId),
    /// Leave a call.
    HangUp(CallId),
    /// Hold a call.
    Hold(CallId),
    /// Go on with a held call.
    Unhold(CallId, Option<Current>),
    /// Say what this device sends.
    SetMedia(CallId, MediaState),
    /// Say how the call was.
    Report(CallId, QualityReport),
    /// Say what this device shows.
    View(CallId, Vec<Tile>),
    /// Ask how this device's media fares.
    Stats(CallId),
    /// Say that one is there.
    Ping,
    /// Nothing: the connection has found a reason to refuse it.
    Refuse(Failure),
}

/// Someone to call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Callee {
    /// Who.
    pub user: UserId,
    /// Their display name.
    pub name: String,
    /// Whether the caller may ring them: they have not blocked the caller.
    pub allowed: bool,
    /// Whether they want to be offered a call while they are in another.
    pub waiting: bool,
}
