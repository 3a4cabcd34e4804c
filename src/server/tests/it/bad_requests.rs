//! Requests that cannot be read, or that come from where they should not.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Answer, TestApp};

#[tokio::test]
async fn a_body_that_is_not_json_is_a_bad_request() {
    let app = TestApp::start().await;
    let post = || app.request(Method::POST, "/v1/sessions");
    let json = || post().header("content-type", "application/json");
    for body in ["", "{", "not json", "{\"phone\": }", "[]", "null", "\u{0}"] {
        Answer::of(json().body(body)).await.refused(400, "bad_request");
    }
    Answer::of(json().body(vec![0xff, 0xfe, 0x00])).await.refused(400, "bad_request");
    Answer::of(post().body(r#"{"phone": "+79001234567", "password": "password123"}"#)).await.refused(400, "bad_request");
}

#[tokio::test]
async fn fields_that_are_missing_or_of_a_wrong_type_are_a_bad_request() {
    let app = TestApp::start().await;
    let wrong = [
        json!({"phone": "+79001234567"}),
        json!({"phone": 79_001_234_567_u64, "password": "password123"}),
        json!({"phone": "+79001234567", "password": null}),
        json!({"phone": "+79001234567", "password": "password123", "session": "jwt"}),
        json!({"phone": ["+79001234567"], "password": "password123"}),
    ];
    for body in wrong {
        let answer = app.post("/v1/sessions", body).await;
        answer.refused(400, "bad_request");
        assert!(answer.body["detail"].as_str().unwrap().len() > 10);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    let body = json!({"phone": "+79001234567", "password": "x".repeat(70_000)});
    app.post("/v1/sessions", body).await.refused(413, "too_large");
    app.get("/v1/openapi.json").await.expect(200);
}

#[tokio::test]
async fn ids_that_are_none_are_a_bad_request() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    for path in ["/v1/contacts/7", "/v1/sessions/%00", "/v1/invitations/anna", "/v1/contacts/%ff"] {
        anna.delete(path).await.refused(400, "bad_request");
    }
    anna.post("/v1/invitations/'%20OR%201=1/accept").await.refused(400, "bad_request");
}

#[tokio::test]
async fn what_is_not_there_is_told_apart_from_what_takes_another_method() {
    let app = TestApp::start().await;
    app.get("/v1/nothing").await.refused(404, "not_found");
    app.get("/v1/").await.refused(404, "not_found");
    app.get("/v1/accounts").await.refused(405, "method_not_allowed");
    Answer::of(app.request(Method::PUT, "/v1/me")).await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn pages_of_other_origins_change_nothing() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    boris.invites(&anna.phone).await.expect(201);
    let accept = |origin: &str| {
        let request = app.request(Method::POST, &format!("/v1/invitations/{}/accept", boris.id));
        Answer::of(request.bearer_auth(&anna.token).header("origin", origin))
    };
    for origin in ["https://evil.example", "http://127.0.0.1:1", "null", "http://localhost"] {
        accept(origin).await.refused(403, "wrong_origin");
    }
    assert_eq!(anna.people().await[1], ["Boris"]);
    accept(&app.url).await.expect(204);
}

#[tokio::test]
async fn a_websocket_is_not_opened_from_a_page_of_another_origin() {
    let app = TestApp::start().await;
    let upgrade = app.request(Method::GET, "/v1/ws").header("connection", "upgrade").header("upgrade", "websocket");
    Answer::of(upgrade.header("origin", "https://evil.example")).await.refused(403, "wrong_origin");
}

#[tokio::test]
async fn behind_a_public_url_only_its_origin_counts() {
    let app = TestApp::start_with(&["--public-url", "https://calls.example.org/"]).await;
    let log_in = |origin: &str| {
        let body = json!({"phone": "+79001234567", "password": "password123"});
        Answer::of(app.request(Method::POST, "/v1/sessions").header("origin", origin).json(&body))
    };
    log_in("https://calls.example.org").await.refused(401, "wrong_credentials");
    log_in(&app.url).await.refused(403, "wrong_origin");
}

#[tokio::test]
async fn a_body_that_does_not_come_holds_no_connection() {
    let app = TestApp::start().await;
    let address = app.url.trim_start_matches("http://").to_owned();
    let mut client = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"phone\""
    );
    client.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(30), client.read_to_string(&mut answer)).await;
    assert!(read.is_ok(), "the connection is closed: {answer}");
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("too_slow"), "{answer}");
}
