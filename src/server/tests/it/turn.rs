//! Credentials for the TURN server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use str0m::crypto::from_feature_flags;

use crate::support::{Process, TestApp, complaint};

const FLAGS: [&str; 6] =
    ["--turn-url", "turn:127.0.0.1:3478,turn:127.0.0.1:3478?transport=tcp", "--turn-secret", "swordfish", "--turn-ttl", "600"];

#[tokio::test]
async fn who_is_logged_in_gets_credentials_that_the_turn_server_can_check() {
    let app = TestApp::start_with(&FLAGS).await;
    let anna = app.register("Anna").await;
    app.get("/v1/turn-credentials").await.refused(401, "unauthenticated");
    let answer = anna.get("/v1/turn-credentials").await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.expect(200);
    assert_eq!(body["expires_in_s"], 600);
    let server = &body["ice_servers"][0];
    assert_eq!(server["urls"], json!(["turn:127.0.0.1:3478", "turn:127.0.0.1:3478?transport=tcp"]));
    let username = server["username"].as_str().unwrap();
    let (expiry, user) = username.split_once(':').unwrap();
    assert_eq!(user, anna.id.to_string());
    let left = Duration::from_secs(expiry.parse().unwrap()).saturating_sub(SystemTime::now().duration_since(UNIX_EPOCH).unwrap());
    assert!(left > Duration::from_secs(590) && left <= Duration::from_secs(600), "{left:?}");
    let expected = from_feature_flags().sha1_hmac_provider.sha1_hmac(b"swordfish", &[username.as_bytes()]);
    assert_eq!(unbase64(server["credential"].as_str().unwrap()), expected);
}

fn unbase64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter(|byte| *byte != b'=').map(|byte| DIGITS.iter().position(|digit| *digit == byte).unwrap());
    let bits: Vec<u8> = digits.flat_map(|digit| (0..6).rev().map(move |bit| u8::from(digit >> bit & 1 == 1))).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

#[tokio::test]
async fn a_server_without_turn_says_that_there_is_none() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    assert_eq!(anna.get("/v1/turn-credentials").await.expect(200), json!({"ice_servers": [], "expires_in_s": null}));
}

#[tokio::test]
async fn credentials_are_given_no_more_often_than_the_limit_says() {
    let app = TestApp::start_with(&[&FLAGS[..], &["--limit-turn", "2"]].concat()).await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    for _ in 0..2 {
        anna.get("/v1/turn-credentials").await.expect(200);
    }
    anna.get("/v1/turn-credentials").await.refused(429, "too_many_requests");
    boris.get("/v1/turn-credentials").await.expect(200);
}

#[test]
fn turn_flags_that_cannot_be_right_are_told_in_one_line_without_the_secret() {
    for (flags, cause) in [
        (&["--turn-url", "turn:example.org"][..], "--turn-secret"),
        (&["--turn-secret", "swordfish"], "--turn-url"),
        (&["--turn-url", "example.org", "--turn-secret", "swordfish"], "turn:"),
        (&["--turn-url", "turn:a", "--turn-secret", "swordfish", "--turn-ttl", "1"], "--turn-ttl"),
    ] {
        let (line, status) = complaint(&Process::output(&[&["serve"], flags].concat()));
        assert!(status == 2 && line.contains(cause) && line.contains(" — ") && !line.contains("swordfish"), "{status} {line}");
    }
}
