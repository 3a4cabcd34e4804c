//! How a leg fares at the moment, for whoever wants to know why it looks as it does.

use std::time::Duration;

use crate::leg::LegId;
use crate::source::SourceKind;

/// How good a leg's connection is, from loss, round trip, jitter and what the path carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Nothing to be noticed.
    #[default]
    Good,
    /// Less sharp, or a moment late.
    Fair,
    /// Words are lost, or pictures are not sent.
    Poor,
}

/// What was measured of the path to and from a leg in the last second or so.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PathStats {
    /// What the path to it is estimated to carry, bits per second.
    pub estimate_bps: Option<u64>,
    /// Round trip to it.
    pub rtt: Option<Duration>,
    /// The part of what was sent to it that was lost, 0 to 1.
    pub loss_down: Option<f32>,
    /// The part of what it sent that was lost.
    pub loss_up: Option<f32>,
    /// Interarrival jitter (RFC 3550 §6.4.1) of voices, the worst of either way.
    pub jitter: Option<Duration>,
}

/// What [`crate::Router::inspect`] tells of a leg.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LegStats {
    /// What the path to it is estimated to carry, bits per second; `None` before the first estimate.
    pub estimate_bps: Option<u64>,
    /// Round trip to it; `None` before it was measured.
    pub rtt: Option<Duration>,
    /// The part of what was sent to it that was lost in the last second or so, 0 to 1.
    pub loss: Option<f32>,
    /// The slots with somebody in them, in the order of the offer.
    pub slots: Vec<SlotStats>,
}

/// One slot.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotStats {
    /// Its `a=mid`.
    pub mid: String,
    /// Whose source it shows.
    pub source: (LegId, SourceKind),
    /// The simulcast layer that is sent, by its rid; `None` without simulcast, or while nothing is sent.
    pub rid: Option<String>,
    /// The highest temporal layer that is sent, from 0; `None` of audio, or while nothing is sent.
    pub temporal: Option<u8>,
    /// What was sent in the last second.
    pub bitrate_bps: u64,
    /// Whether its video is paused because the path cannot carry it.
    pub paused: bool,
}
