//! What the server tells without being asked.

use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::{CallKind, EndReason, Person, Seat, SlotSource};

/// The events. The field `type` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The first event of a connection.
    Welcome {
        /// The id this connection has as a device.
        device: DeviceId,
        /// Who is logged in.
        user: Person,
        /// The contacts that are online at this moment; changes come as [`Event::Presence`].
        online: Vec<UserId>,
    },
    /// A contact came or went.
    Presence {
        /// The contact.
        user: UserId,
        /// Whether at least one of its devices is connected.
        online: bool,
    },
    /// Contacts or invitations changed: fetch `/v1/contacts` again.
    ContactsChanged,
    /// Someone calls: ring.
    IncomingCall {
        /// The call.
        call: CallId,
        /// Audio or video.
        kind: CallKind,
        /// Who calls.
        from: Person,
        /// Who else was called.
        others: Vec<Person>,
        /// The ringing ends by itself after this many milliseconds.
        rings_for_ms: u64,
    },
    /// Stop ringing.
    RingingStopped {
        /// The call that rang.
        call: CallId,
        /// Why.
        why: RingStop,
    },
    /// A seat of the call this device is in, or has placed, changed.
    Seat {
        /// The call.
        call: CallId,
        /// The seat as it stands.
        seat: Seat,
    },
    /// What a slot carries changed. A slot that was never named carries nothing.
    Slot {
        /// The call.
        call: CallId,
        /// The `a=mid` of the slot in this device's offer.
        mid: String,
        /// Who is in it; nobody when `null`.
        source: Option<SlotSource>,
    },
    /// The media connection of this device is up (ICE and DTLS done).
    MediaConnected {
        /// The call.
        call: CallId,
    },
    /// The call this device was in, or had placed, is over.
    CallEnded {
        /// The call.
        call: CallId,
        /// Why.
        reason: EndReason,
        /// Milliseconds between the first accept and the end; 0 when nobody accepted.
        duration_ms: u64,
    },
    /// This login was revoked; the connection closes after this.
    LoggedOut,
}

/// Why a device stops ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingStop {
    /// Taken on another device of the same user.
    AnsweredElsewhere,
    /// Declined on another device of the same user.
    DeclinedElsewhere,
    /// The caller took the call back or was lost, or everyone in it left.
    Cancelled,
    /// It rang as long as it may, or until the server stopped.
    Missed,
    /// The user took or placed another call.
    Ended,
}
