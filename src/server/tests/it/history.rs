//! The history of calls: recorded by the switchboard, read by the people in them.

use serde_json::{Value, json};
use switchboard::store::calls::{self, QualityRow};
use switchboard::store::{StoreError, leases};
use switchboard_ids::{CallId, DeviceId};
use switchboard_protocol::Event;

use crate::support::{TestApp, TestUser};

const DEVICE: DeviceId = DeviceId::from_u128(7);

const QUALITY: QualityRow =
    QualityRow { loss: 0.25, rtt_ms: 24.5, jitter_ms: 3.0, mos: 4.25, frozen_ms: 120, worst_at_ms: 12_000, worst_mos: 3.5 };

/// Writes a line of history.
macro_rules! written {
    ($app:expr, $line:ident($($of:expr),*)) => {{
        let mut writing = $app.store.write().await.unwrap();
        let told = calls::$line(&mut writing, $($of),*).await.unwrap();
        writing.commit().await.unwrap();
        told
    }};
}

/// Records a call that is placed, with an invited seat for each callee.
async fn place(app: &TestApp, call: CallId, caller: &TestUser, callees: &[&TestUser], at_ms: i64) {
    written!(app, placed(call, "video", caller.id, at_ms));
    for user in [caller].iter().chain(callees) {
        written!(app, seated(call, user.id, caller.id, false, at_ms));
    }
    state(app, call, caller, "active", at_ms).await;
}

async fn state(app: &TestApp, call: CallId, user: &TestUser, state: &str, at_ms: i64) {
    let rings_until = (state == "ringing").then_some(at_ms + 45_000);
    let device = (state == "active").then_some(DEVICE);
    written!(app, seat_state(call, user.id, state, device, rings_until, at_ms));
}

/// Records a call from `caller` to `callee` that was answered after one second and ended after five.
async fn record(app: &TestApp, number: u128, caller: &TestUser, callee: &TestUser, placed_ms: i64) -> CallId {
    let call = CallId::from_u128(number);
    place(app, call, caller, &[callee], placed_ms).await;
    state(app, call, callee, "active", placed_ms + 1000).await;
    written!(app, answered(call, placed_ms + 1000));
    for user in [caller, callee] {
        state(app, call, user, "left", placed_ms + 5000).await;
    }
    written!(app, ended(call, "hung_up", placed_ms + 5000));
    call
}

/// Records a call from `caller` to `callee` that came to nothing.
async fn record_unanswered(app: &TestApp, number: u128, caller: &TestUser, callee: &TestUser, end: &str) -> CallId {
    let call = CallId::from_u128(number);
    let at_ms = i64::try_from(number).unwrap() * 1000;
    place(app, call, caller, &[callee], at_ms).await;
    state(app, call, callee, "ringing", at_ms).await;
    state(app, call, callee, end, at_ms + 500).await;
    state(app, call, caller, "left", at_ms + 500).await;
    written!(app, ended(call, end, at_ms + 500));
    call
}

async fn missed(user: &TestUser) -> Value {
    user.get("/v1/calls").await.expect(200)["missed"].clone()
}

