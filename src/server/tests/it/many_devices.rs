//! One person with several devices.

use switchboard_protocol::{ErrorCode, Event, LeftBecause, Reply, Request, RingStop, SeatState};

use crate::support::{TestApp, offer};

fn stop(event: &Event) -> Option<(RingStop, Option<String>)> {
    match event {
        Event::RingingStopped { why, device, .. } => Some((*why, device.clone())),
        _ => None,
    }
}

#[tokio::test]
async fn all_devices_ring_and_those_that_did_not_answer_are_told_where_it_was() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut phone) = app.anna_and_boris().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut laptop = boris.logs_in_with(firefox).await.connects().await;
    let call = a.calls(&[&boris]).await;
    assert_eq!((phone.rings().await, laptop.rings().await), (call, call));
    laptop.accepts(call).await.unwrap();
    assert_eq!(phone.hears("the ringing to stop", stop).await, (RingStop::AnsweredElsewhere, Some("Firefox, Linux".to_owned())));

    laptop.asks(Request::HangUp { call }).await.unwrap();
    let call = a.calls(&[&boris]).await;
    phone.rings().await;
    laptop.rings().await;
    laptop.asks(Request::Decline { call }).await.unwrap();
    assert_eq!(phone.hears("the ringing to stop", stop).await, (RingStop::DeclinedElsewhere, Some("Firefox, Linux".to_owned())));
}

#[tokio::test]
async fn of_two_that_accept_at_the_same_moment_one_gets_the_call() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut phone) = app.anna_and_boris().await;
    let mut tablet = boris.connects().await;
    for _ in 0..10 {
        let call = a.calls(&[&boris]).await;
        phone.rings().await;
        tablet.rings().await;
        let accept = || Request::Accept { call, offer: Some(offer()), current: None };
        let (first, second) = (phone.begins_to_ask(accept()).await, tablet.begins_to_ask(accept()).await);
        let answers = (phone.answer_to(first).await, tablet.answer_to(second).await);
        let (winner, refused) = match answers {
            (Ok(Reply::Accepted { .. }), Err(refused)) => (&mut phone, refused),
            (Err(refused), Ok(Reply::Accepted { .. })) => (&mut tablet, refused),
            other => panic!("one takes the call, the other is refused: {other:?}"),
        };
        assert_eq!(refused.code, ErrorCode::AnsweredElsewhere);
        winner.asks(Request::HangUp { call }).await.unwrap();
        a.sees_the_end(call).await;
    }
}

#[tokio::test]
async fn a_running_call_moves_to_another_device_without_a_ring_or_a_gap() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut phone) = app.anna_and_boris().await;
    let mut laptop = boris.connects().await;
    let call = a.calls(&[&boris]).await;
    laptop.rings().await;
    phone.answers().await;
    laptop.has_calls("the call on the phone", |calls| calls.len() == 1 && !calls[0].here && calls[0].state == SeatState::Active).await;
    a.heard().await;

    let seats = laptop.joins(call).await;
    assert!(seats.iter().all(|seat| seat.state == SeatState::Active), "{seats:?}");
    let moved = |event: &Event| match event {
        Event::CallLeft { why, .. } => Some(*why),
        _ => None,
    };
    assert_eq!(phone.hears("to be out of the call", moved).await, LeftBecause::Moved);
    let told = a.heard().await;
    let seen: Vec<_> = told.iter().filter(|event| matches!(event, Event::Seat { seat, .. } if seat.state != SeatState::Active)).collect();
    assert!(seen.is_empty(), "the other saw a gap: {seen:?}");
    assert!(!phone.heard().await.iter().any(|event| matches!(event, Event::IncomingCall { .. })), "nothing rang");
    assert_eq!(phone.asks(Request::HangUp { call }).await.unwrap_err().code, ErrorCode::WrongState, "the call is on the laptop");
    laptop.asks(Request::HangUp { call }).await.unwrap();
    a.sees_the_end(call).await;
}

#[tokio::test]
async fn one_who_joins_from_a_device_that_holds_the_seat_already_gets_new_media() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    a.heard().await;
    for _ in 0..3 {
        b.joins(call).await;
    }
    let told = a.heard().await;
    assert!(!told.iter().any(|event| matches!(event, Event::Seat { .. } | Event::CallEnded { .. })), "{told:?}");
    b.asks(Request::HangUp { call }).await.unwrap();
    a.sees_the_end(call).await;
}
