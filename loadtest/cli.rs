//! The command line.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use reqwest::Url;
use switchboard::config::CongestionControl;

use crate::cores::Cores;
use crate::leash::LeashArgs;
use crate::network::Network;
use crate::place::Place;
use crate::report::Limits;
pub(crate) use crate::report::{amount, share};
use crate::scenario::churn::ChurnArgs;
use crate::scenario::ramp::RampArgs;
use crate::scenario::ring_storm::RingStormArgs;
use crate::scenario::soak::SoakArgs;
use crate::scenario::verify::VerifyArgs;

/// Simulates people who call each other, and says what they saw.
#[derive(Debug, Parser)]
#[command(name = "loadtest", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Two peers register, become contacts and call each other; their media must arrive.
    Smoke(SmokeArgs),
    /// One-to-one calls, many at once.
    Direct(DirectArgs),
    /// Group calls: everyone sends, and sees and hears the others.
    Group(GroupArgs),
    /// One sends, many receive.
    Livestream(LivestreamArgs),
    /// Ten people in a call, each with voice and 0.5 Mbit/s of video, all to all.
    Call10(Call10Args),
    /// Calls that are placed at a rate, answered, talked in for a while and hung up.
    Churn(ChurnArgs),
    /// Signalling alone: many people on line, calls that ring and are declined at a rate.
    RingStorm(RingStormArgs),
    /// Adds receivers until loss, latency or CPU passes its limit, and reports the knee; --seconds and --warm-up are of each step.
    Ramp(RampArgs),
    /// Churn for a long time, and what the server holds before and after: nothing may be left.
    Soak(SoakArgs),
    /// The load tester alone, peer to peer, without a server: what one core of it sends and receives.
    Verify(VerifyArgs),
    /// The same scenario against Switchboard and another SFU in turn, in a network namespace of its own (needs root), and their ratios.
    Compare(CompareArgs),
    /// A program that is kept to its cores and ends with the process that started it.
    #[command(hide = true)]
    Leash(LeashArgs),
    /// The server under test, as a process of its own.
    #[command(hide = true)]
    Serve {
        #[command(flatten)]
        place: Place,
        /// Flags of `switchboard serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

/// Which server is tested, and from where.
#[derive(Debug, Default, Args)]
pub(crate) struct TargetArgs {
    /// Server to test, for example `https://calls.example.org` [default: one is started for the test].
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pub(crate) url: Option<Url>,
    /// Send to a host that is not this one: load is for whoever has agreed to it.
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// Take any certificate, for servers with a self-signed one.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Address media is sent from and received at [default: the one this machine reaches the server by].
    #[arg(long, value_name = "IP")]
    pub(crate) bind: Option<IpAddr>,
}

/// An SFU that can be started for a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sfu {
    /// This program's own.
    Switchboard,
    /// The videoroom of Janus (Debian package janus). It gathers no candidates on loopback: --host is needed.
    Janus,
}

impl Sfu {
    /// As flags and programs have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Switchboard => "switchboard",
            Self::Janus => "janus",
        }
    }

    /// As people write it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Switchboard => "Switchboard",
            Self::Janus => "Janus",
        }
    }
}

/// What the scenarios that load a server have in common.
#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How long is measured, in seconds, once everyone sees a picture.
    #[arg(long, default_value = "10", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How long media flows before that, in seconds.
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) warm_up: Duration,
    /// Threads that drive the peers.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) threads: u16,
    /// Receive with UDP_GRO. It flatters a server on the same machine, so the report says so.
    #[arg(long)]
    pub(crate) gro: bool,
    /// Process id of the server, if it runs on this machine and was not started by the load tester: to read what it costs.
    #[arg(long, value_name = "PID")]
    pub(crate) server_pid: Option<u32>,
    /// Which SFU is started for the test.
    #[arg(long, value_enum, default_value_t = Sfu::Switchboard, value_name = "SFU", conflicts_with = "url")]
    pub(crate) sfu: Sfu,
    /// Address of this machine that the server is started at [default: 127.0.0.1].
    #[arg(long, value_name = "IP", conflicts_with = "url")]
    pub(crate) host: Option<IpAddr>,
    /// Network namespace that the server is started in, by its file; --host is an address in it.
    #[arg(long, hide = true, value_name = "FILE", requires = "host")]
    pub(crate) server_namespace: Option<PathBuf>,
    /// Page of metrics of a server that is not on this machine, such as http://host:9090/metrics: to read what it costs.
    #[arg(long, value_name = "URL", value_parser = base_url, conflicts_with = "server_pid")]
    pub(crate) metrics_url: Option<Url>,
    /// Cores the server is kept to, such as 0 or 0,2-3, if the load tester starts it.
    #[arg(long, value_name = "CORES", conflicts_with = "url")]
    pub(crate) pin_server: Option<Cores>,
    /// Cores the load tester itself is kept to.
    #[arg(long, value_name = "CORES")]
    pub(crate) pin_tester: Option<Cores>,
    /// Congestion control of a Switchboard that is started for the test. Off is for measuring what it costs: everyone is sent everything in full.
    #[arg(long, value_enum, default_value_t = CongestionControl::On, value_name = "on|off", hide_possible_values = true, conflicts_with = "url")]
    pub(crate) congestion_control: CongestionControl,
    /// Further flags of `switchboard serve`, if the load tester starts it, such as --server-flag=--media-udp=7000-7001; may be repeated.
    #[arg(long, value_name = "FLAG", conflicts_with = "url", allow_hyphen_values = true)]
    pub(crate) server_flag: Vec<String>,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a report with charts: one HTML page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: Network,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// The flags of `direct`.
