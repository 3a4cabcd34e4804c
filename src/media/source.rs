//! What a participant sends: a source is one m-line the client sends on.

use std::time::Instant;

use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::Ssrc;

use crate::keyframe::KeyframeAsk;
use crate::leg::LegId;
use crate::media_clock::MediaClock;

/// What a source shows or sounds, and what a slot takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A voice.
    Microphone,
    /// A face.
    Camera,
    /// A shared screen.
    Screen,
}

impl SourceKind {
    /// Whether it is video.
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Camera | Self::Screen)
    }

    /// RTP ticks per second: 48 kHz for Opus (RFC 7587 §4.1), 90 kHz for video (RFC 7741 §4.1).
    pub(crate) const fn clock_rate(self) -> u32 {
        if self.is_video() { 90_000 } else { 48_000 }
    }
}

/// A source of a leg, with everyone it is forwarded to.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) kind: SourceKind,
    pub(crate) mid: Mid,
    /// The payload type its codec has on this leg.
    pub(crate) pt: Pt,
    /// The stream it sends at the moment; none before its first packet.
    pub(crate) ssrc: Option<Ssrc>,
    /// The stream it sent before: its last packets may come late.
    ssrc_before: Option<Ssrc>,
    /// The simulcast layer it was first heard with, which is the one forwarded; none without simulcast.
    pub(crate) rid: Option<Rid>,
    pub(crate) keyframe: KeyframeAsk,
    pub(crate) clock: MediaClock,
    /// The slots that show it: a leg and the place of the slot in it.
    pub(crate) subscribers: Vec<(LegId, usize)>,
}

impl Source {
    pub(crate) fn new(kind: SourceKind, mid: Mid, pt: Pt) -> Self {
        Self {
            kind,
            mid,
            pt,
            ssrc: None,
            ssrc_before: None,
            rid: None,
            keyframe: KeyframeAsk::default(),
            clock: MediaClock::default(),
            subscribers: Vec::new(),
        }
    }

    /// Takes a packet's stream for the one it sends. False for a straggler of the stream before.
    pub(crate) fn follow(&mut self, ssrc: Ssrc) -> bool {
        if self.ssrc != Some(ssrc) && self.ssrc_before != Some(ssrc) {
            self.ssrc_before = self.ssrc.replace(ssrc);
        }
        self.ssrc == Some(ssrc)
    }

    /// The instant this packet's media was captured, as seen from here.
    pub(crate) fn wallclock(&mut self, arrived: Instant, time: u32) -> Instant {
        self.clock.wallclock(arrived, time, self.kind.clock_rate())
    }
}
