//! The admin listener: `/metrics`, `/healthz` (is this process alive), `/readyz` (should it be sent people), and the nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::time::timeout;

use super::Metrics;
use crate::engine::Engine;
use crate::nodes::Nodes;
use crate::store::Store;
use crate::store::leases::CALLS;

/// A database that takes longer to say yes is not ready.
const PROBE: Duration = Duration::from_secs(1);

/// Whether the process wants to be sent people.
#[derive(Debug, Clone, Default)]
pub struct Health {
    stopping: Arc<AtomicBool>,
}

impl Health {
    /// From now on `/readyz` says no.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

#[derive(Clone)]
struct Admin {
    metrics: Metrics,
    store: Store,
    engine: Arc<dyn Engine>,
    health: Health,
}

/// The admin listener's routes.
pub fn router(metrics: Metrics, store: Store, engine: Arc<dyn Engine>, health: Health) -> Router {
    Router::new()
        .route("/metrics", get(metrics_text))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/v1/admin/nodes", get(nodes))
        .with_state(Admin { metrics, store, engine, health })
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
    if admin.health.stopping.load(Ordering::Relaxed) {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if !admin.store.is_ready(PROBE).await {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    } else if !matches!(timeout(PROBE, admin.engine.holder(CALLS)).await, Ok(Ok(_))) {
        (StatusCode::SERVICE_UNAVAILABLE, "Redis does not answer\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn nodes(State(admin): State<Admin>) -> Response {
    match Nodes::of(&*admin.engine).await {
        Ok(nodes) => Json(nodes).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
