//! The wire messages of the signalling protocol: what a client sends over `/v1/ws` and what the server sends back.
//!
//! A reading tour: [`ClientMessage`] carries a [`Request`]; the server answers each with exactly one [`Reply`] and sends
//! [`Event`]s of its own, both inside a [`ServerMessage`]. `README.md` beside this file describes them for people who
//! write a client; `samples/` holds one golden sample of each, read by the tests of both languages.
//!
//! This crate knows serde and nothing else: no I/O, no state, no meaning.

mod event;
mod media;
mod message;
mod quality;
mod reply;
mod request;
mod seat;
mod view;

pub use event::{Event, LeftBecause, MyCall, RingStop};
pub use media::{AnswerSdp, MediaState, Offer, SlotSource, Track, TrackRole, TrackSource};
pub use message::{Message, MessageBody};
pub use quality::QualityReport;
pub use reply::{ErrorCode, Failure, Reply};
pub use request::{ClientMessage, Current, MAX_MESSAGE_BYTES, Request};
pub use seat::{CallKind, EndReason, Person, Seat, SeatState};
pub use view::{ConnectionQuality, PersonQuality, SlotStats, Tile};

use serde::{Deserialize, Serialize};

/// Everything the server sends over the signalling connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ServerMessage {
    /// The request with the id `reply` was carried out.
    Done {
        /// The `id` of the request.
        reply: u64,
        /// What came of it.
        ok: Reply,
    },
    /// The request with the id `reply` was refused and changed nothing.
    Refused {
        /// The `id` of the request; 0 when the message was too broken to carry one.
        reply: u64,
        /// Why.
        error: Failure,
    },
    /// Something happened.
    Event {
        /// Counts the events of this device from 1, without gaps, until the next [`Event::Welcome`].
        seq: u64,
        /// What happened.
        event: Event,
    },
}
