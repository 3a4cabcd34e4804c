//! The smoke test as people and programs run it: the built binary, a server of its own, real sockets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod processes;
mod tls;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

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
    assert_eq!(output.status.code(), Some(2));
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
