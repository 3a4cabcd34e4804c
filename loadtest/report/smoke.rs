//! What the smoke test found: a table for people, JSON for programs. `README.md` of the crate describes the JSON.

use std::fmt;

use reqwest::Url;
use serde::Serialize;

use crate::machine::Machine;
use crate::scenario::smoke::{CallOutcome, Side};
use crate::statistics::Percentiles;

/// What the smoke test found, over all its calls.
#[derive(Debug, Serialize)]
pub(crate) struct SmokeReport {
    scenario: &'static str,
    url: String,
    repeat: usize,
    /// Of each call, the slower side.
    accept_to_first_frame_ms: Option<Percentiles>,
    callee: SideReport,
    caller: SideReport,
    /// Packets missing of those that should have come, both sides, audio and video: 0 to 1.
    loss: f64,
    /// From a sender's socket to a receiver's, both directions, audio and video.
    forwarding_ms: Option<Percentiles>,
    machine: Machine,
}

/// One side, summed over all calls.
#[derive(Debug, Serialize)]
struct SideReport {
    accept_to_first_frame_ms: Option<Percentiles>,
    sent: Sent,
    received: Received,
}

#[derive(Debug, Default, Serialize)]
struct Sent {
    audio_packets: u64,
    video_packets: u64,
    video_frames: u64,
    keyframe_requests: u64,
}

#[derive(Debug, Default, Serialize)]
struct Received {
    audio_packets: u64,
    audio_missing: u64,
    video_packets: u64,
    video_missing: u64,
    frames_complete: u64,
    frames_decodable: u64,
    keyframes: u64,
}

impl SmokeReport {
    pub(crate) fn new(url: &Url, calls: &[CallOutcome]) -> Self {
        let slower = calls.iter().map(|call| call.caller.accept_to_first_frame.max(call.callee.accept_to_first_frame));
        let accept_to_first_frame_ms = Percentiles::of(slower);
        let flights = calls.iter().flat_map(|call| [&call.caller, &call.callee]).flat_map(|side| side.peer.flights.iter().copied());
        let forwarding_ms = Percentiles::of(flights);
        let callee = SideReport::new(calls.iter().map(|call| &call.callee));
        let caller = SideReport::new(calls.iter().map(|call| &call.caller));
        let loss = loss([&callee.received, &caller.received]);
        let (scenario, machine) = ("smoke", Machine::this());
        Self { scenario, url: url.to_string(), repeat: calls.len(), accept_to_first_frame_ms, callee, caller, loss, forwarding_ms, machine }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and words are always JSON")
    }
}

impl SideReport {
    fn new<'a>(sides: impl Iterator<Item = &'a Side> + Clone) -> Self {
        let accept_to_first_frame_ms = Percentiles::of(sides.clone().map(|side| side.accept_to_first_frame));
        let (mut sent, mut received) = (Sent::default(), Received::default());
        for peer in sides.map(|side| &side.peer) {
            sent.audio_packets += peer.counts.audio_packets_sent;
            sent.video_packets += peer.counts.video_packets_sent;
            sent.video_frames += peer.counts.video_frames_sent;
            sent.keyframe_requests += peer.counts.keyframes_asked;
            received.audio_packets += peer.audio.packets;
            received.audio_missing += peer.audio.missing;
            received.video_packets += peer.video.packets;
            received.video_missing += peer.video.missing;
            received.frames_complete += peer.video.frames_complete;
            received.frames_decodable += peer.video.frames_decodable;
            received.keyframes += peer.video.keyframes;
        }
        Self { accept_to_first_frame_ms, sent, received }
    }
}

fn loss(received: [&Received; 2]) -> f64 {
    let missing: u64 = received.iter().map(|side| side.audio_missing + side.video_missing).sum();
    let came: u64 = received.iter().map(|side| side.audio_packets + side.video_packets).sum();
    if missing == 0 { 0.0 } else { missing as f64 / (missing + came) as f64 }
}

impl fmt::Display for SmokeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.machine.cpu.as_deref().unwrap_or("unknown processor");
        writeln!(f, "smoke: {} × video call over {}, {} cores of {cpu}", self.repeat, self.url, self.machine.cores)?;
        writeln!(f)?;
        writeln!(f, "{:38} {:>10} {:>10}", "", "callee", "caller")?;
        let mut row =
            |name: &str, of: &dyn Fn(&SideReport) -> String| writeln!(f, "{name:38} {:>10} {:>10}", of(&self.callee), of(&self.caller));
        row("accept to first video frame, ms: p50", &|side| percentile(side.accept_to_first_frame_ms, |p| p.p50))?;
        row("                                 p95", &|side| percentile(side.accept_to_first_frame_ms, |p| p.p95))?;
        row("                                 max", &|side| percentile(side.accept_to_first_frame_ms, |p| p.max))?;
        row("audio packets sent", &|side| side.sent.audio_packets.to_string())?;
        row("audio packets received", &|side| side.received.audio_packets.to_string())?;
        row("audio packets lost", &|side| side.received.audio_missing.to_string())?;
        row("video packets sent", &|side| side.sent.video_packets.to_string())?;
        row("video packets received", &|side| side.received.video_packets.to_string())?;
        row("video packets lost", &|side| side.received.video_missing.to_string())?;
        row("video frames received, decodable", &|side| side.received.frames_decodable.to_string())?;
        row("keyframes asked for", &|side| side.sent.keyframe_requests.to_string())?;
        writeln!(f)?;
        let [p50, p99, max] =
            [|p: Percentiles| p.p50, |p: Percentiles| p.p99, |p: Percentiles| p.max].map(|of| percentile(self.forwarding_ms, of));
        write!(f, "forwarding, ms: p50 {p50}, p99 {p99}, max {max}; loss {:.3} %", self.loss * 100.0)
    }
}

fn percentile(percentiles: Option<Percentiles>, of: impl Fn(Percentiles) -> f64) -> String {
    percentiles.map_or_else(|| "-".to_owned(), |percentiles| format!("{:.1}", of(percentiles)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_a_share_of_what_should_have_come() {
        let whole = Received { audio_packets: 50, video_packets: 46, ..Received::default() };
        let holed = Received { audio_packets: 50, audio_missing: 1, video_packets: 50, video_missing: 3, ..Received::default() };
        assert!((loss([&whole, &holed]) - 0.02).abs() < 1e-9);
        assert!(loss([&whole, &whole]).abs() < f64::EPSILON);
    }
}
