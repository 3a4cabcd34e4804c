//! Inviting and answering.

use switchboard_ids::UserId;

use crate::support::TestApp;

#[tokio::test]
async fn an_accepted_invitation_makes_contacts_of_both() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let invited = anna.invites(&boris.phone).await.expect(201);
    assert_eq!(invited["state"], "invited");
    assert_eq!(invited["user"], boris.account());
    assert_eq!(anna.people().await, [vec![], vec![], vec!["Boris".to_owned()]]);
    assert_eq!(boris.people().await, [vec![], vec!["Anna".to_owned()], vec![]]);

    boris.post(&format!("/v1/invitations/{}/accept", anna.id)).await.expect(204);
    assert_eq!(anna.people().await, [vec!["Boris".to_owned()], vec![], vec![]]);
    assert_eq!(boris.people().await, [vec!["Anna".to_owned()], vec![], vec![]]);
}

#[tokio::test]
async fn two_who_invite_each_other_are_contacts_at_once() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.invites(&boris.phone).await.expect(201);
    assert_eq!(boris.invites(&anna.phone).await.expect(201)["state"], "contact");
    assert_eq!(anna.people().await, [vec!["Boris".to_owned()], vec![], vec![]]);
    assert_eq!(boris.people().await, [vec!["Anna".to_owned()], vec![], vec![]]);
}

#[tokio::test]
async fn two_who_invite_each_other_in_the_same_moment_are_contacts() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    let (one, other) = tokio::join!(anna.invites(&boris.phone), boris.invites(&anna.phone));
    one.expect(201);
    other.expect(201);
    assert_eq!(anna.people().await, [vec!["Boris".to_owned()], vec![], vec![]]);
}

#[tokio::test]
async fn a_declined_invitation_is_gone_and_can_be_sent_again() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.invites(&boris.phone).await.expect(201);
    boris.post(&format!("/v1/invitations/{}/decline", anna.id)).await.expect(204);
    assert_eq!(anna.people().await, [vec![], vec![], Vec::<String>::new()]);
    assert_eq!(boris.people().await, [vec![], vec![], Vec::<String>::new()]);
    boris.post(&format!("/v1/invitations/{}/accept", anna.id)).await.refused(404, "no_such_invitation");
    anna.invites(&boris.phone).await.expect(201);
}

#[tokio::test]
async fn a_withdrawn_invitation_cannot_be_accepted() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.invites(&boris.phone).await.expect(201);
    anna.delete(&format!("/v1/invitations/{}", boris.id)).await.expect(204);
    boris.post(&format!("/v1/invitations/{}/accept", anna.id)).await.refused(404, "no_such_invitation");
    anna.delete(&format!("/v1/invitations/{}", boris.id)).await.refused(404, "no_such_invitation");
    assert_eq!(anna.people().await, [vec![], vec![], Vec::<String>::new()]);
}

#[tokio::test]
async fn oneself_contacts_the_invited_and_the_unknown_are_not_invited() {
    let app = TestApp::start().await;
    let (anna, boris) = (app.register("Anna").await, app.register("Boris").await);
    anna.invites(&anna.phone).await.refused(422, "own_number");
    anna.invites("+442079460018").await.refused(404, "unknown_number");
    anna.invites("nobody").await.refused(422, "malformed_phone");
    anna.invites(&boris.phone).await.expect(201);
    anna.invites(&boris.phone).await.refused(409, "already_invited");
    boris.post(&format!("/v1/invitations/{}/accept", anna.id)).await.expect(204);
    anna.invites(&boris.phone).await.refused(409, "already_contact");
    boris.invites(&anna.phone).await.refused(409, "already_contact");
}

#[tokio::test]
async fn only_the_one_who_was_invited_can_answer() {
    let app = TestApp::start().await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.invites(&boris.phone).await.expect(201);
    for someone in [&anna, &clara] {
        someone.post(&format!("/v1/invitations/{}/accept", anna.id)).await.refused(404, "no_such_invitation");
        someone.post(&format!("/v1/invitations/{}/decline", anna.id)).await.refused(404, "no_such_invitation");
    }
    let nobody = UserId::from_u128(1);
    boris.post(&format!("/v1/invitations/{nobody}/accept")).await.refused(404, "no_such_invitation");
    assert_eq!(boris.people().await, [vec![], vec!["Anna".to_owned()], vec![]]);
}

#[tokio::test]
async fn an_account_can_invite_only_so_often() {
    let app = TestApp::start_with(&["--limit-invitations", "1"]).await;
    let (anna, boris, clara) = (app.register("Anna").await, app.register("Boris").await, app.register("Clara").await);
    anna.invites(&boris.phone).await.expect(201);
    anna.invites(&clara.phone).await.refused(429, "too_many_requests");
    clara.invites(&anna.phone).await.expect(201);
}
