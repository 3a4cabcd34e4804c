//! Nodes that die, stand still, or lose their Redis, under running calls.

use std::time::{Duration, Instant};

use serde_json::Value;
use switchboard_protocol::{EndReason, Event, Request, SeatState};

use crate::across::history;
use crate::ground::{Ground, admin, listed, nodes, url};
use crate::support::{Cursor, Guest, Process, RedisServer, eventually};

/// How long people wait at most until they hear each other again.
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// Goes to a node as the device it was, with new media in the call. Nothing rings.
pub async fn comes_back(guest: &mut Guest, cursor: Cursor, node: &Process) {
    guest.user.moves_to(&url(node));
    guest.device = guest.user.cannot_resume(cursor).await;
    assert_eq!(guest.device.id, cursor.device, "the device is known by its seat");
    let calls = guest.device.has_calls("the call", |calls| !calls.is_empty()).await;
    assert!(calls.len() == 1 && calls[0].here, "{calls:?}");
    guest.joins(calls[0].call).await;
}

async fn has_one_entry(guests: &[Guest; 2]) {
    for guest in guests {
        eventually("the history", vec![Value::from("hung_up")], async || history(&guest.user).await).await;
    }
}

/// Two are in a call for so long, and can say so and hear each other all the time.
async fn stay(guests: &mut [Guest; 2], time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        Guest::hear_each_other(&*guests).await;
        for guest in &mut *guests {
            guest.device.asks(Request::Ping).await.unwrap();
        }
    }
}

/// Two are in a call; whoever controls it is lost, and both come back to a node that is left. Gives how long that took.
async fn a_call_outlives(goes: impl FnOnce(&mut Process), goes_on: impl AsyncFnOnce(&Process, &Process)) {
    let ground = Ground::new();
    let (mut a, b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    let call = Guest::gather(&mut guests).await;
    Guest::hear_each_other(&guests).await;
    eventually("the answer to be written", false, async || {
        guests[0].user.get("/v1/calls").await.expect(200)["calls"][0]["answered_ms"].is_null()
    })
    .await;

    let start = Instant::now();
    goes(&mut a);
    let [anna, boris] = &mut guests;
    // The connection to the node that is left is given up by that; the other is dead.
    assert!(matches!(boris.device.is_closed().await, 1001 | 1013));
    let cursors = [&anna.device, &boris.device].map(|device| device.cursor());
    tokio::join!(comes_back(anna, cursors[0], &b), comes_back(boris, cursors[1], &b));
    Guest::hear_each_other(&guests).await;
    let took = start.elapsed();
    #[expect(clippy::print_stdout, reason = "the figure is read with --nocapture")]
    {
        println!("media was back after {} ms", took.as_millis());
    }
    assert!(took < BACK_WITHIN, "{took:?}");
    for guest in &mut guests {
        let told = guest.device.heard().await;
        assert!(!told.iter().any(|event| matches!(event, Event::IncomingCall { .. })), "nothing rings: {told:?}");
    }
    goes_on(&a, &b).await;
    let [anna, boris] = &mut guests;
    anna.device.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(boris.device.sees_the_end(call).await, EndReason::HungUp);
    has_one_entry(&guests).await;
}

#[tokio::test]
async fn a_node_that_is_killed_under_a_call_leaves_it_to_another_within_five_seconds() {
    a_call_outlives(Process::kill, async |_, b| {
        eventually("b alone", listed(&[("b", true)]), async || nodes(b).await).await;
    })
    .await;
}

#[tokio::test]
async fn a_node_that_is_told_to_stop_under_a_call_leaves_it_to_another() {
    a_call_outlives(
        |a| a.terminate(),
        async |a, b| {
            eventually("b alone", listed(&[("b", true)]), async || nodes(b).await).await;
            assert!(!a.log().contains("ERROR"), "{}", a.log());
        },
    )
    .await;
}

#[tokio::test]
async fn a_node_that_stood_still_finds_its_calls_taken_over_and_serves_as_another() {
    a_call_outlives(
        |a| a.freezes(),
        async |a, b| {
            a.thaws();
            eventually("a to be back", listed(&[("a", false), ("b", true)]), async || nodes(a).await).await;
            eventually("a to know", true, async || a.log().contains("calls are controlled by another node")).await;
            let mut guests = [Guest::at(&url(a), "Clara").await, Guest::at(&url(b), "Dmitri").await];
            Guest::gather(&mut guests).await;
            Guest::hear_each_other(&guests).await;
        },
    )
    .await;
}

#[tokio::test]
async fn a_node_that_stood_still_forwards_nothing_more() {
    let ground = Ground::new();
    let (a, b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&a), "Boris").await];
    Guest::gather(&mut guests).await;
    Guest::hear_each_other(&guests).await;
    a.freezes();
    eventually("b to control the calls", true, async || nodes(&b).await.contains(&("b".to_owned(), true))).await;
    // Both go on talking to the node that stood still.
    let before = guests.each_ref().map(Guest::heard);
    a.thaws();
    eventually("a to know", true, async || a.log().contains("calls are controlled by another node")).await;
    assert_eq!(guests.each_ref().map(Guest::heard), before);
    for guest in &mut guests {
        guest.device.is_closed().await;
        assert!(guest.device.last_words().is_none_or(|event| !matches!(event, Event::CallEnded { .. })), "it tells nothing");
    }
}

