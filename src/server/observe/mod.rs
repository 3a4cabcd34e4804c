//! What operators see: counters of this process, and the admin listener that shows them.
//!
//! [`Metrics`] counts what the HTTP side does. [`Gauges`] holds numbers that others keep up to date and that are read only
//! when somebody asks; the packet path never meets a metrics library.

mod admin;
mod gauges;
mod requests;
mod sizes;

use std::sync::Arc;

pub use admin::{Health, router};
pub use gauges::{Gauges, PacketKind, SizeOf, ThreadNumbers};
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, PullingGauge, Registry, TextEncoder};
pub use requests::count_request;
pub use sizes::Sizes;
use tokio::runtime::Handle;

/// From a cached file to a login that waited for its turn.
const REQUEST_SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The metrics of this process; clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    registrations: IntCounter,
    logins: IntCounterVec,
    gauges: Arc<Gauges>,
}

/// What came of an attempt to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginOutcome {
    /// Logged in.
    Right,
    /// Wrong number or password.
    Wrong,
    /// Refused unread: too many attempts.
    Limited,
}

impl LoginOutcome {
    fn label(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Limited => "limited",
        }
    }
}

impl Metrics {
    /// Makes the metrics, all at zero.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauges = Arc::new(Gauges::new()?);
        let requests = IntCounterVec::new(
            Opts::new("switchboard_http_requests_total", "HTTP requests by route, method and status."),
            &["route", "method", "status"],
        )?;
        let seconds = HistogramOpts::new("switchboard_http_request_seconds", "Time from a request to its response, by route.");
        let request_seconds = HistogramVec::new(seconds.buckets(REQUEST_SECONDS.to_vec()), &["route"])?;
        let registrations = IntCounter::new("switchboard_registrations_total", "Accounts made.")?;
        let logins = IntCounterVec::new(Opts::new("switchboard_logins_total", "Attempts to log in by outcome."), &["outcome"])?;
        for outcome in [LoginOutcome::Right, LoginOutcome::Wrong, LoginOutcome::Limited] {
            logins.with_label_values(&[outcome.label()]);
        }
        let mut collectors: Vec<Box<dyn Collector>> = vec![
            Box::new(requests.clone()),
            Box::new(request_seconds.clone()),
            Box::new(registrations.clone()),
            Box::new(logins.clone()),
            Box::new(gauges::GaugesCollector::new(gauges.clone())),
            Box::new(ProcessCollector::for_self()),
        ];
        // Outside of a runtime there are no tasks to count.
        if let Ok(runtime) = Handle::try_current() {
            let alive = move || runtime.metrics().num_alive_tasks() as f64;
            let about = "Tasks that serve connections, requests and calls.";
            collectors.push(Box::new(PullingGauge::new("switchboard_tasks", about, Box::new(alive))?));
        }
        for collector in collectors {
            registry.register(collector)?;
        }
        Ok(Self { registry, requests, request_seconds, registrations, logins, gauges })
    }

    /// The numbers that others keep up to date.
    pub fn gauges(&self) -> &Arc<Gauges> {
        &self.gauges
    }

    /// Counts an account made.
    pub fn registered(&self) {
        self.registrations.inc();
    }

    /// Counts an attempt to log in.
    pub fn login(&self, outcome: LoginOutcome) {
        self.logins.with_label_values(&[outcome.label()]).inc();
    }

    /// Everything, in the text format of Prometheus.
    pub fn encode(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
