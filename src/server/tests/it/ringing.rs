//! What a caller is told while it rings: honest ringing, both calling at once, calls to someone who is in a call.

use switchboard_protocol::{Current, EndReason, ErrorCode, Event, LeftBecause, Reply, Request, SeatState};

use crate::support::{Device, TestApp, offer};

#[tokio::test]
async fn the_caller_sees_on_how_many_devices_it_rings() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, phone) = app.anna_and_boris().await;
    let tablet = boris.connects().await;
    let Ok(Reply::Placed { seats, .. }) = a.tries_to_call(vec![boris.id]).await else { panic!("the call is placed") };
    assert_eq!((seats[1].state, seats[1].ringing_on), (SeatState::Ringing, 2));
    let _laptop = boris.connects().await;
    a.sees("Boris", "ringing on three devices", |seat| seat.ringing_on == 3).await;
    tablet.breaks().await;
    a.sees("Boris", "ringing on two devices again", |seat| seat.ringing_on == 2).await;
    phone.leaves().await;
    a.sees("Boris", "ringing on one device", |seat| seat.ringing_on == 1).await;
}

/// Two people call each other; gives the one call both are in.
async fn both_call(a: (&switchboard_ids::UserId, &mut Device), b: (&switchboard_ids::UserId, &mut Device), at_once: bool) {
    let ((anna, a), (boris, b)) = (a, b);
    let place = |callee| Request::Place { callees: vec![callee], kind: switchboard_protocol::CallKind::Audio, offer: offer() };
    let first = a.begins_to_ask(place(*boris)).await;
    let placed = if at_once { None } else { Some(a.answer_to(first).await) };
    let second = b.begins_to_ask(place(*anna)).await;
    let placed = match placed {
        Some(placed) => placed,
        None => a.answer_to(first).await,
    };
    let mut calls = Vec::new();
    let mut accepted = 0;
    for reply in [placed, b.answer_to(second).await] {
        match reply {
            Ok(Reply::Placed { call, .. }) => calls.push(call),
            Ok(Reply::Accepted { call, answer, .. }) => {
                assert!(answer.is_some());
                accepted += 1;
                calls.push(call);
            }
            other => panic!("both are in a call, not {other:?}"),
        }
    }
    assert_eq!((calls[0], accepted), (calls[1], 1), "one call, which one of them took");
    a.asks(Request::HangUp { call: calls[0] }).await.unwrap();
    assert_eq!(b.sees_the_end(calls[0]).await, EndReason::HungUp);
}

#[tokio::test]
async fn two_who_call_each_other_are_in_one_call_in_whatever_order() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    for round in 0..12 {
        let (one, other) = ((&anna.id, &mut a), (&boris.id, &mut b));
        if round % 2 == 0 {
            both_call(one, other, round >= 4).await;
        } else {
            both_call(other, one, round >= 4).await;
        }
    }
}

/// Anna and Boris talk, and Clara calls Boris.
async fn clara_calls_into(app: &TestApp) -> (switchboard_ids::CallId, switchboard_ids::CallId, [Device; 3]) {
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let clara = app.register("Clara").await;
    clara.befriends(&boris).await;
    let mut c = clara.connects().await;
    let first = a.calls(&[&boris]).await;
    b.answers().await;
    let second = c.calls(&[&boris]).await;
    let waiting = |event: &Event| match event {
        Event::IncomingCall { call, waiting, .. } => Some((*call, *waiting)),
        _ => None,
    };
    assert_eq!(b.hears("the second call", waiting).await, (second, true));
    (first, second, [a, b, c])
}

#[tokio::test]
async fn a_waiting_call_is_taken_while_the_first_is_held_and_taken_up_again() {
    let app = TestApp::start().await;
    let (first, second, [mut a, mut b, mut c]) = clara_calls_into(&app).await;
    assert_eq!(b.accepts(second).await.unwrap_err().code, ErrorCode::InAnotherCall, "one has to say what becomes of the first");
    assert!(matches!(b.accepts_and(Current::Hold, second).await, Ok(Reply::Accepted { .. })));
    a.sees("Boris", "held", |seat| seat.state == SeatState::Held).await;
    c.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;

    let swap = Request::Unhold { call: first, current: Some(Current::Hold) };
    assert_eq!(b.asks(swap).await, Ok(Reply::Done));
    a.sees("Boris", "active again", |seat| seat.state == SeatState::Active).await;
    c.sees("Boris", "held", |seat| seat.state == SeatState::Held).await;
    c.asks(Request::HangUp { call: second }).await.unwrap();
    assert_eq!(b.sees_the_end(second).await, EndReason::HungUp);
    b.asks(Request::HangUp { call: first }).await.unwrap();
    assert_eq!(a.sees_the_end(first).await, EndReason::HungUp);
}

