//! What people set for themselves.

use serde_json::json;
use switchboard::store::{sessions, settings};
use switchboard_ids::{SessionId, UserId};

use crate::support::TestApp;

#[tokio::test]
async fn calls_are_offered_as_waiting_until_one_says_otherwise() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    assert_eq!(anna.get("/v1/settings").await.expect(200), json!({"call_waiting": true}));
    assert_eq!(anna.changes("/v1/settings", json!({"call_waiting": false})).await.expect(200), json!({"call_waiting": false}));
    assert_eq!(anna.get("/v1/settings").await.expect(200), json!({"call_waiting": false}));
    assert_eq!(boris.get("/v1/settings").await.expect(200), json!({"call_waiting": true}));

    assert_eq!(settings::call_waiting(&app.store, anna.id).await.unwrap(), Some(false));
    assert_eq!(settings::call_waiting(&app.store, UserId::from_u128(1)).await.unwrap(), None, "nobody has this id");
}

#[tokio::test]
async fn what_is_no_setting_changes_nothing() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    assert_eq!(anna.changes("/v1/settings", json!({})).await.expect(200), json!({"call_waiting": true}));
    for wrong in [json!({"call_waiting": "no"}), json!({"call_waiting": 0}), json!({"ringtone": "loud"}), json!([])] {
        anna.changes("/v1/settings", wrong).await.refused(400, "bad_request");
    }
    assert_eq!(anna.get("/v1/settings").await.expect(200), json!({"call_waiting": true}));
    app.get("/v1/settings").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn the_switchboard_learns_how_a_login_calls_its_device() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let listed = anna.get("/v1/sessions").await.expect(200);
    let session: SessionId = listed["sessions"][0]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(sessions::device_name(&app.store, session).await.unwrap().as_deref(), listed["sessions"][0]["device"].as_str());
    assert_eq!(sessions::device_name(&app.store, SessionId::from_u128(1)).await.unwrap(), None);
}
