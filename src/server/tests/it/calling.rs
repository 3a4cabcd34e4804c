//! Calls, as the devices of the people in them are told.

use switchboard_protocol::{CallKind, EndReason, ErrorCode, Event, MediaState, Reply, Request, RingStop, SeatState};

use crate::support::{Device, TestApp};

async fn ring_stop(device: &mut Device) -> RingStop {
    device
        .hears("the ringing to stop", |event| match event {
            Event::RingingStopped { why, .. } => Some(*why),
            _ => None,
        })
        .await
}

async fn seat(device: &mut Device, name: &str) -> (SeatState, MediaState) {
    device
        .hears("a seat to change", |event| match event {
            Event::Seat { seat, .. } if seat.person.name == name => Some((seat.state, seat.media)),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_call_rings_is_taken_and_is_hung_up() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;

    let placed = a.tries_to_call(vec![boris.id]).await.unwrap();
    let Reply::Placed { call, answer, seats } = placed else { panic!("{placed:?}") };
    assert!(answer.0.contains("a=ice-lite") && answer.0.contains("127.0.0.1"), "{}", answer.0);
    let states: Vec<_> = seats.iter().map(|seat| (seat.person.name.as_str(), seat.state)).collect();
    assert_eq!(states, [("Anna", SeatState::Active), ("Boris", SeatState::Ringing)]);

    let ring = b.hears("a ring", |event| matches!(event, Event::IncomingCall { .. }).then(|| event.clone())).await;
    let Event::IncomingCall { call: rung, kind, from, others, rings_for_ms, .. } = ring else { unreachable!() };
    assert_eq!((rung, kind, from.name.as_str(), others.len()), (call, CallKind::Video, "Anna", 0));
    assert!((44_000..=45_000).contains(&rings_for_ms), "{rings_for_ms}");

    let accepted = b.accepts(call).await.unwrap();
    let Reply::Accepted { seats, .. } = accepted else { panic!("{accepted:?}") };
    assert!(seats.iter().all(|seat| seat.state == SeatState::Active), "{seats:?}");
    assert_eq!(seat(&mut a, "Boris").await.0, SeatState::Active);

    assert_eq!(a.asks(Request::HangUp { call }).await, Ok(Reply::Done));
    assert_eq!((a.sees_the_end(call).await, b.sees_the_end(call).await), (EndReason::HungUp, EndReason::HungUp));
}

#[tokio::test]
async fn muting_and_switching_the_camera_off_is_seen_by_the_other() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    b.accepts(call).await.unwrap();
    let media = MediaState { microphone: false, camera: false, screen: true };
    assert_eq!(a.asks(Request::SetMedia { call, media }).await, Ok(Reply::Done));
    assert_eq!(seat(&mut b, "Anna").await, (SeatState::Active, media));
}

#[tokio::test]
async fn declining_ends_it_and_stops_the_ringing_on_every_device() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let mut tablet = boris.connects().await;
    let call = a.calls(&[&boris]).await;
    assert_eq!((b.rings().await, tablet.rings().await), (call, call));
    assert_eq!(b.asks(Request::Decline { call }).await, Ok(Reply::Done));
    assert_eq!(ring_stop(&mut tablet).await, RingStop::DeclinedElsewhere);
    assert_eq!(a.sees_the_end(call).await, EndReason::Declined);
}

#[tokio::test]
async fn taking_a_call_back_stops_the_ringing() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    assert_eq!(a.asks(Request::Cancel { call }).await, Ok(Reply::Done));
    assert_eq!(ring_stop(&mut b).await, RingStop::Cancelled);
    assert_eq!(a.sees_the_end(call).await, EndReason::Cancelled);
}

#[tokio::test]
async fn the_first_device_to_accept_takes_the_call() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let mut tablet = boris.connects().await;
    let call = a.calls(&[&boris]).await;
    tablet.rings().await;
    b.accepts(call).await.unwrap();
    assert_eq!(ring_stop(&mut tablet).await, RingStop::AnsweredElsewhere);
    assert_eq!(tablet.accepts(call).await.unwrap_err().code, ErrorCode::AnsweredElsewhere);
    assert_eq!(tablet.asks(Request::Decline { call }).await.unwrap_err().code, ErrorCode::AnsweredElsewhere);
}

#[tokio::test]
async fn a_call_nobody_takes_is_missed_when_its_time_is_over() {
    let app = TestApp::start_with(&["--no-limits", "--ring-for", "1"]).await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    assert_eq!(ring_stop(&mut b).await, RingStop::Missed);
    assert_eq!(a.sees_the_end(call).await, EndReason::Missed);
    crate::support::eventually("the missed call stands in the history", "missed".to_owned(), async || {
        let calls = anna.get("/v1/calls").await.expect(200);
        calls["calls"][0]["reason"].as_str().unwrap_or_default().to_owned()
    })
    .await;
}

#[tokio::test]
async fn a_device_that_connects_while_it_rings_rings_too() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    let mut late = boris.connects().await;
    assert_eq!(late.rings().await, call);
    assert!(late.accepts(call).await.is_ok());
}

#[tokio::test]
async fn closing_the_tab_ends_the_call_for_the_other() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    b.accepts(call).await.unwrap();
    b.leaves().await;
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp);
}

#[tokio::test]
async fn a_caller_who_is_lost_while_it_rings_stops_the_ringing_when_their_grace_is_over() {
    let app = TestApp::start_with(&["--no-limits", "--grace", "1"]).await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    a.calls(&[&boris]).await;
    b.rings().await;
    a.breaks().await;
    assert_eq!(ring_stop(&mut b).await, RingStop::Cancelled);
    assert!(anna.connects().await.online.contains(&boris.id));
}

#[tokio::test]
async fn logging_out_leaves_the_call() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    b.accepts(call).await.unwrap();
    boris.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(a.sees_the_end(call).await, EndReason::HungUp);
}

#[tokio::test]
async fn someone_who_is_not_connected_is_unreachable_and_someone_in_a_call_who_takes_no_other_is_busy() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let vera = app.register("Vera").await;
    vera.befriends(&boris).await;
    vera.befriends(&anna).await;
    boris.changes("/v1/settings", serde_json::json!({"call_waiting": false})).await.expect(200);
    let offline = a.calls(&[&vera]).await;
    assert_eq!(a.sees_the_end(offline).await, EndReason::Unreachable);

    let running = a.calls(&[&boris]).await;
    b.rings().await;
    b.accepts(running).await.unwrap();
    let mut v = vera.connects().await;
    let call = v.calls(&[&boris]).await;
    assert_eq!(v.sees_the_end(call).await, EndReason::Busy);
    assert_eq!(b.tries_to_call(vec![vera.id]).await.unwrap_err().code, ErrorCode::InAnotherCall);
}

#[tokio::test]
async fn one_of_three_leaves_and_the_others_go_on() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let vera = app.register("Vera").await;
    anna.befriends(&vera).await;
    let mut v = vera.connects().await;
    let call = a.calls(&[&boris, &vera]).await;
    for device in [&mut b, &mut v] {
        device.rings().await;
        device.accepts(call).await.unwrap();
    }
    a.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(seat(&mut b, "Anna").await.0, SeatState::Left);
    b.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(v.sees_the_end(call).await, EndReason::HungUp);
}
