//! The contact list.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use switchboard_ids::UserId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::accounts::Account;
use super::auth::Login;
use super::extract::UrlPath;
use super::problem::{Error, Problem};
use crate::store::{Person, contacts, invitations};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(remove))
}

/// Contacts and open invitations.
#[derive(Serialize, ToSchema)]
struct Contacts {
    /// The contacts, by name.
    contacts: Vec<Account>,
    /// Who invited me and waits for an answer.
    incoming: Vec<Account>,
    /// Whom I invited and who has not answered.
    outgoing: Vec<Account>,
}

/// Contacts and open invitations.
#[utoipa::path(get, path = "/v1/contacts", tag = "contacts", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Contacts),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn list(State(state): State<AppState>, login: Login) -> Result<axum::Json<Contacts>, Error> {
    let accounts = |people: Vec<Person>| people.into_iter().map(Account::from).collect();
    Ok(axum::Json(Contacts {
        contacts: accounts(contacts::of(&state.store, login.user).await?),
        incoming: accounts(invitations::incoming(&state.store, login.user).await?),
        outgoing: accounts(invitations::outgoing(&state.store, login.user).await?),
    }))
}

/// End a contact, for both.
#[utoipa::path(delete, path = "/v1/contacts/{user_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "The contact")), responses(
    (status = 204, description = "They are contacts no more."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`not_a_contact`"),
))]
async fn remove(State(state): State<AppState>, login: Login, UrlPath(other): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if !contacts::remove(&state.store, login.user, other).await? {
        return Err(Error::NotAContact);
    }
    state.switchboard.contacts_changed([login.user, other], Some(false)).await;
    Ok(StatusCode::NO_CONTENT)
}
