//! One person sends, many receive.

use std::time::Duration;

use super::load::Load;
use crate::cli::LivestreamArgs;
use crate::peer::{AudioSource, Judge, Plan, Synthetic, VideoSource};

/// 30 frames a second of 9 packets of 1,100 bytes back-to-back: 2.4 Mbit/s.
const VIDEO: Synthetic = Synthetic { every: Duration::from_nanos(1_000_000_000 / 30), burst: 9, payload_bytes: 1_100 };
/// 50 packets a second of 100 bytes.
const AUDIO: Synthetic = Synthetic { every: Duration::from_millis(20), burst: 1, payload_bytes: 100 };

const _: () = assert!(VIDEO.payload_bytes >= Synthetic::MIN_PAYLOAD_BYTES && AUDIO.payload_bytes >= Synthetic::MIN_PAYLOAD_BYTES);

/// It in words.
pub(super) const SHAPE: &str = "video of 30 frames a second, each 9 packets of 1,100 bytes sent back-to-back, and 50 packets a second of audio of 100 bytes; synthetic";

/// The one who sends.
pub(super) fn sender() -> Plan {
    Plan {
        audio: Some(AudioSource::Synthetic(AUDIO)),
        video: Some(VideoSource::Synthetic(VIDEO)),
        judge: Judge::Sequence,
        ..Plan::default()
    }
}

/// One who receives.
pub(super) fn receiver() -> Plan {
    Plan { audio_slots: 1, video_slots: 1, judge: Judge::Sequence, ..Plan::default() }
}

/// What is played.
pub(crate) fn load(args: &LivestreamArgs) -> Load {
    let mut people = vec![sender()];
    people.resize(args.receivers + 1, receiver());
    Load { turnover: args.turnover, ..Load::of(&args.load, vec![people]) }
}

/// What it is, in a sentence for the report.
pub(crate) fn definition(args: &LivestreamArgs) -> String {
    let turnover =
        args.turnover.map_or_else(String::new, |rate| format!("; {rate} of the receivers leave a second, and others come in their place"));
    format!("1 sender to {} receivers: {SHAPE}{turnover}", args.receivers)
}
