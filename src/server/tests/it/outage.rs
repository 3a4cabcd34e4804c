//! A database that is gone for a while, or takes nothing more, under a running server: what goes on, what is refused, and that
//! nothing is lost.

use std::time::Duration;

use serde_json::Value;
use switchboard_protocol::{EndReason, ErrorCode, Request};
use tempfile::tempdir;
use uuid::Uuid;

use crate::support::{Cluster, Guest, TestApp, TestUser, eventually};

/// The calls of a person: why each ended, and where its seats stand.
async fn history(user: &TestUser) -> Vec<(Value, Vec<Value>)> {
    let history = user.get("/v1/calls").await.expect(200);
    let line = |call: &Value| {
        let seats = call["seats"].as_array().unwrap().iter().map(|seat| seat["state"].clone()).collect();
        (call["reason"].clone(), seats)
    };
    history["calls"].as_array().unwrap().iter().map(line).collect()
}

/// Two are in a call while the database goes away and comes back.
async fn a_call_outlives(goes: impl FnOnce(&Cluster), comes_back: impl FnOnce(&Cluster)) {
    let cluster = Cluster::start();
    let app = TestApp::start_with(&["--no-limits", "--database-url", &cluster.database("calls")]).await;
    let (call, mut guests) = app.in_one_call(["Anna", "Boris"]).await;
    Guest::hear_each_other(&guests).await;

    let clara = app.register("Clara").await;
    clara.befriends(&guests[1].user).await;
    let mut c = clara.connects().await;

    goes(&cluster);
    let ready = app.admin("/readyz").await;
    assert!(ready.0 == 503 && ready.1.contains("database"), "{ready:?}");
    assert_eq!(app.admin("/healthz").await.0, 200);
    Guest::hear_each_other(&guests).await;
    let [anna, boris] = &mut guests;
    anna.device.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(boris.device.sees_the_end(call).await, EndReason::HungUp);
    // Each waits for as long as the server hopes for a connection: the history has been refused by then, too.
    for _ in 0..2 {
        let refused = clara.tries_to_write(&boris.user, "hello").await;
        refused.refused(503, "database_unavailable");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert_eq!(c.tries_to_call(vec![boris.user.id]).await.unwrap_err().code, ErrorCode::Unavailable);

    comes_back(&cluster);
    eventually("the server to be ready", 200, async || app.admin("/readyz").await.0).await;
    for user in [&anna.user, &boris.user] {
        eventually("the history", vec![("hung_up".into(), vec!["left".into(); 2])], async || history(user).await).await;
    }
    clara.writes(&boris.user, "hello").await;
    let again = c.calls(&[&boris.user]).await;
    assert_eq!(boris.device.rings().await, again);
}

#[tokio::test]
async fn a_database_that_is_stopped_and_started_again_leaves_calls_alone_and_has_their_history() {
    a_call_outlives(Cluster::stops, Cluster::starts).await;
}

#[tokio::test]
async fn a_database_that_stands_still_leaves_calls_alone_and_has_their_history() {
    a_call_outlives(Cluster::freezes, Cluster::thaws).await;
}

#[tokio::test]
async fn a_server_whose_database_is_gone_ends_when_it_is_told_to() {
    let cluster = Cluster::start();
    let app = TestApp::start_with(&["--no-limits", "--database-url", &cluster.database("calls")]).await;
    let (_call, _guests) = app.in_one_call(["Anna", "Boris"]).await;
    cluster.freezes();
    tokio::time::timeout(Duration::from_secs(30), app.stops()).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_loses_nothing_that_was_acknowledged() {
    let folder = tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("full.db").display());
    let app = TestApp::start_in(folder, &["--no-limits", "--database-url", &url]).await;
    let (call, [mut anna, mut boris]) = app.in_one_call(["Anna", "Boris"]).await;
    sqlx::query("PRAGMA max_page_count = 1").execute(&app.store).await.unwrap();

    let long = "so many words ".repeat(250);
    let mut sent = Vec::new();
    let key = loop {
        assert!(sent.len() < 100, "the disk is not full");
        let key = Uuid::now_v7();
        let answer = anna.user.writes_with_key(&boris.user, key, &long).await;
        if answer.status == 503 {
            answer.refused(503, "database_unavailable");
            assert_eq!(answer.header("retry-after"), Some("1"));
            break key;
        }
        sent.push(answer.expect(201)["id"].clone());
    };
    anna.device.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(boris.device.sees_the_end(call).await, EndReason::HungUp);
    let calls: Vec<_> = futures_util::future::join_all((0..3).map(|_| boris.user.get("/v1/calls"))).await;
    calls.into_iter().for_each(|answer| drop(answer.expect(200)));

    sqlx::query("PRAGMA max_page_count = 1000000").execute(&app.store).await.unwrap();
    eventually("the history", vec![("hung_up".into(), vec!["left".into(); 2])], async || history(&anna.user).await).await;
    sent.push(anna.user.writes_with_key(&boris.user, key, &long).await.expect(201)["id"].clone());
    sent.reverse();
    let kept = boris.user.conversation(&anna.user).await;
    assert_eq!(kept.iter().map(|message| Value::from(message.id.to_string())).collect::<Vec<_>>(), sent);
}