#[tokio::test]
async fn a_waiting_call_is_taken_and_the_first_is_left() {
    let app = TestApp::start().await;
    let (first, second, [mut a, mut b, mut c]) = clara_calls_into(&app).await;
    assert!(matches!(b.accepts_and(Current::Leave, second).await, Ok(Reply::Accepted { .. })));
    assert_eq!(a.sees_the_end(first).await, EndReason::HungUp);
    c.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}

#[tokio::test]
async fn a_waiting_call_is_taken_on_another_device_and_the_first_device_is_told() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut phone) = app.anna_and_boris().await;
    let (clara, dora) = (app.register("Clara").await, app.register("Dora").await);
    clara.befriends(&boris).await;
    anna.befriends(&dora).await;
    let (mut c, mut d, mut laptop) = (clara.connects().await, dora.connects().await, boris.connects().await);
    let first = a.calls(&[&boris, &dora]).await;
    phone.answers().await;
    d.answers().await;
    let second = c.calls(&[&boris]).await;
    laptop.hears("the second call", |event| matches!(event, Event::IncomingCall { waiting: true, .. }).then_some(())).await;
    assert!(matches!(laptop.accepts_and(Current::Leave, second).await, Ok(Reply::Accepted { .. })));
    let left = |event: &Event| match event {
        Event::CallLeft { call, why, .. } => Some((*call, *why)),
        _ => None,
    };
    assert_eq!(phone.hears("to be out of the first call", left).await, (first, LeftBecause::TookAnother));
    a.sees("Boris", "left", |seat| seat.state == SeatState::Left).await;
}

#[tokio::test]
async fn a_waiting_call_is_declined_and_the_first_goes_on() {
    let app = TestApp::start().await;
    let (_, second, [_a, mut b, mut c]) = clara_calls_into(&app).await;
    b.asks(Request::Decline { call: second }).await.unwrap();
    assert_eq!(c.sees_the_end(second).await, EndReason::Declined);
    assert!(!b.heard().await.iter().any(|event| matches!(event, Event::CallEnded { .. })));
}

#[tokio::test]
async fn one_who_wants_no_waiting_calls_is_busy() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let clara = app.register("Clara").await;
    clara.befriends(&boris).await;
    boris.changes("/v1/settings", serde_json::json!({"call_waiting": false})).await.expect(200);
    a.calls(&[&boris]).await;
    b.answers().await;
    let mut c = clara.connects().await;
    let call = c.calls(&[&boris]).await;
    assert_eq!(c.sees_the_end(call).await, EndReason::Busy);
    assert!(!b.heard().await.iter().any(|event| matches!(event, Event::IncomingCall { .. })));
}

#[tokio::test]
async fn one_who_is_blocked_learns_nothing_but_that_nobody_can_be_reached() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    boris.blocks(&anna).await;
    a.hears("Boris to be gone", |event| matches!(event, Event::Presence { online: false, .. }).then_some(())).await;
    let call = a.calls(&[&boris]).await;
    assert_eq!(a.sees_the_end(call).await, EndReason::Unreachable);
    assert_eq!(b.tries_to_call(vec![anna.id]).await.unwrap_err().code, ErrorCode::Blocked);
    let told = b.heard().await;
    assert!(
        !told.iter().any(|event| matches!(event, Event::IncomingCall { .. } | Event::MyCalls { .. } | Event::HistoryChanged)),
        "{told:?}"
    );
    assert!(boris.get("/v1/calls").await.expect(200)["calls"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_media_of_a_ringing_call_is_connected_before_it_is_taken() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    let bare = Request::Accept { call, offer: None, current: None };
    assert_eq!(b.asks(bare.clone()).await.unwrap_err().code, ErrorCode::NoOffer);
    let Ok(Reply::Warmed { answer, .. }) = b.asks(Request::Warm { call, offer: offer() }).await else { panic!("it is warmed") };
    assert!(answer.0.contains("a=ice-lite"));
    assert!(!a.heard().await.iter().any(|event| matches!(event, Event::Seat { .. })), "the caller sees nothing of it");
    let Ok(Reply::Accepted { answer: None, seats, .. }) = b.asks(bare).await else { panic!("it is taken") };
    assert!(seats.iter().all(|seat| seat.state == SeatState::Active));
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}