async fn ids(user: &TestUser, query: &str) -> Vec<CallId> {
    let page = user.get(&format!("/v1/calls?{query}")).await.expect(200);
    page["calls"].as_array().unwrap().iter().map(|call| call["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn both_see_the_call_from_their_side() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let call = record(&app, 1, &anna, &boris, 10_000).await;
    let expected = |direction: &str| {
        json!({"missed": 0, "calls": [{
            "id": call, "kind": "video", "direction": direction, "caller": {"id": anna.id, "name": "Anna"},
            "placed_ms": 10_000, "answered_ms": 11_000, "ended_ms": 15_000, "duration_ms": 4000,
            "reason": "hung_up", "my_state": "left", "missed": false,
            "seats": [
                {"person": {"id": anna.id, "name": "Anna"}, "state": "left", "joined_ms": 10_000, "left_ms": 15_000, "quality": null},
                {"person": {"id": boris.id, "name": "Boris"}, "state": "left", "joined_ms": 11_000, "left_ms": 15_000, "quality": null},
            ],
        }]})
    };
    assert_eq!(anna.get("/v1/calls").await.expect(200), expected("outgoing"));
    assert_eq!(boris.get("/v1/calls").await.expect(200), expected("incoming"));
    assert_eq!(clara.get("/v1/calls").await.expect(200), json!({"calls": [], "missed": 0}));
}

#[tokio::test]
async fn a_call_that_runs_has_neither_end_nor_duration() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let call = CallId::from_u128(1);
    place(&app, call, &anna, &[&boris], 10_000).await;
    state(&app, call, &boris, "ringing", 10_000).await;
    let seen = &boris.get("/v1/calls").await.expect(200)["calls"][0];
    for field in ["answered_ms", "ended_ms", "duration_ms", "reason"] {
        assert_eq!(seen[field], Value::Null, "{field}");
    }
    assert_eq!((&seen["my_state"], &seen["missed"]), (&json!("ringing"), &json!(false)));
}

#[tokio::test]
async fn seats_stand_in_the_order_people_were_asked_in_with_how_they_heard_the_call() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let call = CallId::from_u128(1);
    place(&app, call, &clara, &[&boris], 10_000).await;
    state(&app, call, &boris, "active", 11_000).await;
    written!(app, seated(call, anna.id, boris.id, false, 12_000));
    state(&app, call, &anna, "missed", 20_000).await;
    written!(app, seated(call, anna.id, clara.id, false, 30_000));
    state(&app, call, &anna, "active", 31_000).await;
    state(&app, call, &boris, "left", 32_000).await;
    state(&app, call, &boris, "active", 33_000).await;
    for quality in [QualityRow { mos: 1.0, ..QUALITY }, QUALITY, QUALITY] {
        written!(app, quality(call, boris.id, &quality));
    }

    let seats = anna.get("/v1/calls").await.expect(200)["calls"][0]["seats"].clone();
    let line = |seat: &Value| (seat["person"]["name"].clone(), seat["joined_ms"].clone(), seat["left_ms"].clone());
    let lines: Vec<_> = seats.as_array().unwrap().iter().map(line).collect();
    assert_eq!(lines[0], (json!("Clara"), json!(10_000), Value::Null));
    assert_eq!(lines[1], (json!("Boris"), json!(11_000), Value::Null), "who came back has not left");
    assert_eq!(lines[2], (json!("Anna"), json!(31_000), Value::Null));
    let quality =
        json!({"loss": 0.25, "rtt_ms": 24.5, "jitter_ms": 3.0, "mos": 4.25, "frozen_ms": 120, "worst_at_ms": 12_000, "worst_mos": 3.5});
    assert_eq!((&seats[1]["quality"], &seats[0]["quality"]), (&quality, &Value::Null));
}

