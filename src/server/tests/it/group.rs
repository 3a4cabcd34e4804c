//! Calls of several people.

use switchboard_protocol::{EndReason, ErrorCode, Event, Reply, Request, SeatState};

use crate::support::{Device, TestApp, TestUser};

/// Anna, Boris and Clara; Anna knows both, who do not know each other.
async fn three(app: &TestApp) -> [(TestUser, Device); 3] {
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    anna.befriends(&clara).await;
    let (a, b, c) = (anna.connects().await, boris.connects().await, clara.connects().await);
    [(anna, a), (boris, b), (clara, c)]
}

#[tokio::test]
async fn people_who_do_not_know_each_other_talk_in_one_call_and_see_only_names() {
    let app = TestApp::start().await;
    let [(_, mut a), (boris, mut b), (clara, mut c)] = three(&app).await;
    let call = a.calls(&[&boris, &clara]).await;
    let ring = b.hears("a ring", |event| matches!(event, Event::IncomingCall { .. }).then(|| event.clone())).await;
    let text = serde_json::to_string(&ring).unwrap();
    assert!(text.contains("Clara") && !text.contains(&clara.phone), "{text}");
    assert_eq!(c.rings().await, call);
    b.accepts(call).await.unwrap();
    c.accepts(call).await.unwrap();
    b.sees("Clara", "active", |seat| seat.state == SeatState::Active).await;
    a.sees("Clara", "active", |seat| seat.state == SeatState::Active).await;
    assert_eq!(b.tries_to_call(vec![clara.id]).await.unwrap_err().code, ErrorCode::NotAContact);
}

#[tokio::test]
async fn someone_is_asked_into_a_running_call_by_anyone_in_it_who_knows_them() {
    let app = TestApp::start().await;
    let [(_, mut a), (boris, mut b), (clara, mut c)] = three(&app).await;
    let dora = app.register("Dora").await;
    boris.befriends(&dora).await;
    let mut d = dora.connects().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;

    assert_eq!(b.asks(Request::Invite { call, callees: vec![dora.id] }).await, Ok(Reply::Done));
    a.sees("Dora", "ringing", |seat| seat.state == SeatState::Ringing && seat.ringing_on == 1).await;
    d.answers().await;
    a.sees("Dora", "active", |seat| seat.state == SeatState::Active).await;
    assert_eq!(a.asks(Request::Invite { call, callees: vec![clara.id] }).await, Ok(Reply::Done));
    c.answers().await;
    d.sees("Clara", "active", |seat| seat.state == SeatState::Active).await;

    let again = a.asks(Request::Invite { call, callees: vec![clara.id] }).await;
    assert_eq!(again.unwrap_err().code, ErrorCode::BadCallees, "she is in the call");
    let stranger = a.asks(Request::Invite { call, callees: vec![dora.id] }).await;
    assert_eq!(stranger.unwrap_err().code, ErrorCode::NotAContact);
}

#[tokio::test]
async fn one_who_left_comes_back_without_a_ring_and_the_last_one_left_ends_it() {
    let app = TestApp::start().await;
    let [(_, mut a), (boris, mut b), (clara, mut c)] = three(&app).await;
    let call = a.calls(&[&boris, &clara]).await;
    b.answers().await;
    c.answers().await;
    assert_eq!(c.asks(Request::HangUp { call }).await, Ok(Reply::Done));
    a.sees("Clara", "left", |seat| seat.state == SeatState::Left).await;
    c.has_calls("the call she left, to come back to", |calls| calls.iter().any(|mine| mine.state == SeatState::Left && !mine.here)).await;
    let seats = c.joins(call).await;
    assert!(seats.iter().all(|seat| seat.state == SeatState::Active), "{seats:?}");
    a.sees("Clara", "active", |seat| seat.state == SeatState::Active).await;

    b.asks(Request::HangUp { call }).await.unwrap();
    c.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp);
    assert_eq!(c.tries_to_join(call).await.unwrap_err().code, ErrorCode::CallOver);
    b.has_calls("no call to come back to", |calls| calls.is_empty()).await;
}

#[tokio::test]
async fn one_is_warned_of_whom_one_has_blocked_before_taking_a_group_call() {
    let app = TestApp::start().await;
    let [(_, mut a), (boris, mut b), (clara, mut c)] = three(&app).await;
    boris.blocks(&clara).await;
    a.calls(&[&boris, &clara]).await;
    let blocked = |event: &Event| match event {
        Event::IncomingCall { blocked, .. } => Some(blocked.clone()),
        _ => None,
    };
    assert_eq!(b.hears("a ring", blocked).await, [clara.id]);
    assert_eq!(c.hears("a ring", blocked).await, [], "she is not told");
}

#[tokio::test]
async fn a_stranger_to_a_call_cannot_ask_into_it_join_it_or_learn_of_it() {
    let app = TestApp::start().await;
    let [(anna, mut a), (boris, mut b), (_, mut c)] = three(&app).await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let refusals = [
        c.asks(Request::Invite { call, callees: vec![anna.id] }).await,
        c.tries_to_join(call).await,
        c.asks(Request::Hold { call }).await,
        c.asks(Request::Unhold { call, current: None }).await,
        c.asks(Request::Warm { call, offer: crate::support::offer() }).await,
        c.asks(Request::Report { call, quality: Default::default() }).await,
    ];
    for refused in refusals {
        assert_eq!(refused.unwrap_err().code, ErrorCode::UnknownCall);
    }
    assert_eq!(c.heard().await, []);
}

#[tokio::test]
async fn one_who_missed_a_group_call_learns_it_while_the_others_still_talk() {
    let app = TestApp::start_with(&["--no-limits", "--ring-for", "1"]).await;
    let [(_, mut a), (boris, mut b), (clara, mut c)] = three(&app).await;
    let call = a.calls(&[&boris, &clara]).await;
    b.answers().await;
    c.hears("the history to change", |event| matches!(event, Event::HistoryChanged).then_some(())).await;
    let history = clara.get("/v1/calls").await.expect(200);
    assert_eq!((&history["missed"], &history["calls"][0]["ended_ms"]), (&1.into(), &serde_json::Value::Null));
    assert!(c.joins(call).await.iter().all(|seat| seat.state == SeatState::Active), "and may still come");
}