#[tokio::test]
async fn a_node_that_controls_nothing_and_is_killed_takes_no_call_with_it() {
    let ground = Ground::new();
    let (a, mut b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    Guest::gather(&mut guests).await;
    Guest::hear_each_other(&guests).await;
    let cursor = guests[1].device.cursor();
    b.kill();
    let [anna, boris] = &mut guests;
    anna.device.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    boris.user.moves_to(&url(&a));
    boris.device = boris.user.resumes(cursor).await;
    anna.device.sees("Boris", "active", |seat| seat.state == SeatState::Active).await;
    Guest::hear_each_other(&guests).await;
}

#[tokio::test]
async fn a_node_that_stands_still_loses_its_devices_and_they_are_back_when_it_goes_on() {
    devices_are_back_without(|_| {}).await;
}

#[tokio::test]
async fn nodes_that_lost_each_other_find_each_other_again_without_redis() {
    devices_are_back_without(RedisServer::stops).await;
    devices_are_back_without(RedisServer::freezes).await;
}

async fn devices_are_back_without(goes: impl FnOnce(&RedisServer)) {
    let ground = Ground::new();
    let (a, b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    Guest::gather(&mut guests).await;
    goes(&ground.redis);
    b.freezes();
    let [anna, boris] = &mut guests;
    anna.device.sees("Boris", "reconnecting", |seat| seat.state == SeatState::Reconnecting).await;
    b.thaws();
    let back = async {
        boris.device.is_closed().await;
        let cursor = boris.device.cursor();
        boris.device = boris.user.resumes(cursor).await;
    };
    // Anna's device goes on to answer meanwhile.
    tokio::join!(back, anna.device.sees("Boris", "active", |seat| seat.state == SeatState::Active));
    Guest::hear_each_other(&guests).await;
}

#[tokio::test]
async fn without_redis_calls_between_nodes_go_on_and_begin_and_nobody_takes_them_over() {
    let ground = Ground::new();
    let (a, b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    let call = Guest::gather(&mut guests).await;
    Guest::hear_each_other(&guests).await;
    let epoch = async || admin(&a, "/v1/admin/nodes").await.1.split("controls_calls").nth(1).map(|rest| rest[..4].to_owned());
    let before = epoch().await;

    ground.redis.stops();
    for node in [&a, &b] {
        eventually("the node to miss it", (200, true), async || {
            let (status, said) = admin(node, "/readyz").await;
            (status, said.contains("Redis does not answer"))
        })
        .await;
        assert_eq!(admin(node, "/healthz").await.0, 200);
        eventually("the node to know", true, async || node.log().contains("Redis is gone")).await;
    }
    // Longer than a lease lasts: whoever has it goes on by what the database says.
    stay(&mut guests, Duration::from_secs(5)).await;
    let mut others = [Guest::at(&url(&b), "Clara").await, Guest::at(&url(&a), "Dmitri").await];
    Guest::gather(&mut others).await;
    Guest::hear_each_other(&others).await;

    ground.redis.starts();
    for node in [&a, &b] {
        eventually("the node to have it again", "ready\n".to_owned(), async || admin(node, "/readyz").await.1).await;
        eventually("a to control the calls", listed(&[("a", true), ("b", false)]), async || nodes(node).await).await;
    }
    assert_eq!(epoch().await, before);
    Guest::hear_each_other(&guests).await;
    let [anna, boris] = &mut guests;
    anna.device.asks(Request::HangUp { call }).await.unwrap();
    assert_eq!(boris.device.sees_the_end(call).await, EndReason::HungUp);
    has_one_entry(&guests).await;
}

#[tokio::test]
async fn a_redis_that_stands_still_changes_nothing_for_calls() {
    let ground = Ground::new();
    let (a, b) = (ground.node("a"), ground.node("b"));
    let mut guests = [Guest::at(&url(&a), "Anna").await, Guest::at(&url(&b), "Boris").await];
    Guest::gather(&mut guests).await;
    ground.redis.freezes();
    stay(&mut guests, Duration::from_secs(6)).await;
    ground.redis.thaws();
    for node in [&a, &b] {
        eventually("a to control the calls", listed(&[("a", true), ("b", false)]), async || nodes(node).await).await;
    }
    Guest::hear_each_other(&guests).await;
}
