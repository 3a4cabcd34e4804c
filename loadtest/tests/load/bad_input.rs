//! Servers that cannot be tested, or not to the end, and command lines that cannot be right.

use std::io::{BufRead, BufReader};
use std::process::{Child, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::server::{Server, ignorant};
use super::{json, last_words, loadtest, said};

fn refused(args: &[&str]) -> Output {
    let output = loadtest(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    output
}

#[test]
fn what_cannot_be_right_is_refused_before_anything_starts() {
    for args in [
        &["stampede"][..],
        &["direct", "--calls", "0"],
        &["direct", "--calls", "-3"],
        &["group", "--size", "1"],
        &["livestream", "--receivers", "1000000"],
        &["livestream", "--seconds", "soon"],
        &["call10", "--max-loss", "2"],
        &["call10", "--max-p99-ms", "-1"],
        &["direct", "--min-fps", "many"],
        &["livestream", "--congestion-control", "perhaps"],
        &["livestream", "--congestion-control", "off", "--sfu", "janus"],
        &["livestream", "--congestion-control", "off", "--url", "http://127.0.0.1:1"],
        &["direct", "--threads", "0"],
        &["direct", "--loss", "1.5"],
        &["direct", "--delay-ms", "-5"],
        &["livestream", "--rate-kbit", "0"],
        &["churn", "--rate", "0"],
        &["churn", "--talk", "a while"],
        &["ring-storm", "--users", "1"],
        &["ring-storm", "--rate", "-1"],
        &["ramp", "--step", "0"],
        &["ramp", "--until-loss", "7"],
        &["soak", "--url", "http://127.0.0.1:1"],
        &["verify", "--url", "http://127.0.0.1:1"],
        &["verify", "--from", "0"],
        &["direct", "--pin-server", "1023"],
        &["direct", "--pin-tester", "two"],
        &["direct", "--url", "http://127.0.0.1:1", "--pin-server", "0"],
    ] {
        let output = refused(args);
        assert!(output.stdout.is_empty() && !said(&output).contains("registering"), "{args:?}: {}", said(&output));
    }
}

#[test]
fn another_host_is_sent_to_only_when_that_is_allowed() {
    for scenario in ["direct", "smoke"] {
        // An address for documentation (RFC 5737).
        let output = refused(&[scenario, "--url", "http://192.0.2.1:8080"]);
        assert_eq!(last_words(&output), "loadtest: http://192.0.2.1:8080/ is another host; --allow-remote says that it may be sent to");
    }
}

#[test]
fn a_server_that_is_down_is_named_in_one_line() {
    let output = refused(&["direct", "--url", "http://127.0.0.1:1"]);
    assert!(last_words(&output).starts_with("loadtest: http://127.0.0.1:1/ cannot be reached: "), "{}", said(&output));
}

#[test]
fn a_server_that_is_too_old_is_told_so() {
    let url = ignorant();
    for scenario in ["direct", "smoke"] {
        let output = refused(&[scenario, "--url", &url]);
        let line = format!("loadtest: {url}/ is too old for this load tester, or no Switchboard: it has no v1/accounts");
        assert_eq!(last_words(&output), line);
    }
}

#[test]
fn a_server_that_refuses_registration_is_told_so_with_the_cure() {
    let server = Server::start(&["--limit-registrations", "1"]);
    let output = refused(&["direct", "--calls", "2", "--url", &server.url]);
    let line = last_words(&output);
    assert!(line.contains("refuses registration: 429") && line.contains("--no-limits"), "{line}");
}

#[test]
fn a_server_that_disappears_ends_the_run_with_a_report_of_what_was_measured() {
    let mut server = Server::start(&["--no-limits"]);
    let mut run = Run::start(&["direct", "--calls", "1", "--seconds", "120", "--warm-up", "0", "--json", "--url", &server.url]);
    run.measures();
    server.crash();
    let output = run.end();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let report = json(&output);
    assert!(report["ended_early"].as_str().unwrap().contains("in the middle of the run"), "{report:#}");
    assert!(report["window_s"].as_f64().unwrap() > 0.0 && report["audio"]["packets"].as_u64().unwrap() > 0, "{report:#}");
}

#[test]
fn an_interrupted_run_ends_cleanly_and_still_reports() {
    let mut run = Run::start(&["direct", "--calls", "1", "--seconds", "120", "--warm-up", "0", "--json"]);
    run.measures();
    kill_process(Pid::from_child(&run.0), Signal::INT).unwrap();
    let output = run.end();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    assert_eq!(report["ended_early"].as_str(), Some("interrupted"));
    assert!(report["window_s"].as_f64().unwrap() < 100.0 && report["audio"]["packets"].as_u64().unwrap() > 0, "{report:#}");
}

/// A run under way.
struct Run(Child);

impl Run {
    fn start(args: &[&str]) -> Self {
        Self(loadtest(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits until it has measured for some seconds, which its progress tells.
    fn measures(&mut self) {
        let mut progress = BufReader::new(self.0.stderr.as_mut().unwrap()).lines().map_while(Result::ok);
        let measuring = progress.by_ref().filter(|line| line.contains(" measuring ") && line.contains("packets/s")).take(3).count();
        assert_eq!(measuring, 3, "the run ended before it measured");
    }

    fn end(self) -> Output {
        self.0.wait_with_output().unwrap()
    }
}
