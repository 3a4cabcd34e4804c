//! A server started for the test: this program again, in a process of its own, with everything temporary.

use std::ffi::OsString;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::Url;
use rustix::process::{Pid, Signal, getpid, kill_process};
use tempfile::TempDir;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::measure::ServerProcess;
use crate::place::Place;

/// A debug build on a busy machine makes its database in a second or two.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The server gives running calls 10 s when it is asked to stop.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Why there is no server to test.
#[derive(Debug, Error)]
pub(crate) enum ServerError {
    #[error("no server can be started")]
    Start(#[source] std::io::Error),
    #[error("the server did not start: {0}")]
    Refused(String),
    #[error("the server did not listen within {} s", START_LIMIT.as_secs())]
    Silent,
    #[error("the server says it listens on {0:?}, which is no URL")]
    NoUrl(String),
    #[error("the server did not stop within {} s and was killed", STOP_LIMIT.as_secs())]
    DidNotStop,
    #[error("the server cannot be stopped")]
    Stop(#[source] std::io::Error),
    #[error("the server ended with {status}, its last words {last_words:?}")]
    Ended { status: ExitStatus, last_words: String },
}

/// How it is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerOptions {
    /// Where it listens; on loopback when absent.
    pub(crate) host: Option<IpAddr>,
    pub(crate) place: Place,
    /// Further flags of `switchboard serve`.
    pub(crate) flags: Vec<String>,
}

/// A running server. It is killed when this is dropped; [`OwnServer::stop`] is the polite way. And should this process be
/// killed itself, the server ends by the end of its standard input.
#[derive(Debug)]
pub(crate) struct OwnServer {
    child: Child,
    url: Url,
    admin: Url,
    /// Reads what the server writes, so that it is never held up by a full pipe.
    errors: JoinHandle<String>,
    _data: TempDir,
}

impl OwnServer {
    /// Starts it, on the cores given, with flags beside those that every test needs.
    pub(crate) async fn start(options: &ServerOptions) -> Result<Self, ServerError> {
        let data = tempfile::Builder::new().prefix("switchboard-loadtest-").tempdir().map_err(ServerError::Start)?;
        let mut command = Command::new(std::env::current_exe().map_err(ServerError::Start)?);
        command.arg("serve").args(options.place.flags()).arg("--");
        let host = options.host.unwrap_or(Ipv4Addr::LOCALHOST.into());
        command.args(["--listen", &SocketAddr::new(host, 0).to_string(), "--admin-listen", "127.0.0.1:0"]);
        command.args(["--media-udp", "0", "--media-ip", &host.to_string()]);
        command.args(["--no-limits", "--log", "error", "--data-dir"]).arg(data.path()).args(&options.flags);
        // The test is the same on every machine, whatever is configured there.
        let of_server = |name: &str| name.starts_with("SWITCHBOARD_") || name.starts_with("OTEL_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| of_server(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(ServerError::Start)?;
        let output = child.stdout.take().expect("standard output is a pipe");
        let errors = tokio::spawn(last_line(child.stderr.take().expect("standard error is a pipe")));
        let mut lines = BufReader::new(output).lines();
        let listening = async {
            let mut public = None;
            while let Some(line) = lines.next_line().await.map_err(ServerError::Start)? {
                if let Some(url) = line.strip_prefix("listening on ") {
                    public = Some(url.trim().to_owned());
                }
                if let (Some(public), Some(admin)) = (&public, line.strip_prefix("admin on ")) {
                    return Ok(Some([public.clone(), admin.trim().to_owned()]));
                }
            }
            Ok(None)
        };
        let parsed = |url: String| url.parse().map_err(|_| ServerError::NoUrl(url));
        let (url, admin) = match timeout(START_LIMIT, listening).await.map_err(|_| ServerError::Silent)?? {
            Some([public, admin]) => (parsed(public)?, parsed(admin)?),
            None => return Err(ServerError::Refused(errors.await.unwrap_or_default())),
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, url, admin, errors, _data: data })
    }

    /// Where it is read what the server costs.
    pub(crate) fn process(&self) -> Option<ServerProcess> {
        self.child.id().map(|pid| ServerProcess { pid })
    }

    /// Where the admin listener is.
    pub(crate) fn admin(&self) -> &Url {
        &self.admin
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Asks the server to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<(), ServerError> {
        if let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            kill_process(pid, Signal::TERM).map_err(|error| ServerError::Stop(error.into()))?;
        }
        let Ok(status) = timeout(STOP_LIMIT, self.child.wait()).await else {
            self.child.kill().await.map_err(ServerError::Stop)?;
            return Err(ServerError::DidNotStop);
        };
        let status = status.map_err(ServerError::Stop)?;
        if status.success() { Ok(()) } else { Err(ServerError::Ended { status, last_words: self.errors.await.unwrap_or_default() }) }
    }
}

async fn last_line(output: impl AsyncRead + Unpin) -> String {
    let mut lines = BufReader::new(output).lines();
    let mut last = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if !line.trim().is_empty() {
            last = line;
        }
    }
    last
}

/// The server's side: what the hidden subcommand runs.
pub(crate) fn serve(args: Vec<OsString>, place: &Place) -> ExitCode {
    if let Err(error) = place.enter() {
        // There is nowhere left to say that standard error is closed.
        let _ = writeln!(std::io::stderr(), "{}", crate::one_line(&error));
        return ExitCode::from(2);
    }
    std::thread::spawn(|| {
        // Standard input says nothing; it ends when the process that started this one is gone, by whatever way.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        if kill_process(getpid(), Signal::TERM).is_err() {
            std::process::exit(1);
        }
        wait_for_a_process_that_hangs();
        std::process::exit(1);
    });
    switchboard::main_for_load_tests(["switchboard".into(), "serve".into()].into_iter().chain(args))
}

#[expect(clippy::disallowed_methods, reason = "it is the deadline itself: a process that stops as it should is gone before")]
fn wait_for_a_process_that_hangs() {
    std::thread::sleep(STOP_LIMIT);
}
