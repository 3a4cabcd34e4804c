//! Judges what a peer receives in its audio slot and its video slot.

use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::media::{KeyframeRequestKind, MediaKind};
use str0m::rtp::RtpPacket;
use switchboard_clip::{AudioChecker, Vp8Checker, ivf};

use super::flights::Flights;

/// A decoder that is stuck asks again for a keyframe after this long, as browsers do.
const KEYFRAME_PATIENCE: Duration = Duration::from_millis(300);

/// What came in the slots.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) audio: AudioChecker,
    pub(super) video: Vp8Checker,
    /// Payloads that came although nobody sent them.
    pub(super) foreign: u64,
    /// How long each payload was on its way that was sent once the first frame was shown.
    pub(super) flights: Vec<Duration>,
    /// The decodable video, if it is wanted.
    record: bool,
    recording: Option<ivf::Writer>,
    shown_at: Option<Instant>,
    keyframe_asked: Option<Instant>,
}

impl Receiver {
    pub(super) fn new(record: bool) -> Self {
        Self {
            audio: AudioChecker::new(),
            video: Vp8Checker::new(),
            foreign: 0,
            flights: Vec::new(),
            record,
            recording: None,
            shown_at: None,
            keyframe_asked: None,
        }
    }

    /// Takes a packet. Returns whether it completed the first frame that can be shown.
    pub(super) fn handle_packet(&mut self, now: Instant, rtc: &mut Rtc, packet: &RtpPacket, sent: &Flights) -> bool {
        let mid = rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
        let Some(media) = mid.and_then(|mid| rtc.media(mid)) else { return false };
        let (mid, is_video) = (media.mid(), media.kind() == MediaKind::Video);
        if !packet.payload.is_empty() {
            let flight = sent.arrived(super::content(is_video, &packet.payload), now);
            self.foreign += u64::from(flight.is_none());
            // What was sent while this side was still connecting has waited for that, not for being forwarded.
            self.flights.extend(flight.filter(|flight| self.shown_at.is_some_and(|shown_at| now >= shown_at + *flight)));
        }
        let (seq, timestamp) = (*packet.seq_no, packet.header.timestamp);
        if !is_video {
            self.audio.handle_rtp(seq, timestamp, &packet.payload);
            while self.audio.poll_packet().is_some() {}
            return false;
        }
        self.video.handle_rtp(seq, timestamp, packet.header.marker, &packet.payload);
        let stuck = self.take_frames();
        if stuck && self.keyframe_asked.is_none_or(|asked| now >= asked + KEYFRAME_PATIENCE) {
            self.keyframe_asked = Some(now);
            if let Some(stream) = rtc.direct_api().stream_rx_by_mid(mid, None) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
        let first = self.shown_at.is_none() && self.video.report().frames_decodable > 0;
        if first {
            self.shown_at = Some(now);
        }
        first
    }

    /// Nothing more will come.
    pub(super) fn finish(&mut self) {
        self.audio.finish();
        self.video.finish();
        self.take_frames();
    }

    pub(super) fn take_recording(&mut self) -> Option<Vec<u8>> {
        self.recording.take().map(ivf::Writer::finish)
    }

    /// Whether the last whole frame could not be shown.
    fn take_frames(&mut self) -> bool {
        let mut stuck = false;
        while let Some(frame) = self.video.poll_frame() {
            stuck = !frame.decodable;
            if !self.record || stuck {
                continue;
            }
            match &mut self.recording {
                Some(recording) => recording.push(&frame.data, frame.timestamp),
                none => *none = ivf::Writer::starting_with(&frame.data, frame.timestamp),
            }
        }
        stuck
    }
}
