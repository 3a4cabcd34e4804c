//! A comparison as people run it: the built binary, a network namespace, and a real Janus where there is one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod processes;
mod turnover;

use std::io::Write;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

const UNCONTROLLED: &str = "switchboard_without_congestion_control";

pub(crate) fn loadtest() -> Command {
    Command::new(env!("CARGO_BIN_EXE_loadtest"))
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Comparisons keep to the same cores, so that two at once would measure each other.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a comparison can be run here. Where it cannot, whoever reads the log is told which test was skipped and why, and
/// `SWITCHBOARD_REQUIRE_JANUS` makes that a failure.
pub(crate) fn can_compare(test: &str) -> bool {
    let succeeds = |program: &str, args: &[&str]| Command::new(program).args(args).output().is_ok_and(|output| output.status.success());
    let why = if !succeeds("janus", &["--help"]) {
        "janus is not installed (apt-get install janus)"
    } else if !succeeds("unshare", &["--net", "true"]) && !succeeds("unshare", &["--map-root-user", "--net", "true"]) {
        "a network namespace needs root"
    } else {
        return true;
    };
    assert!(std::env::var_os("SWITCHBOARD_REQUIRE_JANUS").is_none(), "{why}");
    // Written, not printed: what a test prints is hidden when it succeeds.
    let _ = writeln!(std::io::stderr(), "\nSKIPPED {test}: {why}");
    false
}

#[test]
fn both_are_measured_in_turn_and_their_ratio_is_told_and_written_down() {
    if !can_compare("both_are_measured_in_turn_and_their_ratio_is_told_and_written_down") {
        return;
    }
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let readme = folder.path().join("README.md");
    let marks = ["<!-- compare livestream: written by make bench -->", "<!-- end of compare livestream -->"];
    std::fs::write(&readme, format!("before\n{}\n{}\nafter\n", marks[0], marks[1])).unwrap();
    let mut command = loadtest();
    command.args(["compare", "--peer", "janus", "--scenario", "livestream", "--receivers", "3", "--rounds", "2"]);
    let page = folder.path().join("report.html");
    command.arg("--html").arg(&page);
    let output = command.args(["--seconds", "2", "--warm-up", "0.5", "--json", "--readme"]).arg(&readme).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer} in {report:#}"));

    let order: Vec<_> = report["runs"].as_array().unwrap().iter().map(|run| run["target"].as_str().unwrap()).collect();
    assert_eq!(order, ["switchboard", "janus", UNCONTROLLED, "switchboard", "janus", UNCONTROLLED]);
    for sfu in ["switchboard", "janus", UNCONTROLLED] {
        assert!(report["versions"][sfu].as_str().unwrap().starts_with(|first: char| first.is_ascii_digit()), "{report:#}");
    }
    for sfu in ["janus", UNCONTROLLED] {
        // Three receivers get 320 packets a second of either, more or less of them in two seconds of a busy machine.
        assert!((480.0..1_440.0).contains(&number(&format!("/median/{sfu}/packets_per_s"))), "{report:#}");
        assert!(number(&format!("/median/{sfu}/frames_per_s")) > 5.0, "{report:#}");
    }
    // On a busy machine feedback comes late, a path seems narrow, and its picture is paused for all of two seconds. Voices go on.
    assert!((75.0..1_440.0).contains(&number("/median/switchboard/packets_per_s")), "{report:#}");
    let [ours, theirs, uncontrolled] =
        ["switchboard", "janus", UNCONTROLLED].map(|sfu| number(&format!("/median/{sfu}/cpu_us_per_packet")));
    assert!(ours > 0.0 && theirs > 0.0 && (number("/ratio/cpu_us_per_packet") - ours / theirs).abs() < 1e-9, "{report:#}");
    let beside = number("/ratio/cpu_us_per_packet_without_congestion_control");
    assert!((beside - uncontrolled / theirs).abs() < 1e-9, "{report:#}");
    let shown = report["flags"].as_array().unwrap().last().unwrap();
    assert_eq!(shown.as_str(), readme.to_str(), "the flags are those that were typed");

    let written = std::fs::read_to_string(&readme).unwrap();
    assert!(written.starts_with(&format!("before\n{}\nlivestream: ", marks[0])), "{written}");
    assert!(written.ends_with(&format!("{}\nafter\n", marks[1])) && written.contains("| Switchboard "), "{written}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<h1>livestream: Switchboard beside Janus</h1>") && page.matches("<polyline").count() >= 6, "{page}");
    for outside in ["src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "the page needs nothing else, not even {outside}");
    }
}

#[test]
fn janus_carries_a_call_of_ten() {
    if !can_compare("janus_carries_a_call_of_ten") {
        return;
    }
    let _alone = alone();
    let args = ["compare", "--peer", "janus", "--scenario", "call10", "--rounds", "1", "--seconds", "2", "--json"];
    let output = loadtest().args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packets = report["median"]["janus"]["packets_per_s"].as_f64().unwrap();
    // From each of ten to nine others: 50 packets a second of voice, 60 of video. Nine voices alone would be less than half of it.
    let share = packets / (90.0 * 110.0);
    assert!((0.5..1.5).contains(&share), "{report:#}");
    assert!(report["median"]["janus"]["rss_loaded_kb_per_receiver"].as_f64().unwrap() > 0.0, "{report:#}");
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_starts() {
    let refused = |args: &[&str], path: Option<&str>| {
        let mut command = loadtest();
        command.args(["compare", "--peer", "janus", "--rounds", "1"]).args(args);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(output.stdout.is_empty());
        said(&output)
    };
    let livestream = ["--scenario", "livestream"];
    assert_eq!(refused(&livestream, Some("/nonexistent")), "loadtest: Janus is not installed: apt-get install janus\n");
    assert!(refused(&["--scenario", "call10", "--receivers", "5"], None).contains("--receivers is for livestream"));
    assert!(refused(&["--scenario", "livestream", "--peer", "switchboard"], None).contains("--peer"));
    assert!(refused(&["--scenario", "churn"], None).contains("possible values: livestream, call10"));
    if can_compare("what_cannot_be_compared_is_refused_before_anything_starts") {
        let here = std::fs::read_link("/proc/self/ns/net").unwrap();
        let error = refused(&["--scenario", "livestream", "--outside", here.to_str().unwrap()], None);
        assert!(error.contains("no network namespace of its own"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let readme = folder.path().join("README.md");
        std::fs::write(&readme, "no marks\n").unwrap();
        assert!(refused(&["--scenario", "livestream", "--readme", readme.to_str().unwrap()], None).contains("has no lines"));
    }
}
