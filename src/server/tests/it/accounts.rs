//! Registration.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

fn registration(changes: &[(&str, Value)]) -> Value {
    let mut body = json!({"phone": "+79001234567", "password": "correct horse", "name": "Anna", "session": "bearer"});
    for (field, value) in changes {
        body[field] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_new_person_registers_and_is_logged_in() {
    let app = TestApp::start().await;
    let account =
        app.post("/v1/accounts", registration(&[("phone", json!("+7 (900) 123-45-67")), ("name", json!(" Анна "))])).await.expect(201);
    assert_eq!(account["user"]["phone"], "+79001234567");
    assert_eq!(account["user"]["name"], "Анна");
    let me = Answer::of(app.request(reqwest::Method::GET, "/v1/me").bearer_auth(account["token"].as_str().unwrap())).await.expect(200);
    assert_eq!(me, account["user"]);
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_scripts_cannot_read_and_no_token() {
    let app = TestApp::start().await;
    let mut body = registration(&[]);
    body.as_object_mut().unwrap().remove("session");
    let answer = app.post("/v1/accounts", body).await;
    assert_eq!(answer.status, 201);
    assert!(answer.body.get("token").is_none());
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("switchboard_session=") && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"), "over plain HTTP a secure cookie would be lost: {cookie}");
    let me = Answer::of(app.request(reqwest::Method::GET, "/v1/me").header("cookie", answer.cookie())).await.expect(200);
    assert_eq!(me["name"], "Anna");
}

#[tokio::test]
async fn where_people_come_by_https_the_cookie_is_secure() {
    let app = TestApp::start_with(&["--public-url", "https://calls.example.org"]).await;
    let answer = app.post("/v1/accounts", registration(&[("session", json!("cookie"))])).await;
    assert!(answer.header("set-cookie").unwrap().contains("; Secure"));
}

#[tokio::test]
async fn a_number_has_one_account_however_it_is_written() {
    let app = TestApp::start().await;
    app.post("/v1/accounts", registration(&[])).await.expect(201);
    app.post("/v1/accounts", registration(&[])).await.refused(409, "phone_taken");
    app.post("/v1/accounts", registration(&[("phone", json!("+7 900 123 45 67"))])).await.refused(409, "phone_taken");
}

#[tokio::test]
async fn two_registrations_of_one_number_at_once_make_one_account() {
    let app = TestApp::start().await;
    let (one, other) = tokio::join!(app.post("/v1/accounts", registration(&[])), app.post("/v1/accounts", registration(&[])));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn numbers_passwords_and_names_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    for phone in ["", "89001234567", "+7900", "+7 900 abc 45 67", "+79001234567 ext. 5"] {
        app.post("/v1/accounts", registration(&[("phone", json!(phone))])).await.refused(422, "malformed_phone");
    }
    for password in ["", "short12", &"x".repeat(129)] {
        app.post("/v1/accounts", registration(&[("password", json!(password))])).await.refused(422, "weak_password");
    }
    for name in ["", "   ", "a\u{7}b", &"x".repeat(65)] {
        app.post("/v1/accounts", registration(&[("name", json!(name))])).await.refused(422, "bad_name");
    }
    app.post("/v1/accounts", registration(&[])).await.expect(201);
}

#[tokio::test]
async fn one_address_can_make_only_so_many_accounts_in_an_hour() {
    let app = TestApp::start_with(&["--limit-registrations", "2"]).await;
    for _ in 0..2 {
        app.register("Anna").await;
    }
    let limited = app.post("/v1/accounts", registration(&[])).await;
    limited.refused(429, "too_many_requests");
    let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=1800).contains(&wait), "{wait}");
}

#[tokio::test]
async fn the_database_holds_neither_passwords_nor_tokens() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    app.store.close().await;
    let bytes = app.database().content();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&anna.phone), "the search itself works");
    assert!(!holds(&anna.password) && !holds(&anna.token));
}
