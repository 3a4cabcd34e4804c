//! What a client asks for.

use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, UserId};

use crate::{CallKind, MediaState, Offer};

/// The largest message a client may send, in bytes. An offer with 25 slots is about 30 KB; twice that leaves room.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// One message from a client: a request with an id of the client's choosing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientMessage {
    /// Returned in the one reply to this request. Unique among the requests still unanswered; not 0.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
}

/// The requests. The field `type` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Call one contact or several. Reply: [`crate::Reply::Placed`].
    Place {
        /// Who is called: 1 to 32 different contacts.
        callees: Vec<UserId>,
        /// What the callees' devices announce.
        kind: CallKind,
        /// The caller's offer; its media flows once somebody accepts.
        offer: Offer,
    },
    /// Take a ringing call on this device. Reply: [`crate::Reply::Accepted`].
    Accept {
        /// The call that rings.
        call: CallId,
        /// This device's offer.
        offer: Offer,
    },
    /// Refuse a ringing call, on all of one's devices. Reply: [`crate::Reply::Done`].
    Decline {
        /// The call that rings.
        call: CallId,
    },
    /// Take a placed call back before anyone accepted. Reply: [`crate::Reply::Done`].
    Cancel {
        /// The call that was placed.
        call: CallId,
    },
    /// Leave a call; where fewer than two people would be left, it ends for all. Reply: [`crate::Reply::Done`].
    HangUp {
        /// The call this device is in.
        call: CallId,
    },
    /// Tell the others what this device sends. Reply: [`crate::Reply::Done`].
    SetMedia {
        /// The call this device is in.
        call: CallId,
        /// What is on.
        media: MediaState,
    },
    /// Ask whether the connection is alive. Reply: [`crate::Reply::Done`].
    Ping,
}
