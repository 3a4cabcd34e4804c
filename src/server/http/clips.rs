//! Voice clips: sending them to contacts, and hearing them.

#![expect(unused_qualifications, reason = "the macro that describes query parameters writes them")]

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use switchboard_ids::{ClipId, UserId};
use switchboard_protocol::{Message, MessageBody};
use tokio::time::timeout;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::AppState;
use super::address::ClientAddress;
use super::assets::is_known;
use super::auth::Login;
use super::extract::{UrlPath, UrlQuery};
use super::limits;
use super::messages::{MessageView, send};
use super::problem::{Error, Problem};
use super::range::{Wanted, wanted};
use crate::clips::{ClipError, Kept, MAX_BYTES};
use crate::store::messages::{self, Content};

/// How long a clip may take to come: the largest at 350 kbit/s.
const CLIP_WITHIN: Duration = Duration::from_secs(120);

/// A client speaks before it listens: of a clip that is too large, this much is read and thrown away, so that the client hears
/// why it is refused.
const MAX_THROWN_AWAY: usize = 4 * MAX_BYTES;

/// A browser may keep a clip, and asks each time whether it still may play it: the person at it may be another.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, no-cache");

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(post)).routes(routes!(get))
}

/// Which clip it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Key {
    /// Names this message among those one sends to this person: sent again with the same key, it is the same message.
    #[param(value_type = String)]
    key: Uuid,
}

/// Send a voice clip to a contact: WebM, Ogg or MP4 with one track of audio, of at most 5 MB and 5 minutes.
#[utoipa::path(post, path = "/v1/conversations/{user_id}/clips", tag = "messages",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The recording; what it is, its content tells"),
    security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "To whom"), Key), responses(
    (status = 201, body = MessageView, description = "It is sent; the same one when the key was used before."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`"),
    (status = 408, body = Problem, description = "`too_slow`"),
    (status = 409, body = Problem, description = "`blocked`: by oneself"),
    (status = 413, body = Problem, description = "`too_large`"),
    (status = 422, body = Problem, description = "`not_audio`, `too_long`, `empty`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
    (status = 503, body = Problem, description = "`overloaded`, `clips_unavailable`"),
))]
async fn post(
    State(state): State<AppState>,
    login: Login,
    ClientAddress(address): ClientAddress,
    UrlPath(to): UrlPath<UserId>,
    UrlQuery(Key { key }): UrlQuery<Key>,
    body: Body,
) -> Result<(StatusCode, axum::Json<MessageView>), Error> {
    state.limits.clips.check(address, limits::Account::User(login.user))?;
    let bytes = timeout(CLIP_WITHIN, whole(body)).await.map_err(|_| Error::ClipTooSlow)??;
    let sending = keep_and_send(state, login.user, to, key, bytes);
    // Whoever asked may hang up: what is begun is finished, so that no clip is kept that no message names.
    let message = tokio::spawn(sending).await.map_err(Error::internal)??;
    Ok((StatusCode::CREATED, axum::Json(message.into())))
}

async fn keep_and_send(state: AppState, from: UserId, to: UserId, key: Uuid, bytes: Bytes) -> Result<Message, Error> {
    if let Some(message) = messages::sent(&state.store, from, to, key).await? {
        return Ok(message);
    }
    messages::may_send(&state.store, from, to).await?;
    if bytes.is_empty() {
        return Err(Error::EmptyClip);
    }
    let size = bytes.len();
    let Kept { clip, content_type, duration } = state.clips.keep(bytes).await?;
    let number = |number: u128| i64::try_from(number).unwrap_or(i64::MAX);
    let content = Content::Clip { clip, content_type, duration_ms: number(duration.as_millis()), bytes: number(size as u128) };
    let sent = send(state.clone(), from, to, key, content).await;
    let is_named = sent.as_ref().is_ok_and(|message| matches!(message.body, MessageBody::Clip { clip: named, .. } if named == clip));
    if !is_named && let Err(error) = state.clips.remove(clip).await {
        tracing::warn!(%error, %clip, "a clip that no message names could not be removed");
    }
    sent
}

/// Reads a body, of which never more is held than a clip may have.
async fn whole(body: Body) -> Result<Bytes, Error> {
    let mut parts = body.into_data_stream();
    let (mut clip, mut length) = (Vec::new(), 0usize);
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Error::BadRequest("the clip did not come whole".to_owned()))?;
        length = length.saturating_add(part.len());
        if length <= MAX_BYTES {
            clip.extend_from_slice(&part);
        } else {
            clip = Vec::new();
        }
        if length > MAX_THROWN_AWAY {
            break;
        }
    }
    if length > MAX_BYTES { Err(Error::ClipTooLarge) } else { Ok(clip.into()) }
}

/// Hear a clip of a conversation of one's own. One range of it may be asked for (RFC 9110 §14).
#[utoipa::path(get, path = "/v1/clips/{clip_id}", tag = "messages", security(("cookie" = []), ("bearer" = [])),
    params(("clip_id" = String, Path, format = "uuid", description = "The clip of a message")), responses(
    (status = 200, description = "The recording", content_type = "audio/webm", body = Vec<u8>),
    (status = 206, description = "A range of it", content_type = "audio/webm", body = Vec<u8>),
    (status = 304, description = "The one with the entity tag that was named"),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_clip`"),
    (status = 416, body = Problem, description = "`bad_range`"),
    (status = 503, body = Problem, description = "`clips_unavailable`"),
))]
async fn get(State(state): State<AppState>, login: Login, headers: HeaderMap, UrlPath(clip): UrlPath<ClipId>) -> Result<Response, Error> {
    let found = messages::clip(&state.store, login.user, clip).await?.ok_or(Error::NoSuchClip)?;
    let etag = HeaderValue::try_from(format!("\"{clip}\"")).expect("an id in quotes is a header");
    let always =
        [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, CACHE_CONTROL), (header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))];
    if headers.get_all(header::IF_NONE_MATCH).iter().any(|value| is_known(value, &etag)) {
        return Ok((StatusCode::NOT_MODIFIED, always).into_response());
    }
    let (status, range) = match wanted(&headers, &etag, found.bytes) {
        Wanted::All => (StatusCode::OK, 0..found.bytes),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Err(Error::BadRange(found.bytes)),
    };
    let part = (status == StatusCode::PARTIAL_CONTENT).then(|| range.clone());
    let bytes = state.clips.get(clip, part).await?;
    let content_type = HeaderValue::try_from(found.content_type).map_err(Error::internal)?;
    let mut response = (status, always, Body::from_stream(bytes)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    if status == StatusCode::PARTIAL_CONTENT {
        let told = format!("bytes {}-{}/{}", range.start, range.end - 1, found.bytes);
        headers.insert(header::CONTENT_RANGE, HeaderValue::try_from(told).expect("numbers are a header"));
    }
    Ok(response)
}

impl From<ClipError> for Error {
    fn from(error: ClipError) -> Self {
        match error {
            ClipError::NotAudio => Self::NotAudio,
            ClipError::Empty => Self::EmptyClip,
            ClipError::TooLong => Self::ClipTooLong,
            ClipError::TooSlow | ClipError::Store(_) => Self::ClipsUnavailable(error),
        }
    }
}
