//! The way in: logs, then configuration, then the work, then an exit status.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::calls;
use crate::config::{Cli, Command, Config, ConfigError, LogArgs, PasswordCost, one_line};
use crate::doctor;
use crate::listing::ListError;
use crate::nodes;
use crate::run::{Drain, Listeners, RunError, Server};
use crate::store::Store;

/// Runs the program with these arguments, the first being its own name. Exits with 0 when all went well, 1 when it could
/// not run, 2 when the flags cannot be right; what is wrong is said in one line on standard error.
pub fn main_from(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run(args, PasswordCost::Full)
}

/// The same, for a load test on a database of its own: hashing thousands of passwords would take minutes and is not what it
/// measures, so they are hashed with next to no work. Whoever reads such a database has the passwords. There is no flag for
/// this, and the binary has no way to it.
pub fn main_for_load_tests(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run(args, PasswordCost::Cheap)
}

fn run(args: impl IntoIterator<Item = OsString>, passwords: PasswordCost) -> ExitCode {
    match start(args, passwords) {
        Ok(status) => status,
        Err(Failure::Help(help)) => {
            say(&[help.trim_end().to_owned()]);
            ExitCode::SUCCESS
        }
        Err(Failure::Config(error)) => complain(&error, 2),
        Err(Failure::Run(error)) => complain(&error, 1),
        Err(Failure::List(error)) => complain(&error, 1),
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Help(String),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    List(#[from] ListError),
}

fn start(args: impl IntoIterator<Item = OsString>, passwords: PasswordCost) -> Result<ExitCode, Failure> {
    let cli = Cli::try_parse_from(args).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Failure::Help(error.render().to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Failure::Config(ConfigError::Flags("a subcommand is missing: serve, migrate, calls, nodes or doctor".to_owned()))
        }
        _ => Failure::Config(one_line(&error)),
    })?;
    match cli.command {
        Command::Serve(args) => {
            log_to_stderr(&args.log)?;
            let config = Config { passwords, ..args.resolve()? };
            in_runtime(serve(config))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Calls(args) => in_runtime(async move {
            say(&calls::list(&args.list).await?);
            Ok::<_, ListError>(ExitCode::SUCCESS)
        }),
        Command::Migrate(args) => {
            log_to_stderr(&args.log)?;
            in_runtime(async move {
                let store = Store::open(&args.database.url(), args.database.database_connections).await?;
                store.close().await;
                say(&["the database is up to date".to_owned()]);
                Ok::<_, RunError>(ExitCode::SUCCESS)
            })
        }
        Command::Nodes(args) => in_runtime(async move {
            say(&nodes::list(&args.list).await?);
            Ok::<_, ListError>(ExitCode::SUCCESS)
        }),
        Command::Doctor(args) => {
            // What it finds is all it says: it reads the flags of logs as `serve` would, and writes none.
            check_log(&args.serve.log)?;
            let (config, json) = (args.serve.resolve()?, args.json);
            let findings = in_runtime(async move { Ok::<_, RunError>(doctor::examine(&config).await) })?;
            say(&findings.iter().map(|finding| if json { finding.json() } else { finding.to_string() }).collect::<Vec<_>>());
            Ok(if findings.iter().any(doctor::Finding::is_failure) { ExitCode::from(1) } else { ExitCode::SUCCESS })
        }
    }
}

fn in_runtime<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
where
    Failure: From<E>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(RunError::Serve)?;
    Ok(runtime.block_on(work)?)
}

async fn serve(config: Config) -> Result<(), RunError> {
    let listeners = Listeners::bind(&config)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(config, listeners).await?;
    say(&server.announcement());
    let drain = server.drain();
    // Who asks a second time does not want to wait.
    tokio::spawn(async move {
        for told in [Drain::begin, Drain::hurry] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            told(&drain);
        }
    });
    server.run(std::future::pending()).await
}

fn log_to_stderr(args: &LogArgs) -> Result<(), ConfigError> {
    let filter = check_log(args)?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    // A second start in one process, as in a test, keeps the logs of the first.
    drop(if args.log_json { logs.json().try_init() } else { logs.try_init() });
    Ok(())
}

fn check_log(args: &LogArgs) -> Result<EnvFilter, ConfigError> {
    filter(&args.log).map_err(|cause| ConfigError::Log { filter: args.log.clone(), cause })
}

/// Reads a filter. A bare word is taken for a level: as a target, which it could be too, a misspelt level would silence everything.
fn filter(text: &str) -> Result<EnvFilter, String> {
    for word in text.split(',').map(str::trim).filter(|word| !word.contains(['=', '['])) {
        word.parse::<LevelFilter>().map_err(|_| format!("{word:?} is no level; a target is written TARGET=LEVEL"))?;
    }
    EnvFilter::builder().parse(text).map_err(|error| error.to_string())
}

/// Tells the person, or the program, that started this one. Nobody may be reading, which is no reason to stop.
fn say(lines: &[String]) {
    let mut out = std::io::stdout().lock();
    for line in lines {
        drop(writeln!(out, "{line}"));
    }
    drop(out.flush());
}

fn complain(error: &dyn std::error::Error, status: u8) -> ExitCode {
    let line = error.to_string().replace('\n', " ");
    drop(writeln!(std::io::stderr(), "switchboard: {line}"));
    ExitCode::from(status)
}
