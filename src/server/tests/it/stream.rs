//! Signalling by server-sent events and POSTs, where no WebSocket passes.

use reqwest::Method;
use serde_json::json;
use switchboard_protocol::{EndReason, ErrorCode, Reply, Request, SeatState};

use crate::support::{Kind, TestApp};

#[tokio::test]
async fn a_whole_call_goes_by_events_and_posts() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    let (mut a, mut b) = (anna.connects_by(Kind::Stream).await, boris.connects_by(Kind::Stream).await);
    let call = a.calls(&[&boris]).await;
    assert_eq!(b.answers().await, call);
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    b.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp);
}

#[tokio::test]
async fn both_kinds_of_connection_meet_in_one_call() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, _b) = app.anna_and_boris().await;
    let mut stream = boris.connects_by(Kind::Stream).await;
    let call = a.calls(&[&boris]).await;
    assert_eq!(stream.answers().await, call);
    stream.leaves().await;
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp, "closing it is leaving");
}

#[tokio::test]
async fn a_page_that_leaves_just_after_its_stream_has_ended_has_left() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, _b) = app.anna_and_boris().await;
    let mut stream = boris.connects_by(Kind::Stream).await;
    let call = a.calls(&[&boris]).await;
    stream.answers().await;
    let device = stream.breaks().await.device;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    boris.post(&format!("/v1/events/close?device={device}")).await.expect(202);
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp);
}

#[tokio::test]
async fn a_broken_stream_is_resumed_and_by_either_kind() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, _b) = app.anna_and_boris().await;
    let mut stream = boris.connects_by(Kind::Stream).await;
    let call = a.calls(&[&boris]).await;
    stream.answers().await;
    let cursor = stream.breaks().await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    let again = boris.resumes_by(Kind::Stream, cursor).await;
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    let mut socket = boris.resumes(again.cursor()).await;
    socket.asks(Request::HangUp { call }).await.unwrap();
    a.sees_the_end(call).await;
}

#[tokio::test]
async fn what_is_posted_is_refused_in_the_stream_as_it_would_be_on_a_websocket() {
    let app = TestApp::start().await;
    let mut a = app.register("Anna").await.connects_by(Kind::Stream).await;
    a.says("hello").await;
    assert_eq!(a.answer_to(0).await.unwrap_err().code, ErrorCode::BadMessage);
    a.says(r#"{"id": 4, "type": "dance"}"#).await;
    assert_eq!(a.answer_to(4).await.unwrap_err().code, ErrorCode::BadMessage);
    assert_eq!(a.asks(Request::Ping).await, Ok(Reply::Done));
    a.says(&format!(r#"{{"id":1,"type":"ping","padding":"{}"}}"#, "x".repeat(70_000))).await;
    assert_eq!(a.answer_to(0).await.unwrap_err().code, ErrorCode::TooLarge);
    a.is_closed().await;
}

#[tokio::test]
async fn nobody_speaks_for_a_device_of_someone_elses() {
    let app = TestApp::start().await;
    let (anna, mallory) = (app.register("Anna").await, app.register("Mallory").await);
    let mut a = anna.connects_by(Kind::Stream).await;
    let path = format!("/v1/requests?device={}", a.id);
    let body = json!({"id": 1, "type": "ping"});
    let refused = mallory.posts(&path, body.clone()).await.expect(404);
    assert_eq!(refused["code"], "no_such_device");
    mallory.post(&format!("/v1/events/close?device={}", a.id)).await.expect(404);
    let unknown = "/v1/requests?device=01900000-0000-7000-8000-000000000001";
    assert_eq!(anna.posts(unknown, body.clone()).await.expect(404)["code"], "no_such_device");
    app.request(Method::POST, &path).json(&body).send().await.map(|answer| assert_eq!(answer.status(), 401)).unwrap();
    anna.posts("/v1/requests", body.clone()).await.expect(400);
    anna.posts("/v1/requests?device=me", body).await.expect(400);
    assert_eq!(a.asks(Request::Ping).await, Ok(Reply::Done));
}

#[tokio::test]
async fn a_page_of_another_origin_opens_no_stream() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let request = app.request(Method::GET, "/v1/events").bearer_auth(&anna.token).header("origin", "http://evil.example");
    assert_eq!(request.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn half_a_cursor_is_refused() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    for query in [
        "?after=3",
        "?device=01900000-0000-7000-8000-000000000001",
        "?device=x&after=1",
        "?device=01900000-0000-7000-8000-000000000001&after=-1",
    ] {
        anna.get(&format!("/v1/events{query}")).await.expect(400);
    }
}
