//! The real binary as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::flags_with_database;

/// Longer than anything here takes on a busy machine; a test that waits this long has failed.
const BOUND: Duration = Duration::from_secs(30);

/// A running `switchboard serve`. It is killed when it is dropped.
pub struct Process {
    child: Child,
    told: mpsc::Receiver<String>,
    /// What it said on standard output until it listened, line by line.
    pub lines: Vec<String>,
    log: NamedTempFile,
}

impl Process {
    /// Runs the binary with these arguments to its end.
    pub fn output(args: &[&str]) -> Output {
        command(args).output().unwrap()
    }

    /// Starts `serve` on free ports with its things in `folder`, and waits until it listens.
    pub fn serve(folder: &Path, flags: &[&str]) -> Self {
        let common = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0", "--media-ip", "127.0.0.1"];
        let all = flags_with_database(folder, flags);
        let all = all.iter().map(String::as_str);
        let args: Vec<&str> = common.into_iter().chain(["--data-dir", folder.to_str().unwrap()]).chain(all).collect();
        let log = NamedTempFile::new().unwrap();
        let mut child = command(&args).stdout(Stdio::piped()).stderr(log.reopen().unwrap()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut lines = Vec::new();
        while !lines.iter().any(|line: &String| line.starts_with("admin on ")) {
            lines.push(told.recv_timeout(BOUND).unwrap_or_else(|error| panic!("{error}: {}", log_in(&log))));
        }
        // The lines are written at once; what follows the two addresses is there already or comes within a moment.
        let rest = if flags.contains(&"--demo") { 4 } else { 0 };
        lines.extend((0..rest).map(|_| told.recv_timeout(BOUND).unwrap()));
        Self { child, told, lines, log }
    }

    /// The rest of the line that begins so.
    pub fn said(&self, start: &str) -> &str {
        self.lines.iter().find_map(|line| line.strip_prefix(start)).unwrap()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        log_in(&self.log)
    }

    /// Makes it stand still.
    pub fn freezes(&self) {
        self.signals("-STOP");
    }

    /// Lets it go on.
    pub fn thaws(&self) {
        self.signals("-CONT");
    }

    fn signals(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    pub fn terminate(&self) {
        self.signals("-TERM");
    }

    /// Has it look at its files.
    pub fn hang_up(&self) {
        self.signals("-HUP");
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end, which closes its standard output.
    pub fn wait(&mut self) -> ExitStatus {
        while self.told.recv_timeout(BOUND).map_err(|error| assert_eq!(error, RecvTimeoutError::Disconnected)).is_ok() {}
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn log_in(file: &NamedTempFile) -> String {
    String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(args).stdin(Stdio::null());
    command
}

/// The one line a failed run said on standard error, and its exit status.
pub fn complaint(output: &Output) -> (String, i32) {
    let mut text = String::new();
    output.stderr.as_slice().read_to_string(&mut text).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line = text.trim_end().strip_prefix("switchboard: ").unwrap_or_else(|| panic!("{text}")).to_owned();
    (line, output.status.code().unwrap())
}
