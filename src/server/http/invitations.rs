//! Inviting people to become contacts, and answering.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_ids::UserId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::accounts::Account;
use super::address::ClientAddress;
use super::auth::Login;
use super::extract::{Json, UrlPath};
use super::limits;
use super::phone::Phone;
use super::problem::{Error, Problem};
use crate::clock::now_ms;
use crate::store::invitations::Invited;
use crate::store::{accounts, blocks, invitations};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(invite)).routes(routes!(accept)).routes(routes!(decline)).routes(routes!(withdraw))
}

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
struct Invitation {
    /// A number in international form.
    #[schema(example = "+79001234567")]
    phone: String,
}

/// What came of an invitation.
#[derive(Serialize, ToSchema)]
struct InvitationResult {
    /// Who was invited.
    user: Account,
    /// Whether an answer is awaited.
    state: InvitationState,
}

/// Whether an answer is awaited.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum InvitationState {
    /// An answer is awaited.
    Invited,
    /// They had invited already: now they are a contact.
    Contact,
}

/// Invite a person to become a contact.
#[utoipa::path(post, path = "/v1/invitations", tag = "contacts", request_body = Invitation,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 201, body = InvitationResult),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`unknown_number`"),
    (status = 409, body = Problem, description = "`already_contact`, `already_invited`"),
    (status = 422, body = Problem, description = "`malformed_phone`, `own_number`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
))]
async fn invite(
    State(state): State<AppState>,
    login: Login,
    ClientAddress(address): ClientAddress,
    Json(invitation): Json<Invitation>,
) -> Result<(StatusCode, axum::Json<InvitationResult>), Error> {
    let phone = Phone::parse(&invitation.phone)?;
    state.limits.invitations.check(address, limits::Account::User(login.user))?;
    let person = accounts::by_phone(&state.store, phone.as_str()).await?.ok_or(Error::UnknownNumber)?;
    if person.id == login.user {
        return Err(Error::OwnNumber);
    }
    let (outcome, now_contacts) = match invitations::invite(&state.store, login.user, person.id, now_ms()).await? {
        Invited::AlreadyContact => return Err(Error::AlreadyContact),
        Invited::AlreadyInvited => return Err(Error::AlreadyInvited),
        Invited::Invited => (InvitationState::Invited, false),
        Invited::Contact => (InvitationState::Contact, true),
    };
    changed(&state, login.user, person.id, now_contacts).await?;
    Ok((StatusCode::CREATED, axum::Json(InvitationResult { user: person.into(), state: outcome })))
}

/// Accept an invitation.
#[utoipa::path(post, path = "/v1/invitations/{user_id}/accept", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "Who sent it")), responses(
    (status = 204, description = "They are contacts."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_invitation`"),
))]
async fn accept(State(state): State<AppState>, login: Login, UrlPath(from): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if !invitations::accept(&state.store, from, login.user, now_ms()).await? {
        return Err(Error::NoSuchInvitation);
    }
    state.switchboard.contacts_changed([login.user, from], Some(true)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Decline an invitation.
#[utoipa::path(post, path = "/v1/invitations/{user_id}/decline", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "Who sent it")), responses(
    (status = 204, description = "The invitation is gone."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_invitation`"),
))]
async fn decline(State(state): State<AppState>, login: Login, UrlPath(from): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if !invitations::decline(&state.store, from, login.user).await? {
        return Err(Error::NoSuchInvitation);
    }
    changed(&state, from, login.user, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraw an invitation.
#[utoipa::path(delete, path = "/v1/invitations/{user_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "Who was invited")), responses(
    (status = 204, description = "The invitation is gone."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_invitation`"),
))]
async fn withdraw(State(state): State<AppState>, login: Login, UrlPath(to): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if !invitations::withdraw(&state.store, login.user, to).await? {
        return Err(Error::NoSuchInvitation);
    }
    changed(&state, login.user, to, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells both that what stands between them changed. Who has blocked the other is not shown their invitations, nor told of them.
async fn changed(state: &AppState, from: UserId, to: UserId, now_contacts: bool) -> Result<(), Error> {
    if now_contacts {
        state.switchboard.contacts_changed([from, to], Some(true)).await;
        return Ok(());
    }
    state.notices.contacts_changed(from);
    if !blocks::has_blocked(&state.store, to, from).await? {
        state.notices.contacts_changed(to);
    }
    Ok(())
}
