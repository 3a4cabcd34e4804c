//! What a scenario that loads a server found.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::limits::{Limit, Limits};
use crate::machine::Machine;
use crate::measure::{Found, Kept, PathReport, Second, Spread, Timings, steps};
use crate::peer::{Counts, Flow};
use crate::target::About;

/// What was asked for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Setting {
    pub(crate) scenario: &'static str,
    /// The scenario in a sentence.
    pub(crate) definition: String,
    /// The command line.
    pub(crate) flags: Vec<String>,
    pub(crate) threads: u16,
    /// Whether datagrams were received with UDP_GRO, which flatters a server on the same machine.
    pub(crate) gro: bool,
}

/// The report: one JSON document.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoadReport {
    #[serde(flatten)]
    pub(crate) setting: Setting,
    pub(crate) target: &'static str,
    pub(crate) target_version: Option<String>,
    pub(crate) url: String,
    pub(crate) machine: Machine,
    /// Why it ended before its time, if it did.
    pub(crate) ended_early: Option<String>,
    /// How long was measured; `None` if it never came to that.
    pub(crate) window_s: Option<f64>,
    /// Peers there were, connected ones, and those that showed a picture, when the measuring ended.
    pub(crate) peers: usize,
    pub(crate) connected: u64,
    pub(crate) showing: u64,
    /// Those whose WebRTC or socket failed in the whole run, and that went no further.
    pub(crate) failed: u64,
    pub(crate) join_ms: Option<Spread>,
    pub(crate) accept_to_first_frame_ms: Option<Spread>,
    pub(crate) audio: FlowReport,
    pub(crate) video: FlowReport,
    /// Packets missing of those that should have come, audio and video, 0 to 1.
    pub(crate) loss: f64,
    /// Packets the peers sent, and received, a second.
    pub(crate) packets_sent_per_s: f64,
    pub(crate) packets_received_per_s: f64,
    pub(crate) receivers: Receivers,
    /// Steps of signalling by name.
    pub(crate) signalling_ms: BTreeMap<&'static str, Spread>,
    pub(crate) server: Option<ServerReport>,
    pub(crate) tester: TesterReport,
    /// What the scenario found of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) found: Option<Found>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) seconds: Vec<SecondReport>,
}

/// Audio, or video.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct FlowReport {
    /// Packets that all peers sent; the others are what they received.
    pub(crate) sent: u64,
    pub(crate) packets: u64,
    pub(crate) missing: u64,
    pub(crate) loss: f64,
    pub(crate) bitrate_bps: f64,
    pub(crate) latency_ms: Option<Spread>,
    pub(crate) frames_shown: u64,
    /// Frames a second that a camera made, on average over all: what each place should show.
    pub(crate) frames_made_per_s: Option<f64>,
    /// Frames a second in each slot for a picture, on average over all: less than what is sent when pictures are paused or thinned.
    pub(crate) frames_per_slot_s: Option<f64>,
    pub(crate) freezes: u64,
    pub(crate) frozen_ms: u64,
}

/// How evenly the receivers were served.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Receivers {
    /// Those that received anything.
    pub(crate) count: usize,
    /// Voices and pictures that came to a receiver: the worst and the best served.
    pub(crate) voices: Option<[u64; 2]>,
    pub(crate) pictures: Option<[u64; 2]>,
    /// Of all that one received, bits a second: the worst, the median and the best served.
    pub(crate) bitrate_bps: Option<[f64; 3]>,
    /// Frames a second in each place for a picture of a receiver, on average over its places: the worst, the median and the best served of
    /// those that were there the whole time, and of those one that nothing was shown is the worst.
    pub(crate) frames_per_s: Option<[f64; 3]>,
    pub(crate) without_picture: WithoutPicture,
    /// Pictures by their height in pixels, which is their layer; synthetic ones have none.
    pub(crate) heights: BTreeMap<u16, usize>,
    /// Payloads received that nobody sent.
    pub(crate) foreign_payloads: u64,
}

/// Those who were shown nothing new for more than two seconds at a time where a picture should have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct WithoutPicture {
    pub(crate) receivers: usize,
    /// All their places together, for as long as it lasted.
    pub(crate) seconds: f64,
}

/// What the server's process cost.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct ServerReport {
    /// User and system time of the process, divided by the packets that peers received.
    pub(crate) cpu_us_per_packet: Option<f64>,
    /// 1 is a core.
    pub(crate) cores: f64,
    pub(crate) rss_bytes: u64,
    /// Memory for each peer: its media connected and nothing flowing, and at the end of the measuring; above what the server had
    /// before any call.
    pub(crate) rss_per_peer_idle_bytes: Option<i64>,
    pub(crate) rss_per_peer_loaded_bytes: Option<i64>,
    /// How it went about it, where its metrics are known.
    pub(crate) packet_path: Option<PathReport>,
}

