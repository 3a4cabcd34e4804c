//! Hands the numbers of calls and media to the metrics, once a second.

use std::collections::BTreeMap;
use std::time::Duration;

use super::actor::Actor;
use crate::media_driver::{Feedback, SourceKind, Totals};
use crate::observe::{Family, Gauges};

/// The states that seats of running calls are shown in, though none may be.
const SEATS: [&str; 5] = ["active", "held", "invited", "reconnecting", "ringing"];

impl Actor {
    /// Hands over everything; `late` is by how much this comes too late.
    pub(super) fn publish(&mut self, late: Duration) {
        if !self.calls.is_idle() {
            self.historian.beat(self.clock.now());
        }
        self.tally.lag.add_time(late);
        self.publish_calls();
        self.publish_tally();
        let gauges = &self.gauges;
        publish_threads(gauges, &self.media.each().collect::<Vec<_>>());
        publish_media(gauges, &self.media.totals());
        self.traces.publish(gauges);
    }

    /// Nothing runs here any more: another node controls the calls, or none does.
    pub(super) fn publish_nothing(&self) {
        let gauges = &self.gauges;
        for family in [Family::Devices, Family::Legs, Family::TcpConnections] {
            gauges.set(family, 0.0);
        }
        for family in [Family::Calls, Family::Seats, Family::ThreadLegs, Family::ThreadBusy, Family::ThreadLag] {
            gauges.set_each::<1, String>(family, []);
        }
    }

    fn publish_calls(&self) {
        let kinds = ["audio", "video"].into_iter();
        let mut calls: BTreeMap<[String; 2], f64> =
            kinds.flat_map(|kind| ["active", "ringing"].map(|state| ([kind.to_owned(), state.to_owned()], 0.0))).collect();
        let mut seats: BTreeMap<[String; 1], f64> = SEATS.map(|state| ([state.to_owned()], 0.0)).into();
        for call in self.overview() {
            let state = if call.answered_ms.is_some() { "active" } else { "ringing" };
            *calls.entry([call.kind, state.to_owned()]).or_default() += 1.0;
            for (state, count) in call.seats {
                *seats.entry([state]).or_default() += count as f64;
            }
        }
        // Who left a call that goes on has no seat any more that anybody would count.
        seats.retain(|[state], _| SEATS.contains(&state.as_str()));
        self.gauges.set_each(Family::Calls, calls);
        self.gauges.set_each(Family::Seats, seats);
    }

    fn publish_tally(&self) {
        let (gauges, tally) = (&self.gauges, &self.tally);
        gauges.set_each(Family::CallsPlaced, numbers(&tally.placed));
        gauges.set_each(Family::CallsEnded, numbers(&tally.ended));
        gauges.set_histograms(Family::Ring, tally.rings.clone());
        gauges.set_histogram(Family::Join, &tally.joins);
        gauges.set_each(Family::RequestsRefused, numbers(&tally.refused));
        gauges.set_each(Family::LegResults, numbers(&tally.leg_results));
        let reports = &tally.reports;
        gauges.set_each(Family::ClientReports, [(["froze"], reports.froze as f64), (["ran"], reports.ran as f64)]);
        gauges.set_each(Family::ClientPackets, [(["lost"], reports.lost as f64), (["received"], reports.received as f64)]);
        gauges.set(Family::ClientFrozen, reports.frozen.as_secs_f64());
        gauges.set_histogram(Family::LoopLag, &tally.lag);
    }
}

fn numbers<const N: usize>(counts: &BTreeMap<[String; N], u64>) -> impl Iterator<Item = ([String; N], f64)> {
    counts.iter().map(|(labels, count)| (labels.clone(), *count as f64))
}

