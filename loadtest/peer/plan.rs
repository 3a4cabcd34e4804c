//! What a peer sends and receives.

use std::time::Duration;

use str0m_netem::NetemConfig;

/// The plan of one peer connection: its sources and its slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) audio: Option<AudioSource>,
    pub(crate) video: Option<VideoSource>,
    /// How many voices and pictures it offers to receive at once.
    pub(crate) audio_slots: usize,
    pub(crate) video_slots: usize,
    /// How what arrives is judged.
    pub(crate) judge: Judge,
    /// Whether the decodable video of the first picture slot is kept.
    pub(crate) record: bool,
    /// Whether the time of each single packet is kept, and not their distribution alone. It grows with every packet.
    pub(crate) keep_flights: bool,
    /// How bad its network is, in each direction; `None` for the network there is.
    pub(crate) path: Option<NetemConfig>,
}

/// A microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AudioSource {
    /// The Opus clip: 50 packets a second, 40 kbit/s.
    Clip,
    /// Packets of an exact size at an exact rate. They are no Opus, which only a decoder would notice.
    Synthetic(Synthetic),
}

/// A camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VideoSource {
    /// The VP8 clip: 320x180, 15 frames a second, 300 kbit/s.
    Clip,
    /// The VP8 clips of three sizes, each with three temporal layers, as the simulcast layers q, h and f.
    Simulcast,
    /// Packets of an exact size in bursts at an exact rate. They look like VP8 to a router, and like nothing to a decoder.
    Synthetic(Synthetic),
}

/// A source of an exact rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Synthetic {
    /// From one burst to the next.
    pub(crate) every: Duration,
    /// Packets in a burst, sent back-to-back; of video, a burst is a frame.
    pub(crate) burst: u16,
    /// Of an RTP payload, descriptor and stamp included; at least [`Synthetic::MIN_PAYLOAD_BYTES`].
    pub(crate) payload_bytes: usize,
}

impl Synthetic {
    /// A VP8 descriptor, the header of a keyframe and the stamp.
    pub(crate) const MIN_PAYLOAD_BYTES: usize = 32;
}

/// By what rules received media is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Judge {
    /// As a decoder would: what refers to something missing cannot be shown. For the clips.
    #[default]
    Decode,
    /// By sequence number and time alone. For synthetic media.
    Sequence,
}
