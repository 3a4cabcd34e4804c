//! What the server tells without being asked.

use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, DeviceId, MessageId, UserId};

use crate::{CallKind, EndReason, Message, Person, PersonQuality, Seat, SeatState, SlotSource, TrackSource};

/// The events. The field `type` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The first event of a connection that is not resumed: the numbers of its events begin again.
    Welcome {
        /// The id this connection has as a device; to be named when it is resumed.
        device: DeviceId,
        /// Who is logged in.
        user: Person,
        /// The contacts that are online at this moment; changes come as [`Event::Presence`].
        online: Vec<UserId>,
    },
    /// Everything missed was told: the last event of what a resumed connection is told first.
    Resumed,
    /// The calls this user has a seat in, those that ring apart: after `welcome` and whenever one of them changes.
    MyCalls {
        /// The oldest first.
        calls: Vec<MyCall>,
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
        /// Whether this user is in another call: it is offered as waiting.
        #[serde(default)]
        waiting: bool,
        /// Those in the call, or called into it, whom this user has blocked.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        blocked: Vec<UserId>,
    },
    /// Stop ringing.
    RingingStopped {
        /// The call that rang.
        call: CallId,
        /// Why.
        why: RingStop,
        /// The device it was answered or declined on, as the list of logins names it: `Firefox, Linux`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
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
    /// The video of a slot is paused because the path to this device cannot carry it, or goes on. It is not paused at first,
    /// nor when the slot gets another source.
    SlotPaused {
        /// The call.
        call: CallId,
        /// The slot's `a=mid`.
        mid: String,
        /// Whether it is paused.
        paused: bool,
    },
    /// Which layers of this device's video anyone wants: it sends these and no others. Until it is told, it sends all.
    LayersWanted {
        /// The call.
        call: CallId,
        /// Which of its sources.
        track: TrackSource,
        /// Whether it is wanted at all.
        active: bool,
        /// Of a simulcast source, the wanted layers by their `rid`.
        rids: Vec<String>,
    },
    /// Who speaks, the loudest first; told when it changes, once a second at most.
    Speakers {
        /// The call.
        call: CallId,
        /// Nobody when empty.
        users: Vec<UserId>,
    },
    /// How good the connections of people in the call are; of each, one that was never told is good. Told when it changes,
    /// once a second at most.
    Quality {
        /// The call.
        call: CallId,
        /// Those whose quality changed, oneself too.
        people: Vec<PersonQuality>,
    },
    /// Somebody else shares their screen: this device's own is not shown any more, and its `screen` is off.
    ScreenTaken {
        /// The call.
        call: CallId,
        /// Who shares.
        by: UserId,
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
    /// This device is in the call no more, while the call goes on.
    CallLeft {
        /// The call.
        call: CallId,
        /// Why.
        why: LeftBecause,
        /// The device it went to, as the list of logins names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// A message came to this user, or went from another of their devices.
    Message {
        /// The message.
        message: Message,
    },
    /// This user has read a conversation on another device.
    ConversationRead {
        /// With whom.
        with: UserId,
        /// The last message that was read.
        up_to: MessageId,
    },
    /// The history of calls changed: a call ended, or missed calls were seen. Fetch `/v1/calls` again.
    HistoryChanged,
    /// This login was revoked; the connection closes after this.
    LoggedOut,
}

/// A call as one of the devices of someone in it sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MyCall {
    /// The call.
    pub call: CallId,
    /// What it was placed as.
    pub kind: CallKind,
    /// Who placed it.
    pub caller: Person,
    /// Everyone with a seat but this user, the caller too.
    pub people: Vec<Person>,
    /// Where this user's seat stands. One that is over can be taken again by [`crate::Request::Join`].
    pub state: SeatState,
    /// Whether this device holds the seat. One that has just been welcomed with a call of its own connects by
    /// [`crate::Request::Join`].
    pub here: bool,
    /// The device that holds the seat, as the list of logins names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// Why a device is in a call no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftBecause {
    /// The call was moved to another device of the same user.
    Moved,
    /// The user took another call and left this one.
    TookAnother,
    /// The media of this device broke.
    ConnectionLost,
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
