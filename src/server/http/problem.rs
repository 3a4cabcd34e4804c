//! Every error of the API, and the one place where it becomes problem+json (RFC 9457).

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clips;
use crate::store::{StoreError, labels};

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a phone number.
    #[error("The phone number must be a valid one in international form, such as +79001234567.")]
    MalformedPhone,
    /// Too short or too long.
    #[error("The password must have 8 to 128 characters.")]
    WeakPassword,
    /// Empty, too long, or with characters that cannot be shown.
    #[error("The name must have 1 to 64 characters and no control characters.")]
    BadName,
    /// There is an account with this number.
    #[error("This phone number has an account already.")]
    PhoneTaken,
    /// Number or password are wrong; which of them is not told.
    #[error("The phone number or the password is wrong.")]
    WrongCredentials,
    /// No valid login came with the request.
    #[error("Log in first: there is no login with this request, or it has ended.")]
    Unauthenticated,
    /// Nobody has this number.
    #[error("Nobody with this phone number has an account.")]
    UnknownNumber,
    /// Inviting a contact.
    #[error("This person is a contact already.")]
    AlreadyContact,
    /// Inviting twice.
    #[error("This person was invited already and has not answered.")]
    AlreadyInvited,
    /// Inviting oneself.
    #[error("This is your own phone number.")]
    OwnNumber,
    /// Answering or withdrawing what is not there.
    #[error("There is no such invitation.")]
    NoSuchInvitation,
    /// Removing who is no contact.
    #[error("This person is not a contact.")]
    NotAContact,
    /// Speaking for a device that is not connected, or is one of another login.
    #[error("There is no such device connected by this login.")]
    NoSuchDevice,
    /// A label that is empty, too long, or has characters that cannot be shown.
    #[error("The name of a label must have 1 to 50 characters and no control characters.")]
    BadLabel,
    /// Two labels of one name.
    #[error("You have a label of this name already.")]
    LabelExists,
    /// More labels than one may have.
    #[error("You have {} labels already.", labels::MAX_PER_USER)]
    TooManyLabels,
    /// A label that is not there, or another person's.
    #[error("You have no such label.")]
    NoSuchLabel,
    /// Nobody has this id.
    #[error("There is no such person.")]
    NoSuchUser,
    /// Doing to oneself what is done to others.
    #[error("This is you yourself.")]
    Oneself,
    /// Writing to somebody one has blocked.
    #[error("You have blocked this person: unblock them first.")]
    Blocked,
    /// Text that is empty, too long, or has characters that cannot be shown.
    #[error("The text must have 1 to 4,000 characters and no control characters but line breaks and tabs.")]
    BadText,
    /// A message that is not there, or of another conversation.
    #[error("There is no such message in this conversation.")]
    NoSuchMessage,
    /// A clip that is something else.
    #[error("The clip must be a recording of sound alone: WebM, Ogg or MP4 with one track of audio.")]
    NotAudio,
    /// A clip with nothing in it.
    #[error("There is no sound in the clip.")]
    EmptyClip,
    /// A clip that plays for longer than one may.
    #[error("The clip is longer than {} minutes.", clips::MAX_DURATION.as_secs() / 60)]
    ClipTooLong,
    /// A clip of more bytes than one may have.
    #[error("The clip is larger than {} MB.", clips::MAX_BYTES / 1_000_000)]
    ClipTooLarge,
    /// A clip that did not come in time.
    #[error("The clip did not come in time.")]
    ClipTooSlow,
    /// A clip that is not there, or of a conversation of others.
    #[error("There is no such clip in your conversations.")]
    NoSuchClip,
    /// A part of a clip that begins after its end; the length of the clip is told.
    #[error("The range begins after the end.")]
    BadRange(u64),
    /// Where clips are kept does not answer. The cause is logged and not told.
    #[error("Voice clips cannot be kept or heard at the moment; try again later.")]
    ClipsUnavailable(#[source] clips::ClipError),
    /// Revoking a login that is not there.
    #[error("There is no such login.")]
    NoSuchSession,
    /// More often than the limits allow.
    #[error("Too many requests of this kind; try again in {} seconds.", seconds(.0))]
    TooManyRequests(Duration),
    /// The request cannot be read.
    #[error("{0}")]
    BadRequest(String),
    /// The body is larger than any request needs.
    #[error("The body is larger than {} KiB.", super::MAX_BODY_BYTES / 1024)]
    TooLarge,
    /// The body did not come in time.
    #[error("The body did not come within {} s.", super::BODY_WITHIN.as_secs())]
    TooSlow,
    /// A page of another site sent it.
    #[error("Requests from pages of other origins are not accepted.")]
    WrongOrigin,
    /// Nothing is here.
    #[error("There is nothing at this address.")]
    NotFound,
    /// Something is here, but not for this method.
    #[error("This address does not take this method.")]
    MethodNotAllowed,
    /// More work than the machine can do in time.
    #[error("The server is busy; try again in a moment.")]
    Overloaded,
    /// The database does not answer, or takes nothing more. The cause is logged and not told.
    #[error("The server cannot read or keep anything at the moment; try again in a moment.")]
    DatabaseUnavailable(#[source] StoreError),
    /// Not the client's fault. The cause is logged and not told.
    #[error("Something went wrong on the server.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The body of an error (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the kinds apart.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The HTTP status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What went wrong, for people.
    detail: String,
    /// What went wrong, for programs; stable.
    #[schema(example = "malformed_phone")]
    code: &'static str,
}

impl Error {
    /// The status and the stable code.
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::MalformedPhone => (StatusCode::UNPROCESSABLE_ENTITY, "malformed_phone"),
            Self::WeakPassword => (StatusCode::UNPROCESSABLE_ENTITY, "weak_password"),
            Self::BadName => (StatusCode::UNPROCESSABLE_ENTITY, "bad_name"),
            Self::PhoneTaken => (StatusCode::CONFLICT, "phone_taken"),
            Self::WrongCredentials => (StatusCode::UNAUTHORIZED, "wrong_credentials"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::UnknownNumber => (StatusCode::NOT_FOUND, "unknown_number"),
            Self::AlreadyContact => (StatusCode::CONFLICT, "already_contact"),
            Self::AlreadyInvited => (StatusCode::CONFLICT, "already_invited"),
            Self::OwnNumber => (StatusCode::UNPROCESSABLE_ENTITY, "own_number"),
            Self::NoSuchInvitation => (StatusCode::NOT_FOUND, "no_such_invitation"),
            Self::NotAContact => (StatusCode::NOT_FOUND, "not_a_contact"),
            Self::NoSuchDevice => (StatusCode::NOT_FOUND, "no_such_device"),
            Self::BadLabel => (StatusCode::UNPROCESSABLE_ENTITY, "bad_label"),
            Self::LabelExists => (StatusCode::CONFLICT, "label_exists"),
            Self::TooManyLabels => (StatusCode::CONFLICT, "too_many_labels"),
            Self::NoSuchLabel => (StatusCode::NOT_FOUND, "no_such_label"),
            Self::NoSuchUser => (StatusCode::NOT_FOUND, "no_such_user"),
            Self::Oneself => (StatusCode::UNPROCESSABLE_ENTITY, "oneself"),
            Self::Blocked => (StatusCode::CONFLICT, "blocked"),
            Self::BadText => (StatusCode::UNPROCESSABLE_ENTITY, "bad_text"),
            Self::NoSuchMessage => (StatusCode::NOT_FOUND, "no_such_message"),
            Self::NotAudio => (StatusCode::UNPROCESSABLE_ENTITY, "not_audio"),
            Self::EmptyClip => (StatusCode::UNPROCESSABLE_ENTITY, "empty"),
            Self::ClipTooLong => (StatusCode::UNPROCESSABLE_ENTITY, "too_long"),
            Self::ClipTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::ClipTooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::NoSuchClip => (StatusCode::NOT_FOUND, "no_such_clip"),
            Self::BadRange(_) => (StatusCode::RANGE_NOT_SATISFIABLE, "bad_range"),
            Self::ClipsUnavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "clips_unavailable"),
            Self::NoSuchSession => (StatusCode::NOT_FOUND, "no_such_session"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::WrongOrigin => (StatusCode::FORBIDDEN, "wrong_origin"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
            Self::DatabaseUnavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// An error that is not the client's fault.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() { Self::DatabaseUnavailable(error) } else { Self::internal(error) }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        match &self {
            Self::Internal(cause) => tracing::error!(%cause, "a request failed"),
            Self::DatabaseUnavailable(cause) => tracing::error!(%cause, "the database cannot be used"),
            Self::ClipsUnavailable(cause) => tracing::error!(%cause, "a clip could not be kept or read"),
            _ => {}
        }
        let title = status.canonical_reason().unwrap_or("Error");
        let problem = Problem { kind: "about:blank", title, status: status.as_u16(), detail: self.to_string(), code };
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            Self::TooManyRequests(wait) => {
                headers.insert(header::RETRY_AFTER, seconds(&wait).into());
            }
            Self::Overloaded | Self::ClipsUnavailable(_) | Self::DatabaseUnavailable(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::BadRange(length) => {
                let told = format!("bytes */{length}");
                headers.insert(header::CONTENT_RANGE, HeaderValue::try_from(told).expect("a number is a header"));
            }
            Self::Unauthenticated | Self::WrongCredentials => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// Whole seconds to wait, so that an attempt after them succeeds.
fn seconds(wait: &Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}
