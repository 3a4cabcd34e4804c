//! A Janus started for the test: the Debian package's program with a configuration of its own, from which it has its API, the
//! videoroom and nothing else.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::leash;
use crate::measure::ServerProcess;
use crate::place::Place;

/// Where its WebSocket API is by default.
const API_PORT: u16 = 8188;

/// It starts in a fraction of a second; a busy machine needs longer.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How often it is asked whether it listens.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// It ends its sessions and threads first.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Lines of its log that are kept for whoever is told that it failed.
const LAST_LINES: usize = 6;

/// Why there is no Janus.
#[derive(Debug, Error)]
pub(crate) enum ProcessError {
    #[error("Janus is not installed: apt-get install janus")]
    NotInstalled,
    #[error("Janus gathers no candidates on {0}: give --host an address that is not a loopback one, or use compare, which makes one")]
    Loopback(IpAddr),
    #[error("Janus cannot be started")]
    Start(#[source] io::Error),
    #[error("Janus did not start: {0}")]
    Refused(String),
    #[error("Janus did not listen on {address} within {} s: {last_words}", START_LIMIT.as_secs())]
    Silent { address: SocketAddr, last_words: String },
    #[error("Janus cannot be stopped")]
    Stop(#[source] io::Error),
    #[error("Janus did not stop within {} s and was killed", STOP_LIMIT.as_secs())]
    DidNotStop,
    #[error("Janus ended with {status}: {last_words}")]
    Ended { status: ExitStatus, last_words: String },
}

/// A running Janus. It is killed when this is dropped, or when this process ends; [`OwnJanus::stop`] is the polite way.
#[derive(Debug)]
pub(super) struct OwnJanus {
    child: Child,
    pub(super) api: SocketAddr,
    /// Reads what it writes, so that it is never held up by a full pipe.
    log: JoinHandle<String>,
}

/// What the Debian package brings.
#[derive(Debug)]
pub(crate) struct Installation {
    program: PathBuf,
    videoroom: PathBuf,
    websockets: PathBuf,
}

impl Installation {
    /// Looks for it.
    pub(crate) fn find() -> Result<Self, ProcessError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = std::env::split_paths(&path).map(|folder| folder.join("janus")).find(|file| file.is_file());
        // /usr/lib/janus, or that of the architecture: /usr/lib/x86_64-linux-gnu/janus.
        let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
        let mut folders = libraries.map(|folder| folder.join("janus")).chain([PathBuf::from("/usr/lib/janus")]);
        let found = folders.find_map(|folder| {
            let (videoroom, websockets) = (folder.join("plugins/libjanus_videoroom.so"), folder.join("transports/libjanus_websockets.so"));
            (videoroom.is_file() && websockets.is_file()).then_some((videoroom, websockets))
        });
        let (Some(program), Some((videoroom, websockets))) = (program, found) else { return Err(ProcessError::NotInstalled) };
        Ok(Self { program, videoroom, websockets })
    }

    /// Writes a configuration of nothing but the API at `api` and the videoroom, with media at the same address.
    fn configure(&self, folder: &Path, api: SocketAddr) -> io::Result<()> {
        for name in ["plugins", "transports", "events", "loggers"] {
            std::fs::create_dir(folder.join(name))?;
        }
        symlink(&self.videoroom, folder.join("plugins/libjanus_videoroom.so"))?;
        symlink(&self.websockets, folder.join("transports/libjanus_websockets.so"))?;
        let write = |name: &str, text: String| std::fs::File::create(folder.join(name))?.write_all(text.as_bytes());
        let here = |name: &str| folder.join(name).display().to_string();
        let (ip, port) = (api.ip(), api.port());
        write(
            "janus.jcfg",
            format!(
                "general: {{\n configs_folder = \"{}\"\n plugins_folder = \"{}\"\n transports_folder = \"{}\"\n events_folder = \"{}\"\n \
                 loggers_folder = \"{}\"\n debug_level = 3\n debug_colors = false\n session_timeout = 0\n}}\n\
                 nat: {{\n ice_enforce_list = \"{ip}\"\n}}\n",
                folder.display(),
                here("plugins"),
                here("transports"),
                here("events"),
                here("loggers"),
            ),
        )?;
        write(
            "janus.transport.websockets.jcfg",
            format!(
                "general: {{\n json = \"plain\"\n ws = true\n ws_ip = \"{ip}\"\n ws_port = {port}\n wss = false\n}}\n\
                 admin: {{\n admin_ws = false\n admin_wss = false\n}}\n"
            ),
        )?;
        write("janus.plugin.videoroom.jcfg", "general: {\n}\n".to_owned())
    }
}

impl OwnJanus {
    /// Starts it at this address, in its place.
    pub(super) async fn start(host: IpAddr, place: &Place) -> Result<Self, ProcessError> {
        let installation = Installation::find()?;
        if host.is_loopback() {
            return Err(ProcessError::Loopback(host));
        }
        let folder = tempfile::Builder::new().prefix("switchboard-janus-").tempdir().map_err(ProcessError::Start)?;
        // In a network of its own every port is free.
        let api = if place.namespace.is_some() { Ok(SocketAddr::new(host, API_PORT)) } else { free_port(host) };
        let api = api.map_err(ProcessError::Start)?;
        installation.configure(folder.path(), api).map_err(ProcessError::Start)?;
        let mut command = Command::from(leash::command(place, &installation.program).map_err(ProcessError::Start)?);
        command.arg("--configs-folder").arg(folder.path()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(ProcessError::Start)?;
        let output = child.stdout.take().expect("standard output is a pipe");
        let errors = child.stderr.take().expect("standard error is a pipe");
        let log = tokio::spawn(async move {
            let (output, errors) = tokio::join!(last_lines(output), last_lines(errors));
            [output, errors].into_iter().flatten().collect::<Vec<_>>().join(" | ")
        });
        Self { child, api, log }.listening(folder).await
    }

    /// Waits until it listens; then it has read its configuration, which is removed.
    async fn listening(mut self, _configuration: TempDir) -> Result<Self, ProcessError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if TcpStream::connect(self.api).await.is_ok() {
                return Ok(self);
            }
            if self.child.try_wait().map_err(ProcessError::Start)?.is_some() {
                return Err(ProcessError::Refused(self.log.await.unwrap_or_default()));
            }
            if Instant::now() > deadline {
                self.child.kill().await.map_err(ProcessError::Stop)?;
                return Err(ProcessError::Silent { address: self.api, last_words: self.log.await.unwrap_or_default() });
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Where it is read what it costs.
    pub(super) fn process(&self) -> Option<ServerProcess> {
        self.child.id().map(|pid| ServerProcess { pid })
    }

    /// Asks it to stop, and waits until it has. How it ends once it was asked says nothing of what was measured.
    ///
    /// # Errors
    /// It had ended before it was asked to, or does not.
    pub(super) async fn stop(mut self) -> Result<(), ProcessError> {
        if let Some(status) = self.child.try_wait().map_err(ProcessError::Stop)? {
            return Err(ProcessError::Ended { status, last_words: self.log.await.unwrap_or_default() });
        }
        if let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            kill_process(pid, Signal::TERM).map_err(|error| ProcessError::Stop(error.into()))?;
        }
        if timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
            self.child.kill().await.map_err(ProcessError::Stop)?;
            return Err(ProcessError::DidNotStop);
        }
        Ok(())
    }
}

/// A port that is free there. Whoever takes it in the meantime keeps Janus from starting, which is told.
fn free_port(host: IpAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(SocketAddr::new(host, 0))?.local_addr()
}

async fn last_lines(output: impl AsyncRead + Unpin) -> VecDeque<String> {
    let mut lines = BufReader::new(output).lines();
    let mut last = VecDeque::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.trim().is_empty() {
            continue;
        }
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(line.trim().to_owned());
    }
    last
}
