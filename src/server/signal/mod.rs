//! Signalling: the WebSocket at `/v1/ws`, by which clients call each other.
//!
//! Each connection is a task: `connection` reads, writes and watches that the client is alive; `parse` makes requests of
//! text; `lookup` finds in the database what a request needs. Nothing here knows media.

mod connection;
mod lookup;
mod parse;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;

use crate::http::AppState;
use crate::http::auth::Login;
use crate::http::problem::Error;

/// The largest frame that is read. A message over the protocol's limit and up to this is refused by a reply before the
/// connection is closed; a larger one ends the connection unread.
const MAX_FRAME_BYTES: usize = 2 * switchboard_protocol::MAX_MESSAGE_BYTES;

/// The signalling routes.
pub fn router() -> Router<AppState> {
    Router::new().route("/v1/ws", get(open))
}

/// Opens the signalling connection of a device.
async fn open(
    State(state): State<AppState>,
    login: Login,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    let upgrade = upgrade.map_err(|rejection| Error::BadRequest(rejection.body_text()))?;
    let response = upgrade
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| connection::serve(state, login, socket));
    Ok(response)
}
