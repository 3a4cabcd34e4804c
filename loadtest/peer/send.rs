//! A stream that a peer sends, as a camera or a microphone would.

use std::time::Instant;

use str0m::Rtc;
use str0m::media::{MediaKind, Mid, Pt, Rid};
use str0m::rtp::{ExtensionValues, RtpWrite};
use switchboard_clip::Clip;

use super::PeerError;
use super::plan::{Plan, VideoSource};
use super::source::Source;
use super::stamp::{self, Clock};

/// What a talker's level is, in dBov (RFC 6464).
const VOICE_LEVEL: i8 = -30;

/// The simulcast layers of a camera, the smallest first.
pub(super) const RIDS: [&str; 3] = ["q", "h", "f"];

/// A sender that was late by more than this skips what it missed, as a camera would.
const CATCH_UP_FRAMES: u32 = 15;

/// One stream: of a simulcast camera, one layer.
#[derive(Debug)]
pub(super) struct Stream {
    mid: Mid,
    rid: Option<Rid>,
    source: Source,
    pt: Option<Pt>,
    seq: u64,
    timestamp: u32,
    /// When the next frame is sent; `None` until the source is switched on.
    due: Option<Instant>,
    /// Whether anyone wants it.
    wanted: bool,
    /// Frames that were due, and those of them that anyone wanted.
    pub(super) made: u64,
    pub(super) frames: u64,
    pub(super) packets: u64,
    pub(super) bytes: u64,
}

impl Stream {
    /// The streams of a plan's source of this kind, the smallest layer first; none where it has no such source.
    pub(super) fn of(plan: &Plan, kind: MediaKind, mid: Mid) -> Vec<Self> {
        match (kind, plan.audio, plan.video) {
            (MediaKind::Audio, Some(source), _) => vec![Self::new(mid, None, Source::voice(source))],
            (MediaKind::Video, _, Some(VideoSource::Clip)) => vec![Self::new(mid, None, Source::picture(Clip::vp8()))],
            (MediaKind::Video, _, Some(VideoSource::Synthetic(shape))) => vec![Self::new(mid, None, Source::synthetic_picture(shape))],
            (MediaKind::Video, _, Some(VideoSource::Simulcast)) => {
                let layers = RIDS.into_iter().zip(Clip::layers());
                layers.map(|(rid, clip)| Self::new(mid, Some(Rid::from(rid)), Source::picture(clip))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn new(mid: Mid, rid: Option<Rid>, source: Source) -> Self {
        // In the lower half of the 16 bits, so that nothing lost early can make the receiver guess the wrong rollover counter
        // (RFC 3711 §3.3.1).
        let (seq, timestamp) = (fastrand::u64(..1 << 15), fastrand::u32(..));
        Self { mid, rid, source, pt: None, seq, timestamp, due: None, wanted: true, made: 0, frames: 0, packets: 0, bytes: 0 }
    }

    pub(super) fn is_video(&self) -> bool {
        self.source.is_video()
    }

    #[cfg(test)]
    pub(super) fn mid(&self) -> Mid {
        self.mid
    }

    /// Whether it is what a keyframe was asked of.
    pub(super) fn is(&self, mid: Mid, rid: Option<Rid>) -> bool {
        self.mid == mid && (self.rid == rid || rid.is_none())
    }

    /// The source is switched on.
    pub(super) fn start(&mut self, now: Instant) {
        self.due.get_or_insert(now);
    }

    /// The next frame will be a keyframe.
    pub(super) fn want_keyframe(&mut self) {
        self.source.restart();
    }

    /// Whether anyone wants the stream: sent is only what is wanted, and it comes back with a keyframe.
    pub(super) fn want(&mut self, active: bool, rids: &[String]) {
        let wanted = active && self.rid.is_none_or(|rid| rids.iter().any(|wanted| *wanted == *rid));
        if wanted && !self.wanted {
            self.source.restart();
        }
        self.wanted = wanted;
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Sends every frame whose time has come.
    pub(super) fn send_due(&mut self, now: Instant, rtc: &mut Rtc, clock: Clock) -> Result<(), PeerError> {
        let step = self.source.frame_duration();
        while let Some(due) = self.due.filter(|due| *due <= now) {
            let behind = now.duration_since(due) > step * CATCH_UP_FRAMES;
            self.due = Some(if behind { now } else { due } + step);
            self.timestamp = self.timestamp.wrapping_add(self.source.timestamp_step());
            self.made += 1;
            if !self.wanted {
                continue;
            }
            let payloads = self.source.next_frame();
            let packets = payloads.len() as u16;
            for mut payload in payloads {
                stamp::put(&mut payload.data, self.is_video(), clock.since_origin(now), packets);
                self.send(now, rtc, payload.data, payload.marker)?;
            }
            self.frames += 1;
        }
        Ok(())
    }

    fn send(&mut self, now: Instant, rtc: &mut Rtc, payload: Vec<u8>, marker: bool) -> Result<(), PeerError> {
        let pt = match self.pt {
            Some(pt) => pt,
            None => *self.pt.insert(payload_type(rtc, self.mid).ok_or(PeerError::NoCodec(self.mid))?),
        };
        let is_video = self.is_video();
        let mut api = rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mid, self.rid).ok_or(PeerError::NoCodec(self.mid))?;
        let voice = (!is_video).then_some(VOICE_LEVEL);
        let extensions = ExtensionValues { audio_level: voice, voice_activity: voice.map(|_| true), ..ExtensionValues::default() };
        self.bytes += payload.len() as u64;
        let packet = RtpWrite::new(pt, self.seq.into(), self.timestamp, now, payload);
        stream.write_rtp(packet.marker(marker).ext_vals(extensions).nackable(is_video));
        self.seq += 1;
        self.packets += 1;
        Ok(())
    }
}

/// The payload type agreed on for the m-line's first codec; the peer offers one codec of each kind.
fn payload_type(rtc: &Rtc, mid: Mid) -> Option<Pt> {
    let agreed = rtc.media(mid)?.remote_pts();
    rtc.codec_config().iter().map(|params| params.pt()).find(|pt| agreed.contains(pt))
}
