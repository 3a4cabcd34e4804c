//! Labels: a person's own groups of contacts.

use serde_json::{Value, json};
use switchboard::store::labels;
use switchboard_protocol::Event;

use crate::support::{TestApp, TestUser};

/// The names of the contacts with a label.
async fn labelled(user: &TestUser, label: &str) -> Vec<String> {
    let found = user.get(&format!("/v1/contacts?label={label}")).await.expect(200);
    found["contacts"].as_array().unwrap().iter().map(|contact| contact["name"].as_str().unwrap().to_owned()).collect()
}

async fn names(user: &TestUser) -> Vec<Value> {
    let found = user.get("/v1/contacts").await.expect(200);
    found["labels"].as_array().unwrap().iter().map(|label| label["name"].clone()).collect()
}

fn of(contact: &TestUser, label: &str) -> String {
    format!("/v1/contacts/{}/labels/{label}", contact.id)
}

#[tokio::test]
async fn contacts_are_grouped_by_labels_of_ones_own() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    anna.befriends(&clara).await;
    let (family, work) = (anna.makes_label("Семья").await, anna.makes_label("  Work ").await);
    assert_eq!(names(&anna).await, ["Work", "Семья"]);

    anna.put(&of(&boris, &family)).await.expect(204);
    anna.put(&of(&boris, &family)).await.expect(204);
    anna.put(&of(&boris, &work)).await.expect(204);
    anna.put(&of(&clara, &work)).await.expect(204);
    assert_eq!(labelled(&anna, &family).await, ["Boris"]);
    assert_eq!(labelled(&anna, &work).await, ["Boris", "Clara"]);
    let all = anna.get("/v1/contacts").await.expect(200);
    let mut labels = all["contacts"][0]["labels"].as_array().unwrap().clone();
    labels.sort_by_key(ToString::to_string);
    assert_eq!(labels, [json!(family), json!(work)]);

    anna.delete(&of(&boris, &work)).await.expect(204);
    anna.delete(&of(&boris, &work)).await.expect(204);
    assert_eq!(labelled(&anna, &work).await, ["Clara"]);
    assert_eq!(boris.get("/v1/contacts").await.expect(200)["contacts"][0]["labels"], json!([]));
}

#[tokio::test]
async fn a_label_is_renamed_and_deleted_and_its_contacts_stay() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    let label = anna.makes_label("Work").await;
    anna.put(&of(&boris, &label)).await.expect(204);
    let path = format!("/v1/labels/{label}");
    anna.changes(&path, json!({"name": "Работа"})).await.expect(204);
    assert_eq!(names(&anna).await, ["Работа"]);
    assert_eq!(labelled(&anna, &label).await, ["Boris"]);

    anna.delete(&path).await.expect(204);
    assert_eq!(names(&anna).await, Vec::<Value>::new());
    let contact = &anna.get("/v1/contacts").await.expect(200)["contacts"][0];
    assert_eq!((&contact["name"], &contact["labels"]), (&json!("Boris"), &json!([])));
    anna.delete(&path).await.refused(404, "no_such_label");
    anna.get(&format!("/v1/contacts?label={label}")).await.refused(404, "no_such_label");
}

#[tokio::test]
async fn a_contact_that_is_removed_loses_its_labels() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    let label = anna.makes_label("Work").await;
    anna.put(&of(&boris, &label)).await.expect(204);
    boris.delete(&format!("/v1/contacts/{}", anna.id)).await.expect(204);
    assert_eq!(labelled(&anna, &label).await, Vec::<String>::new());
    anna.put(&of(&boris, &label)).await.refused(404, "not_a_contact");
    anna.befriends(&boris).await;
    assert_eq!(labelled(&anna, &label).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_name_is_given_to_one_label_and_has_a_bounded_length() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let work = anna.makes_label("Work").await;
    anna.makes_label("Family").await;
    anna.posts("/v1/labels", json!({"name": " Work "})).await.refused(409, "label_exists");
    let path = format!("/v1/labels/{work}");
    anna.changes(&path, json!({"name": "Family"})).await.refused(409, "label_exists");
    anna.changes(&path, json!({"name": "Work"})).await.expect(204);
    boris.makes_label("Work").await;

    anna.makes_label(&"я".repeat(50)).await;
    for wrong in [String::new(), "   ".to_owned(), "я".repeat(51), "a\nb".to_owned(), "a\u{0}".to_owned()] {
        anna.posts("/v1/labels", json!({"name": wrong})).await.refused(422, "bad_label");
        anna.changes(&path, json!({"name": wrong})).await.refused(422, "bad_label");
    }
    anna.posts("/v1/labels", json!({})).await.refused(400, "bad_request");
}

#[tokio::test]
async fn a_person_has_a_bounded_number_of_labels() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    for number in 0..labels::MAX_PER_USER {
        labels::create(&app.store, anna.id, &format!("{number}"), 1).await.unwrap();
    }
    anna.posts("/v1/labels", json!({"name": "One more"})).await.refused(409, "too_many_labels");
    let first = anna.get("/v1/contacts").await.expect(200)["labels"][0]["id"].as_str().unwrap().to_owned();
    anna.delete(&format!("/v1/labels/{first}")).await.expect(204);
    anna.makes_label("One more").await;
}

#[tokio::test]
async fn nobody_sees_changes_or_uses_the_labels_of_another() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    let label = anna.makes_label("Work").await;
    let path = format!("/v1/labels/{label}");
    boris.changes(&path, json!({"name": "Mine"})).await.refused(404, "no_such_label");
    boris.delete(&path).await.refused(404, "no_such_label");
    boris.put(&of(&anna, &label)).await.refused(404, "no_such_label");
    boris.delete(&of(&anna, &label)).await.refused(404, "no_such_label");
    boris.get(&format!("/v1/contacts?label={label}")).await.refused(404, "no_such_label");
    assert_eq!(names(&boris).await, Vec::<Value>::new());
    assert_eq!(names(&anna).await, ["Work"]);
    app.post("/v1/labels", json!({"name": "Nobody's"})).await.refused(401, "unauthenticated");
    for wrong in ["/v1/labels/7", "/v1/contacts/7/labels/8"] {
        anna.delete(wrong).await.refused(400, "bad_request");
    }
    anna.get("/v1/contacts?label=work").await.refused(400, "bad_request");
}

#[tokio::test]
async fn other_devices_of_the_person_learn_of_changed_labels_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (anna, mut a, boris, mut b) = app.anna_and_boris().await;
    b.heard().await;
    let changed = |event: &Event| (*event == Event::ContactsChanged).then_some(());
    let label = anna.makes_label("Work").await;
    a.hears("a new label", changed).await;
    anna.put(&of(&boris, &label)).await.expect(204);
    a.hears("a contact with a label", changed).await;
    anna.changes(&format!("/v1/labels/{label}"), json!({"name": "Other"})).await.expect(204);
    a.hears("a label with another name", changed).await;
    anna.delete(&of(&boris, &label)).await.expect(204);
    a.hears("a contact without a label", changed).await;
    anna.delete(&format!("/v1/labels/{label}")).await.expect(204);
    a.hears("a label less", changed).await;
    assert_eq!(b.heard().await, []);
}
