//! Finding people by the exact number.

use crate::support::TestApp;

#[tokio::test]
async fn a_person_is_found_by_the_exact_number_with_how_they_stand() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let found = anna.searches(&boris.phone).await.expect(200);
    assert_eq!((found["id"].as_str(), found["name"].as_str()), (Some(boris.id.to_string().as_str()), Some("Boris")));
    assert_eq!((found["phone"].as_str(), found["relation"].as_str()), (Some(boris.phone.as_str()), Some("none")));

    let relation = async |from: &crate::support::TestUser, to: &crate::support::TestUser| {
        from.searches(&to.phone).await.expect(200)["relation"].clone()
    };
    assert_eq!(relation(&anna, &anna).await, "self");
    anna.invites(&boris.phone).await.expect(201);
    assert_eq!(relation(&anna, &boris).await, "invited");
    assert_eq!(relation(&boris, &anna).await, "invited_you");
    boris.invites(&anna.phone).await.expect(201);
    assert_eq!(relation(&anna, &boris).await, "contact");
    assert_eq!(relation(&boris, &anna).await, "contact");
}

#[tokio::test]
async fn unknown_and_malformed_numbers_are_told_apart() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    anna.searches("+44 20 7946 0018").await.refused(404, "unknown_number");
    anna.searches("12345").await.refused(422, "malformed_phone");
    anna.searches(&anna.phone[..11]).await.refused(422, "malformed_phone");
    anna.get("/v1/users").await.refused(400, "bad_request");
}

#[tokio::test]
async fn an_account_can_search_only_so_often() {
    let app = TestApp::start_with(&["--limit-searches", "2"]).await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    for _ in 0..2 {
        anna.searches(&boris.phone).await.expect(200);
    }
    anna.searches(&boris.phone).await.refused(429, "too_many_requests");
    boris.searches(&anna.phone).await.expect(200);
}
