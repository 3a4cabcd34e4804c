//! The load tester alone: peers to peers, no server, so that it is known that it is not what is measured elsewhere.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use switchboard::config::CongestionControl;

use super::livestream;
use super::ramp::{Climb, Ramp, Stairs, Step, Until, Used};
use crate::cli::{LoadArgs, Sfu, TargetArgs, amount, count, seconds};
use crate::cores::Cores;
use crate::measure::{Found, thread_cpu};
use crate::network::Network;
use crate::report::Limits;

/// The threads of the engine, in the order in which peers come to them.
pub(crate) const THREADS: [(&str, &str); 2] = [("senders", "peers-0"), ("receivers", "peers-1")];

/// With more missing than this, or less of a core left, the load tester is what is measured.
const UNTIL_LOSS: f64 = 0.001;
const UNTIL_CORES: f64 = 0.9;

/// The flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Pairs at the start.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = count(1, 10_000))]
    pub(crate) from: usize,
    /// Pairs that are added at each step.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = count(1, 10_000))]
    pub(crate) step: usize,
    /// Most pairs.
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = count(1, 10_000))]
    pub(crate) most: usize,
    /// One-way latency of audio or video at the 99th percentile in a step that ends it, in milliseconds.
    #[arg(long, default_value_t = 20.0, value_name = "MS", value_parser = amount)]
    pub(crate) until_p99_ms: f64,
    /// How long each step is measured, in seconds.
    #[arg(long, default_value = "3", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How long media flows before that, in seconds.
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) warm_up: Duration,
    /// Receive with UDP_GRO; the report says so.
    #[arg(long)]
    pub(crate) gro: bool,
    /// Cores the load tester is kept to.
    #[arg(long, value_name = "CORES")]
    pub(crate) pin_tester: Option<Cores>,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a report with charts: one HTML page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

impl VerifyArgs {
    /// As a run takes them: two threads, one with the senders, one with the receivers.
    pub(crate) fn load(&self) -> LoadArgs {
        LoadArgs {
            target: TargetArgs::default(),
            seconds: self.seconds,
            warm_up: self.warm_up,
            threads: THREADS.len() as u16,
            gro: self.gro,
            server_pid: None,
            sfu: Sfu::Switchboard,
            host: None,
            server_namespace: None,
            metrics_url: None,
            pin_server: None,
            pin_tester: self.pin_tester.clone(),
            congestion_control: CongestionControl::On,
            server_flag: Vec::new(),
            json: self.json,
            html: self.html.clone(),
            network: Network::default(),
            limits: self.limits.clone(),
        }
    }

    /// What is played.
    pub(crate) fn ramp(&self) -> Ramp {
        Ramp {
            stairs: Stairs { from: self.from, step: self.step, most: self.most },
            until: Until {
                until_loss: UNTIL_LOSS,
                until_p99_ms: self.until_p99_ms,
                until_without_picture: 0.0,
                until_cores: Some(UNTIL_CORES),
            },
            cores: 1.0,
            network: Network::default(),
            settle: self.warm_up,
            measured: self.seconds,
        }
    }

    /// It in words.
    pub(crate) fn definition(&self) -> String {
        format!(
            "the load tester alone, peer to peer: senders on one thread, each with a receiver on another, {}; {} pairs, then {} more at each step, until \
             {} % of packets are missing, a p99 is over {} ms or a thread uses {UNTIL_CORES} of a core",
            livestream::SHAPE,
            self.from,
            self.step,
            UNTIL_LOSS * 100.0,
            self.until_p99_ms
        )
    }
}

/// What the threads have used.
pub(crate) fn used() -> Used {
    THREADS.into_iter().filter_map(|(who, thread)| Some((who, thread_cpu(thread)?))).collect()
}

/// What one core does.
#[derive(Debug, Clone, Serialize)]
struct OneCore {
    /// CPU time for each packet, in microseconds, at the last step that held.
    us_per_packet_sent: f64,
    us_per_packet_received: f64,
    /// What a core does at that cost: a second has so many.
    sends_per_s: f64,
    receives_per_s: f64,
}

#[derive(Debug, Clone, Serialize)]
struct Verified<'a> {
    one_core: Option<OneCore>,
    #[serde(flatten)]
    climb: &'a Climb,
}

/// As it is told.
pub(crate) fn found(climb: &Climb) -> Found {
    let one_core = climb.knee.as_ref().and_then(one_core);
    let told = climb.found();
    let mut lines = told.lines;
    if let Some(OneCore { us_per_packet_sent, us_per_packet_received, sends_per_s, receives_per_s }) = &one_core {
        lines.push(("a core of the tester sends", format!("{sends_per_s:.0} packets/s, at {us_per_packet_sent:.2} µs each")));
        lines.push(("a core of the tester receives", format!("{receives_per_s:.0} packets/s, at {us_per_packet_received:.2} µs each")));
    }
    Found { lines, table: told.table, ..Found::new(&Verified { one_core, climb }) }
}

fn one_core(step: &Step) -> Option<OneCore> {
    let us = |who, packets: f64| Some(step.cores.get(who)? * 1e6 / packets).filter(|us| us.is_finite() && *us > 0.0);
    let (sent, received) = (us("senders", step.sent_per_s)?, us("receivers", step.received_per_s)?);
    Some(OneCore { us_per_packet_sent: sent, us_per_packet_received: received, sends_per_s: 1e6 / sent, receives_per_s: 1e6 / received })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_core_does_is_told_from_what_each_thread_used() {
        let cores = [("senders", 0.5), ("receivers", 0.25)].into();
        let step = Step { sent_per_s: 50_000.0, received_per_s: 50_000.0, cores, ..Step::default() };
        let core = one_core(&step).unwrap();
        assert_eq!((core.us_per_packet_sent, core.us_per_packet_received), (10.0, 5.0));
        assert_eq!((core.sends_per_s, core.receives_per_s), (100_000.0, 200_000.0));
        assert!(one_core(&Step { received_per_s: 0.0, ..step }).is_none());
    }
}
