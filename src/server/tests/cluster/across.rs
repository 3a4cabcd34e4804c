//! People on different nodes: everything between them is as it is on one.

use serde_json::Value;
use switchboard_ids::CallId;
use switchboard_protocol::{EndReason, Event, Reply, Request, RingStop, SeatState};

use crate::ground::{Ground, url};
use crate::support::{Guest, Kind, TestUser, eventually};

fn presence(event: &Event) -> Option<bool> {
    match event {
        Event::Presence { online, .. } => Some(*online),
        _ => None,
    }
}

/// The calls in the history of a person, by what ended them.
pub async fn history(user: &TestUser) -> Vec<Value> {
    let history = user.get("/v1/calls").await.expect(200);
    history["calls"].as_array().unwrap().iter().map(|call| call["reason"].clone()).collect()
}

#[tokio::test]
async fn people_on_different_nodes_befriend_see_and_write_to_each_other() {
    let ground = Ground::new();
    let [_a, b, c] = ["a", "b", "c"].map(|name| ground.node(name));
    let (anna, boris) = (TestUser::register(&url(&b), "Anna").await, TestUser::register(&url(&c), "Boris").await);
    let (mut ann, mut bor) = (anna.connects().await, boris.connects_by(Kind::Stream).await);
    anna.invites(&boris.phone).await.expect(201);
    let changed = |event: &Event| matches!(event, Event::ContactsChanged).then_some(());
    bor.hears("the invitation", changed).await;
    boris.post(&format!("/v1/invitations/{}/accept", anna.id)).await.expect(204);
    assert!(ann.hears("Boris to be online", presence).await && bor.hears("Anna to be online", presence).await);

    let sent = anna.writes(&boris, "hello").await;
    let message = |event: &Event| match event {
        Event::Message { message } => Some(message.clone()),
        _ => None,
    };
    assert_eq!(bor.hears("the message", message).await, sent);
    boris.blocks(&anna).await;
    assert!(!ann.hears("Boris to go", presence).await);
    boris.unblocks(&anna).await;
    assert!(ann.hears("Boris to come", presence).await);
    bor.leaves().await;
    assert!(!ann.hears("Boris to go", presence).await);
}

#[tokio::test]
async fn people_on_different_nodes_hear_each_other_in_a_call() {
    let ground = Ground::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| ground.node(name));
    for [one, other] in [[&a, &b], [&b, &a], [&b, &c]] {
        let mut guests = [Guest::at(&url(one), "Anna").await, Guest::at(&url(other), "Boris").await];
        let call = Guest::gather(&mut guests).await;
        Guest::hear_each_other(&guests).await;
        let [anna, boris] = &mut guests;
        anna.device.asks(Request::HangUp { call }).await.unwrap();
        assert_eq!(boris.device.sees_the_end(call).await, EndReason::HungUp);
        for user in [&anna.user, &boris.user] {
            eventually("the history", vec![Value::from("hung_up")], async || history(user).await).await;
        }
    }
}

#[tokio::test]
async fn a_call_rings_on_devices_at_every_node_and_the_first_to_answer_has_it() {
    let ground = Ground::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| ground.node(name));
    let (anna, mut boris) = (TestUser::register(&url(&b), "Anna").await, TestUser::register(&url(&b), "Boris").await);
    anna.befriends(&boris).await;
    let mut ann = anna.connects().await;
    let mut devices = Vec::new();
    for node in [&a, &b, &c] {
        boris.moves_to(&url(node));
        devices.push(boris.connects().await);
    }
    let placed = ann.tries_to_call(vec![boris.id]).await;
    let Ok(Reply::Placed { call, seats, .. }) = placed else { panic!("the call is placed, not {placed:?}") };
    assert_eq!((seats[1].state, seats[1].ringing_on), (SeatState::Ringing, 3));
    let [first, second, third] = &mut devices[..] else { panic!("there are three") };
    for device in [&mut *first, &mut *second, &mut *third] {
        assert_eq!(device.rings().await, call);
    }
    assert!(matches!(third.accepts(call).await, Ok(Reply::Accepted { .. })));
    let stopped = |event: &Event| match event {
        Event::RingingStopped { why, .. } => Some(*why),
        _ => None,
    };
    for device in [first, second] {
        assert_eq!(device.hears("the ringing to stop", stopped).await, RingStop::AnsweredElsewhere);
    }
    ann.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
}

