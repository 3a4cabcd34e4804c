//! The load tester: peers that register, become contacts and call each other through the real API, with real WebRTC and a
//! real clip, and then say what they saw.
//!
//! A reading tour: `cli` is the command line. A scenario (`scenario/smoke.rs`) is a script of participants (`participant`): an account
//! on the REST API (`api`), a connection for signalling (`signalling`), and for each call a peer (`peer/`), which sends the
//! clips of `switchboard-clip` and lets its checkers judge what arrives. `own_server` starts a server to test when none is
//! named. What the scenario found becomes one line of a table or a JSON document (`report`).

mod api;
mod cli;
mod machine;
mod own_server;
mod participant;
mod peer;
mod phone;
mod report;
mod scenario;
mod signalling;
mod statistics;
mod tls;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use cli::{Cli, Command};

/// Runs the load tester with a command line, its own name first. Exit status 0: everything was as it should be; 1: it was
/// not, and one line on standard error says why; 2: the command line is wrong.
pub fn main_from(args: impl Iterator<Item = OsString>) -> ExitCode {
    let outcome = match Cli::parse_from(args).command {
        Command::Smoke(args) => scenario::run(&args.target, async |target| scenario::smoke::run(&args, target).await).and_then(|report| {
            let text = if args.json { report.to_json() } else { report.to_string() };
            writeln!(std::io::stdout(), "{text}").context("the report cannot be written")
        }),
        Command::Serve { args } => return own_server::serve(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere left to say that standard error is closed.
            let _ = writeln!(std::io::stderr(), "loadtest: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
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
