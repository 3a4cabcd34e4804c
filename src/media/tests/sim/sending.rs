//! A stream that a participant sends: its place in a clip and in RTP.

use std::time::{Duration, Instant};

use str0m::media::{Mid, Rid};
use str0m::rtp::{ExtensionValues, RedEncoder, RedundantBlock};
use switchboard_clip::{Clip, Vp8Packetizer};
use switchboard_media::{Role, SourceKind};

/// The rids of the simulcast layers, the smallest first.
pub(crate) const RIDS: [&str; 3] = ["q", "h", "f"];
/// An Opus encoder in silence says so every 400 ms, so that the path stays open.
const COMFORT_EVERY: u64 = 20;

/// How somebody sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Voice {
    /// RFC 6464 level in -dBov: 0 the loudest, -127 silence.
    pub(crate) level: i8,
    /// In silence next to nothing is sent (Opus DTX).
    pub(crate) dtx: bool,
}

pub(crate) const SPEAKING: Voice = Voice { level: -30, dtx: false };

pub(crate) struct Sending {
    pub(crate) kind: SourceKind,
    pub(crate) mid: Mid,
    pub(crate) rid: Option<Rid>,
    pub(crate) clip: Clip,
    pub(crate) seq: u64,
    pub(crate) time: u32,
    pub(crate) due: Instant,
    /// Whether the router says that anyone wants it.
    wanted: bool,
    /// Whether it can be sent: its camera is large enough for it.
    pub(crate) able: bool,
    /// Nothing was sent of it a moment ago: it begins again at its keyframe.
    idle: bool,
    packetizer: Vp8Packetizer,
    position: u64,
    /// The last packet of a voice and its RTP timestamp.
    before: Option<(u32, Vec<u8>)>,
}

/// One RTP payload and its marker.
pub(crate) type Payload = (Vec<u8>, bool);

impl Sending {
    /// The streams of one source, the smallest layer first.
    ///
    /// Each person's numbers begin elsewhere, and near their ends, so that every simulation crosses the wrap of sequence
    /// numbers, timestamps and picture ids, and nobody's stream, or layer, could pass for another's.
    pub(crate) fn all(now: Instant, id: u64, mid: Mid, role: Role, simulcast: bool) -> Vec<Self> {
        let Role::Source(kind) = role else { return Vec::new() };
        let clips: Vec<Clip> = match kind {
            SourceKind::Microphone => vec![Clip::opus()],
            SourceKind::Camera if simulcast => Clip::layers().into(),
            SourceKind::Camera | SourceKind::Screen => vec![Clip::vp8()],
        };
        let layered = clips.len() > 1;
        let stream = |(layer, clip): (usize, Clip)| {
            let apart = layer as u64;
            let packetizer = Vp8Packetizer::new(0x7fff - 40 * id as u16 - 1_000 * layer as u16);
            Self {
                kind,
                mid,
                rid: layered.then(|| Rid::from(RIDS[layer])),
                wanted: true,
                able: true,
                idle: false,
                packetizer: if layered { packetizer.with_tl0_picidx(250 - 40 * layer as u8) } else { packetizer },
                position: 0,
                before: None,
                seq: 65_535 - 30 * (id % 1_000) - 7_000 * apart,
                time: (u32::MAX - 90_000 * id as u32).wrapping_sub(7_654_321 * layer as u32),
                due: now + Duration::from_millis(1) + 5 * (id as u32 - 1) % 100 * clip.frame_duration(),
                clip,
            }
        };
        clips.into_iter().enumerate().map(stream).collect()
    }

    pub(crate) fn is_audio(&self) -> bool {
        self.kind == SourceKind::Microphone
    }

    /// A keyframe is wanted.
    pub(crate) fn restart(&mut self) {
        self.position = self.clip.restart(self.position);
    }

    /// From here on it is a page: one layer of 720 pixels and about 950 kbit/s, its frames in three temporal layers.
    pub(crate) fn show_page(&mut self) {
        let [_, _, page] = Clip::layers();
        self.clip = page;
        self.packetizer = Vp8Packetizer::new(0x7ff0).with_tl0_picidx(250);
        self.restart();
    }

    /// When it is sent again, it goes on where it is and not with a keyframe.
    pub(crate) fn go_on(&mut self) {
        self.idle = false;
    }

    /// Whether the router says that anyone wants it.
    pub(crate) fn want(&mut self, wanted: bool) {
        self.wanted = wanted;
    }

    /// The payloads due now, none while its source is off; moves on by one frame.
    pub(crate) fn next_packets(&mut self, voice: Voice, on: bool) -> Vec<Payload> {
        let before = std::mem::replace(&mut self.idle, !(on && self.wanted && self.able));
        if before && !self.idle {
            self.restart();
        }
        let frame = self.clip.looped(self.position).clone();
        self.position += 1;
        self.time = self.time.wrapping_add(self.clip.timestamp_step());
        self.due += self.clip.frame_duration();
        if self.is_audio() {
            let silent = voice.dtx && !self.position.is_multiple_of(COMFORT_EVERY);
            return if silent || self.idle { Vec::new() } else { vec![(frame.data, false)] };
        }
        if self.idle {
            return Vec::new();
        }
        let payloads = self.packetizer.packetize_layer(&frame.data, frame.temporal.unwrap_or_default());
        payloads.into_iter().map(|payload| (payload.data, payload.marker)).collect()
    }

    /// The payload as RED, with the packet before it where there is one.
    pub(crate) fn redundant(&mut self, opus: u8, time: u32, payload: Vec<u8>) -> Vec<u8> {
        let before = self.before.replace((time, payload.clone()));
        let block = |(at, payload)| RedundantBlock { pt: opus, timestamp_offset: time.wrapping_sub(at), payload };
        RedEncoder::encode(opus, &payload, &before.map(block).into_iter().collect::<Vec<_>>())
    }

    pub(crate) fn extensions(&self, voice: Voice) -> ExtensionValues {
        let level = self.is_audio().then_some(voice.level);
        ExtensionValues { audio_level: level, voice_activity: level.map(|_| !voice.dtx), ..Default::default() }
    }
}