#[tokio::test]
async fn a_device_goes_on_at_another_node_with_everything_it_missed() {
    let ground = Ground::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| ground.node(name));
    let (anna, mut boris) = (TestUser::register(&url(&a), "Anna").await, TestUser::register(&url(&b), "Boris").await);
    anna.befriends(&boris).await;
    let (mut ann, mut bor) = (anna.connects().await, boris.connects().await);
    let call = ann.calls(&[&boris]).await;
    bor.answers().await;
    ann.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    let cursor = bor.breaks().await;
    anna.writes(&boris, "are you there?").await;
    boris.moves_to(&url(&c));
    let mut bor = boris.resumes(cursor).await;
    let missed = bor.heard().await;
    assert_eq!(missed.iter().filter(|event| matches!(event, Event::Message { .. })).count(), 1, "{missed:?}");
    ann.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    bor.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(ann.sees_the_end(call).await, EndReason::HungUp);
}

#[tokio::test]
async fn a_connection_that_takes_a_device_over_at_another_node_ends_the_one_before() {
    let ground = Ground::new();
    let [_a, b, c] = ["a", "b", "c"].map(|name| ground.node(name));
    let mut boris = TestUser::register(&url(&b), "Boris").await;
    let mut first = boris.connects().await;
    boris.moves_to(&url(&c));
    let _second = boris.resumes(first.cursor()).await;
    assert_eq!(first.is_closed().await, 4001);
}

#[tokio::test]
async fn a_login_that_ends_at_one_node_ends_its_devices_at_another() {
    let ground = Ground::new();
    let [a, b] = ["a", "b"].map(|name| ground.node(name));
    let mut boris = TestUser::register(&url(&b), "Boris").await;
    let mut bor = boris.connects().await;
    boris.moves_to(&url(&a));
    boris.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(bor.is_closed().await, 1001);
    assert_eq!(bor.last_words(), Some(&Event::LoggedOut));
}

#[tokio::test]
async fn what_a_strange_request_gets_is_the_same_at_every_node() {
    let ground = Ground::new();
    let [a, b] = ["a", "b"].map(|name| ground.node(name));
    for node in [&a, &b] {
        let mut device = TestUser::register(&url(node), "Anna").await.connects().await;
        let refused = device.asks(Request::HangUp { call: CallId::from_u128(1) }).await.unwrap_err();
        assert_eq!(refused.code, switchboard_protocol::ErrorCode::UnknownCall);
        assert_eq!(device.asks(Request::Ping).await, Ok(Reply::Done));
    }
}

#[tokio::test]
async fn a_stream_takes_what_is_posted_at_any_node() {
    let ground = Ground::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| ground.node(name));
    for [at, to] in [[&a, &b], [&b, &a], [&b, &c]] {
        let (anna, boris) = (TestUser::register(&url(at), "Anna").await, TestUser::register(&url(to), "Boris").await);
        anna.befriends(&boris).await;
        let (mut ann, mut bor) = (anna.connects_by(Kind::Stream).await, boris.connects().await);
        ann.posts_to(&url(to));
        let call = ann.calls(&[&boris]).await;
        assert_eq!(bor.answers().await, call);
        ann.asks(Request::HangUp { call }).await.unwrap();
        assert_eq!(bor.sees_the_end(call).await, EndReason::HungUp);
        // A stranger's POST is none of hers.
        let stranger = boris.request(reqwest::Method::POST, &format!("/v1/requests?device={}", ann.id)).body("{}").send().await.unwrap();
        assert_eq!(stranger.status(), 404);
        ann.leaves().await;
    }
}
