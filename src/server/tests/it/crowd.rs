//! A thousand invitations at once: everyone gets an answer, nothing is lost, nobody else is disturbed.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use sha2::{Digest, Sha256};
use switchboard::store::{accounts, sessions};
use switchboard_ids::UserId;
use switchboard_protocol::{Event, Reply, Request};

use crate::support::{Answer, TestApp, TestUser};

const CROWD: usize = 1000;

/// Someone of a crowd: an account that was made without a password, since making a thousand takes a minute.
struct Someone {
    id: UserId,
    phone: String,
    token: String,
}

async fn crowd(app: &TestApp) -> Vec<Someone> {
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let phone = format!("+7911{number:07}");
        let id = accounts::create(&app.store, &phone, &format!("Someone {number}"), "", 1).await.unwrap().id;
        let token: String = Sha256::digest(phone.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let hash: String = Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        sessions::create(&app.store, id, &hash, "test", 1, i64::MAX).await.unwrap();
        crowd.push(Someone { id, phone, token });
    }
    crowd
}

impl Someone {
    async fn invites(&self, app: &TestApp, other: &TestUser) -> Answer {
        let request = app.request(reqwest::Method::POST, "/v1/invitations").bearer_auth(&self.token);
        Answer::of(request.json(&json!({"phone": other.phone}))).await
    }
}

/// How many of the answers invited, and how many held back; there are no others.
fn counted(answers: &[Answer]) -> (usize, usize) {
    let invited = answers.iter().filter(|answer| answer.status == 201).count();
    let limited = answers.iter().filter(|answer| answer.status == 429).inspect(|answer| answer.refused(429, "too_many_requests")).count();
    assert_eq!(invited + limited, answers.len(), "{:?}", answers.iter().find(|answer| ![201, 429].contains(&answer.status)));
    (invited, limited)
}

async fn listed(user: &TestUser, list: &str) -> Vec<String> {
    let lists = user.get("/v1/contacts").await.expect(200);
    lists[list].as_array().unwrap().iter().map(|person| person["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_thousand_people_invited_at_once_are_all_invited() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let crowd = crowd(&app).await;
    let answers = join_all(crowd.iter().map(|someone| anna.invites(&someone.phone))).await;
    assert_eq!(counted(&answers), (CROWD, 0));
    let mut invited = listed(&anna, "outgoing").await;
    let mut all: Vec<String> = crowd.iter().map(|someone| someone.id.to_string()).collect();
    invited.sort();
    all.sort();
    assert_eq!(invited, all);
}

#[tokio::test]
async fn someone_whom_a_thousand_invite_at_once_stays_connected_and_sees_them_all() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let crowd = crowd(&app).await;
    a.heard().await;
    b.heard().await;
    let flood = join_all(crowd.iter().map(|someone| someone.invites(&app, &anna)));
    let others = async {
        // Meanwhile the others go on as ever.
        for number in 0..20 {
            boris.writes(&anna, &number.to_string()).await;
            assert_eq!(b.asks(Request::Ping).await, Ok(Reply::Done));
        }
    };
    let (answers, ()) = tokio::join!(flood, others);
    assert_eq!(counted(&answers), (CROWD, 0));
    assert_eq!(listed(&anna, "incoming").await.len(), CROWD);
    let heard = a.heard().await;
    let notices = heard.iter().filter(|event| **event == Event::ContactsChanged).count();
    assert!((1..=CROWD / 10).contains(&notices), "{notices} notices of one list");
    assert_eq!(heard.iter().filter(|event| matches!(event, Event::Message { .. })).count(), 20);
    assert!(!b.heard().await.contains(&Event::ContactsChanged));
}

#[tokio::test]
async fn the_last_of_many_changes_is_told_too() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let mut device = anna.connects().await;
    boris.invites(&anna.phone).await.expect(201);
    clara.invites(&anna.phone).await.expect(201);
    let told = |event: &Event| (*event == Event::ContactsChanged).then_some(());
    device.hears("the first invitation", told).await;
    device.hears("the second invitation", told).await;
    assert_eq!(listed(&anna, "incoming").await.len(), 2);
}

#[tokio::test]
async fn by_default_an_account_that_invites_a_thousand_is_held_back_and_others_are_not() {
    let app = TestApp::start_with(&[]).await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let crowd = crowd(&app).await;
    let answers = join_all(crowd.iter().map(|someone| anna.invites(&someone.phone))).await;
    let (invited, limited) = counted(&answers);
    // An hour's worth at once, and the ones that an hour brings anew while it takes.
    assert!((60..70).contains(&invited) && limited > 900, "{invited} invited");
    assert_eq!(listed(&anna, "outgoing").await.len(), invited);
    let wait = answers.iter().find_map(|answer| answer.header("retry-after")).unwrap().parse().unwrap();
    assert!(Duration::from_secs(wait) <= Duration::from_secs(3600));
    boris.invites(&anna.phone).await.expect(201);
}
