//! `compare`: the same scenario against this server and another SFU, in turn and on the same network, and how the two relate.
//!
//! The other may gather no candidates on loopback, and a machine's own interfaces are not to be touched, so that everything runs in a
//! network namespace made for it (`namespace.rs`). Each round is this program again with a scenario as anybody may run it
//! (`round.rs`), for each side (`side.rs`); `comparison.rs` takes medians and ratios of what they report, `outcome.rs`; `table.rs`, `page.rs`
//! and `readme.rs` write them where people read them.

mod comparison;
mod namespace;
mod outcome;
mod page;
mod readme;
mod round;
mod side;
mod table;

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::Write;

use anyhow::{Context, Result, anyhow, bail};

use crate::cli::{CompareArgs, ComparedScenario, Sfu};
use crate::cores::Cores;
use crate::scenario::{Interruption, runtime};
use crate::target::janus::Installation;
use crate::{Failure, print};
use comparison::{CPU, Comparison, Pinning};
use namespace::Veth;
use round::{Played, Round};
use side::Side;

/// Compares, and reports.
pub(crate) fn compare(args: &CompareArgs, command_line: &[OsString], flags: Vec<String>) -> Result<(), Failure> {
    let pinning = check(args).map_err(Failure::Trouble)?;
    match &args.outside {
        None => match leave(command_line).map_err(Failure::Trouble)? {},
        Some(outside) => {
            namespace::expect_other_than(outside).map_err(Failure::Trouble)?;
            // As it was typed: what `leave` has added comes last.
            let flags = flags.split_last_chunk::<2>().map(|(typed, _)| typed.to_vec()).unwrap_or_default();
            runtime().map_err(Failure::Trouble)?.block_on(rounds(args, pinning, flags))
        }
    }
}

/// What cannot be done is known before anything starts.
fn check(args: &CompareArgs) -> Result<Pinning> {
    if args.scenario == ComparedScenario::Call10 && args.receivers.is_some() {
        bail!("--receivers is for livestream; call10 has ten people");
    }
    let Sfu::Janus = args.peer else { bail!("--peer is to be another SFU than Switchboard itself") };
    Installation::find()?;
    if let Some(file) = &args.readme {
        readme::check(file, args.scenario.name())?;
    }
    let mut free = Cores::allowed().map(Cores::each).unwrap_or_default().into_iter();
    let (first, second) = (free.next(), free.next());
    // On a single core there is nothing to keep apart.
    let (first, second) = if second.is_some() { (first, second) } else { (None, None) };
    let pinning = Pinning { server: args.pin_server.clone().or(first), tester: args.pin_tester.clone().or(second) };
    for cores in [&pinning.server, &pinning.tester].into_iter().flatten() {
        cores.check()?;
    }
    Ok(pinning)
}

/// Becomes this program again, in a network namespace of its own.
fn leave(command_line: &[OsString]) -> Result<Infallible> {
    let outside = namespace::current()?;
    let inside = command_line.iter().skip(1).cloned().chain(["--outside".into(), outside]);
    namespace::enter(inside)
}

async fn rounds(args: &CompareArgs, pinning: Pinning, flags: Vec<String>) -> Result<(), Failure> {
    let mut interruption = Interruption::expect().context("signals cannot be handled").map_err(Failure::Trouble)?;
    let veth = Veth::set_up().await.map_err(Failure::Trouble)?;
    let mut comparison = Comparison::new(args, flags, pinning);
    let mut trouble = None;
    'rounds: for number in 1..=args.rounds {
        for side in Side::all(args.peer) {
            say(&format!("round {number} of {}: {}, load {}", args.rounds, side.title(), round::load()));
            match Round::new(args, side, &comparison.pinning, &veth).play(number, &mut interruption).await {
                Ok(Played::Whole(outcome)) => comparison.add(*outcome),
                Ok(Played::Interrupted) => {
                    comparison.ended_early = Some("interrupted".to_owned());
                    break 'rounds;
                }
                Err(error) => {
                    let error = error.context(format!("round {number}, {}", side.title()));
                    comparison.ended_early = Some(crate::one_line(&error));
                    trouble = Some(error);
                    break 'rounds;
                }
            }
        }
    }
    let torn_down = veth.tear_down().await;
    let is_whole = comparison.ratio(CPU).is_some();
    if let Some(file) = &args.html {
        let written = std::fs::write(file, comparison.page());
        written.with_context(|| format!("{} cannot be written", file.display())).map_err(Failure::Trouble)?;
    }
    print(&if args.json { comparison.to_json() } else { comparison.to_string() })?;
    if let Some(error) = trouble {
        return Err(Failure::Trouble(error));
    }
    torn_down.map_err(Failure::Trouble)?;
    if !is_whole {
        return Err(Failure::Trouble(anyhow!("nothing can be compared: not both were measured")));
    }
    if let Some(file) = args.readme.as_ref().filter(|_| comparison.ended_early.is_none()) {
        readme::write(file, args.scenario.name(), &comparison.markdown()).map_err(Failure::Trouble)?;
    }
    if let Some(limit) = args.max_ratio.filter(|_| comparison.mostly_shows_less(Side::Ours)) {
        return Err(Failure::Found(anyhow!("--max-ratio {limit} did not hold: ours showed fewer frames than were made in most rounds")));
    }
    match (args.max_ratio, comparison.ratio(CPU)) {
        (Some(limit), Some(ratio)) if ratio > limit => {
            Err(Failure::Found(anyhow!("--max-ratio {limit} did not hold: CPU time a packet is {ratio:.3} of {}'s", args.peer.name())))
        }
        _ => Ok(()),
    }
}

fn say(line: &str) {
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
