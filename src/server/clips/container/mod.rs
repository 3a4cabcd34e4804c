//! What a clip is, told by its content: the three containers that recorders of browsers write.
//!
//! The bytes come from strangers and a panic would end every call, so these readers do no more than has to be known: that
//! there is one track, of audio, with packets in it, and when the last one ends. They neither decode nor allocate; whatever
//! a length or a count in the clip claims, they never read outside of it, and do an amount of work that its size bounds.

mod bytes;
mod mp4;
mod ogg;
mod webm;

use std::time::Duration;

/// A recording of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recording {
    /// What it is, as a media type.
    pub(crate) content_type: &'static str,
    /// When its last packet ends.
    pub(crate) duration: Duration,
}

/// What keeps a clip from being a recording of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRecording {
    /// It is none of the containers, has a track that is not audio, or more than one.
    #[error("there is not one track of audio, and nothing else")]
    NotAudio,
    /// There is a track of audio, and nothing in it.
    #[error("there is no sound in it")]
    Empty,
}

/// What a reader has found in a container: its one track, or `None` where that is not what is in it.
struct Track {
    packets: u64,
    duration: Duration,
}

/// Reads a clip.
pub(crate) fn read(clip: &[u8]) -> Result<Recording, NoRecording> {
    let (content_type, track) = if clip.starts_with(ogg::CAPTURE) {
        ("audio/ogg", ogg::track(clip))
    } else if clip.starts_with(&webm::EBML) {
        ("audio/webm", webm::track(clip))
    } else {
        ("audio/mp4", mp4::track(clip))
    };
    match track {
        None => Err(NoRecording::NotAudio),
        Some(Track { packets: 0, .. }) => Err(NoRecording::Empty),
        Some(Track { duration, .. }) => Ok(Recording { content_type, duration }),
    }
}

/// `ticks` of which a second has `rate`; longer than anything that plays where that is not known.
fn seconds(ticks: u64, rate: u32) -> Duration {
    if rate == 0 {
        return Duration::MAX;
    }
    let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(rate);
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}

#[cfg(test)]
mod tests;
