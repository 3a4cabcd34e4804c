//! Where a connection goes on: the device it had, and the last event it saw.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use switchboard_ids::DeviceId;

use crate::http::AppState;
use crate::http::extract::UrlQuery;
use crate::http::problem::Error;

/// What a client that comes back says in its URL; nothing where it comes for the first time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor(pub(super) Option<(DeviceId, u64)>);

#[derive(Deserialize)]
struct Query {
    device: Option<DeviceId>,
    after: Option<u64>,
}

impl FromRequestParts<AppState> for Cursor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let UrlQuery(query) = UrlQuery::<Query>::from_request_parts(parts, state).await?;
        match query {
            Query { device: None, after: None } => Ok(Self(None)),
            Query { device: Some(device), after: Some(after) } => Ok(Self(Some((device, after)))),
            _ => Err(Error::BadRequest("device and after come together".to_owned())),
        }
    }
}
