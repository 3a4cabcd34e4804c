//! What comes of a request.

use serde::{Deserialize, Serialize};
use switchboard_ids::CallId;

use crate::{AnswerSdp, CallKind, Seat, SlotStats};

/// The outcomes of requests that were carried out. The field `type` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// The call was placed; what comes of it is told by [`crate::Event::Seat`] and [`crate::Event::CallEnded`].
    Placed {
        /// The new call.
        call: CallId,
        /// The answer to the offer.
        answer: AnswerSdp,
        /// The callees' seats and one's own, as they stand.
        seats: Vec<Seat>,
    },
    /// This device took the call.
    Accepted {
        /// The call.
        call: CallId,
        /// The answer to the offer; none where the request brought no offer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<AnswerSdp>,
        /// Everyone's seats, one's own too.
        seats: Vec<Seat>,
    },
    /// The media of a call that rings may connect.
    Warmed {
        /// The call.
        call: CallId,
        /// The answer to the offer.
        answer: AnswerSdp,
    },
    /// This device holds the seat.
    Joined {
        /// The call.
        call: CallId,
        /// What it was placed as.
        kind: CallKind,
        /// The answer to the offer.
        answer: AnswerSdp,
        /// Milliseconds since the first accept; none when nobody has accepted yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answered_ms_ago: Option<u64>,
        /// Everyone's seats, one's own too.
        seats: Vec<Seat>,
    },
    /// What is sent to this device at the moment.
    Stats {
        /// The call.
        call: CallId,
        /// What the path to this device is estimated to carry; none before the first estimate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate_bps: Option<u64>,
        /// Round trip between the server and this device, milliseconds; none before it was measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rtt_ms: Option<f64>,
        /// The part of the packets to this device that was lost in the last second or so, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loss: Option<f64>,
        /// The slots with somebody in them.
        slots: Vec<SlotStats>,
    },
    /// Done; there is nothing to add.
    Done,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// For people who write programs; English, and not stable.
    pub message: String,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message is not JSON, its type is not known, or a field is missing or of a wrong type.
    BadMessage,
    /// The message is larger than [`crate::MAX_MESSAGE_BYTES`]; the connection closes after this.
    TooLarge,
    /// More requests than the server takes from one connection in so short a time.
    TooManyRequests,
    /// A callee is not an accepted contact of the caller.
    NotAContact,
    /// This user has blocked a callee.
    Blocked,
    /// Nobody, oneself, the same person twice, someone who is in the call or rings already, or too many people were called.
    BadCallees,
    /// There is no such call, or this user has no seat in it.
    UnknownCall,
    /// The call is over, or this seat of it is.
    CallOver,
    /// The call rings no more for this user: it was taken on another device.
    AnsweredElsewhere,
    /// The request does not fit what the call is doing: for example cancelling a call that was answered.
    WrongState,
    /// This user is in another call already, and did not say what becomes of it.
    InAnotherCall,
    /// This user holds as many calls as one may.
    TooManyHeld,
    /// The offer is not a session description, or the server cannot answer it.
    BadOffer,
    /// There was no offer, and none before it by `warm`.
    NoOffer,
    /// The offer has no codec the server knows.
    NoUsableCodec,
    /// What was missed cannot be told any more, or the device is not known or not one of this login: the connection goes on
    /// with a [`crate::Event::Welcome`].
    CannotResume,
    /// The server is stopping or overloaded; try again.
    Unavailable,
}
