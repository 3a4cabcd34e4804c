//! Group calls: everyone sends camera and microphone, and sees and hears the others.

use super::load::Load;
use crate::cli::GroupArgs;
use crate::peer::{AudioSource, Plan, VideoSource};

/// Pictures one person has room for: the largest grid of the web client.
const MOST_PICTURES: usize = 24;
/// Voices one person can mix.
const MOST_VOICES: usize = 5;

/// What is played.
pub(crate) fn load(args: &GroupArgs) -> Load {
    let others = args.size - 1;
    let plan = Plan {
        audio: Some(AudioSource::Clip),
        video: Some(VideoSource::Simulcast),
        audio_slots: others.min(MOST_VOICES),
        video_slots: others.min(MOST_PICTURES),
        ..Plan::default()
    };
    Load::of(&args.load, vec![vec![plan; args.size]; args.calls])
}

/// What it is, in a sentence for the report.
pub(crate) fn definition(args: &GroupArgs) -> String {
    let (calls, size, others) = (args.calls, args.size, args.size - 1);
    let (pictures, voices) = (others.min(MOST_PICTURES), others.min(MOST_VOICES));
    format!(
        "{calls} × call of {size} people, at once; each sends VP8 in three simulcast layers of 15 frames a second and Opus, and has room for {pictures} pictures and {voices} voices"
    )
}
