//! The clips: three seconds of moving test picture and of a rising tone, made to be looped.
//!
//! They are data in this crate, made once with Debian's ffmpeg:
//!
//! ```text
//! ffmpeg -f lavfi -i testsrc2=size=320x180:rate=15 -t 3 -pix_fmt yuv420p -c:v libvpx -b:v 300k -g 15 -keyint_min 15 \
//!        -auto-alt-ref 0 -lag-in-frames 0 -deadline good -cpu-used 0 -fflags +bitexact -flags:v +bitexact testsrc2.ivf
//! ffmpeg -f lavfi -i "aevalsrc=0.4*sin(2*PI*(300*t+150*t*t)):sample_rate=48000:duration=3" -ac 1 -c:a libopus -b:a 32k \
//!        -application audio -frame_duration 20 -fflags +bitexact -flags:a +bitexact sweep.ogg
//! ```

use std::sync::Arc;
use std::time::Duration;

use crate::{ivf, ogg, vp8};

/// VP8, 320x180, 15 frames a second, about 300 kbit/s, a keyframe at the start and at every 15th frame.
const TESTSRC2: &[u8] = include_bytes!("data/testsrc2.ivf");

/// Opus, mono, 20 ms a packet, about 40 kbit/s: a tone that rises from 300 to 1,200 Hz.
const SWEEP: &[u8] = include_bytes!("data/sweep.ogg");

/// Frames of encoded media, evenly spaced in time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clip {
    frames: Arc<[Frame]>,
    clock_rate: u32,
    timestamp_step: u32,
    width: u16,
    height: u16,
}

/// One encoded video frame, or one packet of audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The encoded bytes.
    pub data: Vec<u8>,
    /// Whether a decoder can start here. Always true of audio.
    pub keyframe: bool,
}

impl Clip {
    /// The video clip: 45 frames of VP8, keyframes at 0, 15 and 30. Looping back to frame 0 keeps it decodable.
    pub fn vp8() -> Self {
        let file = ivf::Reader::new(TESTSRC2).expect("the clip shipped with this crate is an IVF file");
        let header = file.header();
        let frames = file
            .map(|frame| frame.expect("the clip shipped with this crate has no broken frame").data)
            .map(|data| Frame { data: data.to_vec(), keyframe: vp8::is_keyframe(data) })
            .collect();
        let clock_rate = 90_000;
        let timestamp_step = clock_rate * header.time_base_numerator / header.time_base_denominator;
        Self { frames, clock_rate, timestamp_step, width: header.width, height: header.height }
    }

    /// The audio clip: 151 packets of Opus, 20 ms each.
    pub fn opus() -> Self {
        let packets = ogg::packets(SWEEP).expect("the clip shipped with this crate is an Ogg file");
        // The first two packets of an Opus stream are headers (RFC 7845 §3).
        let frames = packets.into_iter().skip(2).map(|data| Frame { data, keyframe: true }).collect();
        Self { frames, clock_rate: 48_000, timestamp_step: 960, width: 0, height: 0 }
    }

    /// The frames in the order of sending; never empty.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The frame at `position` of the clip played in a loop.
    pub fn looped(&self, position: u64) -> &Frame {
        &self.frames[self.index(position)]
    }

    /// The next position after `position`, itself included, that shows the keyframe the clip opens with: where a sender goes on
    /// when it is asked for a keyframe.
    pub fn restart(&self, position: u64) -> u64 {
        position.next_multiple_of(self.frames.len() as u64)
    }

    /// RTP clock rate in Hz.
    pub fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// How far the RTP timestamp moves from one frame to the next.
    pub fn timestamp_step(&self) -> u32 {
        self.timestamp_step
    }

    /// How long one frame lasts.
    pub fn frame_duration(&self) -> Duration {
        Duration::from_secs(1) * self.timestamp_step / self.clock_rate
    }

    /// Width and height in pixels; zeros for audio.
    pub fn dimensions(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    fn index(&self, position: u64) -> usize {
        (position % self.frames.len() as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_video_clip_is_three_seconds_with_a_keyframe_each_second() {
        let clip = Clip::vp8();
        assert_eq!(clip.frames().len(), 45);
        let keyframes: Vec<_> = (0..45).filter(|&at| clip.frames()[at].keyframe).collect();
        assert_eq!(keyframes, [0, 15, 30]);
        assert_eq!((clip.timestamp_step(), clip.dimensions()), (6000, (320, 180)));
        assert_eq!(vp8::dimensions(&clip.frames()[15].data), Some((320, 180)));
    }

    #[test]
    fn the_audio_clip_is_twenty_millisecond_packets() {
        let clip = Clip::opus();
        assert_eq!(clip.frames().len(), 151);
        assert_eq!(clip.frame_duration(), Duration::from_millis(20));
        for frame in clip.frames() {
            // The TOC byte (RFC 6716 §3.1): configuration, stereo, code of the frame count.
            let toc = frame.data[0];
            let twenty_ms = matches!(toc >> 3, 1 | 5 | 9 | 13 | 15 | 19 | 23 | 27 | 31);
            assert!(twenty_ms && toc & 0b111 == 0, "one mono frame of 20 ms, not {toc:#b}");
        }
    }

    #[test]
    fn a_looped_clip_begins_again_at_its_keyframe() {
        let clip = Clip::vp8();
        assert_eq!(clip.looped(45), &clip.frames()[0]);
        assert_eq!(clip.looped(91), &clip.frames()[1]);
    }

    #[test]
    fn a_restart_moves_forward_to_the_opening_keyframe_and_stays_when_it_is_there() {
        let clip = Clip::vp8();
        assert_eq!((clip.restart(0), clip.restart(1), clip.restart(45), clip.restart(46)), (0, 45, 45, 90));
    }
}
