//! Sends a clip in a loop, as a camera or a microphone would.

use std::time::Instant;

use str0m::Rtc;
use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpWrite};
use switchboard_clip::{Clip, Payload, Vp8Packetizer};

use super::PeerError;
use super::flights::Flights;

/// What a talker's level is, in dBov (RFC 6464).
const VOICE_LEVEL: i8 = -30;

/// One source.
#[derive(Debug)]
pub(super) struct Sender {
    mid: Mid,
    clip: Clip,
    /// For video.
    packetizer: Option<Vp8Packetizer>,
    /// Counts the frames of the looped clip.
    position: u64,
    seq: u64,
    timestamp: u32,
    /// When the next frame is sent; `None` until the source is switched on.
    due: Option<Instant>,
    keyframe_wanted: bool,
    pub(super) frames: u64,
    pub(super) packets: u64,
}

impl Sender {
    pub(super) fn camera(mid: Mid) -> Self {
        Self::new(mid, Clip::vp8(), Some(Vp8Packetizer::new(fastrand::u16(..))))
    }

    pub(super) fn microphone(mid: Mid) -> Self {
        Self::new(mid, Clip::opus(), None)
    }

    fn new(mid: Mid, clip: Clip, packetizer: Option<Vp8Packetizer>) -> Self {
        // In the lower half of the 16 bits, so that nothing lost early can make the receiver guess the wrong rollover counter
        // (RFC 3711 §3.3.1).
        let (seq, timestamp) = (fastrand::u64(..1 << 15), fastrand::u32(..));
        let (position, frames, packets) = (0, 0, 0);
        Self { mid, clip, packetizer, position, seq, timestamp, due: None, keyframe_wanted: false, frames, packets }
    }

    pub(super) fn mid(&self) -> Mid {
        self.mid
    }

    /// The source is switched on.
    pub(super) fn start(&mut self, now: Instant) {
        self.due.get_or_insert(now);
    }

    /// The next frame will be a keyframe.
    pub(super) fn want_keyframe(&mut self) {
        self.keyframe_wanted = true;
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Sends every frame whose time has come.
    pub(super) fn send_due(&mut self, now: Instant, rtc: &mut Rtc, flights: &Flights) -> Result<(), PeerError> {
        while let Some(due) = self.due.filter(|due| *due <= now) {
            self.due = Some(due + self.clip.frame_duration());
            if std::mem::take(&mut self.keyframe_wanted) {
                self.position = self.clip.restart(self.position);
            }
            let frame = self.clip.looped(self.position).data.clone();
            let payloads = match &mut self.packetizer {
                Some(packetizer) => packetizer.packetize(&frame),
                None => vec![Payload { data: frame, marker: self.frames == 0 }],
            };
            for payload in payloads {
                self.send(now, rtc, flights, payload)?;
            }
            self.frames += 1;
            self.position += 1;
            self.timestamp = self.timestamp.wrapping_add(self.clip.timestamp_step());
        }
        Ok(())
    }

    fn send(&mut self, now: Instant, rtc: &mut Rtc, flights: &Flights, payload: Payload) -> Result<(), PeerError> {
        let pt = payload_type(rtc, self.mid).ok_or(PeerError::NoCodec(self.mid))?;
        let mut api = rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mid, None).ok_or(PeerError::NoCodec(self.mid))?;
        flights.departed(super::content(self.packetizer.is_some(), &payload.data), now);
        let voice = self.packetizer.is_none().then_some(VOICE_LEVEL);
        let extensions = ExtensionValues { audio_level: voice, voice_activity: voice.map(|_| true), ..ExtensionValues::default() };
        let packet = RtpWrite::new(pt, self.seq.into(), self.timestamp, now, payload.data);
        stream.write_rtp(packet.marker(payload.marker).ext_vals(extensions).nackable(self.packetizer.is_some()));
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
