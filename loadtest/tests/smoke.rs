//! The smoke test as people and programs run it: the built binary, a server of its own, real sockets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// For what takes a second or two, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

fn loadtest() -> Command {
    Command::new(env!("CARGO_BIN_EXE_loadtest"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn two_calls_in_a_row_carry_their_media_both_ways() {
    let output = loadtest().args(["smoke", "--repeat", "2", "--seconds", "1", "--json"]).output().unwrap();
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer} in {report:#}"));

    assert_eq!((report["scenario"].as_str(), report["repeat"].as_u64()), (Some("smoke"), Some(2)));
    assert_eq!(number("/loss"), 0.0, "{report:#}");
    for side in ["callee", "caller"] {
        let of = |what: &str| number(&format!("/{side}/{what}"));
        assert!(of("accept_to_first_frame_ms/p50") > 0.0, "{report:#}");
        assert!(of("received/frames_decodable") >= 20.0, "{report:#}");
        assert_eq!(of("received/frames_decodable"), of("received/frames_complete"), "{report:#}");
        assert!(of("received/audio_packets") >= 60.0 && of("received/video_packets") >= 40.0, "{report:#}");
        assert!(of("sent/audio_packets") >= 60.0 && of("sent/video_frames") >= 20.0, "{report:#}");
    }
    let slowest = number("/callee/accept_to_first_frame_ms/max").max(number("/caller/accept_to_first_frame_ms/max"));
    assert_eq!(number("/accept_to_first_frame_ms/max"), slowest);
    assert!(number("/forwarding_ms/p50") > 0.0 && number("/forwarding_ms/p50") <= number("/forwarding_ms/p99"), "{report:#}");
    assert!(number("/machine/cores") >= 1.0);
}

#[test]
fn the_video_received_is_video_to_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("received.ivf");
    let output = loadtest().args(["smoke", "--seconds", "1", "--save-received"]).arg(&file).output().unwrap();
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("accept to first video frame") && table.contains("loss 0.000 %"), "{table}");
    assert!(frames_decoded_by_ffmpeg(&file) >= 10);
}

fn frames_decoded_by_ffmpeg(file: &Path) -> usize {
    // A checksum a frame, and nothing on standard error: everything was decoded and nothing concealed.
    let decoded = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(file).args(["-f", "framecrc", "-"]).output();
    let decoded = decoded.expect("ffmpeg is installed (Debian package ffmpeg)");
    assert_eq!((decoded.status.code(), said(&decoded).as_str()), (Some(0), ""));
    String::from_utf8(decoded.stdout).unwrap().lines().filter(|line| !line.starts_with('#')).count()
}

#[test]
fn a_server_that_is_not_there_is_named_in_one_line() {
    let output = loadtest().args(["smoke", "--url", "http://127.0.0.1:1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = said(&output);
    assert!(line.lines().count() == 1 && line.starts_with("loadtest: http://127.0.0.1:1/ cannot be reached: "), "{line}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_file_that_cannot_be_written_fails_the_run_and_stops_the_server() {
    let output = loadtest().args(["smoke", "--seconds", "0", "--save-received", "/nonexistent/received.ivf"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).starts_with("loadtest: /nonexistent/received.ivf cannot be written: "), "{}", said(&output));
}

#[test]
fn an_interrupted_run_stops_its_server_and_says_so() {
    let mut running = Running::start();
    kill_process(running.pid(), Signal::INT).unwrap();
    let status = wait_until(|| running.child.try_wait().unwrap());
    assert_eq!(status.code(), Some(1));
    let mut line = String::new();
    std::io::Read::read_to_string(&mut running.child.stderr.take().unwrap(), &mut line).unwrap();
    assert_eq!(line, "loadtest: interrupted\n");
    wait_until(|| (!is_running(running.server)).then_some(()));
}

#[test]
fn a_run_that_is_killed_leaves_no_server_behind() {
    let mut running = Running::start();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    wait_until(|| (!is_running(running.server)).then_some(()));
}

/// A run of its own length, with its server up.
struct Running {
    child: Child,
    server: u32,
}

impl Running {
    fn start() -> Self {
        let mut command = loadtest();
        let child = command.args(["smoke", "--seconds", "600"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let server = wait_until(|| child_of(child.id()));
        let running = Self { child, server };
        // The server is up when it has sockets: the two listeners.
        wait_until(|| (sockets_of(server) >= 2).then_some(()));
        running
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(met) = condition() {
            return met;
        }
        assert!(Instant::now() < deadline, "did not happen within {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// State and parent of a process.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in brackets and may hold anything; what follows it is plain.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_running(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}

fn child_of(parent: u32) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.into_iter().find(|&pid| stat(pid).is_some_and(|(_, of)| of == parent))
}

fn sockets_of(pid: u32) -> usize {
    let Ok(files) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return 0 };
    files
        .filter(|file| {
            file.as_ref().is_ok_and(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:")))
        })
        .count()
}
