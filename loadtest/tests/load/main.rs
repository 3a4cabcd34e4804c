//! The scenarios that load a server, as people and programs run them: the built binary, real sockets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod scenarios;
mod server;

use std::process::{Command, Output};

use serde_json::Value;

use server::Server;

pub(crate) fn loadtest(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadtest"));
    command.args(args);
    command
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The last line of standard error; those before it are progress.
pub(crate) fn last_words(output: &Output) -> String {
    said(output).lines().last().unwrap_or_default().to_owned()
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

/// A report, and numbers in it.
struct Report(Value);

impl Report {
    fn of(args: &[&str]) -> Self {
        let output = loadtest(args).arg("--json").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        Self(json(&output))
    }

    fn number(&self, pointer: &str) -> f64 {
        self.0.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer} in {:#}", self.0))
    }
}

#[test]
fn direct_calls_carry_voices_and_pictures_both_ways() {
    let report = Report::of(&["direct", "--calls", "2", "--seconds", "3", "--warm-up", "0.5"]);
    assert_eq!((report.number("/peers"), report.number("/connected"), report.number("/showing")), (4.0, 4.0, 4.0));
    assert_eq!((report.number("/accept_to_first_frame_ms/count"), report.number("/join_ms/count")), (4.0, 4.0));
    assert_eq!(report.0["receivers"]["voices"], serde_json::json!([1, 1]), "{:#}", report.0);
    assert!(report.number("/audio/packets") > 0.4 * report.number("/audio/sent"), "{:#}", report.0);
    assert!(report.number("/video/frames_shown") > 20.0 && report.number("/audio/latency_ms/p50") > 0.0, "{:#}", report.0);
    assert_eq!((report.number("/loss"), report.number("/receivers/foreign_payloads")), (0.0, 0.0));
    assert!(report.number("/server/cpu_us_per_packet") > 0.0 && report.number("/server/rss_per_peer_loaded_bytes") > 0.0);
    assert!(report.0["seconds"].as_array().unwrap().len() >= 4);
}

#[test]
fn what_a_server_costs_is_read_from_its_metrics_where_its_process_is_not_named() {
    let server = Server::start(&["--no-limits"]);
    let metrics = format!("{}/metrics", server.admin);
    let args = ["direct", "--calls", "1", "--seconds", "2", "--url", &server.url];
    let report = Report::of(&[&args[..], &["--metrics-url", &metrics]].concat());
    assert!(report.number("/server/rss_bytes") > 1e6 && report.number("/seconds/3/server_rss_bytes") > 1e6, "{:#}", report.0);
    assert!(Report::of(&args).0["server"].is_null(), "nobody has said where to read it");
}

#[test]
fn a_livestream_reaches_every_receiver_in_packets_of_the_size_that_is_sent() {
    let report = Report::of(&["livestream", "--receivers", "3", "--seconds", "3", "--warm-up", "0.5"]);
    assert_eq!((report.number("/peers"), report.number("/showing"), report.number("/receivers/count")), (4.0, 3.0, 3.0));
    assert_eq!(report.number("/loss"), 0.0, "{:#}", report.0);
    // How much of it falls into the measured time depends on how late a busy machine is; that nobody is left out does not.
    assert_eq!(report.0["receivers"]["voices"], serde_json::json!([1, 1]), "{:#}", report.0);
    assert_eq!(report.0["receivers"]["pictures"], serde_json::json!([1, 1]), "{:#}", report.0);
    assert!(report.number("/audio/packets") > report.number("/audio/sent"), "{:#}", report.0);
    let bytes = report.number("/video/bitrate_bps") * report.number("/window_s") / 8.0 / report.number("/video/packets");
    assert!((bytes - 1_100.0).abs() < 1.0, "{bytes} bytes a packet");
    // Of a frame's nine packets some go together, and none takes more than a few looks.
    let path = |name: &str| report.number(&format!("/server/packet_path/{name}"));
    assert!(path("datagrams_per_run") > 1.0 && path("datagrams_per_batch") >= 1.0, "{:#}", report.0["server"]);
    assert!((1.0..20.0).contains(&path("polls_per_packet")), "{:#}", report.0["server"]);
    assert!(report.number("/video/latency_ms/p99") >= report.number("/video/latency_ms/p50"));
}

#[test]
fn those_who_are_shown_nothing_are_counted_and_named_and_no_average_hides_them() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    // Two of four receivers have no room for the picture at all. The others would be paused on a busy machine, if paths were kept to.
    let bad = ["--rate-kbit", "60", "--bad-share", "0.4", "--congestion-control", "off"];
    let args = [&["livestream", "--receivers", "4", "--seconds", "5", "--warm-up", "3"][..], &bad].concat();
    let limits = ["--min-fps", "10", "--html", page.to_str().unwrap()];
    let output = loadtest(&[&args[..], &limits].concat()).arg("--json").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(last_words(&output).starts_with("loadtest: --min-fps 10 did not hold: it was "), "{}", said(&output));
    let report = Report(json(&output));
    assert_eq!(report.number("/receivers/without_picture/receivers"), 2.0, "{:#}", report.0);
    assert!(report.number("/receivers/without_picture/seconds") > 2.0, "{:#}", report.0);
    assert!(report.number("/receivers/frames_per_s/0") < 10.0 && report.number("/receivers/frames_per_s/2") > 10.0, "{:#}", report.0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("2 receivers were without a picture for more than 2 s at a time"), "{page}");
    let table = loadtest(&args).output().unwrap();
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("without a picture for over 2 s     2 receivers, "), "{table}");
}

