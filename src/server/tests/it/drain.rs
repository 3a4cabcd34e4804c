//! Draining a server that people talk on, and what its operator sees of it.

use std::time::{Duration, Instant};

use serde_json::Value;
use switchboard_protocol::{ErrorCode, Reply, Request};
use tempfile::tempdir;

use crate::support::{Device, Process, TestUser, complaint, eventually};

struct Drained {
    server: Process,
    ready: String,
    drain: String,
    http: reqwest::Client,
}

impl Drained {
    fn serve(folder: &std::path::Path, timeout: &str) -> Self {
        let server = Process::serve(folder, &["--no-limits", "--drain-timeout", timeout]);
        let admin = server.said("admin on ").to_owned();
        let (ready, drain) = (format!("{admin}/readyz"), format!("{admin}/v1/admin/drain"));
        Self { server, ready, drain, http: reqwest::Client::new() }
    }

    async fn three_people(&self) -> [(TestUser, Device); 3] {
        let url = self.server.said("listening on ");
        let [anna, boris, clara] =
            [TestUser::register(url, "Anna").await, TestUser::register(url, "Boris").await, TestUser::register(url, "Clara").await];
        anna.befriends(&boris).await;
        clara.befriends(&boris).await;
        let (a, b, c) = (anna.connects().await, boris.connects().await, clara.connects().await);
        [(anna, a), (boris, b), (clara, c)]
    }

    async fn readiness(&self) -> (u16, String) {
        let answer = self.http.get(&self.ready).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn is_told_to_drain(&self) -> u16 {
        self.http.post(&self.drain).send().await.unwrap().status().as_u16()
    }
}

#[tokio::test]
async fn a_draining_server_takes_no_new_calls_and_ends_well_after_the_last() {
    let folder = tempdir().unwrap();
    let mut drained = Drained::serve(folder.path(), "600");
    let [(_anna, mut a), (boris, mut b), (_clara, mut c)] = drained.three_people().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    assert_eq!(drained.readiness().await, (200, "ready\n".to_owned()));

    assert_eq!(drained.is_told_to_drain().await, 202);
    assert_eq!(drained.readiness().await, (503, "draining\n".to_owned()));
    let start = Instant::now();
    let failure = loop {
        // The switchboard learns of it a moment after the operator did.
        match c.tries_to_call(vec![boris.id]).await {
            Err(failure) if failure.code == ErrorCode::Unavailable => break failure,
            // A call that was just in time would be waited for while it rings.
            Ok(Reply::Placed { call, .. }) => drop(c.asks(Request::Cancel { call }).await.unwrap()),
            other => panic!("a new call is refused, not {other:?}"),
        }
        assert!(start.elapsed() < Duration::from_secs(10), "a new call is refused");
    };
    assert!(failure.message.contains("no new calls"), "{}", failure.message);
    assert_eq!(drained.is_told_to_drain().await, 202, "to ask again changes nothing");
    a.asks(Request::Ping).await.expect("those who talk are served");

    a.asks(Request::HangUp { call }).await.unwrap();
    let start = Instant::now();
    assert_eq!(drained.server.wait().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(20), "it does not wait for the time to pass");
}

#[tokio::test]
async fn calls_that_outlast_the_time_given_are_left_to_the_next_start() {
    let folder = tempdir().unwrap();
    let mut drained = Drained::serve(folder.path(), "1");
    let [(anna, mut a), (boris, mut b), _clara] = drained.three_people().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let start = Instant::now();
    drained.server.terminate();
    eventually("the server to drain", true, async || drained.readiness().await.0 == 503).await;
    assert_eq!(a.is_closed().await, 1001);
    assert!(start.elapsed() >= Duration::from_secs(1), "running calls have their time");
    assert_eq!(drained.server.wait().code(), Some(0));

    let again = Drained::serve(folder.path(), "0");
    let mut anna = anna;
    anna.moves_to(again.server.said("listening on "));
    let mut a = anna.connects().await;
    let mine = a.has_calls("the call it was in", |calls| !calls.is_empty()).await;
    assert_eq!(mine[0].call, call);
}

#[tokio::test]
async fn told_twice_a_server_does_not_wait_for_its_calls() {
    let folder = tempdir().unwrap();
    let mut drained = Drained::serve(folder.path(), "600");
    let [(_anna, mut a), (boris, mut b), _clara] = drained.three_people().await;
    a.calls(&[&boris]).await;
    b.answers().await;
    drained.server.terminate();
    eventually("the server to drain", true, async || drained.readiness().await.0 == 503).await;
    drained.server.terminate();
    assert_eq!(drained.server.wait().code(), Some(0));
}

#[tokio::test]
async fn a_page_in_a_browser_cannot_drain_a_server() {
    let folder = tempdir().unwrap();
    let drained = Drained::serve(folder.path(), "0");
    let posted = drained.http.post(&drained.drain).header("origin", "http://127.0.0.1:9090").send().await.unwrap();
    assert_eq!(posted.status(), 403);
    assert_eq!(drained.readiness().await.0, 200);
}

#[tokio::test]
async fn the_command_lists_the_calls_that_run_and_nobodys_number() {
    let folder = tempdir().unwrap();
    let drained = Drained::serve(folder.path(), "0");
    let admin = drained.server.said("admin on ");
    let text = |args: &[&str]| {
        let output = Process::output(&[&["calls", "--admin", admin], args].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(text(&[]), "no calls\n");
    let [(anna, mut a), (boris, mut b), (clara, mut c)] = drained.three_people().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let waits = c.calls(&[&boris]).await;

    let listed: Value = serde_json::from_str(&text(&["--json"])).unwrap();
    assert_eq!(listed["calls"].as_array().unwrap().len(), 2, "{listed}");
    let first = &listed["calls"][0];
    assert_eq!((first["id"].as_str(), first["kind"].as_str(), first["legs"].as_u64()), (Some(&*call.to_string()), Some("video"), Some(2)));
    assert_eq!(first["seats"], serde_json::json!({"active": 2}));
    assert!(first["answered_ms"].as_i64() >= first["placed_ms"].as_i64());
    let second = &listed["calls"][1];
    assert_eq!(
        (second["id"].as_str(), second["seats"].clone()),
        (Some(&*waits.to_string()), serde_json::json!({"active": 1, "ringing": 1}))
    );
    assert!(second.get("answered_ms").is_none());

    let table = text(&[]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("CALL ") && lines[1].starts_with(&call.to_string()) && lines[2].contains("ringing"), "{table}");
    for person in [&anna, &boris, &clara] {
        assert!(!table.contains(&person.phone) && !listed.to_string().contains(&person.phone));
    }
}

#[test]
fn where_no_server_answers_the_command_says_what_to_do() {
    for (admin, cure) in [("http://127.0.0.1:1", "--admin"), ("nonsense", "--admin")] {
        let (line, status) = complaint(&Process::output(&["calls", "--admin", admin]));
        assert!(status == 1 && line.contains(admin) && line.contains(cure) && line.contains(" — "), "{status} {line}");
    }
}
