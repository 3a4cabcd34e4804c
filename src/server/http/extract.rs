//! Bodies, queries and paths, with rejections as problem+json.

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::problem::Error;
use super::{AppState, BODY_WITHIN};

/// A JSON body.
pub(super) struct Json<T>(pub(super) T);

/// A body as it is.
pub(crate) struct Raw(pub(crate) Bytes);

/// The query string.
pub(crate) struct UrlQuery<T>(pub(crate) T);

/// The variable of the path.
pub(super) struct UrlPath<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Error> {
        let read = timeout(BODY_WITHIN, axum::Json::from_request(request, state)).await.map_err(|_| Error::TooSlow)?;
        let axum::Json(body) = read.map_err(|rejection: JsonRejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
            _ => Error::BadRequest(rejection.body_text()),
        })?;
        Ok(Self(body))
    }
}

impl FromRequest<AppState> for Raw {
    type Rejection = Error;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Error> {
        let read = timeout(BODY_WITHIN, Bytes::from_request(request, state)).await.map_err(|_| Error::TooSlow)?;
        let body = read.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
            _ => Error::BadRequest(rejection.body_text()),
        })?;
        Ok(Self(body))
    }
}

impl<T: DeserializeOwned> FromRequestParts<AppState> for UrlQuery<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let read = Query::from_request_parts(parts, state).await;
        let Query(query) = read.map_err(|rejection| Error::BadRequest(rejection.body_text()))?;
        Ok(Self(query))
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for UrlPath<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let read = Path::from_request_parts(parts, state).await;
        let Path(variable) = read.map_err(|rejection| Error::BadRequest(rejection.body_text()))?;
        Ok(Self(variable))
    }
}
