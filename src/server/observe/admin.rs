//! The admin listener: `/metrics`, `/healthz` (is this process alive), `/readyz` (should it be sent people), the running calls, the
//! nodes, and draining.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::time::timeout;

use super::Metrics;
use crate::calls::Calls;
use crate::engine::Engine;
use crate::nodes::Nodes;
use crate::run::Drain;
use crate::store::Store;
use crate::store::leases::CALLS;
use crate::switchboard;

/// A database that takes longer to say yes is not ready.
const PROBE: Duration = Duration::from_secs(1);

/// What the admin listener shows, and does.
#[derive(Clone)]
pub struct Admin {
    /// The metrics of this process.
    pub metrics: Metrics,
    /// The database.
    pub store: Store,
    /// What the nodes know of each other.
    pub engine: Arc<dyn Engine>,
    /// The actor that owns the calls.
    pub switchboard: switchboard::Handle,
    /// By what the server is told to stop.
    pub drain: Drain,
}

/// The admin listener's routes.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/metrics", get(metrics_text))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/v1/admin/calls", get(calls))
        .route("/v1/admin/nodes", get(nodes))
        .route("/v1/admin/drain", post(drain))
        .with_state(admin)
}

async fn metrics_text(State(admin): State<Admin>) -> Response {
    match admin.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.drain.has_begun() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if !admin.store.is_ready(PROBE).await {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    } else if !admin.switchboard.is_within_reach(PROBE).await {
        (StatusCode::SERVICE_UNAVAILABLE, "no node that controls the calls can be reached\n")
    } else if !matches!(timeout(PROBE, admin.engine.holder(CALLS)).await, Ok(Ok(_))) {
        // Calls go on and begin without it: who is sent here is served.
        (StatusCode::OK, "ready, and Redis does not answer\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn calls(State(admin): State<Admin>) -> Response {
    match admin.switchboard.overview().await {
        Ok(calls) => Json(Calls { calls }).into_response(),
        Err(gone) => (StatusCode::SERVICE_UNAVAILABLE, format!("{gone}\n")).into_response(),
    }
}

/// The same as SIGTERM. A page that an operator happens to look at must not stop a server: browsers name the page's origin with
/// each POST, programs have none.
async fn drain(State(admin): State<Admin>, headers: HeaderMap) -> (StatusCode, &'static str) {
    if headers.contains_key(header::ORIGIN) {
        return (StatusCode::FORBIDDEN, "not from a browser\n");
    }
    admin.drain.begin();
    (StatusCode::ACCEPTED, "draining\n")
}

async fn nodes(State(admin): State<Admin>) -> Response {
    match Nodes::of(&*admin.engine).await {
        Ok(nodes) => Json(nodes).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
