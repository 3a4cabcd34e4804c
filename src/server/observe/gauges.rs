//! Numbers that the switchboard and the media driver keep up to date, read when somebody asks for the metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

use super::sizes::Sizes;

/// The numbers. Each has one writer, which stores whole values; readers may see them a moment apart.
#[derive(Debug)]
pub struct Gauges {
    /// Devices with a signalling connection.
    pub devices: AtomicU64,
    /// Calls that ring and that nobody answered.
    pub calls_ringing: AtomicU64,
    /// Calls that were answered and go on.
    pub calls_active: AtomicU64,
    /// Media connections.
    pub legs: AtomicU64,
    /// TCP connections that media comes by, or may come by.
    pub tcp_connections: AtomicU64,
    /// When the certificate of the public listener ends, in seconds since 1970; 0 where there is none.
    pub certificate_expiry: AtomicU64,
    packets: Mutex<BTreeMap<(PacketKind, &'static str), u64>>,
    threads: Mutex<BTreeMap<u16, ThreadNumbers>>,
    sizes: Mutex<BTreeMap<SizeOf, Sizes>>,
    descriptions: Descriptions,
}

/// What one media thread has, and has done since the start.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadNumbers {
    /// Media connections at the moment.
    pub legs: u64,
    /// Packets written to receivers.
    pub forwarded: u64,
    /// Copies of packets given to other media threads.
    pub relayed: u64,
    /// Copies of packets that another media thread had no room for.
    pub relay_dropped: u64,
}

/// What became of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PacketKind {
    /// Came in; the label says of which kind.
    Received,
    /// Went out; the label says of which kind.
    Sent,
    /// Was dropped; the label says why.
    Dropped,
    /// Was the cause of something else; the label says what.
    Noticed,
    /// Not a packet, but a connection that carried some was closed, or refused; the label says why.
    TcpClosed,
}

/// What media threads pass on together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeOf {
    /// Datagrams that one call to the kernel brought.
    ReceivedBatch,
    /// Datagrams that one call to the kernel was given.
    SentRun,
}

#[derive(Debug)]
struct Descriptions {
    devices: Desc,
    calls: Desc,
    legs: Desc,
    received: Desc,
    sent: Desc,
    dropped: Desc,
    noticed: Desc,
    certificate_expiry: Desc,
    tcp_connections: Desc,
    tcp_closed: Desc,
    thread_legs: Desc,
    thread_packets: Desc,
    received_batch: Desc,
    sent_run: Desc,
}

impl Gauges {
    pub(super) fn new() -> prometheus::Result<Self> {
        let describe = |name: &str, help: &str, labels: &[&str]| {
            Desc::new(name.to_owned(), help.to_owned(), labels.iter().map(|label| (*label).to_owned()).collect(), Default::default())
        };
        Ok(Self {
            devices: AtomicU64::new(0),
            calls_ringing: AtomicU64::new(0),
            calls_active: AtomicU64::new(0),
            legs: AtomicU64::new(0),
            tcp_connections: AtomicU64::new(0),
            certificate_expiry: AtomicU64::new(0),
            packets: Mutex::default(),
            threads: Mutex::default(),
            sizes: Mutex::default(),
            descriptions: Descriptions {
                devices: describe("switchboard_devices", "Devices with a signalling connection.", &[])?,
                calls: describe("switchboard_calls", "Calls that have not ended, by state.", &["state"])?,
                legs: describe("switchboard_legs", "Media connections.", &[])?,
                received: describe("switchboard_packets_received_total", "Datagrams received, by kind.", &["kind"])?,
                sent: describe("switchboard_packets_sent_total", "Datagrams sent, by kind.", &["kind"])?,
                dropped: describe("switchboard_packets_dropped_total", "Packets dropped, by reason.", &["reason"])?,
                noticed: describe("switchboard_media_events_total", "What else the media threads did and noticed, by kind.", &["kind"])?,
                certificate_expiry: describe(
                    "switchboard_certificate_expiry_seconds",
                    "When the certificate of the public listener ends, in seconds since 1970.",
                    &[],
                )?,
                tcp_connections: describe("switchboard_media_tcp_connections", "Open TCP connections to media ports.", &[])?,
                tcp_closed: describe(
                    "switchboard_media_tcp_closed_total",
                    "TCP connections to media ports that were closed or refused, by reason.",
                    &["reason"],
                )?,
                thread_legs: describe("switchboard_media_thread_legs", "Media connections of each media thread, by its port.", &["port"])?,
                thread_packets: describe(
                    "switchboard_media_thread_packets_total",
                    "Packets each media thread forwarded to receivers, relayed to other threads, and left out for want of room there.",
                    &["port", "kind"],
                )?,
                received_batch: describe(
                    "switchboard_media_received_batch_datagrams",
                    "Datagrams that one call to the kernel brought.",
                    &[],
                )?,
                sent_run: describe(
                    "switchboard_media_sent_run_datagrams",
                    "Datagrams of one size for one destination that one call to the kernel was given.",
                    &[],
                )?,
            },
        })
    }

    /// Sets how many packets there were of this kind since the start. Never called for a single packet: media threads
    /// hand over their sums from time to time.
    pub fn set_packets(&self, kind: PacketKind, label: &'static str, total: u64) {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner).insert((kind, label), total);
    }