#[derive(Debug, Args)]
pub(crate) struct DirectArgs {
    /// Calls at once.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = count(1, 10_000))]
    pub(crate) calls: usize,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// The flags of `group`.
#[derive(Debug, Args)]
pub(crate) struct GroupArgs {
    /// Calls at once.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = count(1, 1_000))]
    pub(crate) calls: usize,
    /// People in each.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = count(2, 1_000))]
    pub(crate) size: usize,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// The flags of `livestream`.
#[derive(Debug, Args)]
pub(crate) struct LivestreamArgs {
    /// People who receive.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = count(1, 4_095))]
    pub(crate) receivers: usize,
    /// Receivers that leave, and others that come in their place, a second, while it is measured: the latest to come is the first to go.
    #[arg(long, value_name = "PEOPLE", value_parser = rate)]
    pub(crate) turnover: Option<f64>,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// The flags of `call10`.
#[derive(Debug, Args)]
pub(crate) struct Call10Args {
    /// Calls at once.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = count(1, 1_000))]
    pub(crate) calls: usize,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// The flags of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The other SFU, which is started and stopped for each round.
    #[arg(long, value_enum)]
    pub(crate) peer: Sfu,
    /// What is played against both.
    #[arg(long, value_enum)]
    pub(crate) scenario: ComparedScenario,
    /// People who receive, in livestream [default: 100].
    #[arg(long, value_name = "N", value_parser = count(1, 4_095))]
    pub(crate) receivers: Option<usize>,
    /// How often each has its turn: Switchboard, the other, and Switchboard without congestion control.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// How long is measured in each round, in seconds.
    #[arg(long, default_value = "10", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How long media flows before that, in seconds.
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) warm_up: Duration,
    /// Cores each server is kept to [default: the first, if there are two].
    #[arg(long, value_name = "CORES")]
    pub(crate) pin_server: Option<Cores>,
    /// Cores the load tester is kept to [default: the second, if there are two].
    #[arg(long, value_name = "CORES")]
    pub(crate) pin_tester: Option<Cores>,
    /// Further flags of `switchboard serve`; may be repeated.
    #[arg(long, value_name = "FLAG", allow_hyphen_values = true)]
    pub(crate) server_flag: Vec<String>,
    /// Largest ratio of CPU time a packet, ours divided by the peer's: the exit status is 1 when it does not hold, or when ours shows fewer
    /// frames than it should in most rounds.
    #[arg(long, value_name = "RATIO", value_parser = ratio)]
    pub(crate) max_ratio: Option<f64>,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a report with charts: one HTML page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the table into a Markdown file too, between the two comments that name the scenario.
    #[arg(long, value_name = "FILE")]
    pub(crate) readme: Option<PathBuf>,
    /// The network namespace that was left.
    #[arg(long, hide = true)]
    pub(crate) outside: Option<OsString>,
}

/// A scenario that says how two SFUs relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ComparedScenario {
    Livestream,
    Call10,
}

impl CompareArgs {
    pub(crate) fn receivers(&self) -> usize {
        self.receivers.unwrap_or(100)
    }
}

impl ComparedScenario {
    /// The subcommand.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Livestream => "livestream",
            Self::Call10 => "call10",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SmokeArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How many calls to make, one after another.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) repeat: u32,
    /// How long media runs in each call, in seconds, once both see the other.
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Print a JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the video the callee received in the first call to an IVF file.
    #[arg(long, value_name = "FILE")]
    pub(crate) save_received: Option<PathBuf>,
}

/// A number of people or calls.
pub(crate) fn count(least: u64, most: u64) -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u64).range(least..=most).map(|count| count as usize)
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok().filter(|ratio: &f64| ratio.is_finite() && *ratio > 0.0);
    ratio.ok_or_else(|| "give a number greater than 0, such as 0.5".to_owned())
}

pub(crate) fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("give a URL such as http://127.0.0.1:8080".to_owned());
    }
    Ok(url)
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| duration.as_secs() < 86_400).ok_or_else(|| "give a number of seconds, less than a day".to_owned())
}

/// How often a second.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| (0.001..=100_000.0).contains(rate));
    rate.ok_or_else(|| "give how many a second, from 0.001 to 100,000".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_of_the_server_are_passed_on_untouched() {
        let cli = Cli::try_parse_from(["loadtest", "serve", "--listen", "127.0.0.1:0", "--help"]).unwrap();
        let Command::Serve { args, .. } = cli.command else { panic!("serve was asked for") };
        assert_eq!(args, ["--listen", "127.0.0.1:0", "--help"]);
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for url in ["127.0.0.1:8080", "ws://host", "file:///tmp", "nonsense"] {
            assert!(Cli::try_parse_from(["loadtest", "smoke", "--url", url]).is_err(), "{url}");
        }
        assert!(Cli::try_parse_from(["loadtest", "smoke", "--seconds", "-1"]).is_err());
        assert!(Cli::try_parse_from(["loadtest", "smoke", "--repeat", "0"]).is_err());
    }
}
