//! Spans on their way to a collector (OTLP over HTTP): a queue with an end, and a task that posts what waits in it.
//!
//! Whoever has a span puts it in and goes on. A collector that is slow or away costs spans, which are counted and told of in the log
//! now and then, and nothing else.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use url::Url;
use uuid::Uuid;

/// Spans that wait for a slow collector: those of some five hundred calls, a few megabytes at most.
const QUEUE: usize = 4_096;
/// Spans that are posted together, and how long the first of them waits for others.
const BATCH: usize = 512;
const GATHER: Duration = Duration::from_secs(1);
/// How long the collector has for an answer; what OpenTelemetry gives it unless told otherwise.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a server that stops waits for the collector: less than a stop may take in all.
const FLUSH_WITHIN: Duration = Duration::from_secs(3);
/// How often the log tells at most that spans are lost.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    /// There is nothing to verify a collector's certificate with.
    #[error("traces cannot be sent by HTTPS ({}) — install the certificates of authorities (ca-certificates)", cause(.0))]
    Client(#[from] reqwest::Error),
    /// The variables that the exporter reads cannot be right.
    #[error("traces cannot be sent ({0}) — check the variables that begin with OTEL_EXPORTER_OTLP_")]
    Variables(#[from] ExporterBuildError),
}

/// What is at the bottom of an error of the HTTP client, whose own words are that there is one.
fn cause(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Takes spans for a collector.
#[derive(Debug)]
pub struct Exporter {
    queue: mpsc::Sender<SpanData>,
    task: JoinHandle<()>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    taken: AtomicU64,
    overflowed: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    fn lost(&self) -> u64 {
        self.overflowed.load(Relaxed) + self.failed.load(Relaxed)
    }
}

impl Exporter {
    /// Posts to this URL from now on. Has to be called within the runtime.
    pub fn start(url: &Url) -> Result<Self, ExporterError> {
        let builder = SpanExporter::builder().with_http().with_http_client(client(url)?).with_protocol(Protocol::HttpBinary);
        let mut exporter = builder.with_endpoint(url.as_str()).with_timeout(ANSWER_WITHIN).build()?;
        exporter.set_resource(&resource());
        let counts = Arc::new(Counts::default());
        let (sender, queue) = mpsc::channel(QUEUE);
        let poster = Poster { exporter, queue, counts: counts.clone(), url: url.clone(), warnings: Warnings::default() };
        Ok(Self { queue: sender, task: tokio::spawn(poster.run()), counts })
    }

    /// One that posts nothing, and the queue it puts spans into.
    #[cfg(test)]
    pub(crate) fn into_queue() -> (Self, mpsc::Receiver<SpanData>) {
        let (queue, spans) = mpsc::channel(QUEUE);
        (Self { queue, task: tokio::spawn(async {}), counts: Arc::default() }, spans)
    }

    /// Has a span posted. One that finds no room is lost, which is counted.
    pub fn put(&self, span: SpanData) {
        if self.queue.try_send(span).is_err() {
            self.counts.overflowed.fetch_add(1, Relaxed);
        }
    }

    /// What came of the spans so far, by the word the metrics have for it.
    pub fn counts(&self) -> [(&'static str, u64); 3] {
        let Counts { taken, overflowed, failed } = &*self.counts;
        [("taken", taken.load(Relaxed)), ("queue_full", overflowed.load(Relaxed)), ("failed", failed.load(Relaxed))]
    }

    /// Has what waits posted, within a bound.
    pub async fn finish(self) {
        let Self { queue, mut task, .. } = self;
        let waiting = queue.max_capacity() - queue.capacity();
        drop(queue);
        if timeout(FLUSH_WITHIN, &mut task).await.is_err() {
            task.abort();
            tracing::warn!(waiting, "the collector of traces does not answer: the server stops, and its last spans are lost");
        }
    }
}

/// A client that needs certificates of authorities only where there is one to verify: small machines have none.
fn client(url: &Url) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().timeout(ANSWER_WITHIN);
    if url.scheme() == "https" { builder.build() } else { builder.tls_certs_only([]).build() }
}

/// Whose spans they are. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES may say it otherwise; servers are told apart by an id of each run.
fn resource() -> Resource {
    let given = Resource::builder().build();
    let named = given.get(&"service.name".into()).is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let mut own = vec![KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
    if !named {
        own.push(KeyValue::new("service.name", "switchboard"));
    }
    if given.get(&"service.instance.id".into()).is_none() {
        own.push(KeyValue::new("service.instance.id", Uuid::now_v7().to_string()));
    }
    Resource::builder().with_attributes(own).build()
}

struct Poster {
    exporter: SpanExporter,
    queue: mpsc::Receiver<SpanData>,
    counts: Arc<Counts>,
    url: Url,
    warnings: Warnings,
}

/// What the log was told of lost spans.
#[derive(Debug, Default)]
struct Warnings {
    last: Option<Instant>,
    told: u64,
}

impl Warnings {
    /// How many spans the log is to be told of, if it is time for that.
    fn due(&mut self, lost: u64, now: Instant) -> Option<u64> {
        if lost == self.told || self.last.is_some_and(|at| now.duration_since(at) < WARN_EVERY) {
            return None;
        }
        self.last = Some(now);
        Some(lost - std::mem::replace(&mut self.told, lost))
    }
}

impl Poster {
    async fn run(mut self) {
        loop {
            let batch = self.gather().await;
            if batch.is_empty() {
                return;
            }
            let (spans, cause) = (batch.len() as u64, self.exporter.export(batch).await.err());
            let count = if cause.is_none() { &self.counts.taken } else { &self.counts.failed };
            count.fetch_add(spans, Relaxed);
            self.warn(cause.map(|cause| cause.to_string()));
        }
    }

    /// The next spans that go together; none when there will be no more.
    async fn gather(&mut self) -> Vec<SpanData> {
        let mut batch = Vec::new();
        if self.queue.recv_many(&mut batch, BATCH).await == 0 {
            return batch;
        }
        let gathered = sleep(GATHER);
        tokio::pin!(gathered);
        while batch.len() < BATCH {
            let room = BATCH - batch.len();
            tokio::select! {
                () = &mut gathered => break,
                more = self.queue.recv_many(&mut batch, room) => if more == 0 { break },
            }
        }
        batch
    }

    fn warn(&mut self, cause: Option<String>) {
        let Some(spans) = self.warnings.due(self.counts.lost(), Instant::now()) else { return };
        let cause = cause.unwrap_or_else(|| "it was too slow".to_owned());
        tracing::warn!(url = %self.url, %cause, spans, "the collector of traces did not take spans, which are lost: look whether it runs");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
    use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

    use super::*;

    fn span() -> SpanData {
        let now = std::time::SystemTime::now();
        SpanData {
            span_context: SpanContext::new(TraceId::from(1), SpanId::from(1), TraceFlags::SAMPLED, false, TraceState::default()),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "call".into(),
            start_time: now,
            end_time: now,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: Default::default(),
        }
    }

    #[test]
    fn the_log_tells_of_lost_spans_once_a_minute_at_most_and_of_each_once() {
        let (mut warnings, start) = (Warnings::default(), Instant::now());
        let mut due = |lost, seconds| warnings.due(lost, start + Duration::from_secs(seconds));
        assert_eq!([due(0, 0), due(8, 1), due(16, 2), due(24, 60), due(32, 61), due(32, 200)], [None, Some(8), None, None, Some(24), None]);
    }

    #[tokio::test]
    async fn what_finds_no_room_is_lost_and_counted_and_nobody_waits() {
        // It takes connections, as a listener's backlog does, and never says a word.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("http://{}/v1/traces", silent.local_addr().unwrap())).unwrap();
        let exporter = Exporter::start(&url).unwrap();
        for _ in 0..QUEUE + 7 {
            exporter.put(span());
        }
        assert_eq!(exporter.counts(), [("taken", 0), ("queue_full", 7), ("failed", 0)]);
        let start = Instant::now();
        exporter.finish().await;
        assert!(start.elapsed() < FLUSH_WITHIN + Duration::from_secs(2), "the server waits for {:?}", start.elapsed());
    }
}
