//! A process on a leash: kept to its place, and ended when the one that started it ends, by whatever way.
//!
//! The hidden subcommand `leash` sets both up and then becomes the program, since both are handed on and only a process can
//! set them for itself.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use crate::place::Place;

/// What the subcommand takes.
#[derive(Debug, Args)]
pub(crate) struct LeashArgs {
    /// The process that holds it.
    #[arg(long)]
    holder: u32,
    #[command(flatten)]
    place: Place,
    program: PathBuf,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// A command for this program, held by this process. It ends with the *thread* that spawns it, which has to be one that lasts.
///
/// # Errors
/// This program cannot be found any more.
pub(crate) fn command(place: &Place, program: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["leash", "--holder", &std::process::id().to_string()]);
    command.args(place.flags()).arg("--").arg(program);
    Ok(command)
}

/// The subcommand: returns only if it fails.
pub(crate) fn hold(args: LeashArgs) -> ExitCode {
    let LeashArgs { holder, place, program, args } = args;
    let error = match take_up(holder, &place) {
        Ok(()) => Command::new(&program).args(args).exec().to_string(),
        Err(error) => crate::one_line(&error),
    };
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(io::stderr(), "{}: {error}", program.display());
    ExitCode::FAILURE
}

fn take_up(holder: u32, place: &Place) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The holder may have ended before that.
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get().cast_unsigned());
    anyhow::ensure!(parent == Some(holder), "whoever started it has ended");
    place.enter()
}
