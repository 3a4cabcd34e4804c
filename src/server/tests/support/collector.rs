//! A collector of traces that takes OTLP over HTTP, as OpenTelemetry's own does, and keeps what it was told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use prost::Message;
use switchboard_ids::CallId;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A span as it was told.
#[derive(Debug, Clone)]
pub struct Span {
    pub name: String,
    pub trace: u128,
    pub id: Vec<u8>,
    /// Empty where it is the first.
    pub parent: Vec<u8>,
    /// In ns since 1970.
    pub from: u64,
    pub to: u64,
    /// Without what they all begin with.
    pub attributes: BTreeMap<String, String>,
    pub events: Vec<String>,
    /// Of which run of which server.
    pub instance: String,
}

#[derive(Debug, Default)]
struct Told {
    spans: Vec<Span>,
    /// All that came, as it came.
    bytes: Vec<u8>,
    requests: usize,
}

/// A collector. It stops when it is dropped.
pub struct Collector {
    pub url: String,
    told: Arc<Mutex<Told>>,
    running: JoinHandle<()>,
}

impl Collector {
    pub async fn start() -> Self {
        Self::serving(post(take)).await
    }

    /// One that takes requests and never answers.
    pub async fn hanging() -> Self {
        Self::serving(post(async |State(told): State<Arc<Mutex<Told>>>| {
            told.lock().unwrap().requests += 1;
            std::future::pending::<()>().await;
        }))
        .await
    }

    async fn serving(traces: axum::routing::MethodRouter<Arc<Mutex<Told>>>) -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let routes = Router::new().route("/v1/traces", traces).with_state(told.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let running = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, told, running }
    }

    /// The spans of a call so far.
    pub fn spans_of(&self, call: CallId) -> Vec<Span> {
        self.told.lock().unwrap().spans.iter().filter(|span| span.trace == call.as_u128()).cloned().collect()
    }

    /// All spans so far, whatever they are of.
    pub fn spans(&self) -> Vec<Span> {
        self.told.lock().unwrap().spans.clone()
    }

    /// Whether this was in anything it was told.
    pub fn was_told(&self, of: &[u8]) -> bool {
        self.told.lock().unwrap().bytes.windows(of.len()).any(|part| part == of)
    }

    pub fn requests(&self) -> usize {
        self.told.lock().unwrap().requests
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn take(State(told): State<Arc<Mutex<Told>>>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/x-protobuf") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Ok(request) = ExportTraceServiceRequest::decode(body.clone()) else { return StatusCode::BAD_REQUEST.into_response() };
    let mut told = told.lock().unwrap();
    told.requests += 1;
    told.bytes.extend_from_slice(&body);
    for of_resource in request.resource_spans {
        let resource = attributes(of_resource.resource.unwrap().attributes);
        assert_eq!(resource["service.name"], "switchboard");
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            told.spans.push(Span {
                name: span.name,
                trace: u128::from_be_bytes(span.trace_id.try_into().unwrap()),
                id: span.span_id,
                parent: span.parent_span_id,
                from: span.start_time_unix_nano,
                to: span.end_time_unix_nano,
                attributes: attributes(span.attributes),
                events: span.events.into_iter().map(|event| event.name).collect(),
                instance: resource["service.instance.id"].clone(),
            });
        }
    }
    ([(header::CONTENT_TYPE, "application/x-protobuf")], ExportTraceServiceResponse::default().encode_to_vec()).into_response()
}

fn attributes(pairs: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        other => panic!("no attribute is {other:?}"),
    };
    let name = |key: String| key.strip_prefix("switchboard.").map(str::to_owned).unwrap_or(key);
    pairs.into_iter().map(|pair| (name(pair.key), text(pair.value.unwrap().value.unwrap()))).collect()
}
