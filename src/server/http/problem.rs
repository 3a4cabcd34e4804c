//! Every error of the API, and the one place where it becomes problem+json (RFC 9457).

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

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
            Self::NoSuchSession => (StatusCode::NOT_FOUND, "no_such_session"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::WrongOrigin => (StatusCode::FORBIDDEN, "wrong_origin"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
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
        Self::internal(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        if let Self::Internal(cause) = &self {
            tracing::error!(%cause, "a request failed");
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
            Self::Overloaded => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
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
