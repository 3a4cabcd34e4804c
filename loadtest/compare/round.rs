//! A round: a scenario against one of the sides, as a process of its own, so that each begins with nothing behind it.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::comparison::Pinning;
use super::namespace::Veth;
use super::outcome::{Outcome, Run};
use super::side::Side;
use crate::cli::{CompareArgs, ComparedScenario};
use crate::leash;
use crate::place::Place;
use crate::scenario::Interruption;

/// An interrupted round stops its server, which takes 10 s at most, and reports.
const END_LIMIT: Duration = Duration::from_secs(30);

/// What became of a round.
pub(super) enum Played {
    Whole(Box<Run>),
    Interrupted,
}

pub(super) struct Round {
    side: Side,
    args: Vec<String>,
}

impl Round {
    pub(super) fn new(args: &CompareArgs, side: Side, pinning: &Pinning, veth: &Veth) -> Self {
        let scenario = match args.scenario {
            ComparedScenario::Livestream => vec!["livestream".to_owned(), format!("--receivers={}", args.receivers())],
            ComparedScenario::Call10 => vec!["call10".to_owned()],
        };
        let seconds = |flag: &str, duration: Duration| format!("--{flag}={}", duration.as_secs_f64());
        let mut all = scenario;
        all.extend([format!("--sfu={}", side.sfu().name()), format!("--host={}", veth.server), format!("--bind={}", veth.tester)]);
        all.push(format!("--server-namespace={}", veth.server_namespace.display()));
        all.extend([seconds("seconds", args.seconds), seconds("warm-up", args.warm_up), "--json".to_owned()]);
        all.extend(pinning.server.iter().map(|cores| format!("--pin-server={cores}")));
        all.extend(pinning.tester.iter().map(|cores| format!("--pin-tester={cores}")));
        if side == Side::Uncontrolled {
            all.push("--congestion-control=off".to_owned());
        }
        if !matches!(side, Side::Peer(_)) {
            all.extend(args.server_flag.iter().map(|flag| format!("--server-flag={flag}")));
        }
        Self { side, args: all }
    }

    /// Plays it.
    pub(super) async fn play(self, number: u32, interruption: &mut Interruption) -> Result<Played> {
        let load_before = load();
        let mut command = Command::from(leash::command(&Place::default(), &std::env::current_exe()?)?);
        // A group of its own: Ctrl-C on a terminal is for this process, which passes it on.
        command.args(&self.args).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("no round can be started")?;
        let mut output = child.stdout.take().expect("standard output is a pipe");
        let mut report = String::new();
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let reading = output.read_to_string(&mut report);
        tokio::pin!(reading);
        tokio::select! {
            read = &mut reading => read.map(drop).context("its report cannot be read")?,
            () = interruption.comes() => {
                // One that has ended by itself needs no signal. It reports before it ends, which nobody needs.
                let _ = pid.map(|pid| kill_process(pid, Signal::INT));
                let ending = async { (reading.await, child.wait().await) };
                if timeout(END_LIMIT, ending).await.is_err() {
                    child.kill().await.context("a round cannot be stopped")?;
                }
                return Ok(Played::Interrupted);
            }
        }
        let status = child.wait().await.context("a round cannot be waited for")?;
        if !status.success() {
            bail!("the run ended with {status}");
        }
        let outcome: Outcome = serde_json::from_str(&report).context("its report is not what was expected")?;
        if let Some(why) = outcome.ended_early {
            bail!("the run ended early: {why}");
        }
        Ok(Played::Whole(Box::new(Run { round: number, side: self.side, load_before, outcome })))
    }
}

/// The load averages, as the system tells them.
pub(super) fn load() -> String {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    told.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
