//! Scenarios in which people come and go, and the load tester alone: each small, against a server of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::server::Server;
use super::{Report, json, last_words, loadtest, said};

#[test]
fn calls_come_and_go_at_the_rate_that_was_asked_for_and_each_shows_both_sides() {
    let report = Report::of(&["churn", "--rate", "2", "--talk", "0.5", "--seconds", "4", "--warm-up", "1"]);
    let (placed, ended) = (report.number("/found/placed"), report.number("/found/ended"));
    assert!((8.0..=9.0).contains(&placed) && placed == ended, "{:#}", report.0);
    assert_eq!((report.number("/found/failed"), report.number("/found/not_placed")), (0.0, 0.0));
    // Those of the warming up are in it: each call has two who see the other.
    let shown = report.number("/accept_to_first_frame_ms/count");
    assert!(shown >= placed * 2.0 && shown % 2.0 == 0.0, "{shown}");
    assert!(report.number("/signalling_ms/end/count") >= placed && report.number("/video/frames_shown") > 0.0, "{:#}", report.0);
}

#[test]
fn in_a_storm_every_call_rings_and_how_long_it_took_is_told() {
    let report = Report::of(&["ring-storm", "--users", "20", "--rate", "10", "--ring", "0.2", "--seconds", "3", "--warm-up", "0.5"]);
    let placed = report.number("/found/placed");
    assert!((30.0..=31.0).contains(&placed), "{:#}", report.0);
    assert_eq!((report.number("/found/declined"), report.number("/found/ring_ms/count")), (placed, placed));
    let (p50, p99) = (report.number("/found/ring_ms/p50"), report.number("/found/ring_ms/p99"));
    assert!(p50 > 0.0 && p50 <= p99 && p99 <= report.number("/found/ring_ms/max"), "{:#}", report.0);
    assert_eq!(report.number("/peers"), 0.0, "no media is connected");
}

#[test]
fn a_storm_that_more_people_are_needed_for_than_there_are_fails_and_says_so() {
    let args =
        ["ring-storm", "--users", "2", "--rate", "10", "--ring", "1", "--seconds", "1", "--warm-up", "0", "--max-ring-p99-ms", "10000"];
    let output = loadtest(&args).arg("--json").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(last_words(&output).starts_with("loadtest: --max-failed 0 did not hold: it was "), "{}", said(&output));
    let limits = &json(&output)["limits"];
    assert_eq!((limits[0]["held"].as_bool(), limits[1]["held"].as_bool()), (Some(false), Some(true)), "{limits:#}");
}

#[test]
fn receivers_who_leave_and_come_anew_see_a_picture_and_no_other_is_disturbed() {
    let people = ["--receivers", "3", "--turnover", "1", "--congestion-control", "off"];
    let report = Report::of(&[&["livestream", "--seconds", "4", "--warm-up", "0.5"][..], &people].concat());
    let joined = report.number("/found/joined");
    assert!((2.0..=4.0).contains(&joined) && report.number("/found/left") == joined, "{:#}", report.0);
    assert_eq!((report.number("/found/unseeing"), report.number("/peers"), report.number("/showing")), (0.0, 4.0, 3.0));
    assert_eq!(report.number("/accept_to_first_frame_ms/count"), 3.0 + joined, "{:#}", report.0);
    assert_eq!((report.number("/loss"), report.number("/receivers/without_picture/receivers")), (0.0, 0.0), "{:#}", report.0);
}

#[test]
fn a_ramp_goes_up_step_by_step_and_its_figures_are_of_the_last_that_held() {
    let stairs = ["--from", "1", "--step", "2", "--most", "4", "--until-p99-ms", "10000", "--until-cores", "64", "--until-loss", "0.9"];
    let report = Report::of(&[&["ramp", "--seconds", "1", "--warm-up", "0.2", "--congestion-control", "off"][..], &stairs].concat());
    let receivers: Vec<_> = report.0["found"]["steps"].as_array().unwrap().iter().map(|step| step["receivers"].as_u64().unwrap()).collect();
    assert_eq!(receivers, [1, 3, 4]);
    assert_eq!((report.number("/found/knee/receivers"), report.number("/peers")), (4.0, 5.0));
    assert_eq!(report.0["found"]["ended"], "4 receivers are there");
    // 320 packets a second for each; the busier the machine, the later some of them.
    let share = report.number("/packets_received_per_s") / (320.0 * 4.0);
    assert!((0.7..1.3).contains(&share), "{share}: {:#}", report.0);
}

#[test]
fn a_ramp_ends_where_a_limit_is_passed() {
    let report =
        Report::of(&["ramp", "--from", "1", "--step", "1", "--most", "3", "--seconds", "1", "--warm-up", "0", "--until-p99-ms", "0.001"]);
    assert_eq!(report.0["found"]["steps"].as_array().unwrap().len(), 1);
    assert!(report.0["found"]["knee"].is_null() && report.0["found"]["ended"].as_str().unwrap().contains("p99 of"), "{:#}", report.0);
}

#[test]
fn a_ramp_ends_where_somebody_is_left_without_a_picture_and_says_so() {
    // The third and the fifth have no room for it; the others would be paused on a busy machine, if paths were kept to.
    let stairs = ["--from", "1", "--step", "3", "--most", "4", "--until-p99-ms", "60000", "--until-cores", "64", "--until-loss", "1"];
    let network = ["--rate-kbit", "60", "--bad-share", "0.4", "--congestion-control", "off"];
    let report = Report::of(&[&["ramp", "--seconds", "4", "--warm-up", "2"][..], &stairs, &network].concat());
    assert_eq!(report.0["found"]["knee"]["receivers"], 1, "{:#}", report.0);
    assert_eq!(report.0["found"]["ended"], "2 of 4 receivers are without a picture for more than 2 s", "{:#}", report.0);
    assert_eq!(report.0["found"]["steps"][1]["without_picture"], 2, "{:#}", report.0);
}

