//! The contact list, and what the switchboard asks of it.

use switchboard::store::{accounts, contacts};
use switchboard_ids::UserId;

use crate::support::TestApp;

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
async fn who_was_only_invited_is_no_contact() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.invites(&boris.phone).await.expect(201);
    anna.delete(&format!("/v1/contacts/{}", boris.id)).await.refused(404, "not_a_contact");
    assert!(!contacts::are_contacts(&app.store, anna.id, &[boris.id]).await.unwrap());
}

#[tokio::test]
async fn the_switchboard_learns_who_may_call_whom_and_their_names() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.befriends(&boris).await;
    let store = &app.store;
    assert_eq!(contacts::ids_of(store, anna.id).await.unwrap(), [boris.id]);
    assert_eq!(contacts::ids_of(store, clara.id).await.unwrap(), []);
    assert!(contacts::are_contacts(store, anna.id, &[boris.id]).await.unwrap());
    assert!(contacts::are_contacts(store, anna.id, &[]).await.unwrap());
    for callees in [&[boris.id, clara.id][..], &[anna.id], &[UserId::from_u128(1)]] {
        assert!(!contacts::are_contacts(store, anna.id, callees).await.unwrap());
    }
    let names = accounts::names(store, &[anna.id, clara.id, UserId::from_u128(1)]).await.unwrap();
    assert_eq!(names.len(), 2);
    assert_eq!(names[&clara.id], "Clara");
}
