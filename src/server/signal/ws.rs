//! The WebSocket: `GET /v1/ws`.

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};

use super::connection;
use super::link::{Broken, Goodbye, Incoming, Link, Outgoing, json};
use super::resumption::Cursor;
use crate::http::AppState;
use crate::http::auth::Login;
use crate::http::problem::Error;
use crate::observe::Connection;

/// The close code of a connection whose device was taken over by another (RFC 6455 §7.4.2 leaves 4000 and up to us).
const REPLACED: u16 = 4001;

/// A connection keeps a buffer of this size for as long as it lives, and clears it at every read. Requests without an offer fit;
/// for an offer it grows. The library's own choice, 128 KiB, would be most of what an idle device costs.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Opens the signalling connection of a device.
pub(super) async fn open(
    State(state): State<AppState>,
    login: Login,
    cursor: Cursor,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    let upgrade = upgrade.map_err(|rejection| Error::BadRequest(rejection.body_text()))?;
    let response = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(super::MAX_FRAME_BYTES)
        .max_frame_size(super::MAX_FRAME_BYTES)
        .on_upgrade(move |socket| connection::serve(state, login, cursor, WebSocketLink(socket)));
    Ok(response)
}

struct WebSocketLink(WebSocket);

impl Link for WebSocketLink {
    const KIND: Connection = Connection::WebSocket;

    async fn send(&mut self, outgoing: Outgoing<'_>) -> Result<(), Broken> {
        let message = match outgoing {
            Outgoing::Message(message) => Message::Text(json(message).into()),
            Outgoing::Ping => Message::Ping(Vec::new().into()),
        };
        self.0.send(message).await.map_err(|_| Broken)
    }

    async fn receive(&mut self) -> Incoming {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Incoming::Text(text.as_str().to_owned()),
            Some(Ok(Message::Binary(_))) => Incoming::Binary,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Incoming::Alive,
            Some(Ok(Message::Close(frame))) => match frame.map_or(close_code::NORMAL, |frame| frame.code) {
                close_code::NORMAL | close_code::AWAY | close_code::STATUS => Incoming::Closed,
                // A client that gives a connection up, to come back by another.
                _ => Incoming::Lost,
            },
            Some(Err(_)) | None => Incoming::Lost,
        }
    }

    async fn close(mut self, goodbye: Goodbye) {
        let (code, reason) = match goodbye {
            // The answer to the client's close frame is queued already.
            Goodbye::Answer => {
                let _ = self.0.close().await;
                return;
            }
            Goodbye::Silent => (close_code::POLICY, "no sign of life"),
            Goodbye::TooLarge => (close_code::SIZE, "message too large"),
            Goodbye::Replaced => (REPLACED, "another connection took this device over"),
            Goodbye::ByServer => (close_code::AWAY, "closed by the server"),
            Goodbye::TryAgain => (close_code::AGAIN, "try again"),
        };
        let _ = self.0.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }
}
