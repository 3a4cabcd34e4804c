//! The clips: a few seconds of moving test picture and of a rising tone, made to be looped.
//!
//! They are data in this crate, made once with Debian's ffmpeg:
//!
//! ```text
//! ffmpeg -f lavfi -i testsrc2=size=320x180:rate=15 -t 3 -pix_fmt yuv420p -c:v libvpx -b:v 300k -g 15 -keyint_min 15 \
//!        -auto-alt-ref 0 -lag-in-frames 0 -deadline good -cpu-used 0 -fflags +bitexact -flags:v +bitexact testsrc2.ivf
//! ffmpeg -f lavfi -i "aevalsrc=0.4*sin(2*PI*(300*t+150*t*t)):sample_rate=48000:duration=3" -ac 1 -c:a libopus -b:a 32k \
//!        -application audio -frame_duration 20 -fflags +bitexact -flags:a +bitexact sweep.ogg
//! ```
//!
//! The simulcast layers, with W x H and B of 320x180 and 120, 640x360 and 400, 1280x720 and 1400:
//!
//! ```text
//! ffmpeg -f lavfi -i testsrc2=size=WxH:rate=15 -frames:v 32 -pix_fmt yuv420p -c:v libvpx -b:v Bk -minrate Bk -maxrate Bk -bufsize Bk \
//!        -g 32 -keyint_min 32 -error-resilient default -auto-alt-ref 0 -lag-in-frames 0 -deadline realtime -cpu-used 4 -rc_lookahead 0 \
//!        -ts-parameters "ts_number_layers=3:ts_target_bitrate=.55B,.75B,B:ts_rate_decimator=4,2,1:ts_periodicity=4:ts_layer_id=0,2,1,2:ts_layering_mode=3" \
//!        -fflags +bitexact -flags:v +bitexact layerH.ivf
//! ```
//!
//! Of each four frames in them, the first refers to the first of the four before; the second (layer 2) and the third (layer 1) to
//! the first alone, and the last (layer 2) to the first and the third. It is the pattern WebRTC's encoders use for three layers.

use std::sync::Arc;
use std::time::Duration;

use crate::{ivf, ogg, vp8};

/// VP8, 320x180, 15 frames a second, about 300 kbit/s, a keyframe at the start and at every 15th frame.
const TESTSRC2: &[u8] = include_bytes!("data/testsrc2.ivf");

/// VP8, 320x180, 640x360 and 1280x720, 15 frames a second, about 110, 300 and 950 kbit/s, three temporal layers, a keyframe at
/// the start alone.
const LAYERS: [&[u8]; 3] = [include_bytes!("data/layer180.ivf"), include_bytes!("data/layer360.ivf"), include_bytes!("data/layer720.ivf")];

/// The temporal layer of each of four frames, and whether it depends on layer 0 alone.
const PATTERN: [(u8, bool); 4] = [(0, false), (2, true), (1, true), (2, false)];

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
    /// The temporal layer and whether the frame depends on layer 0 alone (RFC 7741 §4.2: TID and Y); `None` where there are none.
    pub temporal: Option<(u8, bool)>,
}

impl Clip {
    /// The video clip: 45 frames of VP8, keyframes at 0, 15 and 30. Looping back to frame 0 keeps it decodable.
    pub fn vp8() -> Self {
        Self::of_ivf(TESTSRC2, |_, _| None)
    }

    /// One camera as three simulcast layers, the smallest first: 32 frames of VP8 each, a keyframe at 0, and three temporal layers
    /// (0, 2, 1, 2 and so on). Looping back to frame 0 keeps them decodable.
    pub fn layers() -> [Self; 3] {
        let temporal = |at: usize, keyframe| {
            let (layer, sync) = PATTERN[at % PATTERN.len()];
            Some((layer, sync || keyframe))
        };
        LAYERS.map(|file| Self::of_ivf(file, temporal))
    }

    fn of_ivf(file: &[u8], temporal: impl Fn(usize, bool) -> Option<(u8, bool)>) -> Self {
        let file = ivf::Reader::new(file).expect("the clip shipped with this crate is an IVF file");
        let header = file.header();
        let frame = |(at, frame): (usize, Result<ivf::IvfFrame<'_>, ivf::IvfError>)| {
            let data = frame.expect("the clip shipped with this crate has no broken frame").data;
            let keyframe = vp8::is_keyframe(data);
            Frame { data: data.to_vec(), keyframe, temporal: temporal(at, keyframe) }
        };
        let frames = file.enumerate().map(frame).collect();
        let clock_rate = 90_000;
        let timestamp_step = clock_rate * header.time_base_numerator / header.time_base_denominator;
        Self { frames, clock_rate, timestamp_step, width: header.width, height: header.height }
    }

    /// The audio clip: 151 packets of Opus, 20 ms each.
    pub fn opus() -> Self {
        let packets = ogg::packets(SWEEP).expect("the clip shipped with this crate is an Ogg file");
        // The first two packets of an Opus stream are headers (RFC 7845 §3).
        let frames = packets.into_iter().skip(2).map(|data| Frame { data, keyframe: true, temporal: None }).collect();
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
    fn the_layers_are_one_keyframe_and_the_temporal_pattern_at_three_sizes() {
        let layers = Clip::layers();
        assert_eq!(layers.each_ref().map(Clip::dimensions), [(320, 180), (640, 360), (1280, 720)]);
        for (clip, kbit) in layers.iter().zip([90..130, 270..350, 900..1_020]) {
            assert_eq!((clip.frames().len(), clip.timestamp_step()), (32, 6000));
            assert!(clip.frames().iter().enumerate().all(|(at, frame)| frame.keyframe == (at == 0)));
            let temporal: Vec<_> = clip.frames()[..8].iter().map(|frame| frame.temporal.unwrap()).collect();
            let [base, sync, middle, top] = [(0, false), (2, true), (1, true), (2, false)];
            assert_eq!(temporal, [(0, true), sync, middle, top, base, sync, middle, top]);
            let bytes: usize = clip.frames().iter().map(|frame| frame.data.len()).sum();
            let rate = bytes as u128 * 8 / (clip.frame_duration() * 32).as_millis();
            assert!(kbit.contains(&rate), "{rate} kbit/s");
        }
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
