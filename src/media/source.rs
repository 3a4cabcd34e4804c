//! What a participant sends: a source is one m-line the client sends on.

use std::time::{Duration, Instant};

use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::Ssrc;

use crate::keyframe::KeyframeAsk;
use crate::leg::LegId;
use crate::media_clock::MediaClock;
use crate::recent::Recent;

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

/// A stream this long silent has ended. Stragglers of the one before come while it runs; a sender that goes back to the one
/// before comes after it.
const SILENT_FOR: Duration = Duration::from_millis(500);

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
    /// When the stream it sends was heard last.
    heard: Option<Instant>,
    /// The simulcast layer it was first heard with, which is the one forwarded; none without simulcast.
    pub(crate) rid: Option<Rid>,
    pub(crate) keyframe: KeyframeAsk,
    pub(crate) clock: MediaClock,
    /// Of video, what it sent in the last moment.
    pub(crate) recent: Recent,
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
            heard: None,
            rid: None,
            keyframe: KeyframeAsk::default(),
            clock: MediaClock::default(),
            recent: Recent::default(),
            subscribers: Vec::new(),
        }
    }

    /// Takes a packet's stream for the one it sends. False for a straggler of the stream before.
    pub(crate) fn follow(&mut self, now: Instant, ssrc: Ssrc) -> bool {
        if self.ssrc != Some(ssrc) {
            let running = self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < SILENT_FOR);
            if running && self.ssrc_before == Some(ssrc) {
                return false;
            }
            self.ssrc_before = self.ssrc.replace(ssrc);
        }
        self.heard = Some(now);
        true
    }

    /// The instant this packet's media was captured, as seen from here.
    pub(crate) fn wallclock(&mut self, arrived: Instant, time: u32) -> Instant {
        self.clock.wallclock(arrived, time, self.kind.clock_rate())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straggler_does_not_bring_the_old_stream_back_but_a_return_does() {
        let (one, other): (Ssrc, Ssrc) = (1.into(), 2.into());
        let mut source = Source::new(SourceKind::Camera, "v".into(), 96.into());
        let start = Instant::now();
        assert!(source.follow(start, one));
        assert!(source.follow(start, other));
        assert!(!source.follow(start + Duration::from_millis(50), one), "overtaken on its way");
        assert_eq!(source.ssrc, Some(other));
        assert!(source.follow(start + SILENT_FOR, one), "the other has ended: the sender went back");
        assert_eq!(source.ssrc, Some(one));
    }
}