#[test]
fn after_a_soak_the_server_holds_no_more_than_before() {
    // How much a server of a few seconds grows is not told by a few seconds.
    let growth = ["--max-rss-growth", "1000"];
    let report = Report::of(&[&["soak", "--rate", "2", "--talk", "0.3", "--settle", "3", "--seconds", "3"][..], &growth].concat());
    assert!(report.number("/found/calls/ended") >= 6.0, "{:#}", report.0);
    for held in ["legs", "calls"] {
        assert_eq!(report.number(&format!("/found/after/{held}")), 0.0, "{held}");
    }
    assert!(report.number("/found/before/tasks") > 0.0 && report.number("/found/after/fds") > 0.0, "{:#}", report.0);
    let limits: Vec<_> = report.0["limits"].as_array().unwrap().iter().map(|limit| limit["name"].as_str().unwrap()).collect();
    assert_eq!(limits, ["--max-failed", "--max-rss-growth", "legs left", "tasks left", "open files left"]);
}

#[test]
fn a_soak_of_another_server_reads_what_it_holds_at_its_admin_listener() {
    let server = Server::start(&["--no-limits"]);
    let output = loadtest(&["soak", "--url", &server.url]).output().unwrap();
    assert_eq!(last_words(&output), "loadtest: soak needs --metrics-url with --url: what the server holds is read there");
    let output = loadtest(&["soak", "--url", &server.url, "--metrics-url", &format!("{}/healthz", server.admin)]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(last_words(&output).contains("/healthz does not tell process_resident_memory_bytes"), "{}", said(&output));
    let page = format!("{}/metrics", server.admin);
    let args = ["--url", &server.url, "--metrics-url", &page, "--rate", "1", "--seconds", "1", "--settle", "1"];
    let report = Report::of(&[&["soak", "--max-rss-growth", "1000"][..], &args].concat());
    assert!(report.number("/found/before/rss_bytes") > 1e6, "{:#}", report.0);
}

#[test]
fn the_load_tester_alone_says_what_a_core_of_it_sends_and_receives() {
    let report = Report::of(&[
        "verify",
        "--from",
        "2",
        "--step",
        "2",
        "--most",
        "4",
        "--seconds",
        "1",
        "--warm-up",
        "0.5",
        "--until-p99-ms",
        "10000",
    ]);
    assert_eq!((report.0["target"].as_str(), report.0["server"].is_null()), (Some("peer to peer"), true));
    assert_eq!((report.number("/found/knee/receivers"), report.number("/peers")), (4.0, 8.0));
    assert!(report.number("/found/one_core/sends_per_s") > 1_000.0 && report.number("/found/one_core/receives_per_s") > 1_000.0);
    let share = report.number("/packets_received_per_s") / report.number("/packets_sent_per_s");
    assert!((0.95..1.05).contains(&share), "{share}: {:#}", report.0);
}

#[test]
fn a_bad_network_is_as_bad_as_was_asked_for_and_only_where_it_was() {
    let short = ["--calls", "2", "--seconds", "3", "--warm-up", "1"];
    let report = Report::of(&[&["direct", "--delay-ms", "60"][..], &short].concat());
    // Up one bad path and down another, 60 ms each.
    assert!((120.0..200.0).contains(&report.number("/audio/latency_ms/p50")), "{:#}", report.0);
    assert!(report.0["definition"].as_str().unwrap().ends_with("; the network of 100 % of the peers has 60 ms delay each way"));

    let report = Report::of(&[&["livestream", "--receivers", "4", "--loss", "0.1", "--bad-share", "0.4"][..], &short[2..]].concat());
    // Two of five people have it: two of the four receivers. Audio is not sent again. With much more a handshake may take longer than is
    // waited for.
    let loss = report.number("/audio/loss");
    assert!((0.025..0.075).contains(&loss), "{loss}");
}

#[test]
fn an_interrupted_churn_and_an_interrupted_storm_report_what_they_saw() {
    for scenario in ["churn", "ring-storm"] {
        let mut running = Running::start(&[scenario, "--seconds", "600", "--warm-up", "0.5", "--rate", "5"]);
        running.until(|line| line.contains("measuring"));
        running.until(|line| line.contains("measuring"));
        kill_process(Pid::from_child(&running.child), Signal::INT).unwrap();
        let output = running.output();
        let report: serde_json::Value = serde_json::from_str(&output).unwrap_or_else(|error| panic!("{scenario}: {error}: {output}"));
        assert_eq!(report["ended_early"], "interrupted");
        assert!(report["found"]["placed"].as_u64().unwrap() >= 1, "{report:#}");
    }
}

struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Running {
    fn start(args: &[&str]) -> Self {
        let mut child = loadtest(args).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines }
    }

    fn until(&mut self, wanted: impl Fn(&str) -> bool) {
        let found = self.lines.by_ref().map(Result::unwrap).take(120).any(|line| wanted(&line));
        assert!(found, "the progress did not come to it");
    }

    /// What it prints until it ends.
    fn output(mut self) -> String {
        let mut output = String::new();
        std::io::Read::read_to_string(&mut self.child.stdout.take().unwrap(), &mut output).unwrap();
        self.child.wait().unwrap();
        output
    }
}