fn publish_threads(gauges: &Gauges, threads: &[(u16, Totals, f32)]) {
    let port = |port: &u16| [port.to_string()];
    gauges.set_each(Family::ThreadLegs, threads.iter().map(|(of, totals, _)| (port(of), totals.legs as f64)));
    gauges.set_each(Family::ThreadBusy, threads.iter().map(|(of, _, busy)| (port(of), f64::from(*busy))));
    gauges.set_each(Family::ThreadLag, threads.iter().map(|(of, totals, _)| (port(of), totals.lag.as_secs_f64())));
    let packets = threads.iter().flat_map(|(port, of, _)| {
        let kinds = [("forwarded", of.packets_forwarded), ("relayed", of.packets_relayed), ("relay_dropped", of.relay_full)];
        kinds.map(|(kind, total)| ([kind.to_owned(), port.to_string()], total as f64))
    });
    gauges.set_each(Family::ThreadPackets, packets);
}

fn publish_media(gauges: &Gauges, totals: &Totals) {
    let labelled = |(label, count): (&'static str, u64)| ([label], count as f64);
    gauges.set(Family::Legs, totals.legs as f64);
    gauges.set_each(Family::Received, [("datagram", totals.datagrams_in), ("rtp", totals.packets_in)].map(labelled));
    let sent = [("datagram", totals.datagrams_out), ("rtp", totals.packets_forwarded), ("keyframe_request", totals.keyframes_asked)];
    gauges.set_each(Family::Sent, sent.map(labelled));
    gauges.set(Family::ReceivedBytes, totals.bytes_in as f64);
    gauges.set(Family::SentBytes, totals.bytes_out as f64);
    let flows = [("received", totals.received), ("sent", totals.sent)]
        .into_iter()
        .flat_map(|(way, traffic)| SourceKind::ALL.map(|kind| ([way, source(kind)], traffic.of(kind))));
    let flows: Vec<_> = flows.collect();
    gauges.set_each(Family::RtpPackets, flows.iter().map(|(labels, flow)| (*labels, flow.packets as f64)));
    gauges.set_each(Family::RtpBytes, flows.iter().map(|(labels, flow)| (*labels, flow.bytes as f64)));
    gauges.set_each(Family::RtpRepeats, [("received", totals.repeats_received), ("sent", totals.repeats_sent)].map(labelled));
    let feedback = [("received", totals.feedback_received), ("sent", totals.feedback_sent)].into_iter();
    gauges.set_each(
        Family::Feedback,
        feedback.flat_map(|(way, Feedback { nacks, plis, firs })| {
            [("nack", nacks), ("pli", plis), ("fir", firs)].map(|(kind, count)| ([way, kind], count as f64))
        }),
    );
    gauges.set_each(Family::Noticed, totals.noticed().map(labelled));
    gauges.set(Family::TcpConnections, totals.tcp.connections as f64);
    gauges.set_each(Family::TcpClosed, totals.tcp.closed().map(labelled));
    let by_tcp = [("tcp_full", totals.tcp.full), ("tcp_gone", totals.tcp.gone)];
    let unsent = [("socket_full", totals.socket_full), ("unsendable", totals.unsendable)].into_iter().chain(by_tcp);
    gauges.set_each(Family::Dropped, totals.dropped().chain(unsent).map(labelled));
    let work = &totals.work;
    gauges.set_histogram(Family::ReceivedBatch, &work.received);
    gauges.set_histogram(Family::SentRun, &work.runs);
    gauges.set_histogram(Family::Forwarding, &work.forwarding);
    let paths = &work.paths;
    gauges.set_histogram(Family::PathRtt, &paths.rtt);
    gauges.set_histogram(Family::PathJitter, &paths.jitter);
    gauges.set_histograms(Family::PathLoss, [("received".to_owned(), paths.loss_up), ("sent".to_owned(), paths.loss_down)]);
    gauges.set_histogram(Family::PathEstimate, &paths.estimate);
}

fn source(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Microphone => "microphone",
        SourceKind::Camera => "camera",
        SourceKind::Screen => "screen",
    }
}
