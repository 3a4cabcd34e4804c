//! Who takes part in a call, and how.

use serde::{Deserialize, Serialize};
use switchboard_ids::UserId;

use crate::MediaState;

/// Someone as others in a call see them: by name, never by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// The display name.
    pub name: String,
}

/// What a call was placed as. Either kind may turn cameras on or off at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// Placed with the microphone alone.
    Audio,
    /// Placed with camera and microphone.
    Video,
}

/// One invited user's part in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    /// Whose seat it is.
    pub person: Person,
    /// Where it stands.
    pub state: SeatState,
    /// What its device sends; meaningful while `active`, `held` or `reconnecting`.
    pub media: MediaState,
    /// On how many connected devices it rings.
    #[serde(default)]
    pub ringing_on: u32,
}

/// Where a seat stands. `invited ⇄ ringing → active ⇄ held, reconnecting → left`; the others end a seat that never was active.
/// While the call runs, a seat that ended is opened again by `invite`, or taken by `join`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// The invitation is on its way.
    Invited,
    /// At least one device rings.
    Ringing,
    /// Takes part.
    Active,
    /// Takes part in another call; the seat is kept and nothing flows.
    Held,
    /// Its device has lost the connection; the seat is kept for 20 seconds.
    Reconnecting,
    /// Took part and left.
    Left,
    /// Refused.
    Declined,
    /// Did not answer in time.
    Missed,
    /// Is in another call.
    Busy,
    /// Has no device connected, or may not be called.
    Unreachable,
    /// The caller took the call back.
    Cancelled,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Somebody hung up and fewer than two were left.
    HungUp,
    /// The last one asked declined.
    Declined,
    /// Nobody answered in time.
    Missed,
    /// Everybody called was in another call.
    Busy,
    /// Nobody called could be reached.
    Unreachable,
    /// The caller took it back.
    Cancelled,
    /// The connection to a participant was lost and fewer than two were left.
    ConnectionLost,
    /// The server is stopping.
    ServerStopped,
}
