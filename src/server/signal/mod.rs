//! Signalling: the connections by which clients call each other, a WebSocket at `/v1/ws` or, where none passes, server-sent
//! events at `/v1/events`.
//!
//! Each connection is a task. `connection` introduces or resumes a device, then carries messages both ways; `link` is what
//! it asks of a transport, `ws` and `sse` are the two there are; `liveness` watches that the client is there; `parse` makes
//! requests of text, `lookup` finds in the database what a request needs. Nothing here knows media.

mod connection;
mod link;
mod liveness;
mod lookup;
mod parse;
mod resumption;
mod sse;
mod ws;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
pub use sse::Streams;

use crate::http::AppState;

/// The largest frame that is read. A message over the protocol's limit and up to this is refused by a reply before the
/// connection is closed; a larger one ends the connection unread.
const MAX_FRAME_BYTES: usize = 2 * switchboard_protocol::MAX_MESSAGE_BYTES;

/// The signalling routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/ws", get(ws::open))
        .route("/v1/events", get(sse::open))
        .route("/v1/requests", post(sse::request).layer(DefaultBodyLimit::max(MAX_FRAME_BYTES)))
        .route("/v1/events/close", post(sse::close))
}
