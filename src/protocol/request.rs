//! What a client asks for.

use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, UserId};

use crate::{CallKind, MediaState, Offer, QualityReport, Tile};

/// The largest message a client may send, in bytes. An offer with 25 slots is about 30 KB; twice that leaves room.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// One message from a client: a request with an id of the client's choosing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientMessage {
    /// Returned in the one reply to this request. Unique among the requests of a device; not 0. A request whose id the server
    /// has seen is not carried out again: it gets the reply of the first one, once more.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
}

/// What becomes of the call this user is in when another one is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Current {
    /// It is held: the seat is kept, nothing flows.
    Hold,
    /// It is left.
    Leave,
}

/// The requests. The field `type` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Call one contact or several. Reply: [`crate::Reply::Placed`], or [`crate::Reply::Accepted`] when the one called was
    /// calling this user at that moment: both are in one call then.
    Place {
        /// Who is called: 1 to 32 different contacts.
        callees: Vec<UserId>,
        /// What the callees' devices announce.
        kind: CallKind,
        /// The caller's offer; its media flows once somebody accepts.
        offer: Offer,
    },
    /// Connect the media of a call that still rings on this device, so that taking it takes no time. Nothing flows before
    /// [`Request::Accept`]. Reply: [`crate::Reply::Warmed`].
    Warm {
        /// The call that rings.
        call: CallId,
        /// This device's offer.
        offer: Offer,
    },
    /// Take a ringing call on this device. Reply: [`crate::Reply::Accepted`].
    Accept {
        /// The call that rings.
        call: CallId,
        /// This device's offer; none where [`Request::Warm`] has brought one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<Offer>,
        /// What becomes of the call this user is in; one who is in a call has to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        current: Option<Current>,
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
    /// Ask one's own contacts into the call this device is in; those who left or did not come are rung again.
    /// Reply: [`crate::Reply::Done`].
    Invite {
        /// The call this device is in.
        call: CallId,
        /// Who is asked: 1 to 32 different contacts.
        callees: Vec<UserId>,
    },
    /// Take one's seat in a running call on this device: to come back after leaving, to move the call here from another
    /// device, or to connect this device's media anew. Nobody rings. Reply: [`crate::Reply::Joined`].
    Join {
        /// A call of [`crate::Event::MyCalls`].
        call: CallId,
        /// This device's offer.
        offer: Offer,
        /// What becomes of another call this user is in; one who is in another call has to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        current: Option<Current>,
    },
    /// Hold the call this device is in: the seat is kept, nothing flows. Reply: [`crate::Reply::Done`].
    Hold {
        /// The call this device is in.
        call: CallId,
    },
    /// Go on with a call this device holds. Where its media is gone, as after a restart of the server, [`Request::Join`] comes
    /// first. Reply: [`crate::Reply::Done`].
    Unhold {
        /// The call that is held.
        call: CallId,
        /// What becomes of another call this user is in; one who is in another call has to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        current: Option<Current>,
    },
    /// Tell the others what this device sends. A screen takes the share over from whoever has it, who is told
    /// [`crate::Event::ScreenTaken`] and whose screen is taken for off until they have said so. Reply: [`crate::Reply::Done`].
    SetMedia {
        /// The call this device is in.
        call: CallId,
        /// What is on.
        media: MediaState,
    },
    /// Say how the call was heard and seen here since the report before; every five seconds or so. Of these the line of
    /// quality in the history is made. Reply: [`crate::Reply::Done`].
    Report {
        /// The call this device is in.
        call: CallId,
        /// How it was.
        quality: QualityReport,
    },
    /// Say which of its video and screen slots this device shows, how high, and of whom: at first, and whenever that changes.
    /// It replaces what was said before; slots not named are shown by the server's choice, 180 pixels high, or 720 while none is
    /// named. Reply: [`crate::Reply::Done`].
    View {
        /// The call this device is in.
        call: CallId,
        /// The slots: each once.
        tiles: Vec<Tile>,
    },
    /// Ask what is sent to this device at the moment, and what its path carries; once a second is often enough. Reply:
    /// [`crate::Reply::Stats`].
    Stats {
        /// The call this device is in.
        call: CallId,
    },
    /// Ask whether the connection is alive. Reply: [`crate::Reply::Done`].
    Ping,
}
