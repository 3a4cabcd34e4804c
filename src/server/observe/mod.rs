//! What operators see: counters of this process, and the admin listener that shows them.
//!
//! [`Metrics`] counts what the HTTP side does. [`Gauges`] holds numbers that others keep up to date and that are read only
//! when somebody asks, `family` their names; the packet path keeps a [`Histogram`] at most and never meets a metrics library.

mod admin;
mod family;
mod gauges;
mod histogram;
mod requests;
mod spans;

use std::sync::Arc;

pub use admin::{Admin, router};
pub use family::Family;
pub use gauges::Gauges;
pub use histogram::{Bitrates, Datagrams, Histogram, Micros, Mille, Millis, Scale, Sizes};
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Encoder, Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, PullingGauge, Registry,
    TextEncoder,
};
pub use requests::count_request;
pub use spans::{Exporter, ExporterError};
use tokio::runtime::Handle;

use crate::store::Store;

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
    connections: IntGaugeVec,
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

/// What a signalling connection is carried by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    /// A WebSocket.
    WebSocket,
    /// Server-sent events, with POSTs beside them.
    Events,
}

impl Connection {
    const ALL: [Self; 2] = [Self::WebSocket, Self::Events];

    fn label(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Events => "events",
        }
    }
}

/// A connection that is counted.
#[derive(Debug)]
pub(crate) struct Connected(IntGauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Makes the metrics, all at zero.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauges = Arc::new(Gauges::default());
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
        let connections = IntGaugeVec::new(Opts::new("switchboard_connections", "Signalling connections by kind."), &["kind"])?;
        for kind in Connection::ALL {
            connections.with_label_values(&[kind.label()]);
        }
        let build = Opts::new("switchboard_build_info", "Always 1; the label says which version runs.");
        let build = Gauge::with_opts(build.const_label("version", env!("CARGO_PKG_VERSION")))?;
        build.set(1.0);
        let mut collectors: Vec<Box<dyn Collector>> = vec![
            Box::new(requests.clone()),
            Box::new(request_seconds.clone()),
            Box::new(registrations.clone()),
            Box::new(logins.clone()),
            Box::new(connections.clone()),
            Box::new(build),
            Box::new(gauges::GaugesCollector::new(gauges.clone())?),
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
        Ok(Self { registry, requests, request_seconds, registrations, logins, connections, gauges })
    }

    /// The numbers that others keep up to date.
    pub fn gauges(&self) -> &Arc<Gauges> {
        &self.gauges
    }

    /// Shows how many connections to the database there are, and how many of them nobody uses.
    pub fn watch(&self, store: &Store) -> prometheus::Result<()> {
        let (all, idle) = (store.clone(), store.clone());
        let all: Box<dyn Fn() -> f64 + Send + Sync> = Box::new(move || all.connections().0 as f64);
        let idle: Box<dyn Fn() -> f64 + Send + Sync> = Box::new(move || idle.connections().1 as f64);
        for (name, help, read) in [
            ("switchboard_database_connections", "Connections to the database.", all),
            ("switchboard_database_connections_idle", "Connections to the database that nobody uses.", idle),
        ] {
            self.registry.register(Box::new(PullingGauge::new(name, help, read)?))?;
        }
        let most = IntGauge::new("switchboard_database_connections_max", "The most connections to the database there may be.")?;
        most.set(i64::from(store.most_connections()));
        self.registry.register(Box::new(most))
    }

    /// Counts a signalling connection for as long as what it gives is kept.
    pub(crate) fn connected(&self, kind: Connection) -> Connected {
        let gauge = self.connections.with_label_values(&[kind.label()]);
        gauge.inc();
        Connected(gauge)
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
