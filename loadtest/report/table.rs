//! A report as a table.

use std::fmt;

use super::load::{FlowReport, LoadReport};
use crate::measure::Spread;

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = &self.setting;
        let cpu = self.machine.cpu.as_deref().unwrap_or("unknown processor");
        writeln!(f, "{}: {}", setting.scenario, setting.definition)?;
        writeln!(f, "{} at {}; {} cores of {cpu}; loadtest {}", self.target, self.url, self.machine.cores, setting.flags.join(" "))?;
        if setting.gro {
            writeln!(f, "received with UDP_GRO, which flatters a server on the same machine")?;
        }
        if let Some(why) = &self.ended_early {
            writeln!(f, "ended early: {why}")?;
        }
        writeln!(f)?;
        for (name, value) in self.found.iter().flat_map(|found| &found.lines) {
            writeln!(f, "{name:34} {value}")?;
        }
        for row in self.found.iter().flat_map(|found| &found.table) {
            writeln!(f, "{}", row.iter().map(|cell| format!("{cell:>18}")).collect::<String>())?;
        }
        spread(f, "join, ms", self.join_ms)?;
        spread(f, "accept to first frame, ms", self.accept_to_first_frame_ms)?;
        for (step, of) in &self.signalling_ms {
            spread(f, &format!("{step}, ms"), Some(*of))?;
        }
        match self.window_s {
            Some(window) => self.measured(f, window)?,
            None => f.write_str(self.without_figures())?,
        }
        for limit in &self.limits {
            let how = if limit.held { "held" } else { "did not hold" };
            let measured = limit.measured.map_or_else(|| "not measured".to_owned(), |measured| format!("{measured:.3}"));
            write!(f, "\n{:34} {how}: {measured}", format!("{} {}", limit.name, limit.limit))?;
        }
        Ok(())
    }
}

impl LoadReport {
    /// What was seen while it was measured.
    fn measured(&self, f: &mut fmt::Formatter<'_>, window: f64) -> fmt::Result {
        writeln!(f, "{:34} {window:.1} s", "measured")?;
        let failed = if self.failed > 0 { format!("; {} failed", self.failed) } else { String::new() };
        writeln!(f, "{:34} {} of {}, {} with a picture{failed}", "connected", self.connected, self.peers, self.showing)?;
        flow(f, "audio", &self.audio)?;
        flow(f, "video", &self.video)?;
        let rate = self.video.frames_per_slot_s.map_or_else(String::new, |rate| format!(", {rate:.1} a second in each slot"));
        let (freezes, frozen, frames) = (self.video.freezes, self.video.frozen_ms, self.video.frames_shown);
        writeln!(f, "{:34} {frames} frames shown{rate}; {freezes} freezes, {frozen} ms", "pictures")?;
        let rates = format!(
            "{:.0} sent/s, {:.0} received/s, loss {:.3} %",
            self.packets_sent_per_s,
            self.packets_received_per_s,
            self.loss * 100.0
        );
        writeln!(f, "{:34} {rates}", "packets")?;
        if let Some([worst, median, best]) = self.receivers.bitrate_bps {
            let of = |bps: f64| format!("{:.0}", bps / 1e3);
            writeln!(f, "{:34} {} / {} / {} kbit/s", "a receiver: worst, median, best", of(worst), of(median), of(best))?;
        }
        if let Some([worst, median, best]) = self.receivers.frames_per_s {
            writeln!(f, "{:34} {worst:.1} / {median:.1} / {best:.1} frames/s in each picture", "a receiver: worst, median, best")?;
        }
        let without = self.receivers.without_picture;
        if without.receivers > 0 {
            writeln!(f, "{:34} {} receivers, {:.1} s in all", "without a picture for over 2 s", without.receivers, without.seconds)?;
        }
        if let Some(([v0, v1], [p0, p1])) = self.receivers.voices.zip(self.receivers.pictures) {
            writeln!(f, "{:34} {v0} to {v1} voices, {p0} to {p1} pictures", "a receiver has")?;
        }
        if !self.receivers.heights.is_empty() {
            let heights: Vec<_> = self.receivers.heights.iter().map(|(height, count)| format!("{height}p: {count}")).collect();
            writeln!(f, "{:34} {}", "pictures by layer", heights.join(", "))?;
        }
        if let Some(server) = &self.server {
            let per_packet = server.cpu_us_per_packet.map_or_else(|| "-".to_owned(), |us| format!("{us:.2} µs"));
            writeln!(f, "{:34} {per_packet} a packet received, {:.2} cores", "server CPU", server.cores)?;
            let kilobytes = |bytes: Option<i64>| bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{:.0} kB", bytes as f64 / 1e3));
            let (idle, loaded) = (kilobytes(server.rss_per_peer_idle_bytes), kilobytes(server.rss_per_peer_loaded_bytes));
            writeln!(f, "{:34} {:.1} MB; a peer {idle} idle, {loaded} loaded", "server memory, anonymous", server.rss_bytes as f64 / 1e6)?;
            if let Some(path) = server.packet_path {
                let (run, batch) = (path.datagrams_per_run, path.datagrams_per_batch);
                let together = format!("{run:.2} datagrams sent and {batch:.2} received in a call to the kernel");
                writeln!(f, "{:34} {together}; {:.2} polls of legs a packet", "server packet path", path.polls_per_packet)?;
            }
        }
        write!(f, "{:34} {:.2} cores", "load tester CPU", self.tester.cores)?;
        if self.tester.unsent > 0 {
            write!(f, "; {} datagrams found its own sockets full", self.tester.unsent)?;
        }
        Ok(())
    }
}

fn spread(f: &mut fmt::Formatter<'_>, name: &str, spread: Option<Spread>) -> fmt::Result {
    let Some(Spread { count, p50, p95, p99, max }) = spread else { return Ok(()) };
    writeln!(f, "{name:34} p50 {p50:.1}, p95 {p95:.1}, p99 {p99:.1}, max {max:.1} ({count})")
}

fn flow(f: &mut fmt::Formatter<'_>, name: &str, flow: &FlowReport) -> fmt::Result {
    let lost = format!("{} of {} packets missing ({:.3} %)", flow.missing, flow.missing + flow.packets, flow.loss * 100.0);
    writeln!(f, "{name:34} {lost}, {:.1} Mbit/s", flow.bitrate_bps / 1e6)?;
    spread(f, &format!("{name}, one way, ms"), flow.latency_ms)
}
