//! Who sees whom come and go.

use switchboard_protocol::Event;

use crate::support::TestApp;

fn presence(event: &Event) -> Option<bool> {
    match event {
        Event::Presence { online, .. } => Some(*online),
        _ => None,
    }
}

#[tokio::test]
async fn a_contact_is_seen_coming_with_the_first_device_and_going_with_the_last() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.befriends(&boris).await;
    let mut a = anna.connects().await;
    assert!(a.online.is_empty());
    let b = boris.connects().await;
    assert_eq!(b.online, [anna.id]);
    assert!(a.hears("Boris to come", presence).await);
    let tablet = boris.connects().await;
    b.leaves().await;
    assert!(!a.heard().await.iter().any(|event| presence(event).is_some()), "one of two devices left: nothing to tell");
    tablet.leaves().await;
    assert!(!a.hears("Boris to go", presence).await);
}

#[tokio::test]
async fn a_stranger_is_not_seen() {
    let app = TestApp::start().await;
    let mut a = app.register("Anna").await.connects().await;
    let s = app.register("Stranger").await.connects().await;
    assert!(s.online.is_empty());
    s.leaves().await;
    assert_eq!(a.heard().await, []);
}

#[tokio::test]
async fn an_invitation_and_its_acceptance_are_told_at_once() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let (mut a, mut b) = (anna.connects().await, boris.connects().await);
    let told = |event: &Event| matches!(event, Event::ContactsChanged).then_some(());
    anna.invites(&boris.phone).await.expect(201);
    b.hears("the invitation", told).await;
    a.hears("the invitation to be shown on her own devices", told).await;
    boris.post(&format!("/v1/invitations/{}/accept", anna.id)).await.expect(204);
    a.hears("the acceptance", told).await;
    assert!(a.hears("Boris to be seen online", presence).await);
    b.heard().await;
    anna.delete(&format!("/v1/contacts/{}", boris.id)).await.expect(204);
    b.hears("the contact to be taken away", told).await;
    a.leaves().await;
    assert!(!b.heard().await.iter().any(|event| presence(event).is_some()), "they are contacts no more");
}

#[tokio::test]
async fn a_revoked_login_loses_its_connection_and_no_other() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let mut a = anna.connects().await;
    let mut other = app.register("Boris").await.connects().await;
    anna.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(a.is_closed().await, 1001);
    assert_eq!(a.last_words(), Some(&Event::LoggedOut));
    assert_eq!(anna.is_refused_to_connect().await, 401);
    assert_eq!(other.heard().await, []);
}
