//! Numbers that the switchboard and the media driver keep up to date, read when somebody asks for the metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

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
    packets: Mutex<BTreeMap<(PacketKind, &'static str), u64>>,
    descriptions: Descriptions,
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
            packets: Mutex::default(),
            descriptions: Descriptions {
                devices: describe("switchboard_devices", "Devices with a signalling connection.", &[])?,
                calls: describe("switchboard_calls", "Calls that have not ended, by state.", &["state"])?,
                legs: describe("switchboard_legs", "Media connections.", &[])?,
                received: describe("switchboard_packets_received_total", "Datagrams received, by kind.", &["kind"])?,
                sent: describe("switchboard_packets_sent_total", "Datagrams sent, by kind.", &["kind"])?,
                dropped: describe("switchboard_packets_dropped_total", "Packets dropped, by reason.", &["reason"])?,
                noticed: describe("switchboard_media_events_total", "What else the media router did and noticed, by kind.", &["kind"])?,
            },
        })
    }

    /// Sets how many packets there were of this kind since the start. Never called for a single packet: media threads
    /// hand over their sums from time to time.
    pub fn set_packets(&self, kind: PacketKind, label: &'static str, total: u64) {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner).insert((kind, label), total);
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
        let Descriptions { devices, calls, legs, received, sent, dropped, noticed } = &self.0.descriptions;
        vec![devices, calls, legs, received, sent, dropped, noticed]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let (gauges, about) = (&*self.0, &self.0.descriptions);
        let calls =
            vec![labelled(gauge(&gauges.calls_active), "state", "active"), labelled(gauge(&gauges.calls_ringing), "state", "ringing")];
        let mut families = vec![
            family(&about.devices, MetricType::GAUGE, vec![gauge(&gauges.devices)]),
            family(&about.calls, MetricType::GAUGE, calls),
            family(&about.legs, MetricType::GAUGE, vec![gauge(&gauges.legs)]),
            family(&about.received, MetricType::COUNTER, gauges.packets(PacketKind::Received, "kind")),
            family(&about.sent, MetricType::COUNTER, gauges.packets(PacketKind::Sent, "kind")),
            family(&about.dropped, MetricType::COUNTER, gauges.packets(PacketKind::Dropped, "reason")),
            family(&about.noticed, MetricType::COUNTER, gauges.packets(PacketKind::Noticed, "kind")),
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
    let mut gauge = Gauge::default();
    gauge.set_value(value.load(Ordering::Relaxed) as f64);
    Metric::from_gauge(gauge)
}

fn counter(total: u64, label: &str, value: &str) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(total as f64);
    let mut metric = Metric::default();
    metric.set_counter(counter);
    labelled(metric, label, value)
}

fn labelled(mut metric: Metric, name: &str, value: &str) -> Metric {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    metric.set_label(vec![label]);
    metric
}
