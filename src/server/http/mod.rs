//! The REST API under `/v1` and the web client's files: one file a feature, each with its routes, messages and handlers.
//!
//! A request passes the security headers, the metrics and the origin check, then its handler; every error leaves as
//! problem+json by way of [`problem::Error`]. Nothing here knows media, and calls only as history.

mod accounts;
mod address;
mod assets;
pub mod auth;
mod blocks;
mod calls;
mod clips;
mod contacts;
mod device;
pub(crate) mod extract;
mod headers;
mod invitations;
mod labels;
pub mod limits;
mod messages;
mod notices;
mod openapi;
pub mod passwords;
mod people;
pub mod phone;
pub mod problem;
mod range;
mod sessions;
mod settings;
mod state;
mod turn;
mod users;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
pub use notices::Notices;
pub use state::{AppState, WebSettings};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The largest body a request may have, in bytes; an offer comes over the WebSocket, everything here is small.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a body may take: time enough for the largest on a bad line, too short to hold connections open in numbers.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// The public listener's routes.
pub fn router(state: AppState) -> Router {
    let (api, document) = OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(accounts::router())
        .merge(sessions::router())
        .merge(users::router())
        .merge(contacts::router())
        .merge(labels::router())
        .merge(blocks::router())
        .merge(invitations::router())
        .merge(settings::router())
        .merge(messages::router())
        .merge(clips::router())
        .merge(calls::router())
        .merge(turn::router())
        .split_for_parts();
    api.merge(crate::signal::router())
        .route("/v1/openapi.json", get(openapi::serve(document)))
        .fallback(assets::serve)
        .method_not_allowed_fallback(async || problem::Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), auth::same_origin))
        .layer(from_fn_with_state(state.clone(), crate::observe::count_request))
        .layer(from_fn(headers::secure))
        .with_state(state)
}
