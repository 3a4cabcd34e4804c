//! Connections that break and come back.

use std::time::{Duration, Instant};

use switchboard_ids::DeviceId;
use switchboard_protocol::{EndReason, Event, MediaState, Reply, Request, SeatState};

use crate::support::{Cursor, Device, TestApp, TestUser, eventually, offer};

/// A second of grace: long for a machine, short for a test.
const SHORT: [&str; 3] = ["--no-limits", "--grace", "1"];

async fn in_a_call(app: &TestApp) -> (TestUser, Device, TestUser, Device, switchboard_ids::CallId) {
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    (anna, a, boris, b, call)
}

#[tokio::test]
async fn a_connection_that_breaks_is_shown_as_reconnecting_and_comes_back_without_a_ring() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b, call) = in_a_call(&app).await;
    let cursor = b.breaks().await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    let mut b = boris.resumes(cursor).await;
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    assert!(!b.heard().await.iter().any(|event| matches!(event, Event::IncomingCall { .. })));
    b.joins(call).await;
    b.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp);
}

#[tokio::test]
async fn a_client_that_gives_a_connection_up_to_come_back_has_not_left() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b, _call) = in_a_call(&app).await;
    let cursor = b.gives_up(4_000).await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    let b = boris.resumes(cursor).await;
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    b.gives_up(1_001).await;
    a.hears("the end", |event| matches!(event, Event::CallEnded { reason: EndReason::HungUp, .. }).then_some(())).await;
}

#[tokio::test]
async fn what_was_missed_is_told_in_order_exactly_once() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b, call) = in_a_call(&app).await;
    let cursor = b.breaks().await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    let on = |microphone| MediaState { microphone, camera: false, screen: false };
    for round in 0..20 {
        a.asks(Request::SetMedia { call, media: on(round % 2 == 0) }).await.unwrap();
    }
    let mut b = boris.resumes(cursor).await;
    a.asks(Request::SetMedia { call, media: on(true) }).await.unwrap();
    b.sees("Anna", "unmuted at last", |_| true).await;
    let b_again = b.cursor();
    let expected: Vec<bool> = (1..20).map(|round| round % 2 == 0).chain([true]).collect();
    let microphones = |events: Vec<Event>| -> Vec<bool> {
        let microphone = |event: &Event| match event {
            Event::Seat { seat, .. } => Some(seat.media.microphone),
            _ => None,
        };
        events.iter().filter_map(microphone).collect()
    };
    let heard = microphones(b.heard().await);
    // The first of the twenty was what `sees` took.
    assert!(heard.ends_with(&[true]) && expected.ends_with(&heard) && heard.len() == 20, "{heard:?}");
    drop(b);
    let mut b = boris.resumes(b_again).await;
    let again = microphones(b.heard().await);
    assert_eq!(again, heard[heard.len() - again.len()..], "what was seen before is not told again, what was not is");
}

#[tokio::test]
async fn a_device_that_does_not_come_back_is_out_of_the_call_when_its_grace_is_over() {
    let app = TestApp::start_with(&SHORT).await;
    let (_anna, mut a, boris, b, call) = in_a_call(&app).await;
    let cursor = b.breaks().await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    assert_eq!(a.sees_the_end(call).await, EndReason::ConnectionLost);
    a.hears("Boris to be gone", |event| matches!(event, Event::Presence { online: false, .. }).then_some(())).await;
    let mut b = boris.cannot_resume(cursor).await;
    assert_ne!(b.id, cursor.device);
    assert!(!b.heard().await.iter().any(|event| matches!(event, Event::MyCalls { .. })));
}

#[tokio::test]
async fn a_caller_whose_connection_breaks_while_it_rings_is_called_back_to_an_answered_call() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    let cursor = a.breaks().await;
    b.accepts(call).await.unwrap();
    let mut a = anna.resumes(cursor).await;
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}

#[tokio::test]
async fn a_ring_goes_on_through_a_break_and_its_end_is_not_missed() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    let cursor = b.breaks().await;
    a.sees("Boris", "ringing nowhere at the moment", |seat| seat.ringing_on == 0).await;
    a.asks(Request::Cancel { call }).await.unwrap();
    let mut b = boris.resumes(cursor).await;
    b.hears("the ringing to stop", |event| matches!(event, Event::RingingStopped { .. }).then_some(())).await;
    assert!(!b.heard().await.iter().any(|event| matches!(event, Event::IncomingCall { .. })), "it did not ring again");
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_carried_out_once_and_replied_to_again() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let place = || Request::Place { callees: vec![boris.id], kind: switchboard_protocol::CallKind::Audio, offer: offer() };
    let id = a.begins_to_ask(place()).await;
    let first = a.answer_to(id).await.unwrap();
    a.repeats(id, place()).await;
    assert_eq!(a.answer_to(id).await.unwrap(), first);
    let call = b.rings().await;
    assert!(!b.heard().await.iter().any(|event| matches!(event, Event::IncomingCall { .. })), "it was called once");
    // Two that overtake each other, while the offer is still being answered.
    let accept = || Request::Accept { call, offer: Some(offer()), current: None };
    let id = b.begins_to_ask(accept()).await;
    b.repeats(id, accept()).await;
    let accepted = b.answer_to(id).await.unwrap();
    assert!(matches!(accepted, Reply::Accepted { .. }));
    // The second gets the same reply if the first had its own by then, and none of its own otherwise.
    b.repeats(id, accept()).await;
    assert_eq!(b.answer_to(id).await.unwrap(), accepted);
}