/// What the load tester itself needed.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct TesterReport {
    /// 1 is a core.
    pub(crate) cores: f64,
    /// Datagrams its own sockets had no room for.
    pub(crate) unsent: u64,
}

/// A second of the run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SecondReport {
    pub(crate) at_s: f64,
    pub(crate) phase: &'static str,
    pub(crate) peers: usize,
    pub(crate) connected: u64,
    pub(crate) received_per_s: f64,
    pub(crate) received_bps: f64,
    pub(crate) missing: u64,
    pub(crate) freezes: u64,
    pub(crate) audio_p50_ms: Option<f64>,
    pub(crate) audio_p99_ms: Option<f64>,
    pub(crate) video_p50_ms: Option<f64>,
    pub(crate) video_p99_ms: Option<f64>,
    pub(crate) server_cores: Option<f64>,
    pub(crate) tester_cores: f64,
    pub(crate) server_rss_bytes: Option<u64>,
}

impl LoadReport {
    pub(crate) fn new(
        setting: Setting,
        about: About,
        kept: &Kept,
        timings: &Timings,
        limits: &Limits,
        ended_early: Option<String>,
    ) -> Self {
        let mut report = Self {
            setting,
            target: about.name,
            target_version: about.version,
            url: about.url,
            machine: Machine::this(),
            ended_early,
            window_s: None,
            peers: 0,
            connected: 0,
            showing: 0,
            failed: 0,
            join_ms: timings.spread(steps::JOIN),
            accept_to_first_frame_ms: timings.spread(steps::ACCEPT_TO_FIRST_FRAME),
            audio: FlowReport::default(),
            video: FlowReport::default(),
            loss: 0.0,
            packets_sent_per_s: 0.0,
            packets_received_per_s: 0.0,
            receivers: Receivers::default(),
            signalling_ms: timings.spreads(),
            server: None,
            tester: TesterReport::default(),
            found: kept.found.clone(),
            limits: Vec::new(),
            seconds: kept.seconds.iter().map(SecondReport::of).collect(),
        };
        report.signalling_ms.retain(|step, _| ![steps::JOIN, steps::ACCEPT_TO_FIRST_FRAME].contains(step));
        report.measure(kept);
        report.limits = limits.judge(&report);
        report.limits.extend(kept.found.iter().flat_map(|found| &found.bounds).map(Limit::of));
        report
    }

    fn measure(&mut self, kept: &Kept) {
        let (Some(opened), Some(closed)) = (&kept.opened, &kept.closed) else { return };
        let window = closed.at.saturating_duration_since(opened.at);
        let counts = closed.sample.counts.since(&opened.sample.counts);
        let seconds = window.as_secs_f64().max(f64::MIN_POSITIVE);
        self.window_s = Some(window.as_secs_f64());
        (self.peers, self.connected, self.showing) = (closed.sample.peers, counts.connected, counts.showing);
        self.failed = counts.failed;
        let voices = FlowReport::of(counts.audio, &closed.sample.window.audio, window);
        self.audio = FlowReport { sent: counts.audio_packets_sent, ..voices };
        let pictures = FlowReport::of(counts.video, &closed.sample.window.video, window);
        let frozen_ms = counts.frozen.as_millis() as u64;
        let frames_per_slot_s =
            kept.picture_slots.filter(|slots| *slots > 0).map(|slots| counts.frames_shown as f64 / seconds / slots as f64);
        let frames_made_per_s = (counts.cameras > 0).then(|| counts.frames_made as f64 / seconds / counts.cameras as f64);
        self.video = FlowReport {
            frames_made_per_s,
            frames_shown: counts.frames_shown,
            frames_per_slot_s,
            freezes: counts.freezes,
            frozen_ms,
            sent: counts.video_packets_sent,
            ..pictures
        };
        self.loss = loss(counts.audio.missing + counts.video.missing, counts.packets_received());
        self.packets_sent_per_s = (counts.audio_packets_sent + counts.video_packets_sent) as f64 / seconds;
        self.packets_received_per_s = counts.packets_received() as f64 / seconds;
        let each = closed.sample.each.iter().map(|(key, of)| of.since(opened.sample.each.get(key).unwrap_or(&Counts::default())));
        self.receivers = Receivers::of(each, window);
        let throughout = closed.sample.each.iter().filter_map(|(key, of)| Some(of.since(opened.sample.each.get(key)?)));
        self.receivers.frames_per_s = frames_per_s(throughout, seconds);
        let without = closed.sample.without_picture(&opened.sample, window);
        self.receivers.without_picture = WithoutPicture { receivers: without.receivers, seconds: without.lasted.as_secs_f64() };
        self.receivers.foreign_payloads = counts.foreign_payloads;
        self.tester = TesterReport { cores: cores(closed.tester.cpu.saturating_sub(opened.tester.cpu), window), unsent: counts.unsent };
        self.server = closed.server.zip(opened.server).map(|(now, before)| {
            let cpu = now.cpu.saturating_sub(before.cpu);
            let packets = counts.packets_received();
            let per_peer = |rss: u64| {
                let empty = kept.rss_empty?.cast_signed();
                (self.peers > 0).then(|| (rss.cast_signed() - empty) / self.peers.cast_signed() as i64)
            };
            ServerReport {
                cpu_us_per_packet: (packets > 0).then(|| cpu.as_secs_f64() * 1e6 / packets as f64),
                cores: cores(cpu, window),
                rss_bytes: now.rss_bytes,
                rss_per_peer_idle_bytes: kept.rss_idle.and_then(per_peer),
                rss_per_peer_loaded_bytes: per_peer(now.rss_bytes),
                packet_path: kept.path,
            }
        });
    }

