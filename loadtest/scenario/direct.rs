//! One-to-one calls, many at once: each side sends its camera and its microphone, and receives the other's.

use super::load::Load;
use crate::cli::DirectArgs;
use crate::peer::{AudioSource, Plan, VideoSource};

/// What is played.
pub(crate) fn load(args: &DirectArgs) -> Load {
    let plan =
        Plan { audio: Some(AudioSource::Clip), video: Some(VideoSource::Simulcast), audio_slots: 1, video_slots: 1, ..Plan::default() };
    Load::of(&args.load, vec![vec![plan; 2]; args.calls])
}

/// What it is, in a sentence for the report.
pub(crate) fn definition(args: &DirectArgs) -> String {
    format!("{} × one-to-one call, at once; each side sends VP8 in three simulcast layers of 15 frames a second and Opus", args.calls)
}
