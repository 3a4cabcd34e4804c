//! What a participant received in one slot, and what its user would have noticed.

use std::time::{Duration, Instant};

use str0m::rtp::RedDecoder;
use switchboard_clip::{AudioChecker, Vp8Checker, ivf, vp8};

/// How long a decoder waits for what is missing.
const GIVES_UP_AFTER: Duration = Duration::from_millis(500);

/// What a client received in one slot.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) video: Vp8Checker,
    pub(crate) audio: AudioChecker,
    pub(crate) packets: u64,
    /// Of those, packets of RED.
    pub(crate) red_packets: u64,
    /// RTP payload bytes.
    pub(crate) bytes: u64,
    pub(crate) ssrcs: Vec<u32>,
    /// The payload types, each time they changed.
    pub(crate) pts: Vec<u8>,
    pub(crate) first_at: Option<Instant>,
    pub(crate) asked_at: Option<Instant>,
    /// When the last packet of a voice came, and the longest time between two.
    pub(crate) heard_at: Option<Instant>,
    pub(crate) longest_silence: Duration,
    /// When the last frame was complete.
    pub(crate) frame_at: Option<Instant>,
    /// When each decodable frame was complete.
    pub(crate) frames_at: Vec<Instant>,
    pub(crate) frames: Vec<Vec<u8>>,
    /// RTP timestamps of the decodable frames.
    pub(crate) times: Vec<u32>,
    /// When the height of the decoded picture changed, and to what.
    pub(crate) heights: Vec<(Instant, u16)>,
}

impl Received {
    /// Whether its stream, of audio or of video, has no fault.
    pub(crate) fn is_flawless(&self) -> bool {
        let (video, audio) = (self.video.report(), self.audio.report());
        if video.packets > 0 { video.is_flawless() } else { audio.is_flawless() }
    }

    /// A packet of a voice came.
    pub(crate) fn hear_at(&mut self, now: Instant) {
        let silence = self.heard_at.replace(now).map_or(Duration::ZERO, |before| now.saturating_duration_since(before));
        self.longest_silence = self.longest_silence.max(silence);
    }

    /// A packet of a voice; `red` is the payload type of Opus in it, if it is RED. What RED repeats fills a hole, as it does in a
    /// browser.
    pub(crate) fn hear(&mut self, seq: u64, time: u32, payload: &[u8], red: Option<u8>) {
        let Some(opus) = red else { return self.audio.handle_rtp(seq, time, payload) };
        self.red_packets += 1;
        let blocks = RedDecoder::decode(payload).expect("the router sends RED that can be read");
        assert!(blocks.iter().all(|block| block.pt == opus), "the payload types are the receiver's own");
        for (back, block) in blocks.iter().rev().enumerate().rev() {
            self.audio.handle_rtp(seq - back as u64, time.wrapping_sub(block.timestamp_offset), block.payload);
        }
    }

    /// Whether no frame has become complete for so long that a decoder waits no longer for what is missing.
    pub(crate) fn is_stuck(&self, now: Instant) -> bool {
        self.frame_at.is_some_and(|at| now > at + GIVES_UP_AFTER)
    }

    /// A decodable frame.
    pub(crate) fn show(&mut self, now: Instant, timestamp: u32, frame: Vec<u8>) {
        if let Some((_, height)) = vp8::dimensions(&frame)
            && self.height() != Some(height)
        {
            self.heights.push((now, height));
        }
        self.frames_at.push(now);
        self.times.push(timestamp);
        self.frames.push(frame);
    }

    /// By how much the time between two frames, as they bear it, differs from that between their arrivals: of the first that came since
    /// an instant, and the last of all.
    pub(crate) fn clock_error(&self, since: Instant) -> Duration {
        let first = self.frames_at.iter().position(|at| *at >= since).expect("a frame came");
        let borne = self.times[self.times.len() - 1].wrapping_sub(self.times[first]);
        Duration::from_micros(u64::from(borne) * 100 / 9).abs_diff(self.frames_at[self.frames_at.len() - 1] - self.frames_at[first])
    }

    /// How high the picture is that is shown: 180, 360 or 720 by the simulcast layer.
    pub(crate) fn height(&self) -> Option<u16> {
        self.heights.last().map(|(_, height)| *height)
    }

    /// How often the layer changed since an instant.
    pub(crate) fn layer_changes(&self, since: Instant) -> usize {
        self.heights.iter().skip(1).filter(|(at, _)| *at >= since).count()
    }

    /// Frames shown since an instant.
    pub(crate) fn shown_since(&self, since: Instant) -> usize {
        self.frames_at.iter().filter(|at| **at >= since).count()
    }

    /// The gaps between decodable frames longer than `than`, the one that lasts until `now` included: when each began, and its length.
    pub(crate) fn freezes(&self, since: Instant, now: Instant, than: Duration) -> Vec<(Instant, Duration)> {
        let ends = self.frames_at.iter().skip(1).copied().chain([now]);
        let gaps = self.frames_at.iter().copied().zip(ends).map(|(from, to)| (from, to.saturating_duration_since(from)));
        gaps.filter(|(from, length)| *length > than && *from + *length > since).collect()
    }

    /// The part of the audio packets that never came, 0 to 1. Silence counts as all lost.
    pub(crate) fn audio_loss(&self) -> f64 {
        let report = self.audio.report();
        let missing = report.missing + report.late;
        if report.packets == 0 { 1.0 } else { missing as f64 / (report.packets + missing) as f64 }
    }

    /// The decodable frames as an IVF file.
    pub(crate) fn recording(&self) -> Vec<u8> {
        let mut frames = self.frames.iter().zip(&self.times);
        let (first, time) = frames.next().expect("something was shown");
        let mut file = ivf::Writer::starting_with(first, *time).expect("the first frame that can be decoded is a keyframe");
        frames.for_each(|(frame, time)| file.push(frame, *time));
        file.finish()
    }
}