    /// Sets what a media thread has and has done, by its port.
    pub fn set_thread(&self, port: u16, numbers: ThreadNumbers) {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).insert(port, numbers);
    }

    /// Sets how many datagrams there were together since the start.
    pub fn set_sizes(&self, of: SizeOf, sizes: Sizes) {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner).insert(of, sizes);
    }

    fn sizes(&self, of: SizeOf) -> Vec<Metric> {
        let sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.get(&of).map(histogram).into_iter().collect()
    }

    /// The legs of each thread, and its packets by kind.
    fn threads(&self) -> (Vec<Metric>, Vec<Metric>) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let of_thread = |port: &u16, kind, total| labelled(counter(total, "kind", kind), "port", &port.to_string());
        let legs = threads.iter().map(|(port, numbers)| labelled(count(numbers.legs), "port", &port.to_string())).collect();
        let packets = threads.iter().flat_map(|(port, numbers)| {
            let kinds = [("forwarded", numbers.forwarded), ("relayed", numbers.relayed), ("relay_dropped", numbers.relay_dropped)];
            kinds.map(|(kind, total)| of_thread(port, kind, total))
        });
        (legs, packets.collect())
    }

    fn packets(&self, wanted: PacketKind, label: &str) -> Vec<Metric> {
        let packets = self.packets.lock().unwrap_or_else(PoisonError::into_inner);
        let of_kind = packets.iter().filter(|((kind, _), _)| *kind == wanted);
        of_kind.map(|((_, value), total)| counter(*total, label, value)).collect()
    }
}

/// Reads the numbers for the registry.
pub(super) struct GaugesCollector(Arc<Gauges>);

impl GaugesCollector {
    pub(super) fn new(gauges: Arc<Gauges>) -> Self {
        Self(gauges)
    }
}

impl Collector for GaugesCollector {
    fn desc(&self) -> Vec<&Desc> {
        let about = &self.0.descriptions;
        let Descriptions { devices, calls, legs, received, sent, dropped, noticed, .. } = about;
        let Descriptions { certificate_expiry, tcp_connections, tcp_closed, thread_legs, thread_packets, received_batch, sent_run, .. } =
            about;
        let others = [certificate_expiry, tcp_connections, tcp_closed, thread_legs, thread_packets, received_batch, sent_run];
        [devices, calls, legs, received, sent, dropped, noticed].into_iter().chain(others).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let (gauges, about) = (&*self.0, &self.0.descriptions);
        let calls =
            vec![labelled(gauge(&gauges.calls_active), "state", "active"), labelled(gauge(&gauges.calls_ringing), "state", "ringing")];
        let certificate = Some(&gauges.certificate_expiry).into_iter().filter(|at| at.load(Ordering::Relaxed) > 0).map(gauge);
        let (thread_legs, thread_packets) = gauges.threads();
        let mut families = vec![
            family(&about.devices, MetricType::GAUGE, vec![gauge(&gauges.devices)]),
            family(&about.calls, MetricType::GAUGE, calls),
            family(&about.legs, MetricType::GAUGE, vec![gauge(&gauges.legs)]),
            family(&about.received, MetricType::COUNTER, gauges.packets(PacketKind::Received, "kind")),
            family(&about.sent, MetricType::COUNTER, gauges.packets(PacketKind::Sent, "kind")),
            family(&about.dropped, MetricType::COUNTER, gauges.packets(PacketKind::Dropped, "reason")),
            family(&about.noticed, MetricType::COUNTER, gauges.packets(PacketKind::Noticed, "kind")),
            family(&about.certificate_expiry, MetricType::GAUGE, certificate.collect()),
            family(&about.tcp_connections, MetricType::GAUGE, vec![gauge(&gauges.tcp_connections)]),
            family(&about.tcp_closed, MetricType::COUNTER, gauges.packets(PacketKind::TcpClosed, "reason")),
            family(&about.thread_legs, MetricType::GAUGE, thread_legs),
            family(&about.thread_packets, MetricType::COUNTER, thread_packets),
            family(&about.received_batch, MetricType::HISTOGRAM, gauges.sizes(SizeOf::ReceivedBatch)),
            family(&about.sent_run, MetricType::HISTOGRAM, gauges.sizes(SizeOf::SentRun)),
        ];
        // The text encoder refuses a family without metrics.
        families.retain(|family| !family.get_metric().is_empty());
        families
    }
}

fn family(about: &Desc, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(about.fq_name.clone());
    family.set_help(about.help.clone());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

/// Metrics are floating point; counts up to 2^53 are exact in it.
fn gauge(value: &AtomicU64) -> Metric {
    count(value.load(Ordering::Relaxed))
}

fn count(value: u64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value as f64);
    Metric::from_gauge(gauge)
}

fn counter(total: u64, label: &str, value: &str) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(total as f64);
    let mut metric = Metric::default();
    metric.set_counter(counter);
    labelled(metric, label, value)
}

fn histogram(sizes: &Sizes) -> Metric {
    let bucket = |(bound, count): (u64, u64)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound as f64);
        bucket.set_cumulative_count(count);
        bucket
    };
    let mut histogram = Histogram::default();
    histogram.set_bucket(sizes.cumulative().map(bucket).collect());
    histogram.set_sample_count(sizes.count());
    histogram.set_sample_sum(sizes.sum() as f64);
    let mut metric = Metric::default();
    metric.set_histogram(histogram);
    metric
}

fn labelled(mut metric: Metric, name: &str, value: &str) -> Metric {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    let labels = metric.get_label().iter().cloned().chain([label]).collect();
    metric.set_label(labels);
    metric
}
