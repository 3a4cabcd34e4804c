//! What a device looks at, and how its media fares.

use serde::{Deserialize, Serialize};
use switchboard_ids::UserId;

use crate::SlotSource;

/// One of a device's video or screen slots as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    /// The `a=mid` of the slot in this device's offer.
    pub mid: String,
    /// How high the picture is drawn, in device pixels; 0 when it is not visible. No higher layer than fills it is sent.
    pub height: u16,
    /// Whose picture is wanted in it; without, the server chooses: whoever spoke last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Whether it goes before others where the path cannot carry them all.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pinned: bool,
}

/// How good somebody's connection is, from loss, round trip, jitter and what the path carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionQuality {
    /// Nothing to be noticed.
    Good,
    /// Less sharp, or a moment late.
    Fair,
    /// Words are lost, or pictures are not sent.
    Poor,
}

/// Somebody's connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonQuality {
    /// Whose.
    pub user: UserId,
    /// How good it is.
    pub quality: ConnectionQuality,
}

/// What the server sends into one slot at the moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotStats {
    /// The slot's `a=mid`.
    pub mid: String,
    /// Who is in it.
    pub source: SlotSource,
    /// The simulcast layer that is sent, by its `rid`; none without simulcast, or while nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// The highest temporal layer that is sent, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporal: Option<u8>,
    /// What is sent, over the last second.
    pub bitrate_bps: u64,
    /// Whether video is paused because the path cannot carry it.
    pub paused: bool,
}

/// Left out where it says nothing.
fn is_false(value: &bool) -> bool {
    !value
}
