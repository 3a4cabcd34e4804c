//! What can be wrong with an offer, and what can end a leg.

use thiserror::Error;

use crate::leg::LegId;

/// Why an offer was refused. The router is unchanged.
#[derive(Debug, Error)]
pub enum OfferError {
    /// It is not a session description, or one that cannot be answered (RFC 9429).
    #[error("the offer cannot be answered: {0}")]
    Malformed(String),
    /// None of its m-lines has a codec the router forwards.
    #[error("the offer has no usable codec: Opus for audio, or VP8 or H264 for video, is needed")]
    NoUsableCodec,
    /// More m-lines, or names of them, than one leg may have.
    #[error("the offer has more than {max} m-lines")]
    TooManyLines {
        /// The most a leg may have.
        max: usize,
    },
    /// A role names an m-line that is not in the offer, or does not fit its kind or direction.
    #[error("the role of m-line {mid:?} does not fit the offer")]
    WrongRole {
        /// The `a=mid` that was named.
        mid: String,
    },
    /// The leg id is taken.
    #[error("{0} exists already")]
    LegExists(LegId),
}

/// Why a leg ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LegError {
    /// No address was proved by STUN in time: the client or the network between is gone.
    #[error("not reached within {0} s")]
    NeverConnected(u64),
    /// ICE was done, DTLS was not. A peer that has only an RSA certificate, or verifies only RSA, ends here: the handshake
    /// takes ECDSA alone (RFC 8827 §6.5 asks every WebRTC peer for it).
    #[error("the DTLS handshake did not finish within {0} s: the peer must have, and accept, an ECDSA certificate")]
    NoHandshake(u64),
    /// ICE consent was lost and did not come back (RFC 7675).
    #[error("the media connection was lost for {0} s")]
    Lost(u64),
    /// It sent under ever new SSRCs, each of which has to be remembered.
    #[error("sent more than {0} RTP streams")]
    TooManyStreams(usize),
    /// The peer ended the DTLS association.
    #[error("closed by the peer")]
    Closed,
    /// DTLS or another layer failed for good.
    #[error("media transport failed: {0}")]
    Transport(String),
}
