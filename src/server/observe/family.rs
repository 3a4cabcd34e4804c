//! The metrics that the switchboard and the media threads keep: names, units and labels, in one place.

use prometheus::proto::MetricType::{self, COUNTER, GAUGE, HISTOGRAM};

/// A metric, with all its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "what each is about is said below, to operators too")]
pub enum Family {
    Devices,
    Calls,
    CallsPlaced,
    CallsEnded,
    Seats,
    Ring,
    Join,
    RequestsRefused,
    LegResults,
    ClientReports,
    ClientPackets,
    ClientFrozen,
    LoopLag,
    Legs,
    TcpConnections,
    TcpClosed,
    Received,
    Sent,
    ReceivedBytes,
    SentBytes,
    RtpPackets,
    RtpBytes,
    RtpRepeats,
    Feedback,
    Dropped,
    Noticed,
    ThreadLegs,
    ThreadPackets,
    ThreadBusy,
    ThreadLag,
    ReceivedBatch,
    SentRun,
    Forwarding,
    PathRtt,
    PathJitter,
    PathLoss,
    PathEstimate,
    CertificateExpiry,
    CallControl,
    Nodes,
    EngineUp,
    TraceSpans,
}

/// What there is to say of a metric.
pub(super) struct About {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: MetricType,
    pub(super) labels: &'static [&'static str],
}

impl Family {
    /// All of them, in the order they are shown.
    pub(super) const ALL: [Self; 42] = [
        Self::Devices,
        Self::Calls,
        Self::CallsPlaced,
        Self::CallsEnded,
        Self::Seats,
        Self::Ring,
        Self::Join,
        Self::RequestsRefused,
        Self::LegResults,
        Self::ClientReports,
        Self::ClientPackets,
        Self::ClientFrozen,
        Self::LoopLag,
        Self::Legs,
        Self::TcpConnections,
        Self::TcpClosed,
        Self::Received,
        Self::Sent,
        Self::ReceivedBytes,
        Self::SentBytes,
        Self::RtpPackets,
        Self::RtpBytes,
        Self::RtpRepeats,
        Self::Feedback,
        Self::Dropped,
        Self::Noticed,
        Self::ThreadLegs,
        Self::ThreadPackets,
        Self::ThreadBusy,
        Self::ThreadLag,
        Self::ReceivedBatch,
        Self::SentRun,
        Self::Forwarding,
        Self::PathRtt,
        Self::PathJitter,
        Self::PathLoss,
        Self::PathEstimate,
        Self::CertificateExpiry,
        Self::CallControl,
        Self::Nodes,
        Self::EngineUp,
        Self::TraceSpans,
    ];