#[test]
fn a_server_without_congestion_control_sends_everything_and_the_report_says_so() {
    // What a path is not known to carry is sent all the same.
    let narrow = ["--rate-kbit", "200", "--bad-share", "0.5", "--seconds", "2", "--warm-up", "1"];
    let report = Report::of(&[&["livestream", "--receivers", "1", "--congestion-control", "off"][..], &narrow].concat());
    assert!(report.0["definition"].as_str().unwrap().ends_with("; the server's congestion control is off"), "{:#}", report.0);
    assert!(report.number("/video/loss") > 0.5, "the picture goes out and is lost on the way: {:#}", report.0);
}

#[test]
fn in_a_call_of_ten_everyone_receives_nine_voices_and_nine_pictures() {
    let report = Report::of(&["call10", "--seconds", "2", "--warm-up", "3"]);
    assert_eq!((report.number("/peers"), report.number("/showing")), (10.0, 10.0));
    assert_eq!(report.0["receivers"]["voices"], serde_json::json!([9, 9]), "{:#}", report.0);
    // How many pictures pass is for the server to decide by what it believes the path to carry: on a busy machine that is little.
    assert!(report.number("/receivers/pictures/0") >= 1.0 && report.number("/loss") == 0.0, "{:#}", report.0);
}

#[test]
fn a_group_gets_layers_and_the_page_shows_it_all() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let file = page.to_str().unwrap();
    let report = Report::of(&["group", "--calls", "1", "--size", "3", "--seconds", "2", "--html", file]);
    assert_eq!(report.number("/showing"), 3.0);
    let heights: f64 = report.0["receivers"]["heights"].as_object().unwrap().values().map(|count| count.as_f64().unwrap()).sum();
    assert_eq!(heights, 6.0, "{:#}", report.0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<h1>group</h1>") && page.contains("1 × call of 3 people") && page.contains("--size 3"), "{page}");
    assert!(page.matches("<polyline").count() >= 6, "charts");
    for outside in ["src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "the page needs nothing else, not even {outside}");
    }
}

#[test]
fn a_limit_that_does_not_hold_fails_the_run_and_is_named() {
    let args = ["direct", "--calls", "1", "--seconds", "1", "--warm-up", "0", "--max-loss", "0.5", "--max-p99-ms", "0.001"];
    let output = loadtest(&args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(last_words(&output).starts_with("loadtest: --max-p99-ms 0.001 did not hold: it was "), "{}", said(&output));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("--max-loss 0.5") && table.contains("held: 0.000"), "{table}");
}
