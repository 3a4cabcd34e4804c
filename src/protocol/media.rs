//! Offers, answers and what flows in them.

use serde::{Deserialize, Serialize};
use switchboard_ids::UserId;

/// A client's offer. The client always offers, the server always answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The session description (RFC 8866, JSEP RFC 9429).
    pub sdp: String,
    /// What each m-line is for. M-lines that are not named here get the first role that fits their kind and direction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
}

/// The role of one m-line of an offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// The m-line's `a=mid`.
    pub mid: String,
    /// What it is for.
    pub role: TrackRole,
}

/// What an m-line is for. Sources are send-only m-lines, slots are receive-only ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackRole {
    /// Source of audio.
    Microphone,
    /// Source of video.
    Camera,
    /// Source of a shared screen.
    Screen,
    /// Receives someone's microphone.
    AudioSlot,
    /// Receives someone's camera.
    VideoSlot,
    /// Receives someone's screen.
    ScreenSlot,
}

/// The server's answer to an [`Offer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnswerSdp(
    /// The session description.
    pub String,
);

/// Which of a participant's sources are switched on. Said by its device, told to the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaState {
    /// The microphone is not muted.
    pub microphone: bool,
    /// The camera is on.
    pub camera: bool,
    /// The screen is shared.
    #[serde(default)]
    pub screen: bool,
}

/// Who is heard or seen in a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotSource {
    /// The participant.
    pub user: UserId,
    /// Which of its sources.
    pub track: TrackSource,
}

/// The sources a participant can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackSource {
    /// The microphone.
    Microphone,
    /// The camera.
    Camera,
    /// The shared screen.
    Screen,
}
