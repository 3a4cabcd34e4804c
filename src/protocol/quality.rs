//! How a call was heard and seen.

use serde::{Deserialize, Serialize};

/// What a device received since its last report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// Packets of audio and video that came.
    pub received: u64,
    /// Packets that did not come (RFC 3550 §6.4.1).
    pub lost: u64,
    /// Round trip to the server, milliseconds.
    pub rtt_ms: f64,
    /// Interarrival jitter of the audio (RFC 3550 §6.4.1), milliseconds.
    pub jitter_ms: f64,
    /// For how long video stood still, milliseconds; of several videos, the sum.
    pub frozen_ms: u64,
}