#[tokio::test]
async fn a_reply_that_was_lost_with_the_connection_comes_with_what_was_missed() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let place = Request::Place { callees: vec![boris.id], kind: switchboard_protocol::CallKind::Audio, offer: offer() };
    let cursor = a.cursor();
    let id = a.begins_to_ask(place.clone()).await;
    let call = b.rings().await;
    drop(a);
    let mut wire = anna.opens(cursor).await;
    wire.repeats(id, place).await;
    let Ok(Reply::Placed { call: placed, .. }) = wire.answer_to(id).await else { panic!("the call is placed") };
    assert_eq!(placed, call);
}

#[tokio::test]
async fn a_cursor_of_someone_elses_or_of_nobodys_is_refused_and_disturbs_nobody() {
    let app = TestApp::start().await;
    let (anna, a, boris, mut b) = app.anna_and_boris().await;
    let foreign = a.cursor();
    let stranger = boris.cannot_resume(foreign).await;
    assert_ne!(stranger.id, foreign.device);
    let unknown = Cursor { device: DeviceId::from_u128(7), after: 3 };
    assert_ne!(anna.cannot_resume(unknown).await.id, unknown.device);
    // Another login of the same person is as foreign.
    let other_login = anna.logs_in_with("curl/8").await;
    assert_ne!(other_login.cannot_resume(foreign).await.id, foreign.device);
    let mut a = a;
    a.asks(Request::Ping).await.unwrap();
    b.asks(Request::Ping).await.unwrap();
}

#[tokio::test]
async fn a_cursor_from_the_future_keeps_the_device_and_its_call_but_starts_its_events_anew() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b, call) = in_a_call(&app).await;
    let Cursor { device, after } = b.breaks().await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    let mut b = boris.cannot_resume(Cursor { device, after: after + 1_000 }).await;
    assert_eq!(b.id, device);
    let mine = b.has_calls("the call this device is in", |calls| !calls.is_empty()).await;
    assert!(mine[0].here && mine[0].call == call);
    b.joins(call).await;
    a.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}

#[tokio::test]
async fn a_device_that_missed_too_much_is_told_how_things_stand_instead() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b, _call) = in_a_call(&app).await;
    let cursor = b.breaks().await;
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    let clara = app.register("Clara").await;
    clara.befriends(&boris).await;
    for _ in 0..140 {
        clara.connects().await.closes().await;
    }
    let mut b = boris.cannot_resume(cursor).await;
    assert_eq!(b.id, cursor.device);
    assert!(b.has_calls("its call", |calls| !calls.is_empty()).await[0].here);
}

#[tokio::test]
async fn another_connection_takes_a_device_over_and_the_first_is_told() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b, _call) = in_a_call(&app).await;
    let _again = boris.resumes(b.cursor()).await;
    assert_eq!(b.is_closed().await, 4001);
    assert!(!a.heard().await.iter().any(|event| matches!(event, Event::Seat { .. })), "the others see nothing of it");
}

#[tokio::test]
async fn a_break_is_not_shown_to_contacts_unless_it_lasts() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b) = app.anna_and_boris().await;
    let cursor = b.breaks().await;
    let _b = boris.resumes(cursor).await;
    assert!(!a.heard().await.iter().any(|event| matches!(event, Event::Presence { online: false, .. })));
}

#[tokio::test]
async fn one_who_went_offline_cannot_be_reached_though_a_device_of_theirs_may_still_come_back() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, b) = app.anna_and_boris().await;
    b.breaks().await;
    a.hears("Boris to be gone", |event| matches!(event, Event::Presence { online: false, .. }).then_some(())).await;
    let call = a.calls(&[&boris]).await;
    assert_eq!(a.sees_the_end(call).await, EndReason::Unreachable);
}

/// No trace of a client that is gone lasts longer.
const BOUND: Duration = Duration::from_secs(25);

#[tokio::test]
async fn a_client_that_falls_silent_in_a_call_is_noticed_in_seconds_and_out_of_it_within_twenty_five() {
    let app = TestApp::start().await;
    let (_anna, mut a, _boris, silent, call) = in_a_call(&app).await;
    // It is there, and answers nothing: its pings are never read.
    let start = Instant::now();
    a.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    assert_eq!(a.sees_the_end_within(call, BOUND).await, EndReason::ConnectionLost);
    assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    drop(silent);
}

#[tokio::test]
async fn a_client_that_falls_silent_while_it_waits_is_offline_within_twenty_five_seconds() {
    let app = TestApp::start().await;
    let (_anna, mut a, _boris, silent) = app.anna_and_boris().await;
    let gone = |event: &Event| matches!(event, Event::Presence { online: false, .. }).then_some(());
    a.hears_within(BOUND, "Boris to be gone", gone).await;
    drop(silent);
}

#[tokio::test]
async fn nothing_is_left_of_devices_that_never_came_back() {
    let app = TestApp::start_with(&SHORT).await;
    let (_anna, a, _boris, b, _call) = in_a_call(&app).await;
    a.breaks().await;
    b.breaks().await;
    eventually("no running call", 0, async || switchboard::store::calls::running_count(&app.store).await.unwrap()).await;
    let legs = async || app.admin("/metrics").await.1.contains("switchboard_legs 0");
    eventually("no leg", true, legs).await;
}
