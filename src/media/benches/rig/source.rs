//! What is sent: 30 frames a second, each 9 packets of 1,100 bytes at once, and 50 packets a second of a voice of 100 bytes; as in the load
//! tester's livestream.

use std::time::{Duration, Instant};

use str0m::format::Codec;
use str0m::rtp::ExtensionValues;
use switchboard_clip::descriptor::{Descriptor, PictureId};

const FRAME_EVERY: Duration = Duration::from_nanos(1_000_000_000 / 30);
const BURST: usize = 9;
const PICTURE_BYTES: usize = 1_100;
const WORD_EVERY: Duration = Duration::from_millis(20);
const WORD_BYTES: usize = 100;
/// What keyframes claim to be, as in a VP8 frame header (RFC 6386 §9.1).
const SIZE: (u16, u16) = (1_280, 720);

pub(super) struct Source {
    picture: Option<PictureId>,
    /// Whether the next frame is a keyframe.
    restarts: bool,
    seq: u64,
    time: u32,
    started: bool,
    due: Instant,
}

pub(super) struct Packet {
    pub(super) seq: u64,
    pub(super) time: u32,
    pub(super) marker: bool,
    pub(super) payload: Vec<u8>,
}

impl Source {
    pub(super) fn voice(now: Instant) -> Self {
        Self { picture: None, restarts: false, seq: 1_000, time: 0, started: false, due: now }
    }

    pub(super) fn picture(now: Instant) -> Self {
        Self { picture: Some(PictureId::Long(100)), restarts: true, ..Self::voice(now) }
    }

    pub(super) fn codec(&self) -> Codec {
        if self.picture.is_some() { Codec::Vp8 } else { Codec::Opus }
    }

    pub(super) fn extensions(&self) -> ExtensionValues {
        let voice = self.picture.is_none();
        ExtensionValues { audio_level: voice.then_some(-30), voice_activity: voice.then_some(true), ..ExtensionValues::default() }
    }

    /// The next frame is one that a decoder can start at.
    pub(super) fn restart(&mut self) {
        self.restarts = self.picture.is_some();
    }

    /// Its first frame is due when its peer is connected.
    pub(super) fn start(&mut self, now: Instant) {
        if !self.started {
            (self.started, self.due) = (true, now);
        }
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// The packets that are due.
    pub(super) fn next_frame(&mut self) -> Vec<Packet> {
        let (every, step) = if self.picture.is_some() { (FRAME_EVERY, 3_000) } else { (WORD_EVERY, 960) };
        let time = self.time;
        self.time += step;
        self.due += every;
        let Some(id) = self.picture else {
            self.seq += 1;
            return vec![Packet { seq: self.seq, time, marker: false, payload: vec![0x55; WORD_BYTES] }];
        };
        self.picture = Some(id.next());
        let keyframe = std::mem::take(&mut self.restarts);
        let packet = |at| {
            self.seq += 1;
            Packet { seq: self.seq, time, marker: at + 1 == BURST, payload: payload(id, at, keyframe) }
        };
        (0..BURST).map(packet).collect()
    }
}

/// VP8 as far as a router reads: the descriptor (RFC 7741 §4.2) and the frame's header (RFC 6386 §9.1).
fn payload(id: PictureId, at: usize, keyframe: bool) -> Vec<u8> {
    let mut data = Vec::with_capacity(PICTURE_BYTES);
    Descriptor { partition_start: at == 0, picture_id: Some(id), ..Descriptor::default() }.write(&mut data);
    if at == 0 {
        // Shown, version 0; the lowest bit is 0 in a keyframe.
        data.extend_from_slice(&[0x10 | u8::from(!keyframe), 0, 0]);
        if keyframe {
            data.extend_from_slice(&[0x9d, 0x01, 0x2a]);
            data.extend([SIZE.0, SIZE.1].into_iter().flat_map(u16::to_le_bytes));
        }
    }
    data.resize(PICTURE_BYTES, 0x55);
    data
}
