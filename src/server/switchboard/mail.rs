//! What reaches the switchboard, and how it reaches clients.

use switchboard_ids::{CallId, DeviceId, SessionId, UserId};
use switchboard_protocol::{CallKind, MediaState, Offer, ServerMessage};
use tokio::sync::{mpsc, oneshot};

/// Messages a client may be behind; one that is further behind is disconnected, and comes back with a fresh view.
pub const OUTBOX: usize = 256;

/// Where messages for one connection go.
pub type Outbox = mpsc::Sender<ServerMessage>;

/// What reaches the switchboard.
#[derive(Debug)]
pub(super) enum Mail {
    /// A device is about to connect: changes of its user's contacts from here on are kept for it.
    Arriving { device: DeviceId, user: UserId, session: SessionId },
    /// A device is connected.
    Connected(Connected),
    /// A device asks for something.
    Asked { device: DeviceId, id: u64, ask: Ask },
    /// A device's connection ended; `left` when it was closed, not lost.
    Gone { device: DeviceId, left: bool },
    /// Contacts or invitations of two people changed.
    ContactsChanged { users: [UserId; 2], now_contacts: Option<bool> },
    /// A login ended.
    LoggedOut { session: SessionId },
    /// End everything; answered when it is done.
    Stop { done: oneshot::Sender<()> },
}

/// A device that is connected.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) device: DeviceId,
    pub(super) name: String,
    /// The user's contacts at some moment after [`Mail::Arriving`].
    pub(super) contacts: Vec<UserId>,
    pub(super) outbox: Outbox,
}

/// A request, with what the connection has looked up for it.
#[derive(Debug)]
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
    /// Take a call.
    Accept {
        /// The call.
        call: CallId,
        /// This device's offer.
        offer: Offer,
    },
    /// Refuse a call.
    Decline(CallId),
    /// Take a call back.
    Cancel(CallId),
    /// Leave a call.
    HangUp(CallId),
    /// Say what this device sends.
    SetMedia(CallId, MediaState),
    /// Say that one is there.
    Ping,
}

/// Someone to call.
#[derive(Debug, Clone)]
pub struct Callee {
    /// Who.
    pub user: UserId,
    /// Their display name.
    pub name: String,
}
