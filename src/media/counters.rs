//! What the router has done and refused, as plain numbers.

use crate::traffic::{Feedback, Traffic};

/// Why a packet or datagram went no further. Each is safe to drop: nothing later depends on it, or its sender repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drop {
    /// Neither STUN, DTLS, RTP nor RTCP (RFC 7983), or one of them cut short.
    Garbage,
    /// From an address no leg has proved with STUN.
    UnknownAddress,
    /// STUN that is not a binding request, which an ICE-lite agent never asked for (RFC 8445 §2.5).
    UnexpectedStun,
    /// A binding request for a username no leg has.
    UnknownUfrag,
    /// A binding request whose MESSAGE-INTEGRITY is not the leg's.
    BadIntegrity,
    /// RTP from a leg whose gate is shut. What of it makes up a keyframe is shown after all if the gate opens a moment later.
    GateShut,
    /// RTP before the leg's DTLS handshake: there is no key to read it with.
    BeforeDtls,
    /// RTP of an m-line that is not a source.
    NotASource,
    /// RTP of a simulcast layer beyond those that are forwarded.
    OtherLayer,
    /// RTP of a stream its source has left for another.
    OldStream,
    /// RTP without payload: padding.
    Padding,
    /// More than a source of its kind may send: a flood, or a broken encoder.
    TooFast,
    /// A RED payload that does not parse (RFC 2198 §3).
    BadRed,
    /// A voice's packet that one which overtook it had in it too.
    AlreadyRestored,
    /// A datagram that its leg's transport refused: a forged or broken DTLS record (RFC 9147 §4.5.2), or RTP that cannot be decrypted.
    Refused,
    /// RTP with a sequence number that its stream has had, or may have had long ago (RFC 3711 §3.3.2): the network doubled it, somebody
    /// replays it, or its sender went back.
    Replayed,
    /// RTP of a codec that the source does not have.
    UnknownCodec,
    /// A VP8 payload descriptor that does not parse (RFC 7741 §4.2).
    BadDescriptor,
    /// A packet of the time before the slot switched to its source.
    BeforeSwitch,
    /// Video that a receiver cannot decode while it waits for a keyframe. What overtook the keyframe's own beginning is sent
    /// after that.
    AwaitingKeyframe,
    /// Video of a simulcast layer that a receiver is not shown.
    LayerNotWanted,
    /// Video of a temporal layer above those that a receiver is shown: nothing below depends on it.
    TemporalLayer,
    /// RTP of a format for which the receiver has no payload type.
    NoCodec,
}

impl Drop {
    /// All kinds, in the order of [`Counters::dropped`].
    pub const ALL: [Self; 23] = [
        Self::Garbage,
        Self::UnknownAddress,
        Self::UnexpectedStun,
        Self::UnknownUfrag,
        Self::BadIntegrity,
        Self::GateShut,
        Self::BeforeDtls,
        Self::NotASource,
        Self::OtherLayer,
        Self::OldStream,
        Self::Padding,
        Self::TooFast,
        Self::BadRed,
        Self::AlreadyRestored,
        Self::Refused,
        Self::Replayed,
        Self::UnknownCodec,
        Self::BadDescriptor,
        Self::BeforeSwitch,
        Self::AwaitingKeyframe,
        Self::LayerNotWanted,
        Self::TemporalLayer,
        Self::NoCodec,
    ];

    /// The kind as a metric label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Garbage => "garbage",
            Self::UnknownAddress => "unknown_address",
            Self::UnexpectedStun => "unexpected_stun",
            Self::UnknownUfrag => "unknown_ufrag",
            Self::BadIntegrity => "bad_integrity",
            Self::GateShut => "gate_shut",
            Self::BeforeDtls => "before_dtls",
            Self::NotASource => "not_a_source",
            Self::OtherLayer => "other_layer",
            Self::OldStream => "old_stream",
            Self::Padding => "padding",
            Self::TooFast => "too_fast",
            Self::BadRed => "bad_red",
            Self::AlreadyRestored => "already_restored",
            Self::Refused => "refused",
            Self::Replayed => "replayed",
            Self::UnknownCodec => "unknown_codec",
            Self::BadDescriptor => "bad_descriptor",
            Self::BeforeSwitch => "before_switch",
            Self::AwaitingKeyframe => "awaiting_keyframe",
            Self::LayerNotWanted => "layer_not_wanted",
            Self::TemporalLayer => "temporal_layer",
            Self::NoCodec => "no_codec",
        }
    }
}

/// Running totals since the router was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams handed to the router.
    pub datagrams_in: u64,
    /// Datagrams it gave out to be sent.
    pub datagrams_out: u64,
    /// The bytes of the datagrams handed to it, without UDP and IP headers.
    pub bytes_in: u64,
    /// The bytes of those it gave out.
    pub bytes_out: u64,
    /// RTP that was read from sources, behind shut gates too.
    pub received: Traffic,
    /// RTP written to slots.
    pub sent: Traffic,
    /// Packets repeated by sources, asked for or to probe the path.
    pub repeats_received: u64,
    /// Packets repeated to receivers, asked for or to probe the path.
    pub repeats_sent: u64,
    /// Feedback of receivers, known a second later.
    pub feedback_received: Feedback,
    /// Feedback sent to sources, known a second later.
    pub feedback_sent: Feedback,
    /// RTP packets that arrived from sources.
    pub packets_in: u64,
    /// RTP packets written to slots: one for each receiver.
    pub packets_forwarded: u64,
    /// Inputs given to legs. With each of them str0m looks through all that a leg has, which is most of what a packet costs.
    pub legs_polled: u64,
    /// Copies of packets given to other routers: one for each that takes the source.
    pub packets_relayed: u64,
    /// Packets that came from other routers.
    pub packets_from_relays: u64,
    /// Packets of voices that were lost on their way here and brought back by RED.
    pub words_restored: u64,
    /// Keyframe requests sent to sources.
    pub keyframes_asked: u64,
    /// Keyframe requests of receivers that asked too often: each is heard later, unless a keyframe comes before.
    pub keyframes_refused: u64,
    /// Moves of a slot from one simulcast layer of a source to another.
    pub layer_switches: u64,
    /// Keyframes of a simulcast layer whose picture is not larger than that of the layer below it.
    pub wrong_dimensions: u64,
    dropped: [u64; Drop::ALL.len()],
}

impl Counters {
    /// How many were dropped for the reason `why`.
    pub fn dropped(&self, why: Drop) -> u64 {
        self.dropped[why as usize]
    }

    pub(crate) fn drop(&mut self, why: Drop) {
        self.dropped[why as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_counted_at_its_own_place() {
        for (place, why) in Drop::ALL.into_iter().enumerate() {
            assert_eq!(why as usize, place, "{}", why.label());
        }
    }
}
