//! Counts requests as they pass.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::http::AppState;

/// Counts a request by its route, never by its path: paths hold ids, and strangers can make up any number of them.
pub async fn count_request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("files", MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status();
    let metrics = &state.metrics;
    metrics.requests.with_label_values(&[route.as_str(), method, status.as_str()]).inc();
    metrics.request_seconds.with_label_values(&[route.as_str()]).observe(start.elapsed().as_secs_f64());
    response
}

/// The methods the API has; others are one kind, since clients may invent them.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
