//! Ten people in a call, each with voice and 0.5 Mbit/s of video, all to all.

use std::time::Duration;

use super::load::Load;
use crate::cli::Call10Args;
use crate::peer::{AudioSource, Judge, Plan, Synthetic, VideoSource};

/// Everyone but oneself.
const OTHERS: usize = 9;

/// 30 frames a second of 2 packets of 1,042 bytes: 0.5 Mbit/s.
const VIDEO: Synthetic = Synthetic { every: Duration::from_nanos(1_000_000_000 / 30), burst: 2, payload_bytes: 1_042 };
/// 50 packets a second of 100 bytes.
const AUDIO: Synthetic = Synthetic { every: Duration::from_millis(20), burst: 1, payload_bytes: 100 };

const _: () = assert!(VIDEO.payload_bytes >= Synthetic::MIN_PAYLOAD_BYTES && AUDIO.payload_bytes >= Synthetic::MIN_PAYLOAD_BYTES);

/// What is played.
pub(crate) fn load(args: &Call10Args) -> Load {
    let plan = Plan {
        audio: Some(AudioSource::Synthetic(AUDIO)),
        video: Some(VideoSource::Synthetic(VIDEO)),
        audio_slots: OTHERS,
        video_slots: OTHERS,
        judge: Judge::Sequence,
        ..Plan::default()
    };
    Load::of(&args.load, vec![vec![plan; OTHERS + 1]; args.calls])
}

/// What it is, in a sentence for the report.
pub(crate) fn definition(args: &Call10Args) -> String {
    format!(
        "{} × call of ten people; each sends 50 packets a second of audio of 100 bytes and 30 frames a second, each 2 packets of 1,042 bytes (0.5 Mbit/s), to all others; synthetic",
        args.calls
    )
}
