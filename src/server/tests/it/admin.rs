//! What operators see.

use std::sync::atomic::Ordering;

use serde_json::json;
use switchboard::observe::{Metrics, PacketKind, ThreadNumbers};

use crate::support::{TestApp, eventually};

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let app = TestApp::start().await;
    assert_eq!(app.admin("/healthz").await.0, 200);
    assert_eq!(app.admin("/readyz").await.0, 200);
}

#[tokio::test]
async fn without_its_database_a_server_is_alive_and_not_ready() {
    let app = TestApp::start().await;
    app.store.close().await;
    assert_eq!(app.admin("/healthz").await.0, 200);
    assert_eq!(app.admin("/readyz").await.0, 503);
    app.post("/v1/sessions", json!({"phone": "+79001234567", "password": "password123"})).await.refused(503, "database_unavailable");
}

#[tokio::test]
async fn requests_registrations_and_logins_are_counted() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    app.post("/v1/sessions", json!({"phone": anna.phone, "password": anna.password})).await.expect(201);
    app.post("/v1/sessions", json!({"phone": anna.phone, "password": "wrong horse"})).await.refused(401, "wrong_credentials");
    anna.delete(&format!("/v1/contacts/{}", anna.id)).await.refused(404, "not_a_contact");

    let (status, metrics) = app.admin("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "switchboard_registrations_total 1",
        r#"switchboard_logins_total{outcome="right"} 1"#,
        r#"switchboard_logins_total{outcome="wrong"} 1"#,
        r#"switchboard_http_requests_total{method="POST",route="/v1/accounts",status="201"} 1"#,
        r#"switchboard_http_requests_total{method="DELETE",route="/v1/contacts/{user_id}",status="404"} 1"#,
        r#"switchboard_http_request_seconds_count{route="/v1/sessions"} 2"#,
        "switchboard_devices 0",
        "switchboard_tasks ",
        "process_resident_memory_bytes ",
    ] {
        assert!(metrics.lines().any(|found| found.starts_with(line)), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains(&anna.id.to_string()) && !metrics.contains(&anna.phone));
}

#[tokio::test]
async fn the_public_listener_does_not_show_metrics() {
    let app = TestApp::start().await;
    app.get("/metrics").await.refused(404, "not_found");
}

#[test]
fn numbers_that_others_keep_are_shown_as_they_stand() {
    let metrics = Metrics::new().unwrap();
    let gauges = metrics.gauges();
    gauges.devices.store(3, Ordering::Relaxed);
    gauges.calls_active.store(2, Ordering::Relaxed);
    gauges.set_packets(PacketKind::Received, "rtp", 7);
    gauges.set_packets(PacketKind::Received, "rtp", 9);
    gauges.set_packets(PacketKind::Dropped, "garbage", 1);
    gauges.set_packets(PacketKind::Noticed, "layer_switched", 4);
    gauges.set_thread(7001, ThreadNumbers { legs: 5, forwarded: 6, relayed: 7, relay_dropped: 8 });
    let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
    for line in [
        "switchboard_devices 3",
        r#"switchboard_calls{state="active"} 2"#,
        r#"switchboard_packets_received_total{kind="rtp"} 9"#,
        r#"switchboard_packets_dropped_total{reason="garbage"} 1"#,
        r#"switchboard_media_events_total{kind="layer_switched"} 4"#,
        r#"switchboard_media_thread_legs{port="7001"} 5"#,
        r#"switchboard_media_thread_packets_total{kind="forwarded",port="7001"} 6"#,
        r#"switchboard_media_thread_packets_total{kind="relayed",port="7001"} 7"#,
        r#"switchboard_media_thread_packets_total{kind="relay_dropped",port="7001"} 8"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn media_that_flows_is_counted_by_what_became_of_it() {
    let app = TestApp::start().await;
    let (_call, [_anna, boris]) = app.in_one_call(["Anna", "Boris"]).await;
    boris.peer.speaks(true);
    eventually("voices are forwarded, and legs shown", true, async || {
        let (_, metrics) = app.admin("/metrics").await;
        let count = |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        count("switchboard_legs ") == Some(2)
            && count(r#"switchboard_packets_received_total{kind="rtp"} "#).is_some_and(|count| count > 10)
            && count(r#"switchboard_packets_sent_total{kind="rtp"} "#).is_some_and(|count| count > 10)
    })
    .await;
    let (_, metrics) = app.admin("/metrics").await;
    for line in ["layer_switched", "keyframe_request_refused", "voice_restored", "wrong_dimensions"]
        .map(|kind| format!("switchboard_media_events_total{{kind=\"{kind}\"}} "))
        .into_iter()
        .chain(["too_fast", "layer_not_wanted"].map(|reason| format!("switchboard_packets_dropped_total{{reason=\"{reason}\"}} ")))
    {
        assert!(metrics.lines().any(|found| found.starts_with(&line)), "{line} is not in\n{metrics}");
    }
}