#[tokio::test]
async fn the_history_is_read_page_by_page_from_the_latest() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    for number in 1..=5 {
        record(&app, number, &anna, &boris, i64::try_from(number).unwrap() * 1000).await;
    }
    let calls = |numbers: &[u128]| numbers.iter().map(|number| CallId::from_u128(*number)).collect::<Vec<_>>();
    assert_eq!(ids(&anna, "limit=2").await, calls(&[5, 4]));
    assert_eq!(ids(&anna, "limit=2&before_ms=4000").await, calls(&[3, 2]));
    assert_eq!(ids(&anna, "limit=100000&before_ms=2000").await, calls(&[1]));
    for wrong in ["limit=two", "limit=-1", "before_ms=now", "before=7&before_ms=1", &format!("before={}", CallId::from_u128(1))] {
        anna.get(&format!("/v1/calls?{wrong}")).await.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn calls_placed_in_the_same_millisecond_are_neither_skipped_nor_repeated() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    for number in 1..=7 {
        record(&app, number, &anna, &boris, if number == 1 { 900 } else { 1000 }).await;
    }
    let (mut read, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = anna.get(&format!("/v1/calls?{query}")).await.expect(200);
        let page = page["calls"].as_array().unwrap();
        let Some(last) = page.last() else { break };
        read.extend(page.iter().map(|call| call["id"].as_str().unwrap().to_owned()));
        query = format!("limit=2&before_ms={}&before={}", last["placed_ms"], last["id"].as_str().unwrap());
    }
    assert_eq!(read, (1..=7).rev().map(|number| CallId::from_u128(number).to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn missed_calls_are_counted_until_they_are_seen() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let ends = ["missed", "cancelled", "busy", "unreachable", "declined"];
    for (number, end) in (1..).zip(ends) {
        record_unanswered(&app, number, &anna, &boris, end).await;
    }
    record(&app, 6, &anna, &boris, 6000).await;
    assert_eq!((missed(&boris).await, missed(&anna).await), (json!(4), json!(0)));
    let page = boris.get("/v1/calls").await.expect(200);
    let marked: Vec<bool> = page["calls"].as_array().unwrap().iter().map(|call| call["missed"].as_bool().unwrap()).collect();
    assert_eq!(marked, [false, false, true, true, true, true]);
    assert_eq!(boris.get("/v1/calls?limit=1").await.expect(200)["missed"], 4, "those that are on no page too");

    let mut device = boris.connects().await;
    boris.post("/v1/calls/seen").await.expect(204);
    device.hears("the news on the other device", |event| (*event == Event::HistoryChanged).then_some(())).await;
    boris.post("/v1/calls/seen").await.expect(204);
    assert_eq!((missed(&boris).await, device.heard().await), (json!(0), vec![]));

    record_unanswered(&app, 7, &anna, &boris, "missed").await;
    assert_eq!(missed(&boris).await, 1);
    app.post("/v1/calls/seen", json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_call_that_still_rings_when_the_history_is_looked_at_is_missed_later() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let call = CallId::from_u128(1);
    place(&app, call, &anna, &[&boris], 10_000).await;
    state(&app, call, &boris, "ringing", 10_000).await;
    boris.post("/v1/calls/seen").await.expect(204);
    state(&app, call, &boris, "missed", 55_000).await;
    assert_eq!(missed(&boris).await, 1);
    boris.post("/v1/calls/seen").await.expect(204);

    written!(app, seated(call, boris.id, anna.id, false, 60_000));
    state(&app, call, &boris, "ringing", 60_000).await;
    assert_eq!(missed(&boris).await, 0);
    state(&app, call, &boris, "missed", 99_000).await;
    assert_eq!(missed(&boris).await, 1, "asked in again, and missed again");
}

#[tokio::test]
async fn who_was_in_the_call_has_not_missed_it_when_they_miss_being_asked_back() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let call = CallId::from_u128(1);
    place(&app, call, &anna, &[&boris], 10_000).await;
    for (at_ms, next) in (11_000..).step_by(1000).zip(["active", "left", "ringing", "missed"]) {
        state(&app, call, &boris, next, at_ms).await;
    }
    let page = boris.get("/v1/calls").await.expect(200);
    assert_eq!((&page["missed"], &page["calls"][0]["missed"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn a_call_that_one_may_not_know_of_is_in_no_list_and_no_count() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let call = CallId::from_u128(1);
    place(&app, call, &anna, &[&boris], 10_000).await;
    written!(app, seated(call, clara.id, anna.id, true, 10_000));
    state(&app, call, &clara, "unreachable", 10_000).await;
    assert_eq!(clara.get("/v1/calls").await.expect(200), json!({"calls": [], "missed": 0}));
    let seen = anna.get("/v1/calls").await.expect(200);
    assert_eq!(seen["calls"][0]["seats"][2]["state"], "unreachable");
    assert_eq!(written!(app, ended(call, "cancelled", 11_000)), [anna.id, boris.id]);

    written!(app, seated(call, clara.id, boris.id, false, 12_000));
    assert_eq!(ids(&clara, "").await, [call]);
}

#[tokio::test]
async fn a_line_of_history_that_is_written_twice_is_one_and_what_happened_first_stands() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let call = record(&app, 1, &anna, &boris, 10_000).await;
    let before = boris.get("/v1/calls").await.expect(200);
    written!(app, placed(call, "video", anna.id, 10_000));
    written!(app, seated(call, boris.id, anna.id, false, 10_000));
    state(&app, call, &boris, "left", 15_000).await;
    written!(app, answered(call, 99_000));
    assert_eq!(written!(app, ended(call, "missed", 99_000)), [anna.id, boris.id]);
    assert_eq!(boris.get("/v1/calls").await.expect(200), before);
}

#[tokio::test]
async fn a_server_that_comes_back_finds_the_calls_that_ran_as_they_stood() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    record(&app, 1, &anna, &boris, 10_000).await;
    let (older, newer) = (CallId::from_u128(3), CallId::from_u128(2));
    place(&app, newer, &clara, &[], 21_000).await;
    place(&app, older, &anna, &[&boris], 20_000).await;
    written!(app, seated(older, clara.id, boris.id, true, 20_500));
    written!(app, answered(older, 21_000));
    state(&app, older, &anna, "reconnecting", 22_000).await;
    state(&app, older, &boris, "ringing", 22_000).await;

    let running = calls::running(&app.store).await.unwrap();
    assert_eq!(running.iter().map(|call| call.id).collect::<Vec<_>>(), [older, newer]);
    let call = &running[0];
    assert_eq!((call.kind.as_str(), call.placed_ms, call.answered_ms), ("video", 20_000, Some(21_000)));
    let seats: Vec<_> = call.seats.iter().map(|seat| (seat.name.as_str(), seat.state.as_str(), seat.device)).collect();
    assert_eq!(seats, [("Anna", "reconnecting", Some(DEVICE)), ("Boris", "ringing", None), ("Clara", "invited", None)]);
    assert_eq!(call.seats.iter().map(|seat| seat.rings_until_ms).collect::<Vec<_>>(), [None, Some(67_000), None]);
    assert_eq!(call.seats.iter().map(|seat| seat.barred).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(call.seats[0].user, anna.id);

    assert_eq!(calls::last_heartbeat(&app.store).await.unwrap(), None);
    written!(app, heartbeat(30_000));
    written!(app, heartbeat(31_000));
    assert_eq!(calls::last_heartbeat(&app.store).await.unwrap(), Some(31_000));
}

#[tokio::test]
async fn calls_that_an_earlier_run_left_behind_are_ended_with_all_their_seats() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let over = record(&app, 1, &anna, &boris, 10_000).await;
    let running = CallId::from_u128(2);
    place(&app, running, &anna, &[&boris, &clara], 20_000).await;
    state(&app, running, &anna, "held", 21_000).await;
    state(&app, running, &boris, "reconnecting", 21_000).await;
    state(&app, running, &clara, "ringing", 21_000).await;
    assert_eq!(calls::running_count(&app.store).await.unwrap(), 1);

    let epoch = leases::epoch(&app.store, leases::CALLS).await.unwrap();
    let late = calls::end_running(&app.store, epoch - 1, "server_stopped", 30_000).await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    assert_eq!(calls::end_running(&app.store, epoch, "server_stopped", 30_000).await.unwrap(), 1);
    assert_eq!((calls::running_count(&app.store).await.unwrap(), calls::running(&app.store).await.unwrap()), (0, vec![]));
    for (user, state, left_ms) in [(&anna, "left", Some(30_000)), (&boris, "left", Some(30_000)), (&clara, "cancelled", None)] {
        let history = calls::history(&app.store, user.id, i64::MAX, None, 1).await.unwrap();
        assert_eq!((history[0].id, history[0].my_state.as_str(), history[0].reason.as_deref()), (running, state, Some("server_stopped")));
        assert_eq!((history[0].ended_ms, history[0].seats.len()), (Some(30_000), 3));
        let mine = history[0].seats.iter().find(|seat| seat.user == user.id).unwrap();
        assert_eq!(mine.left_ms, left_ms);
    }
    assert_eq!(missed(&clara).await, 1);
    let before = calls::history(&app.store, anna.id, 20_000, None, 10).await.unwrap();
    assert_eq!((before[0].id, before[0].ended_ms), (over, Some(15_000)));
}
