//! Logging in and out.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, TestUser};

async fn log_in(app: &TestApp, user: &TestUser) -> String {
    let body = json!({"phone": user.phone, "password": user.password, "session": "bearer"});
    app.post("/v1/sessions", body).await.expect(201)["token"].as_str().unwrap().to_owned()
}

async fn me(app: &TestApp, token: &str) -> Answer {
    Answer::of(app.request(Method::GET, "/v1/me").bearer_auth(token)).await
}

#[tokio::test]
async fn a_person_logs_in_again_on_another_device() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let token = log_in(&app, &anna).await;
    assert_ne!(token, anna.token);
    assert_eq!(me(&app, &token).await.expect(200), anna.account());
    assert_eq!(me(&app, &anna.token).await.expect(200), anna.account());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_number_get_the_same_answer() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let attempt = |phone: &str| app.post("/v1/sessions", json!({"phone": phone, "password": "wrong horse"}));
    let (wrong, unknown) = (attempt(&anna.phone).await, attempt("+442079460018").await);
    wrong.refused(401, "wrong_credentials");
    assert_eq!(wrong.body, unknown.body);
    assert!(wrong.header("set-cookie").is_none());
    attempt("12345").await.refused(422, "malformed_phone");
}

#[tokio::test]
async fn a_browser_logs_in_and_out_by_cookie() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let answer = app.post("/v1/sessions", json!({"phone": anna.phone, "password": anna.password})).await;
    let cookie = answer.cookie();
    assert!(answer.expect(201).get("token").is_none());
    let send = |method, path| Answer::of(app.request(method, path).header("cookie", &cookie));
    send(Method::GET, "/v1/me").await.expect(200);
    let out = send(Method::DELETE, "/v1/sessions/current").await;
    assert!(out.header("set-cookie").unwrap().starts_with("switchboard_session=; Path=/; Max-Age=0"));
    out.expect(204);
    send(Method::GET, "/v1/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn without_a_login_nothing_personal_is_told() {
    let app = TestApp::start().await;
    for path in ["/v1/me", "/v1/sessions", "/v1/contacts", "/v1/calls", "/v1/users?phone=%2B79001234567"] {
        let answer = app.get(path).await;
        answer.refused(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    app.post("/v1/invitations", json!({"phone": "+79001234567"})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_forged_token_is_no_login() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let mut almost = anna.token.clone().into_bytes();
    almost[0] = if almost[0] == b'0' { b'1' } else { b'0' };
    let almost = String::from_utf8(almost).unwrap();
    for token in ["", "short", &"0".repeat(64), &almost, &"x".repeat(5000), "' OR 1=1 --"] {
        me(&app, token).await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_login_that_was_not_used_for_too_long_ends() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    app.sql("UPDATE sessions SET expires_ms = created_ms - 1").await;
    anna.get("/v1/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_login_in_use_is_put_off_and_shows_when_it_was_seen() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    app.sql("UPDATE sessions SET last_seen_ms = 1000, expires_ms = expires_ms - 86400000").await;
    anna.get("/v1/me").await.expect(200);
    app.sql("DELETE FROM sessions WHERE expires_ms < created_ms + 2505600000").await;
    let sessions = anna.get("/v1/sessions").await.expect(200);
    assert!(sessions["sessions"][0]["last_seen_ms"].as_i64().unwrap() > 1000);
}

#[tokio::test]
async fn logins_are_listed_and_revoked_one_by_one() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let body = json!({"phone": anna.phone, "password": anna.password, "session": "bearer"});
    let other = Answer::of(app.request(Method::POST, "/v1/sessions").header("user-agent", firefox).json(&body)).await.expect(201);
    let other = other["token"].as_str().unwrap();

    let list = anna.get("/v1/sessions").await.expect(200);
    let list = list["sessions"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    let theirs = list.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(theirs["device"], "Firefox, Linux");
    assert_eq!(list.iter().filter(|session| session["current"] == true).count(), 1);

    let path = format!("/v1/sessions/{}", theirs["id"].as_str().unwrap());
    anna.delete(&path).await.expect(204);
    me(&app, other).await.refused(401, "unauthenticated");
    anna.delete(&path).await.refused(404, "no_such_session");
    anna.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn nobody_revokes_the_login_of_another() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let session = anna.get("/v1/sessions").await.expect(200)["sessions"][0]["id"].as_str().unwrap().to_owned();
    boris.delete(&format!("/v1/sessions/{session}")).await.refused(404, "no_such_session");
    anna.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_account_keeps_a_bounded_number_of_logins() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    app.sql("UPDATE sessions SET last_seen_ms = 1000").await;
    let most = switchboard::store::sessions::MAX_PER_USER;
    for number in 0..most {
        let made =
            switchboard::store::sessions::create(&app.store, anna.id, &format!("hash {number}"), "test", i64::MAX - 1, i64::MAX).await;
        let (_, dropped) = made.unwrap();
        assert_eq!(dropped.len(), usize::from(number == most - 1));
    }
    anna.get("/v1/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn guessing_passwords_of_one_account_is_limited_and_others_still_log_in() {
    let app = TestApp::start_with(&["--limit-logins", "3"]).await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    for _ in 0..3 {
        app.post("/v1/sessions", json!({"phone": anna.phone, "password": "wrong horse"})).await.refused(401, "wrong_credentials");
    }
    let limited = app.post("/v1/sessions", json!({"phone": anna.phone, "password": anna.password})).await;
    limited.refused(429, "too_many_requests");
    assert!(limited.header("retry-after").is_some());
    log_in(&app, &boris).await;
    anna.get("/v1/me").await.expect(200);
}
