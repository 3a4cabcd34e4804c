//! What operators are given to see a server by: metrics, alerts and a dashboard, held against the real Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use switchboard_ids::CallId;
use switchboard_protocol::{QualityReport, Request};

use crate::support::{Database, Guest, Prometheus, TestApp, eventually, promtool};

const K8S: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");

/// A query that waits longer for its data has none.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that can be seen happens: voices, pictures, losses, reports, refusals.
async fn is_lively(app: &TestApp, call: CallId, guests: &mut [Guest]) {
    for guest in &mut *guests {
        guest.peer.speaks(true);
        guest.peer.shows(true);
        let quality = QualityReport { received: 240, lost: 10, rtt_ms: 20.0, jitter_ms: 4.0, frozen_ms: 300 };
        guest.device.asks(Request::Report { call, quality }).await.unwrap();
        guest.device.asks(Request::Hold { call: CallId::from_u128(1) }).await.unwrap_err();
    }
    let phone = &guests[0].user.phone;
    app.post("/v1/sessions", serde_json::json!({"phone": phone, "password": "wrong horse"})).await.refused(401, "wrong_credentials");
}

/// All numbers of a page of metrics, by their names and labels.
fn numbers(page: &str) -> BTreeMap<&str, f64> {
    page.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn the_metrics_of_a_server_after_a_call_pass_promtool_and_tell_what_happened() {
    let app = TestApp::start_with(&["--no-limits", "--media-udp", "0,0"]).await;
    let (call, mut guests) = app.in_one_call(["Anna", "Boris"]).await;
    is_lively(&app, call, &mut guests).await;
    eventually("the paths to be measured and media to flow", true, async || {
        let (_, page) = app.admin("/metrics").await;
        let numbers = numbers(&page);
        let of = |name: &str| numbers.get(format!("switchboard_{name}").as_str()).copied().unwrap_or_default();
        of("leg_rtt_seconds_count") >= 2.0
            && of(r#"rtp_packets_total{direction="sent",source="camera"}"#) > 10.0
            && of(r#"rtp_bytes_total{direction="received",source="microphone"}"#) > 800.0
            && of(r#"seats{state="active"}"#) == 2.0
            && of(r#"calls{kind="video",state="active"}"#) == 1.0
    })
    .await;
    guests[0].device.asks(Request::HangUp { call }).await.unwrap();
    guests[1].device.sees_the_end(call).await;
    let ended = r#"switchboard_calls_ended_total{kind="video",result="hung_up"}"#;
    eventually("the end to be counted", true, async || numbers(&app.admin("/metrics").await.1).get(ended) == Some(&1.0)).await;

    let (_, page) = app.admin("/metrics").await;
    let checked = promtool(Path::new(K8S), &["check", "metrics"], &page);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let numbers = numbers(&page);
    let of = |name: &str| *numbers.get(format!("switchboard_{name}").as_str()).unwrap_or_else(|| panic!("{name} is not in\n{page}"));
    // Those that read, and the one that writes to a file.
    let connections = if matches!(app.database(), Database::File(_)) { 5.0 } else { 10.0 };
    for (name, count) in [
        (r#"calls_placed_total{kind="video"}"#, 1.0),
        (r#"ring_seconds_count{result="answered"}"#, 1.0),
        ("join_seconds_count", 2.0),
        (r#"leg_results_total{result="connected"}"#, 2.0),
        (r#"client_reports_total{video="froze"}"#, 2.0),
        (r#"client_packets_total{result="lost"}"#, 20.0),
        ("client_frozen_seconds_total", 0.6),
        (r#"requests_refused_total{code="unknown_call"}"#, 2.0),
        (r#"calls{kind="video",state="active"}"#, 0.0),
        (r#"connections{kind="websocket"}"#, 2.0),
        (r#"connections{kind="events"}"#, 0.0),
        ("database_connections_max", connections),
    ] {
        assert_eq!(of(name), count, "{name}");
    }
    let (sent, received) = (of("sent_bytes_total"), of("received_bytes_total"));
    let payload = |way: &str| {
        ["microphone", "camera", "screen"]
            .map(|source| of(&format!(r#"rtp_bytes_total{{direction="{way}",source="{source}"}}"#)))
            .iter()
            .sum::<f64>()
    };
    assert!(sent > payload("sent") && received > payload("received"), "headers count as well");
    assert!(of("forwarding_seconds_count") > 10.0 && of("forwarding_seconds_sum") / of("forwarding_seconds_count") < 0.1);
    assert!(of("loop_lag_seconds_count") >= 1.0);
    let (open, idle) = (of("database_connections"), of("database_connections_idle"));
    assert!(open >= 1.0 && open <= connections && idle <= open, "{idle} of {open} are idle");
    for guest in &guests {
        assert!(!page.contains(&guest.user.id.to_string()) && !page.contains(&guest.user.phone) && !page.contains(&call.to_string()));
    }
}

#[test]
fn every_alert_is_quiet_while_all_is_well_and_fires_when_it_is_not() {
    let read = |file: &str| std::fs::read_to_string(Path::new(K8S).join(file)).unwrap();
    // What is under `spec` is what Prometheus itself takes.
    let resource = read("prometheus/alerts.yaml");
    let (_, rules) = resource.split_once("\nspec:\n").unwrap();
    let rules: String = rules.lines().map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alerts.yaml"), rules).unwrap();
    std::fs::write(folder.path().join("alerts_test.yaml"), read("prometheus/alerts_test.yaml")).unwrap();
    let tested = promtool(folder.path(), &["test", "rules", "alerts_test.yaml"], "");
    assert!(tested.status.success(), "{}{}", String::from_utf8_lossy(&tested.stdout), String::from_utf8_lossy(&tested.stderr));
    let words = |file: &str, before: &str| -> BTreeSet<String> {
        read(file).lines().filter_map(|line| line.trim().strip_prefix(before)).map(str::to_owned).collect()
    };
    let alerts = words("prometheus/alerts.yaml", "- alert: ");
    assert!(alerts.len() > 10);
    assert_eq!(words("prometheus/alerts_test.yaml", "alertname: "), alerts, "each has a case");
    assert_eq!(words("README.md", "### "), alerts, "each has a runbook");
}

/// Queries of the dashboard, by their panels.
fn queries(dashboard: &Value) -> Vec<(String, String)> {
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten().map(move |target| (panel, target)));
    let query = |(panel, target): (&Value, &Value)| {
        let expression = target["expr"].as_str().unwrap().replace("$__rate_interval", "30s").replace("$instance", ".*");
        (panel["title"].as_str().unwrap().to_owned(), expression)
    };
    targets.map(query).collect()
}

#[tokio::test]
async fn every_query_of_the_dashboard_gives_data_of_a_real_call() {
    let text = std::fs::read_to_string(Path::new(K8S).join("grafana/switchboard.json")).unwrap();
    let queries = queries(&serde_json::from_str(&text).unwrap());
    assert!(queries.len() > 40);
    let app = TestApp::start_with(&["--no-limits", "--media-udp", "0,0"]).await;
    // What happens once a call has to happen before the first reading too, for a rate needs a number to grow from.
    let (first, mut guests) = app.in_one_call(["Anna", "Boris"]).await;
    is_lively(&app, first, &mut guests).await;
    guests[0].device.asks(Request::HangUp { call: first }).await.unwrap();
    guests[1].device.sees_the_end(first).await;
    eventually("the end to be counted", true, async || app.admin("/metrics").await.1.contains("switchboard_calls_ended_total")).await;
    let prometheus = Prometheus::scrapes(&app.admin_url).await;

    let (call, mut guests) = app.in_one_call(["Clara", "Dora"]).await;
    is_lively(&app, call, &mut guests).await;
    let start = Instant::now();
    let mut missing = queries;
    loop {
        let mut without = Vec::new();
        for (panel, query) in missing {
            match prometheus.has_data(&query).await {
                Ok(true) => {}
                Ok(false) => without.push((panel, query)),
                Err(error) => panic!("{panel}: {query}: {error}"),
            }
        }
        missing = without;
        if missing.is_empty() {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "these give no data: {missing:#?}");
        // Rates of what happens seldom need it to happen between two readings.
        is_lively(&app, call, &mut guests).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
