//! What the machine's owner has to perform, and what it has to write down.

use std::time::Duration;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::{CallKind, SeatState, SeatView, Timestamp};

/// Something to perform, in the order polled.
///
/// A device that disconnected is never told anything; only its leg is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Ring this device. A ring ends by one [`Output::StopRinging`], or by this device's own accept, decline or disconnect.
    Ring {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
        /// What is left until the deadline.
        rings_for: Duration,
    },
    /// This device rings no more.
    StopRinging {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
        /// Why.
        why: RingStop,
    },
    /// A seat changed while its call goes on, or as the last change before its end. What the end itself does to the
    /// seats that remain is told by [`Output::Ended`] alone.
    SeatChanged {
        /// The call.
        call: CallId,
        /// The seat as it stands.
        seat: SeatView,
        /// The devices active in the call; never empty. The device whose own `place`, `accept` or `set_media` this comes of
        /// is left out: its reply tells it.
        to: Vec<DeviceId>,
    },
    /// Media may flow from and to this device's leg: somebody accepted, or this device did.
    OpenGate {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
    },
    /// Remove this device's leg, if it has one. Comes once for each device that placed or accepted.
    RemoveLeg {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
    },
    /// The call is over.
    Ended {
        /// The call.
        call: CallId,
        /// Why.
        reason: EndReason,
        /// From the first accept to the end; zero when nobody accepted.
        duration: Duration,
        /// The devices that were active until this step, the one whose `cancel` or `hang_up` ended the call included.
        /// A device that left a call which went on is not among them.
        to: Vec<DeviceId>,
    },
    /// A line of history to store.
    Record(Record),
}

/// A fact of history. Replayed in order, the records of a call give its final state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A call was placed: first of its records. Every seat, the caller's too, begins as invited.
    Placed {
        /// The call.
        call: CallId,
        /// What it was placed as.
        kind: CallKind,
        /// When.
        at: Timestamp,
        /// Who placed it.
        caller: UserId,
        /// Who was called.
        callees: Vec<UserId>,
    },
    /// The first callee accepted. Comes once at most.
    Answered {
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// A seat came to a state.
    SeatState {
        /// The call.
        call: CallId,
        /// Whose seat.
        user: UserId,
        /// Where it stands.
        state: SeatState,
        /// When.
        at: Timestamp,
        /// The device that placed, accepted, declined or left; none where no single device did it.
        device: Option<DeviceId>,
    },
    /// The call ended: last of its records, and exactly one for each call placed.
    Ended {
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
}

/// Why a device stops ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why a call ended.
///
/// A call that nobody answered ends, once no seat may be taken any more, with the first of these that any callee's seat
/// came to: missed, declined, busy, unreachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Somebody hung up and fewer than two were left.
    HungUp,
    /// Nobody missed it and somebody declined.
    Declined,
    /// Nobody answered in time.
    Missed,
    /// Nobody rang; somebody was in another call.
    Busy,
    /// Nobody called could be reached.
    Unreachable,
    /// The caller took it back before anybody answered.
    Cancelled,
    /// The connection to a participant was lost and fewer than two were left.
    ConnectionLost,
    /// The server is stopping.
    ServerStopped,
}
