//! A server that ends under running calls and is started again on the same database.

use std::time::Duration;

use switchboard_protocol::{EndReason, ErrorCode, Event, Reply, Request, SeatState};
use tempfile::tempdir;

use crate::support::{Database, Process, TestApp, TestUser};

const SHORT: [&str; 3] = ["--no-limits", "--grace", "3"];

/// The server ends and is started again on what it left behind; these people speak to the new one.
async fn restarted<const PEOPLE: usize>(app: TestApp, people: [&mut TestUser; PEOPLE]) -> TestApp {
    let app = TestApp::start_in(app.stops().await, &SHORT).await;
    for person in people {
        person.moves_to(&app.url);
    }
    app
}

#[tokio::test]
async fn a_restarted_server_takes_up_the_call_of_those_who_come_back() {
    let app = TestApp::start_with(&SHORT).await;
    let (mut anna, mut a, mut boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let (a, b) = (a.breaks().await, b.breaks().await);
    let _app = restarted(app, [&mut anna, &mut boris]).await;

    let mut a_again = anna.cannot_resume(a).await;
    assert_eq!(a_again.id, a.device, "the device is known by its seat");
    let mine = a_again.has_calls("the call it is in", |calls| !calls.is_empty()).await;
    assert!(mine[0].here && mine[0].call == call && mine[0].people[0].name == "Boris");
    for request in [Request::View { call, tiles: vec![] }, Request::Stats { call }] {
        assert_eq!(a_again.asks(request).await.unwrap_err().code, ErrorCode::WrongState, "it has no media yet");
    }
    let seats = a_again.joins(call).await;
    let states: Vec<_> = seats.iter().map(|seat| (seat.person.name.as_str(), seat.state)).collect();
    assert_eq!(states, [("Anna", SeatState::Active), ("Boris", SeatState::Reconnecting)]);
    let mut b_again = boris.cannot_resume(b).await;
    b_again.joins(call).await;
    a_again.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    assert!(!b_again.heard().await.iter().any(|event| matches!(event, Event::IncomingCall { .. })), "nothing rings");

    b_again.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(a_again.sees_the_end(call).await, EndReason::HungUp);
    a_again.hears("the history to be written", |event| matches!(event, Event::HistoryChanged).then_some(())).await;
    let history = anna.get("/v1/calls").await.expect(200);
    assert_eq!(history["calls"].as_array().unwrap().len(), 1, "{history}");
    assert_eq!(history["calls"][0]["reason"], "hung_up");
}

#[tokio::test]
async fn a_stopping_server_closes_connections_and_leaves_their_call_to_the_next_run() {
    let app = TestApp::start_with(&SHORT).await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    a.calls(&[&boris]).await;
    b.answers().await;
    let folder = app.stops().await;
    assert_eq!((a.is_closed().await, b.is_closed().await), (1001, 1001));
    assert!(!matches!(a.last_words(), Some(Event::CallEnded { .. })));
    let running = Database::of(folder.path()).number("SELECT COUNT(*) FROM calls WHERE ended_ms IS NULL").await;
    assert_eq!(running, 1);
}

#[tokio::test]
async fn a_call_that_rang_rings_on_when_the_server_is_back() {
    let app = TestApp::start_with(&SHORT).await;
    let (mut anna, mut a, mut boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    let (a, _b) = (a.breaks().await, b.breaks().await);
    let _app = restarted(app, [&mut anna, &mut boris]).await;
    let mut a = anna.cannot_resume(a).await;
    a.joins(call).await;
    let mut b = boris.connects().await;
    assert_eq!(b.answers().await, call);
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}

#[tokio::test]
async fn a_held_call_is_held_when_the_server_is_back_and_goes_on_with_new_media() {
    let app = TestApp::start_with(&SHORT).await;
    let (mut anna, mut a, mut boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    b.asks(Request::Hold { call }).await.unwrap();
    let (a, b) = (a.breaks().await, b.breaks().await);
    let _app = restarted(app, [&mut anna, &mut boris]).await;
    let mut a = anna.cannot_resume(a).await;
    a.joins(call).await;
    let mut b = boris.cannot_resume(b).await;
    a.sees("Boris", "held", |seat| seat.state == SeatState::Held).await;
    let unhold = || Request::Unhold { call, current: None };
    assert_eq!(b.asks(unhold()).await.unwrap_err().code, ErrorCode::NoOffer, "there is no media to go on with");
    b.joins(call).await;
    assert_eq!(b.asks(unhold()).await, Ok(Reply::Done));
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}

#[tokio::test]
async fn one_who_comes_back_and_brings_no_media_does_not_stay_in_the_call_for_ever() {
    let app = TestApp::start_with(&SHORT).await;
    let (mut anna, mut a, mut boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let (a, b) = (a.breaks().await, b.breaks().await);
    let _app = restarted(app, [&mut anna, &mut boris]).await;
    let mut a = anna.cannot_resume(a).await;
    a.joins(call).await;
    let mut b = boris.cannot_resume(b).await;
    let within = Duration::from_secs(20);
    let ends = tokio::join!(a.sees_the_end_within(call, within), b.sees_the_end_within(call, within));
    assert_eq!(ends, (EndReason::ConnectionLost, EndReason::ConnectionLost));
}

#[tokio::test]
async fn a_call_nobody_comes_back_to_ends_with_the_reason() {
    let app = TestApp::start_with(&SHORT).await;
    let (mut anna, mut a, boris, mut b) = app.anna_and_boris().await;
    a.calls(&[&boris]).await;
    b.answers().await;
    let _app = restarted(app, [&mut anna]).await;
    let mut a = anna.connects().await;
    a.hears("the history to be written", |event| matches!(event, Event::HistoryChanged).then_some(())).await;
    let history = anna.get("/v1/calls").await.expect(200);
    assert_eq!(history["calls"][0]["reason"], "server_stopped");
}

#[tokio::test]
async fn calls_of_a_server_that_was_down_for_long_ended_when_it_did() {
    let app = TestApp::start_with(&SHORT).await;
    let (mut anna, mut a, boris, mut b) = app.anna_and_boris().await;
    a.calls(&[&boris]).await;
    b.answers().await;
    let folder = app.stops().await;
    let app = TestApp::start_with(&SHORT).await;
    let database = Database::of(folder.path());
    for statement in [
        "UPDATE calls SET placed_ms = placed_ms - 3600000, answered_ms = answered_ms - 3600000",
        "UPDATE heartbeats SET at_ms = at_ms - 3000000",
    ] {
        database.run(statement).await;
    }
    let alive = database.number("SELECT at_ms FROM heartbeats").await;
    drop(app);
    let app = TestApp::start_in(folder, &SHORT).await;
    anna.moves_to(&app.url);
    let history = anna.get("/v1/calls").await.expect(200);
    assert_eq!((&history["calls"][0]["reason"], history["calls"][0]["ended_ms"].as_i64()), (&"server_stopped".into(), Some(alive)));
}

#[tokio::test]
async fn a_server_that_was_killed_loses_no_call() {
    let folder = tempdir().unwrap();
    let mut server = Process::serve(folder.path(), &["--no-limits"]);
    let url = format!("http://{}", server.said("listening on http://"));
    let (mut anna, boris) = (TestUser::register(&url, "Anna").await, TestUser::register(&url, "Boris").await);
    anna.befriends(&boris).await;
    let (mut a, mut b) = (anna.connects().await, boris.connects().await);
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    // What is acknowledged may be a moment ahead of what is written.
    crate::support::eventually("the answer to be written", true, async || {
        !anna.get("/v1/calls").await.expect(200)["calls"][0]["answered_ms"].is_null()
    })
    .await;
    let cursor = a.breaks().await;
    server.kill();
    let server = Process::serve(folder.path(), &["--no-limits"]);
    anna.moves_to(&format!("http://{}", server.said("listening on http://")));
    let mut a = anna.cannot_resume(cursor).await;
    assert!(a.has_calls("the call", |calls| !calls.is_empty()).await[0].here);
    a.joins(call).await;
}
