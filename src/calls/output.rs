//! What the machine's owner has to perform, and what it has to write down.

use std::time::Duration;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::{CallKind, Quality, SeatState, SeatView, Timestamp};

/// Something to perform, in the order polled.
///
/// A device that is gone is never told anything; only its leg is removed. One that is lost is told everything, for the
/// machine's owner to keep until it is back.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Ring this device. A ring ends by one [`Output::StopRinging`], or by this device's own accept or decline, or its going.
    Ring {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
        /// What is left until the deadline.
        rings_for: Duration,
        /// Its user is active in another call.
        waiting: bool,
    },
    /// This device rings no more.
    StopRinging {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
        /// Why.
        why: RingStop,
        /// Where it was answered or declined, if that is why.
        by: Option<DeviceId>,
    },
    /// A seat changed while its call goes on, or as the last change before its end. What the end itself does to the
    /// seats that remain is told by [`Output::Ended`] alone.
    SeatChanged {
        /// The call.
        call: CallId,
        /// The seat as it stands.
        seat: SeatView,
        /// The devices in the call to which this is news; never empty. The device whose own command it comes of is left out:
        /// its reply tells it. A device never sees its own seat as reconnecting.
        to: Vec<DeviceId>,
    },
    /// Media may flow from and to this device's leg.
    OpenGate {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
    },
    /// Media flows from and to this device's leg no more, which stays: its seat is held.
    CloseGate {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
    },
    /// Remove this device's leg. Comes once for each that a device got by placing, warming, accepting or joining; one that
    /// joins where it holds the seat already has its leg replaced without this.
    RemoveLeg {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
    },
    /// This device is in the call no more, while the call goes on, and it did not ask for it.
    PutOut {
        /// The call.
        call: CallId,
        /// The device.
        device: DeviceId,
        /// Why.
        why: PutOut,
    },
    /// Somebody else shares their screen in the call: this device's share is over. That its seat shows none is told to all by
    /// [`Output::SeatChanged`], just before this.
    ScreenTaken {
        /// The call.
        call: CallId,
        /// The device that shared its screen.
        device: DeviceId,
        /// Who shares theirs.
        by: UserId,
    },
    /// The grace of a lost device is over: forget it. Comes once for each loss that ended neither by return nor by going.
    DeviceExpired {
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
        /// The devices that held a seat until this step, those included that left by it, unless they are gone. A device that
        /// left a call which went on is not among them.
        to: Vec<DeviceId>,
    },
    /// A line of history to store.
    Record(Record),
}

/// A fact of history. Replayed in order, the records of a call give its final state.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A call was placed: first of its records.
    Placed {
        /// The call.
        call: CallId,
        /// What it was placed as.
        kind: CallKind,
        /// When.
        at: Timestamp,
        /// Who placed it.
        caller: UserId,
    },
    /// A seat is made, or asked for again: the caller's by themself, then each callee's. Where it stands follows, unless it
    /// stands where it stood.
    Seated {
        /// The call.
        call: CallId,
        /// Whose seat.
        user: UserId,
        /// Who asked for it.
        by: UserId,
        /// Whether its user may not know of the call.
        barred: bool,
        /// When.
        at: Timestamp,
    },
    /// The first callee accepted. Comes once at most.
    Answered {
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// A seat came to a state, or to another device. A held seat is held here even while its device is lost.
    SeatState {
        /// The call.
        call: CallId,
        /// Whose seat.
        user: UserId,
        /// Where it stands.
        state: SeatState,
        /// When.
        at: Timestamp,
        /// The device that holds the seat, declined or left; none where no single device did it.
        device: Option<DeviceId>,
        /// When it will be missed, while it is open.
        rings_until: Option<Timestamp>,
    },
    /// How the call was for a seat, written when it is left and at the end of the call. A later one replaces it.
    Quality {
        /// The call.
        call: CallId,
        /// Whose seat.
        user: UserId,
        /// How it was.
        quality: Quality,
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
    /// It rang as long as it may, or its caller did not come back to a server that was started again.
    Missed,
    /// The user took or placed another call.
    Ended,
}

/// Why a device is in a call no more that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOut {
    /// The seat was moved.
    Moved {
        /// To which device.
        to: DeviceId,
    },
    /// The user left the call by taking another.
    TookAnother {
        /// On which device.
        on: DeviceId,
    },
    /// The media of the device broke.
    MediaLost,
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
    /// The server was stopped, and a participant did not come back to the next run within the grace.
    ServerStopped,
}
