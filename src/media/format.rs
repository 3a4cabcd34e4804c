//! What a payload type carries, as far as a sender and a receiver must agree on it.

use str0m::Rtc;
use str0m::format::{Codec, CodecSpec, PayloadParams};
use str0m::media::{Mid, Pt};

use crate::source::SourceKind;

/// Two payload types of the same format can be put for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Opus,
    /// Opus, each packet with the one before it (RFC 2198).
    Red,
    Vp8,
    H264 {
        /// The packetization mode (RFC 6184 §6).
        mode: u8,
        profile: H264Profile,
    },
}

/// The families of H264 profiles that browsers know (RFC 6184 §8.1, table 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum H264Profile {
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,
    /// Another `profile_idc`.
    Other(u8),
}

impl H264Profile {
    /// From `profile-level-id`: `profile_idc`, constraint flags and level, a byte each.
    fn of(profile_level_id: u32) -> Self {
        let [_, idc, constraints, _] = profile_level_id.to_be_bytes();
        match (idc, constraints) {
            (0x42, flags) if flags & 0x40 != 0 => Self::ConstrainedBaseline,
            (0x4d, flags) if flags & 0x80 != 0 => Self::ConstrainedBaseline,
            (0x58, flags) if flags & 0xc0 == 0xc0 => Self::ConstrainedBaseline,
            (0x42, _) => Self::Baseline,
            (0x58, flags) if flags & 0xc0 == 0x80 => Self::Baseline,
            (0x4d, _) => Self::Main,
            (0x64, flags) if flags & 0x0c == 0x0c => Self::ConstrainedHigh,
            (0x64, _) => Self::High,
            (idc, _) => Self::Other(idc),
        }
    }
}

/// `profile-level-id` where the format parameters have none: Baseline, level 3.1, as WebRTC takes it.
const DEFAULT_PROFILE: u32 = 0x42_00_1f;

impl Format {
    fn of(spec: CodecSpec) -> Option<Self> {
        match spec.codec {
            Codec::Opus => Some(Self::Opus),
            Codec::Vp8 => Some(Self::Vp8),
            Codec::H264 => Some(Self::H264 {
                mode: spec.format.packetization_mode.unwrap_or(0),
                profile: H264Profile::of(spec.format.profile_level_id.unwrap_or(DEFAULT_PROFILE)),
            }),
            _ => None,
        }
    }

    const fn is_video(self) -> bool {
        !matches!(self, Self::Opus | Self::Red)
    }

    /// The payload types for the kind's media that both sides took on an m-line, the router's preferred first.
    pub(crate) fn on_line(rtc: &Rtc, mid: Mid, kind: SourceKind) -> Vec<(Self, Pt)> {
        let Some(media) = rtc.media(mid) else { return Vec::new() };
        let taken = rtc.codec_config().params().iter().filter(|params| media.remote_pts().contains(&params.pt()));
        let with_red = |params: &PayloadParams| [Self::of(params.spec()).zip(Some(params.pt())), params.red().map(|pt| (Self::Red, pt))];
        let formats = taken.flat_map(with_red).flatten();
        formats.filter(|(format, _)| format.is_video() == kind.is_video()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_by_their_constraints() {
        for (id, profile) in [
            (0x42_e0_1f, H264Profile::ConstrainedBaseline),
            (0x42_c0_0b, H264Profile::ConstrainedBaseline),
            (0x42_00_1f, H264Profile::Baseline),
            (0x4d_00_1f, H264Profile::Main),
            (0x64_00_1f, H264Profile::High),
            (0x64_0c_2a, H264Profile::ConstrainedHigh),
            (0xf4_00_1f, H264Profile::Other(0xf4)),
        ] {
            assert_eq!(H264Profile::of(id), profile, "{id:#x}");
        }
    }
}
