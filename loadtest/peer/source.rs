//! Where the frames of a sent stream come from: a clip, or a generator of an exact rate.

use std::time::Duration;

use switchboard_clip::descriptor::{Descriptor, PictureId};
use switchboard_clip::{Clip, Payload, Vp8Packetizer};

use super::plan::{AudioSource, Synthetic};
use super::stamp;

/// RTP clock rates.
const VIDEO_HZ: u32 = 90_000;
const AUDIO_HZ: u32 = 48_000;

/// The picture that synthetic keyframes claim to be: a router decides by it how much of a tile it fills.
const SYNTHETIC_SIZE: (u16, u16) = (1_280, 720);

/// A source of frames.
#[derive(Debug)]
pub(super) enum Source {
    Voice { clip: Clip, position: u64 },
    Picture { clip: Clip, position: u64, packetizer: Vp8Packetizer },
    SyntheticVoice(Synthetic),
    SyntheticPicture { shape: Synthetic, picture: PictureId, key_next: bool },
}

impl Source {
    pub(super) fn voice(source: AudioSource) -> Self {
        match source {
            AudioSource::Clip => Self::Voice { clip: Clip::opus(), position: 0 },
            AudioSource::Synthetic(shape) => Self::SyntheticVoice(shape),
        }
    }

    pub(super) fn picture(clip: Clip) -> Self {
        let packetizer = Vp8Packetizer::new(fastrand::u16(..));
        let layered = clip.frames().iter().any(|frame| frame.temporal.is_some());
        let packetizer = if layered { packetizer.with_tl0_picidx(fastrand::u8(..)) } else { packetizer };
        Self::Picture { clip, position: 0, packetizer }
    }

    pub(super) fn synthetic_picture(shape: Synthetic) -> Self {
        Self::SyntheticPicture { shape, picture: PictureId::Long(fastrand::u16(..) & 0x7fff), key_next: true }
    }

    pub(super) fn is_video(&self) -> bool {
        matches!(self, Self::Picture { .. } | Self::SyntheticPicture { .. })
    }

    /// The next frame is one that a decoder can start at.
    pub(super) fn restart(&mut self) {
        match self {
            Self::Picture { clip, position, .. } => *position = clip.restart(*position),
            Self::SyntheticPicture { key_next, .. } => *key_next = true,
            Self::Voice { .. } | Self::SyntheticVoice(_) => {}
        }
    }

    /// From one frame to the next.
    pub(super) fn frame_duration(&self) -> Duration {
        match self {
            Self::Voice { clip, .. } | Self::Picture { clip, .. } => clip.frame_duration(),
            Self::SyntheticVoice(shape) | Self::SyntheticPicture { shape, .. } => shape.every,
        }
    }

    /// From one frame's RTP timestamp to the next.
    pub(super) fn timestamp_step(&self) -> u32 {
        let hertz = if self.is_video() { VIDEO_HZ } else { AUDIO_HZ };
        (self.frame_duration().as_secs_f64() * f64::from(hertz)).round() as u32
    }

    /// The payloads of the next frame, without stamps.
    pub(super) fn next_frame(&mut self) -> Vec<Payload> {
        match self {
            Self::Voice { clip, position } => {
                let data = clip.looped(*position).data.clone();
                *position += 1;
                vec![Payload { data, marker: *position == 1 }]
            }
            Self::Picture { clip, position, packetizer } => {
                let frame = clip.looped(*position);
                *position += 1;
                packetizer.packetize_layer(&frame.data, frame.temporal.unwrap_or_default())
            }
            Self::SyntheticVoice(shape) => {
                let payload = || Payload { data: vec![0x55; shape.payload_bytes - stamp::BYTES], marker: false };
                std::iter::repeat_with(payload).take(shape.burst.into()).collect()
            }
            Self::SyntheticPicture { shape, picture, key_next } => {
                let keyframe = std::mem::take(key_next);
                let id = std::mem::replace(picture, picture.next());
                (0..shape.burst).map(|at| synthetic_payload(*shape, id, at, keyframe)).collect()
            }
        }
    }
}

/// One packet of a frame that is VP8 as far as a router reads: descriptor (RFC 7741 §4.2) and frame header (RFC 6386 §9.1).
fn synthetic_payload(shape: Synthetic, id: PictureId, at: u16, keyframe: bool) -> Payload {
    let mut data = Vec::with_capacity(shape.payload_bytes);
    Descriptor { partition_start: at == 0, picture_id: Some(id), ..Descriptor::default() }.write(&mut data);
    if at == 0 {
        // Shown, version 0; the lowest bit is 0 in a keyframe.
        data.extend_from_slice(&[0x10 | u8::from(!keyframe), 0, 0]);
    }
    if at == 0 && keyframe {
        data.extend_from_slice(&[0x9d, 0x01, 0x2a]);
        data.extend([SYNTHETIC_SIZE.0, SYNTHETIC_SIZE.1].into_iter().flat_map(u16::to_le_bytes));
    }
    data.resize(shape.payload_bytes - stamp::BYTES, 0x55);
    Payload { data, marker: at + 1 == shape.burst }
}

#[cfg(test)]
mod tests {
    use switchboard_clip::vp8;

    use super::*;

    #[test]
    fn a_synthetic_picture_begins_with_a_keyframe_and_has_the_size_that_was_asked_for() {
        let shape = Synthetic { every: Duration::from_millis(33), burst: 9, payload_bytes: 1_100 };
        let mut source = Source::synthetic_picture(shape);
        for (number, wants_key) in [(0, true), (1, false), (2, true)] {
            if number == 2 {
                source.restart();
            }
            let payloads = source.next_frame();
            assert_eq!(payloads.len(), 9);
            assert!(payloads.iter().all(|payload| payload.data.len() + stamp::BYTES == 1_100));
            assert_eq!(payloads.iter().filter(|payload| payload.marker).count(), 1);
            let (descriptor, frame) = Descriptor::parse(&payloads[0].data).unwrap();
            assert!(descriptor.starts_frame());
            assert_eq!((vp8::is_keyframe(frame), frame[0] & 1 == 0), (wants_key, wants_key));
        }
    }

    #[test]
    fn the_smallest_synthetic_payload_holds_a_keyframe_header_and_a_stamp() {
        let shape = Synthetic { every: Duration::from_millis(20), burst: 1, payload_bytes: Synthetic::MIN_PAYLOAD_BYTES };
        let payload = &Source::synthetic_picture(shape).next_frame()[0];
        assert!(vp8::is_keyframe(Descriptor::parse(&payload.data).unwrap().1));
    }

    #[test]
    fn time_runs_at_the_rate_of_the_source() {
        let shape = Synthetic { every: Duration::from_micros(33_333), burst: 9, payload_bytes: 1_100 };
        assert_eq!(Source::synthetic_picture(shape).timestamp_step(), 3_000);
        assert_eq!(Source::voice(AudioSource::Clip).timestamp_step(), 960);
        assert_eq!(Source::picture(Clip::vp8()).timestamp_step(), 6_000);
    }
}
