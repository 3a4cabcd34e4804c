//! Nodes that are replaced one after the other, under running calls.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;
use switchboard_ids::CallId;
use switchboard_protocol::{EndReason, Event, Request};

use crate::across::history;
use crate::failing::comes_back;
use crate::ground::{Ground, listed, nodes, url};
use crate::support::{Guest, Process, eventually};

const CALLS: usize = 20;
/// How long people wait at most until they hear each other again.
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// Those of a call go where a node is left, and hear each other again; gives how long they did not.
async fn are_back(guests: &mut [Guest; 2], node: &Process, start: Instant) -> Duration {
    let [anna, boris] = &mut *guests;
    tokio::join!(anna.device.is_closed(), boris.device.is_closed());
    let cursors = [&anna.device, &boris.device].map(|device| device.cursor());
    tokio::join!(comes_back(anna, cursors[0], node), comes_back(boris, cursors[1], node));
    Guest::hear_each_other(&*guests).await;
    start.elapsed()
}

#[tokio::test]
async fn both_nodes_are_replaced_one_after_the_other_under_twenty_calls_and_none_is_lost() {
    let ground = Ground::new();
    let (mut a, mut b) = (ground.node("a"), ground.node("b"));
    let gather = async |number: usize| {
        let mut guests = [Guest::at(&url(&a), &format!("Anna {number}")).await, Guest::at(&url(&b), &format!("Boris {number}")).await];
        let call = Guest::gather(&mut guests).await;
        Guest::hear_each_other(&guests).await;
        eventually("the answer to be written", false, async || {
            guests[0].user.get("/v1/calls").await.expect(200)["calls"][0]["answered_ms"].is_null()
        })
        .await;
        (call, guests)
    };
    let mut calls = join_all((0..CALLS).map(gather)).await;

    a = replaced(&ground, "a", a, &b, &mut calls).await;
    b = replaced(&ground, "b", b, &a, &mut calls).await;

    eventually("both to serve", listed(&[("a", true), ("b", false)]), async || nodes(&b).await).await;
    for (call, [anna, boris]) in &mut calls {
        anna.device.asks(Request::HangUp { call: *call }).await.unwrap();
        assert_eq!(boris.device.sees_the_end(*call).await, EndReason::HungUp);
        let told = boris.device.heard().await;
        assert!(!told.iter().any(|event| matches!(event, Event::IncomingCall { .. })), "nothing rings: {told:?}");
        eventually("one entry", vec![Value::from("hung_up")], async || history(&boris.user).await).await;
    }
}

/// Has a node drain and makes another of its name, while the other node takes over what it had.
async fn replaced(ground: &Ground, name: &str, mut node: Process, other: &Process, calls: &mut [(CallId, [Guest; 2])]) -> Process {
    let start = Instant::now();
    assert_eq!(drain(&node).await, 202);
    let gaps = join_all(calls.iter_mut().map(|(_, guests)| are_back(guests, other, start))).await;
    let longest = gaps.into_iter().max().unwrap_or_default();
    #[expect(clippy::print_stdout, reason = "the figure is read with --nocapture")]
    {
        println!("{name} is replaced: {CALLS} calls go on, the longest gap in one is {} ms", longest.as_millis());
    }
    assert!(longest < BACK_WITHIN, "{longest:?}");
    assert!(node.wait().success(), "{}", node.log());
    assert!(!node.log().contains("ERROR"), "{}", node.log());
    ground.node(name)
}

async fn drain(node: &Process) -> u16 {
    let http = reqwest::Client::new().post(format!("{}/v1/admin/drain", node.said("admin on ")));
    http.send().await.unwrap().status().as_u16()
}