    /// Why there are no figures, where there are none.
    pub(super) fn without_figures(&self) -> &'static str {
        let has_steps = self.found.as_ref().is_some_and(|found| !found.table.is_empty());
        if has_steps { "no step held that the figures would be of" } else { "nothing was measured" }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and words are always JSON")
    }
}

impl FlowReport {
    fn of(flow: Flow, latency: &Histogram<u32>, window: Duration) -> Self {
        Self {
            packets: flow.packets,
            missing: flow.missing,
            loss: loss(flow.missing, flow.packets),
            bitrate_bps: flow.bytes as f64 * 8.0 / window.as_secs_f64().max(f64::MIN_POSITIVE),
            latency_ms: Spread::of(latency),
            ..Self::default()
        }
    }
}

impl Receivers {
    fn of(each: impl Iterator<Item = Counts>, window: Duration) -> Self {
        let mut receivers = Self::default();
        let mut rates = Vec::new();
        for counts in each.filter(|counts| counts.packets_received() > 0) {
            rates.push((counts.audio.bytes + counts.video.bytes) as f64 * 8.0 / window.as_secs_f64().max(f64::MIN_POSITIVE));
            for (range, of) in [(&mut receivers.voices, counts.voices), (&mut receivers.pictures, counts.pictures)] {
                let [worst, best] = range.get_or_insert([of; 2]);
                (*worst, *best) = (of.min(*worst), of.max(*best));
            }
            for height in counts.heights.iter().filter(|height| **height > 0) {
                *receivers.heights.entry(*height).or_default() += 1;
            }
        }
        receivers.count = rates.len();
        receivers.bitrate_bps = worst_median_best(rates);
        receivers
    }
}

/// Of those who have room for pictures.
fn frames_per_s(each: impl Iterator<Item = Counts>, seconds: f64) -> Option<[f64; 3]> {
    let receiving = each.filter(|counts| counts.picture_slots > 0);
    worst_median_best(receiving.map(|counts| counts.frames_shown as f64 / counts.picture_slots as f64 / seconds).collect())
}

/// Of what is the better the more it is. Of an even number, the better of the two in the middle.
fn worst_median_best(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    Some([*values.first()?, values[values.len() / 2], *values.last()?])
}

impl SecondReport {
    fn of(second: &Second) -> Self {
        let per_second = |count: u64| count as f64 / second.lasted.as_secs_f64().max(0.001);
        Self {
            at_s: second.at.as_secs_f64(),
            phase: second.phase,
            peers: second.peers,
            connected: second.counts.connected,
            received_per_s: per_second(second.counts.packets_received()),
            received_bps: per_second((second.counts.audio.bytes + second.counts.video.bytes) * 8),
            missing: second.counts.audio.missing + second.counts.video.missing,
            freezes: second.counts.freezes,
            audio_p50_ms: second.audio.map(|spread| spread.p50),
            audio_p99_ms: second.audio.map(|spread| spread.p99),
            video_p50_ms: second.video.map(|spread| spread.p50),
            video_p99_ms: second.video.map(|spread| spread.p99),
            server_cores: second.server_cpu,
            tester_cores: second.tester_cpu,
            server_rss_bytes: second.server_rss_bytes,
        }
    }
}

fn loss(missing: u64, came: u64) -> f64 {
    if missing == 0 { 0.0 } else { missing as f64 / (missing + came) as f64 }
}

fn cores(cpu: Duration, window: Duration) -> f64 {
    cpu.as_secs_f64() / window.as_secs_f64().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_of_the_worst_served_too_and_only_of_those_who_have_room_for_a_picture() {
        let counts = |picture_slots, frames_shown| Counts { picture_slots, frames_shown, ..Counts::default() };
        let told = |each: &[(u64, u64)]| frames_per_s(each.iter().map(|(slots, shown)| counts(*slots, *shown)), 2.0);
        assert_eq!(told(&[(1, 60), (0, 0), (2, 60), (1, 0)]), Some([0.0, 15.0, 30.0]), "a sender is no receiver");
        assert_eq!(told(&[(0, 0)]), None);
    }
}
