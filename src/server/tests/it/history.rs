//! The history of calls: recorded by the switchboard, read by the people in them.

use serde_json::{Value, json};
use switchboard::store::calls;
use switchboard_ids::{CallId, DeviceId};

use crate::support::{TestApp, TestUser};

const DEVICE: DeviceId = DeviceId::from_u128(7);

/// Records a call from `caller` to `callee` that was answered after one second and ended after five.
async fn record(app: &TestApp, number: u128, caller: &TestUser, callee: &TestUser, placed_ms: i64) -> CallId {
    let call = CallId::from_u128(number);
    calls::placed(&app.store, call, "video", caller.id, &[callee.id], placed_ms).await.unwrap();
    calls::seat_state(&app.store, call, callee.id, "active", Some(DEVICE), placed_ms + 1000).await.unwrap();
    calls::answered(&app.store, call, placed_ms + 1000).await.unwrap();
    for user in [caller, callee] {
        calls::seat_state(&app.store, call, user.id, "left", None, placed_ms + 5000).await.unwrap();
    }
    calls::ended(&app.store, call, "hung_up", placed_ms + 5000).await.unwrap();
    call
}

#[tokio::test]
async fn both_see_the_call_from_their_side() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let call = record(&app, 1, &anna, &boris, 10_000).await;
    let expected = |direction: &str, other: &TestUser| {
        json!({"calls": [{
            "id": call, "kind": "video", "direction": direction, "others": [{"id": other.id, "name": other.name}],
            "placed_ms": 10_000, "answered_ms": 11_000, "ended_ms": 15_000, "reason": "hung_up", "my_state": "left",
        }]})
    };
    assert_eq!(anna.get("/v1/calls").await.expect(200), expected("outgoing", &boris));
    assert_eq!(boris.get("/v1/calls").await.expect(200), expected("incoming", &anna));
    assert_eq!(clara.get("/v1/calls").await.expect(200), json!({"calls": []}));
}

#[tokio::test]
async fn the_history_is_read_page_by_page_from_the_latest() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    for number in 1..=5 {
        record(&app, number, &anna, &boris, i64::try_from(number).unwrap() * 1000).await;
    }
    let placed = |page: Value| page["calls"].as_array().unwrap().iter().map(|call| call["placed_ms"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(placed(anna.get("/v1/calls?limit=2").await.expect(200)), [5000, 4000]);
    assert_eq!(placed(anna.get("/v1/calls?limit=2&before_ms=4000").await.expect(200)), [3000, 2000]);
    assert_eq!(placed(anna.get("/v1/calls?limit=100000&before_ms=2000").await.expect(200)), [1000]);
    anna.get("/v1/calls?limit=two").await.refused(400, "bad_request");
    anna.get("/v1/calls?limit=-1").await.refused(400, "bad_request");
}

#[tokio::test]
async fn what_happened_first_stands() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let call = record(&app, 1, &anna, &boris, 10_000).await;
    calls::answered(&app.store, call, 99_000).await.unwrap();
    calls::ended(&app.store, call, "missed", 99_000).await.unwrap();
    let history = calls::history(&app.store, anna.id, i64::MAX, 10).await.unwrap();
    assert_eq!((history[0].answered_ms, history[0].ended_ms, history[0].reason.as_deref()), (Some(11_000), Some(15_000), Some("hung_up")));
}

#[tokio::test]
async fn calls_that_an_earlier_run_left_behind_are_ended_with_all_their_seats() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let over = record(&app, 1, &anna, &boris, 10_000).await;
    let running = CallId::from_u128(2);
    calls::placed(&app.store, running, "audio", anna.id, &[boris.id, clara.id], 20_000).await.unwrap();
    calls::seat_state(&app.store, running, boris.id, "active", Some(DEVICE), 21_000).await.unwrap();
    calls::seat_state(&app.store, running, clara.id, "ringing", None, 21_000).await.unwrap();
    assert_eq!(calls::running_count(&app.store).await.unwrap(), 1);

    assert_eq!(calls::end_running(&app.store, "server_stopped", 30_000).await.unwrap(), 1);
    assert_eq!(calls::running_count(&app.store).await.unwrap(), 0);
    for (user, state) in [(&anna, "left"), (&boris, "left"), (&clara, "cancelled")] {
        let history = calls::history(&app.store, user.id, i64::MAX, 1).await.unwrap();
        assert_eq!((history[0].id, history[0].my_state.as_str(), history[0].reason.as_deref()), (running, state, Some("server_stopped")));
        assert_eq!((history[0].ended_ms, history[0].others.len()), (Some(30_000), 2));
    }
    let before = calls::history(&app.store, anna.id, 20_000, 10).await.unwrap();
    assert_eq!((before[0].id, before[0].ended_ms), (over, Some(15_000)));
}
