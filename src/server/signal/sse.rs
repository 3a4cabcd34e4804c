//! Where a WebSocket does not pass: server-sent events (WHATWG HTML §9.2) one way, POSTs the other.
//!
//! `GET /v1/events` is the connection, and everything the server says comes through it, replies too; `POST /v1/requests`
//! hands it what the client says, so that both kinds of connection are one protocol.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use switchboard_ids::{DeviceId, SessionId};
use tokio::sync::mpsc;

use super::connection;
use super::link::{Broken, Goodbye, Incoming, Link, Outgoing, json};
use super::resumption::Cursor;
use crate::http::AppState;
use crate::http::auth::Login;
use crate::http::extract::{Raw, UrlQuery};
use crate::http::problem::Error;
use crate::observe::Connection;

/// Messages on their way into the response; who reads slower makes the connection wait.
const STREAM: usize = 16;
/// POSTs of one device that wait to be read; one more is refused.
const REQUESTS: usize = 64;

/// The open connections of this kind, by device.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<DeviceId, Posts>>>);

/// Where the POSTs of a device go.
#[derive(Debug, Clone)]
struct Posts {
    session: SessionId,
    requests: mpsc::Sender<Incoming>,
}

impl Streams {
    fn of(&self, device: DeviceId, session: SessionId) -> Result<Posts, Error> {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A device of another login is as unknown as one that is not there.
        streams.get(&device).filter(|posts| posts.session == session).cloned().ok_or(Error::NoSuchDevice)
    }

    fn insert(&self, device: DeviceId, posts: Posts) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(device, posts);
    }

    /// Forgets a connection, unless another has taken its device over.
    fn remove(&self, device: DeviceId, requests: &mpsc::Sender<Incoming>) {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if streams.get(&device).is_some_and(|posts| posts.requests.same_channel(requests)) {
            streams.remove(&device);
        }
    }
}

/// Opens the signalling connection of a device.
pub(super) async fn open(State(state): State<AppState>, login: Login, cursor: Cursor) -> Response {
    let (events, told) = mpsc::channel(STREAM);
    let (requests, posted) = mpsc::channel(REQUESTS);
    let link = StreamLink { streams: state.streams.clone(), session: login.session, device: None, events, requests, posted };
    tokio::spawn(connection::serve(state, login, cursor, link));
    let told = stream::unfold(told, async |mut told| told.recv().await.map(|event| (Ok::<_, Infallible>(event), told)));
    // A proxy that gathers what it passes on would make a call ring late.
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(told)).into_response()
}

/// Which device a POST is from.
#[derive(Deserialize)]
pub(super) struct From {
    device: DeviceId,
}

/// Takes one message of a client; what comes of it is told by the events.
pub(super) async fn request(
    State(state): State<AppState>,
    login: Login,
    UrlQuery(From { device }): UrlQuery<From>,
    Raw(body): Raw,
) -> Result<StatusCode, Error> {
    if let Ok(posts) = state.streams.of(device, login.session) {
        return hand_over(&posts, String::from_utf8(body.into()).map_or(Incoming::Binary, Incoming::Text));
    }
    // Another node may have the stream. What is no text is none of the protocol's after this, either.
    let text = String::from_utf8_lossy(&body).into_owned();
    match state.switchboard.posted(device, login.session, text).await {
        Ok(true) => Ok(StatusCode::ACCEPTED),
        Ok(false) => Err(Error::NoSuchDevice),
        Err(_) => Err(Error::Overloaded),
    }
}

/// Leaves, as closing a WebSocket does. A page that goes says this while its stream ends, so it holds for a device whose
/// stream has ended a moment before.
pub(super) async fn close(
    State(state): State<AppState>,
    login: Login,
    UrlQuery(From { device }): UrlQuery<From>,
) -> Result<StatusCode, Error> {
    let left = state.switchboard.leave(device, login.session).await;
    if left { Ok(StatusCode::ACCEPTED) } else { Err(Error::NoSuchDevice) }
}

fn hand_over(posts: &Posts, incoming: Incoming) -> Result<StatusCode, Error> {
    match posts.requests.try_send(incoming) {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(mpsc::error::TrySendError::Full(_)) => Err(Error::Overloaded),
        Err(mpsc::error::TrySendError::Closed(_)) => Err(Error::NoSuchDevice),
    }
}

struct StreamLink {
    streams: Streams,
    session: SessionId,
    /// Known once the connection is.
    device: Option<DeviceId>,
    events: mpsc::Sender<Event>,
    requests: mpsc::Sender<Incoming>,
    posted: mpsc::Receiver<Incoming>,
}

impl Link for StreamLink {
    const KIND: Connection = Connection::Events;

    fn opened(&mut self, device: DeviceId) {
        self.device = Some(device);
        self.streams.insert(device, Posts { session: self.session, requests: self.requests.clone() });
    }

    async fn send(&mut self, outgoing: Outgoing<'_>) -> Result<(), Broken> {
        let event = match outgoing {
            Outgoing::Message(message) => Event::default().data(json(message)),
            // Not a comment: the client has to notice it, and answer.
            Outgoing::Ping => Event::default().event("ping").data(""),
        };
        self.events.send(event).await.map_err(|_| Broken)
    }

    async fn receive(&mut self) -> Incoming {
        tokio::select! {
            posted = self.posted.recv() => posted.unwrap_or(Incoming::Lost),
            () = self.events.closed() => Incoming::Lost,
        }
    }

    async fn close(self, goodbye: Goodbye) {
        if goodbye == Goodbye::Replaced {
            let _ = self.events.send(Event::default().event("replaced").data("")).await;
        }
    }
}

impl Drop for StreamLink {
    fn drop(&mut self) {
        if let Some(device) = self.device {
            self.streams.remove(device, &self.requests);
        }
    }
}
