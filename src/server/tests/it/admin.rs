//! What operators see.

use serde_json::json;
use switchboard::observe::{Family, Histogram, Metrics, Micros, Millis};

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
    gauges.set(Family::Devices, 3.0);
    gauges.set_each(Family::Calls, [(["audio", "active"], 1.0), (["video", "active"], 2.0)]);
    gauges.set_each(Family::Received, [(["rtp"], 7.0)]);
    gauges.set_each(Family::Received, [(["datagram"], 9.0)]);
    let mut rings = Histogram::<Millis>::default();
    [400, 1_500].into_iter().for_each(|ms| rings.add(ms));
    gauges.set_histograms(Family::Ring, [("answered".to_owned(), rings)]);
    let mut forwarding = Histogram::<Micros>::default();
    forwarding.add(50);
    gauges.set_histogram(Family::Forwarding, &forwarding);
    let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
    for line in [
        "# TYPE switchboard_devices gauge",
        "switchboard_devices 3",
        r#"switchboard_calls{kind="video",state="active"} 2"#,
        "# TYPE switchboard_packets_received_total counter",
        r#"switchboard_packets_received_total{kind="datagram"} 9"#,
        r#"switchboard_ring_seconds_bucket{result="answered",le="0.5"} 1"#,
        r#"switchboard_ring_seconds_sum{result="answered"} 1.9"#,
        r#"switchboard_ring_seconds_count{result="answered"} 2"#,
        r#"switchboard_forwarding_seconds_bucket{le="0.00005"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains(r#"kind="rtp""#), "a series that is not set any more is gone");
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
