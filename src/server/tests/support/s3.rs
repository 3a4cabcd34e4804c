//! A small S3: it keeps objects in memory, for whoever signs requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

/// An S3 with one bucket, `bucket`. It stops when it is dropped.
pub struct S3 {
    pub url: String,
    objects: Objects,
    running: JoinHandle<()>,
}

impl S3 {
    pub async fn start() -> Self {
        let objects = Objects::default();
        let routes = Router::new()
            .route("/bucket", post(delete_several))
            .route("/bucket/{*key}", get(read).put(write).delete(delete))
            .with_state(objects.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let running = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, objects, running }
    }

    /// The flags of a server that keeps its clips here.
    pub fn flags(&self) -> Vec<String> {
        let options = [
            ("endpoint", self.url.as_str()),
            ("allow_http", "true"),
            ("region", "here"),
            ("access_key_id", "id"),
            ("secret_access_key", "secret"),
        ];
        let options = options.iter().flat_map(|(name, value)| ["--clips-option".to_owned(), format!("aws_{name}={value}")]);
        ["--no-limits", "--clips-url", "s3://bucket/voice"].map(str::to_owned).into_iter().chain(options).collect()
    }

    /// What is kept, by name.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.objects.lock().unwrap().clone()
    }

    /// Loses everything.
    pub fn forget(&self) {
        self.objects.lock().unwrap().clear();
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Whether a request has the parts of a signature (Signature Version 4).
fn is_signed(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let authorization = text("authorization");
    authorization.starts_with("AWS4-HMAC-SHA256 Credential=id/")
        && ["/here/s3/aws4_request", "SignedHeaders=", "Signature="].iter().all(|part| authorization.contains(part))
        && !text("x-amz-date").is_empty()
        && !text("x-amz-content-sha256").is_empty()
}

async fn write(State(objects): State<Objects>, Path(key): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    objects.lock().unwrap().insert(key, body);
    (StatusCode::OK, [(header::ETAG, "\"1\"")]).into_response()
}

async fn read(State(objects): State<Objects>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    if !is_signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(object) = objects.lock().unwrap().get(&key).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let known = [(header::ETAG, "\"1\"".to_owned()), (header::LAST_MODIFIED, "Wed, 21 Oct 2015 07:28:00 GMT".to_owned())];
    let Some(range) = headers.get(header::RANGE) else { return (known, object).into_response() };
    let (first, last) = range.to_str().unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let told = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", object.len()))];
    (StatusCode::PARTIAL_CONTENT, known, told, object.slice(first..=last)).into_response()
}

async fn delete(State(objects): State<Objects>, Path(key): Path<String>, headers: HeaderMap) -> StatusCode {
    if !is_signed(&headers) {
        return StatusCode::FORBIDDEN;
    }
    objects.lock().unwrap().remove(&key);
    StatusCode::NO_CONTENT
}

/// `DeleteObjects`: the keys stand in a document.
async fn delete_several(State(objects): State<Objects>, headers: HeaderMap, body: String) -> Response {
    if !is_signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    for key in body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()) {
        objects.lock().unwrap().remove(key);
    }
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></DeleteResult>"
        .into_response()
}
