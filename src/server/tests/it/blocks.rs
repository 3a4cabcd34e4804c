//! Blocking: what it keeps away, and that nobody can tell.

use serde_json::{Value, json};
use switchboard::store::blocks;
use switchboard_ids::UserId;
use switchboard_protocol::Event;

use crate::support::{TestApp, TestUser};

async fn blocked(user: &TestUser) -> Value {
    user.get("/v1/blocks").await.expect(200)
}

fn is_change(event: &Event) -> Option<()> {
    (*event == Event::ContactsChanged).then_some(())
}

#[tokio::test]
async fn who_is_blocked_is_listed_by_name_and_stays_a_contact() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    anna.blocks(&boris).await;
    anna.blocks(&boris).await;
    assert_eq!(blocked(&anna).await, json!({"people": [{"id": boris.id, "name": "Boris"}]}));
    let contact = &anna.get("/v1/contacts").await.expect(200)["contacts"][0];
    assert_eq!((&contact["name"], &contact["blocked"]), (&json!("Boris"), &json!(true)));
    let theirs = &boris.get("/v1/contacts").await.expect(200)["contacts"][0];
    assert_eq!((&theirs["name"], &theirs["blocked"]), (&json!("Anna"), &json!(false)));
    assert_eq!(blocked(&boris).await, json!({"people": []}));

    anna.blocks(&clara).await;
    let store = &app.store;
    let mut all = [boris.id, clara.id];
    all.sort();
    assert_eq!(blocks::blocked_by(store, anna.id).await.unwrap(), all);
    assert!(blocks::has_blocked(store, anna.id, boris.id).await.unwrap());
    assert!(!blocks::has_blocked(store, boris.id, anna.id).await.unwrap());

    anna.unblocks(&boris).await;
    anna.unblocks(&boris).await;
    assert_eq!(blocked(&anna).await["people"].as_array().unwrap().len(), 1);
    assert_eq!(anna.get("/v1/contacts").await.expect(200)["contacts"][0]["blocked"], false);
}

#[tokio::test]
async fn oneself_and_nobody_are_not_blocked() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    anna.put(&format!("/v1/blocks/{}", anna.id)).await.refused(422, "oneself");
    anna.put(&format!("/v1/blocks/{}", UserId::from_u128(1))).await.refused(404, "no_such_user");
    anna.delete(&format!("/v1/blocks/{}", UserId::from_u128(1))).await.expect(204);
    anna.put("/v1/blocks/boris").await.refused(400, "bad_request");
    app.get("/v1/blocks").await.refused(401, "unauthenticated");
    assert_eq!(blocked(&anna).await, json!({"people": []}));
}

#[tokio::test]
async fn an_invitation_from_somebody_blocked_is_not_shown_while_the_block_lasts() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.blocks(&boris).await;
    let mut device = anna.connects().await;
    boris.invites(&anna.phone).await.expect(201);
    boris.invites(&anna.phone).await.refused(409, "already_invited");
    assert_eq!(boris.people().await, [vec![], vec![], vec!["Anna".to_owned()]]);
    assert_eq!(anna.people().await, [vec![], Vec::<String>::new(), vec![]]);
    assert_eq!(anna.searches(&boris.phone).await.expect(200)["relation"], "none");
    assert_eq!(boris.searches(&anna.phone).await.expect(200)["relation"], "invited");
    anna.post(&format!("/v1/invitations/{}/accept", boris.id)).await.refused(404, "no_such_invitation");
    anna.post(&format!("/v1/invitations/{}/decline", boris.id)).await.refused(404, "no_such_invitation");
    assert_eq!(device.heard().await, []);

    anna.unblocks(&boris).await;
    device.hears("the invitation", is_change).await;
    assert_eq!(anna.people().await, [vec![], vec!["Boris".to_owned()], vec![]]);
    assert_eq!(anna.searches(&boris.phone).await.expect(200)["relation"], "invited_you");
    anna.post(&format!("/v1/invitations/{}/accept", boris.id)).await.expect(204);
    assert_eq!(boris.people().await[0], ["Anna"]);
}

#[tokio::test]
async fn the_blocked_withdraw_invitations_like_others_and_the_blocker_is_not_told() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.blocks(&boris).await;
    let (mut a, mut b) = (anna.connects().await, boris.connects().await);
    boris.invites(&anna.phone).await.expect(201);
    b.hears("the invitation sent", is_change).await;
    boris.delete(&format!("/v1/invitations/{}", anna.id)).await.expect(204);
    b.hears("the invitation withdrawn", is_change).await;
    assert_eq!(a.heard().await, []);
    anna.unblocks(&boris).await;
    assert_eq!(anna.people().await, [vec![], Vec::<String>::new(), vec![]]);
}

#[tokio::test]
async fn the_blocked_get_the_answers_they_would_get_otherwise() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.blocks(&boris).await;
    let asked = async |blocker: &TestUser| {
        let mut answers = Vec::new();
        for _ in 0..2 {
            answers.push(boris.invites(&blocker.phone).await);
        }
        answers.push(boris.searches(&blocker.phone).await);
        answers.push(boris.get("/v1/contacts").await);
        answers.push(boris.delete(&format!("/v1/invitations/{}", blocker.id)).await);
        let told =
            |text: String| text.replace(&blocker.id.to_string(), "ID").replace(&blocker.phone, "PHONE").replace(&blocker.name, "NAME");
        answers.into_iter().map(|answer| (answer.status, told(answer.body.to_string()))).collect::<Vec<_>>()
    };
    assert_eq!(asked(&anna).await, asked(&clara).await);
}

#[tokio::test]
async fn ones_own_devices_learn_of_a_block_and_the_blocked_do_not() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    b.heard().await;
    a.heard().await;
    anna.blocks(&boris).await;
    a.hears("the block", is_change).await;
    anna.blocks(&boris).await;
    anna.unblocks(&boris).await;
    a.hears("the end of the block", is_change).await;
    assert_eq!(a.heard().await, []);
    assert!(!b.heard().await.contains(&Event::ContactsChanged));
}
