//! The contact list, and what the switchboard asks of it.

use serde_json::json;
use switchboard::store::callees::{self, Called};
use switchboard::store::contacts;
use switchboard_ids::UserId;
use switchboard_protocol::Event;

use crate::support::{TestApp, TestUser};

/// The names of the contacts that are found by a text.
async fn found(user: &TestUser, text: &str) -> Vec<String> {
    let url = reqwest::Url::parse_with_params(&format!("{}/v1/contacts", user.url), [("text", text)]).unwrap();
    let found = user.get(&url.as_str()[user.url.len()..]).await.expect(200);
    found["contacts"].as_array().unwrap().iter().map(|contact| contact["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn contacts_are_listed_by_name() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    for name in ["Clara", "Boris"] {
        app.register(name).await.befriends(&anna).await;
    }
    assert_eq!(anna.people().await, [vec!["Boris".to_owned(), "Clara".to_owned()], vec![], vec![]]);
}

#[tokio::test]
async fn a_contact_that_one_removes_is_gone_for_both() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    boris.delete(&format!("/v1/contacts/{}", anna.id)).await.expect(204);
    assert_eq!(anna.people().await[0], Vec::<String>::new());
    assert_eq!(boris.people().await[0], Vec::<String>::new());
    boris.delete(&format!("/v1/contacts/{}", anna.id)).await.refused(404, "not_a_contact");
    anna.befriends(&boris).await;
}

#[tokio::test]
async fn a_contact_is_called_by_a_name_of_ones_own_that_nobody_else_sees() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    a.heard().await;
    b.heard().await;
    let path = format!("/v1/contacts/{}", boris.id);
    let own_name = async || anna.get("/v1/contacts").await.expect(200)["contacts"][0]["own_name"].clone();
    assert_eq!(own_name().await, json!(null));
    anna.changes(&path, json!({"own_name": "  Боря "})).await.expect(204);
    assert_eq!(own_name().await, "Боря");
    a.hears("the own name", |event| (*event == Event::ContactsChanged).then_some(())).await;
    assert_eq!(boris.get("/v1/contacts").await.expect(200)["contacts"][0]["own_name"], json!(null));
    assert_eq!(b.heard().await, []);

    anna.changes(&path, json!({"own_name": null})).await.expect(204);
    assert_eq!(own_name().await, json!(null));
}

#[tokio::test]
async fn an_own_name_follows_the_rules_of_names_and_is_for_contacts() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    let path = format!("/v1/contacts/{}", boris.id);
    for wrong in ["", "  ", "a\nb", &"я".repeat(65)] {
        anna.changes(&path, json!({"own_name": wrong})).await.refused(422, "bad_name");
    }
    for wrong in [json!({}), json!({"own_name": 7}), json!({"name": "Boris"})] {
        anna.changes(&path, wrong).await.refused(400, "bad_request");
    }
    for stranger in [clara.id, anna.id, UserId::from_u128(1)] {
        anna.changes(&format!("/v1/contacts/{stranger}"), json!({"own_name": "X"})).await.refused(404, "not_a_contact");
    }
    assert_eq!(anna.get("/v1/contacts").await.expect(200)["contacts"][0]["own_name"], json!(null));
}

#[tokio::test]
async fn contacts_are_found_by_any_part_of_a_name_or_number_in_any_case() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let mut people = Vec::new();
    for name in ["Борис Ёлкин", "Clara", "Diana"] {
        let person = app.register(name).await;
        person.befriends(&anna).await;
        people.push(person);
    }
    anna.changes(&format!("/v1/contacts/{}", people[1].id), json!({"own_name": "Агния"})).await.expect(204);
    assert_eq!(found(&anna, "ЁЛК").await, ["Борис Ёлкин"]);
    assert_eq!(found(&anna, "агн").await, ["Clara"]);
    assert_eq!(found(&anna, "LA").await, ["Clara"]);
    assert_eq!(found(&anna, "  ").await, ["Diana", "Clara", "Борис Ёлкин"], "by the name one knows them by: Агния is Clara");
    assert_eq!(found(&anna, &people[2].phone).await, ["Diana"]);
    assert_eq!(found(&anna, "%").await, Vec::<String>::new());

    let label = anna.makes_label("Friends").await;
    anna.put(&format!("/v1/contacts/{}/labels/{label}", people[1].id)).await.expect(204);
    let both = anna.get(&format!("/v1/contacts?label={label}&text=la")).await.expect(200);
    assert_eq!(both["contacts"].as_array().unwrap().len(), 1);
    let neither = anna.get(&format!("/v1/contacts?label={label}&text=diana")).await.expect(200);
    assert_eq!((neither["contacts"].clone(), neither["labels"].as_array().unwrap().len()), (json!([]), 1));
}

#[tokio::test]
async fn what_contacts_are_filtered_by_leaves_invitations_alone() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    boris.invites(&anna.phone).await.expect(201);
    anna.invites(&clara.phone).await.expect(201);
    let lists = anna.get("/v1/contacts?text=nobody").await.expect(200);
    assert_eq!((&lists["incoming"][0], &lists["outgoing"][0]), (&boris.account(), &clara.account()));
}

#[tokio::test]
async fn who_was_only_invited_is_no_contact() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.invites(&boris.phone).await.expect(201);
    anna.delete(&format!("/v1/contacts/{}", boris.id)).await.refused(404, "not_a_contact");
    assert!(callees::among_contacts(&app.store, anna.id, &[boris.id]).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_switchboard_learns_who_may_call_whom_and_their_names() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    let (denis, store) = (app.register("Denis").await, &app.store);
    for contact in [&boris, &clara, &denis] {
        anna.befriends(contact).await;
    }
    boris.changes("/v1/settings", json!({"call_waiting": false})).await.expect(200);
    anna.blocks(&clara).await;
    denis.blocks(&anna).await;
    assert_eq!(contacts::ids_of(store, boris.id).await.unwrap(), [anna.id]);

    let known = callees::among_contacts(store, anna.id, &[boris.id, clara.id, denis.id, anna.id, UserId::from_u128(1)]).await.unwrap();
    let called = |name: &str| Called { name: name.to_owned(), call_waiting: true, blocked: false, blocks: false };
    let expected = [
        (boris.id, Called { call_waiting: false, ..called("Boris") }),
        (clara.id, Called { blocked: true, ..called("Clara") }),
        (denis.id, Called { blocks: true, ..called("Denis") }),
    ];
    assert_eq!(known, expected.into());
    assert!(callees::among_contacts(store, anna.id, &[]).await.unwrap().is_empty());
    assert!(callees::among_contacts(store, boris.id, &[clara.id]).await.unwrap().is_empty(), "a stranger");
}
