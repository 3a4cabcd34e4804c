//! The load tester: peers that register, become contacts and call each other through the real API, with real WebRTC and a
//! real clip, and then say what they saw.
//!
//! A reading tour: `cli` is the command line. A scenario (`scenario/smoke.rs`) is a script of participants (`participant`): an account
//! on the REST API (`api`), a connection for signalling (`signalling`), and for each call a peer (`peer/`), which sends the
//! clips of `switchboard-clip` and lets its checkers judge what arrives. `own_server` starts a server to test when none is
//! named. What the scenario found becomes one line of a table or a JSON document (`report`). `compare` plays a scenario against two SFUs.

mod cli;
mod compare;
mod cores;
mod engine;
mod files;
mod leash;
mod machine;
mod measure;
mod network;
mod peer;
mod place;
mod progress;
mod report;
mod scenario;
mod statistics;
mod target;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use cli::{Cli, Command, SmokeArgs};

/// Runs the load tester with a command line, its own name first. Exit status 0: everything was as it should be; 1: it was
/// not, or a limit did not hold; 2: the command line is wrong, or the server could not be tested. One line on standard error says why.
pub fn main_from(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let flags: Vec<String> = args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let outcome = match Cli::parse_from(&args).command {
        Command::Smoke(args) => smoke(&args),
        Command::Direct(args) => {
            let (load, definition) = (scenario::direct::load(&args), scenario::direct::definition(&args));
            scenario::run_load("direct", definition, flags, &args.load, &load)
        }
        Command::Group(args) => {
            let (load, definition) = (scenario::group::load(&args), scenario::group::definition(&args));
            scenario::run_load("group", definition, flags, &args.load, &load)
        }
        Command::Livestream(args) => {
            let (load, definition) = (scenario::livestream::load(&args), scenario::livestream::definition(&args));
            scenario::run_load("livestream", definition, flags, &args.load, &load)
        }
        Command::Call10(args) => {
            let (load, definition) = (scenario::call10::load(&args), scenario::call10::definition(&args));
            scenario::run_load("call10", definition, flags, &args.load, &load)
        }
        Command::Churn(args) => scenario::run_churn(flags, &args),
        Command::RingStorm(args) => scenario::run_ring_storm(flags, &args),
        Command::Ramp(args) => scenario::run_ramp(flags, &args),
        Command::Soak(args) => scenario::run_soak(flags, &args),
        Command::Verify(args) => scenario::run_verify(flags, &args),
        Command::Compare(compared) => compare::compare(&compared, &args, flags),
        Command::Leash(args) => return leash::hold(args),
        Command::Serve { place, args } => return target::switchboard::serve(args, &place),
    };
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    let line = match &failure {
        Failure::Found(error) | Failure::Trouble(error) => one_line(error),
    };
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(std::io::stderr(), "loadtest: {line}");
    ExitCode::from(failure.status())
}

/// Why a run did not end well.
#[derive(Debug)]
enum Failure {
    /// What was tested is not as it should be.
    Found(anyhow::Error),
    /// It could not be tested, or not to the end.
    Trouble(anyhow::Error),
}

impl Failure {
    /// A server that is not there, or cannot be used, is trouble; what a call showed is found.
    fn of(error: anyhow::Error) -> Self {
        if target::switchboard::is_trouble(&error) { Self::Trouble(error) } else { Self::Found(error) }
    }

    fn status(&self) -> u8 {
        match self {
            Self::Found(_) => 1,
            Self::Trouble(_) => 2,
        }
    }
}

fn smoke(args: &SmokeArgs) -> Result<(), Failure> {
    scenario::check_host(args.target.url.as_ref(), args.target.allow_remote).map_err(Failure::Trouble)?;
    let report = scenario::run(&args.target, async |target| scenario::smoke::run(args, target).await).map_err(Failure::of)?;
    print(&if args.json { report.to_json() } else { report.to_string() })
}

fn print(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}").context("the report cannot be written").map_err(Failure::Found)
}

/// An error and its causes in a line; what a cause only repeats is left out.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(|cause| cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ")) {
        if !line.ends_with(&cause) {
            line = if line.is_empty() { cause } else { format!("{line}: {cause}") };
        }
    }
    line
}