    pub(super) fn about(self) -> About {
        let (kind, name, labels, help): (_, _, &[&str], _) = match self {
            Self::Devices => (GAUGE, "devices", &[], "Devices with a signalling connection."),
            Self::Calls => (GAUGE, "calls", &["kind", "state"], "Calls that have not ended, by kind and state."),
            Self::CallsPlaced => (COUNTER, "calls_placed_total", &["kind"], "Calls placed, by kind."),
            Self::CallsEnded => (COUNTER, "calls_ended_total", &["kind", "result"], "Calls that ended, by kind and result."),
            Self::Seats => (GAUGE, "seats", &["state"], "Seats of calls that have not ended, by state."),
            Self::Ring => {
                (HISTOGRAM, "ring_seconds", &["result"], "Time from placing a call to its first answer, or to its end without one.")
            }
            Self::Join => (HISTOGRAM, "join_seconds", &[], "Time from a device's offer to its media being connected."),
            Self::RequestsRefused => (COUNTER, "requests_refused_total", &["code"], "Requests of devices that were refused, by code."),
            Self::LegResults => {
                (COUNTER, "leg_results_total", &["result"], "What came of media connections: connected, or why they ended by themselves.")
            }
            Self::ClientReports => (COUNTER, "client_reports_total", &["video"], "Reports of clients, by whether their video froze."),
            Self::ClientPackets => (COUNTER, "client_packets_total", &["result"], "Packets that clients say they received, or lost."),
            Self::ClientFrozen => (COUNTER, "client_frozen_seconds_total", &[], "For how long clients say that video stood still."),
            Self::LoopLag => (HISTOGRAM, "loop_lag_seconds", &[], "How late the loop that owns the calls is, once a second."),
            Self::Legs => (GAUGE, "legs", &[], "Media connections."),
            Self::TcpConnections => (GAUGE, "media_tcp_connections", &[], "Open TCP connections to media ports."),
            Self::TcpClosed => {
                (COUNTER, "media_tcp_closed_total", &["reason"], "TCP connections to media ports that were closed or refused, by reason.")
            }
            Self::Received => (COUNTER, "packets_received_total", &["kind"], "Datagrams received, and the RTP among them."),
            Self::Sent => (COUNTER, "packets_sent_total", &["kind"], "Datagrams sent, and the RTP and keyframe requests among them."),
            Self::ReceivedBytes => (COUNTER, "received_bytes_total", &[], "Bytes of datagrams received, without UDP and IP headers."),
            Self::SentBytes => (COUNTER, "sent_bytes_total", &[], "Bytes of datagrams sent, without UDP and IP headers."),
            Self::RtpPackets => (COUNTER, "rtp_packets_total", &["direction", "source"], "RTP packets read and forwarded, by source."),
            Self::RtpBytes => (COUNTER, "rtp_bytes_total", &["direction", "source"], "Bytes of RTP payload read and forwarded, by source."),
            Self::RtpRepeats => (COUNTER, "rtp_repeats_total", &["direction"], "Packets repeated by RTX, asked for or to probe the path."),
            Self::Feedback => (COUNTER, "rtcp_feedback_total", &["direction", "kind"], "NACK, PLI and FIR received and sent."),
            Self::Dropped => (COUNTER, "packets_dropped_total", &["reason"], "Packets dropped, by reason."),
            Self::Noticed => (COUNTER, "media_events_total", &["kind"], "What else the media threads did and noticed, by kind."),
            Self::ThreadLegs => (GAUGE, "media_thread_legs", &["port"], "Media connections of each media thread, by its port."),
            Self::ThreadPackets => (
                COUNTER,
                "media_thread_packets_total",
                &["kind", "port"],
                "Packets each media thread forwarded to receivers, relayed to other threads, and left out for want of room there.",
            ),
            Self::ThreadBusy => (GAUGE, "media_thread_busy_ratio", &["port"], "The part of its time that each media thread works."),
            Self::ThreadLag => (
                GAUGE,
                "media_thread_lag_seconds",
                &["port"],
                "The longest that a deadline waited in each media thread in the last seconds.",
            ),
            Self::ReceivedBatch => (HISTOGRAM, "media_received_batch_datagrams", &[], "Datagrams that one call to the kernel brought."),
            Self::SentRun => (
                HISTOGRAM,
                "media_sent_run_datagrams",
                &[],
                "Datagrams of one size for one destination that one call to the kernel was given.",
            ),
            Self::Forwarding => {
                (HISTOGRAM, "forwarding_seconds", &[], "Time from reading a batch to all being sent that is to be sent because of it.")
            }
            Self::PathRtt => (HISTOGRAM, "leg_rtt_seconds", &[], "Round trip to each media connection, once a second."),
            Self::PathJitter => (HISTOGRAM, "leg_jitter_seconds", &[], "Jitter of the voices of each media connection, once a second."),
            Self::PathLoss => (HISTOGRAM, "leg_loss_ratio", &["direction"], "Loss to and from each media connection, once a second."),
            Self::PathEstimate => (
                HISTOGRAM,
                "leg_estimate_bytes_per_second",
                &[],
                "What the path to each media connection is believed to carry, once a second.",
            ),
            Self::CallControl => {
                (GAUGE, "call_control_epoch", &[], "The epoch in which this node controls the calls; 0 while it does not.")
            }
            Self::Nodes => (GAUGE, "nodes", &[], "Nodes that serve together, this one among them, as far as it knows."),
            Self::EngineUp => {
                (GAUGE, "engine_up", &[], "Whether Redis can be reached, by which nodes know of each other; 1 for a node alone.")
            }
            Self::CertificateExpiry => {
                (GAUGE, "certificate_expiry_seconds", &[], "When the certificate of the public listener ends, in seconds since 1970.")
            }
            Self::TraceSpans => (
                COUNTER,
                "trace_spans_total",
                &["result"],
                "Spans of calls' traces, by what came of them: taken by the collector, or lost.",
            ),
        };
        About { name, help, kind, labels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_shown_each_once() {
        for (place, family) in Family::ALL.into_iter().enumerate() {
            assert_eq!(family as usize, place, "{family:?}");
        }
    }
}
