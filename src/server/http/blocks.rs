//! Blocking people, who learn nothing of it.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use switchboard_ids::UserId;
use switchboard_protocol::Event;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::auth::Login;
use super::extract::UrlPath;
use super::people::PersonView;
use super::problem::{Error, Problem};
use crate::clock::now_ms;
use crate::store::{accounts, blocks};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(block, unblock))
}

/// Whom one has blocked.
#[derive(Serialize, ToSchema)]
struct Blocked {
    /// Who was blocked last comes first.
    people: Vec<PersonView>,
}

/// Whom one has blocked.
#[utoipa::path(get, path = "/v1/blocks", tag = "contacts", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Blocked),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn list(State(state): State<AppState>, login: Login) -> Result<axum::Json<Blocked>, Error> {
    let people = blocks::of(&state.store, login.user).await?;
    Ok(axum::Json(Blocked { people: people.into_iter().map(PersonView::from).collect() }))
}

/// Block somebody: their calls, messages and invitations do not reach one any more, and they are not told. A contact stays one.
#[utoipa::path(put, path = "/v1/blocks/{user_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "Whom to block")), responses(
    (status = 204, description = "They are blocked."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_user`"),
    (status = 422, body = Problem, description = "`oneself`"),
))]
async fn block(State(state): State<AppState>, login: Login, UrlPath(other): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if other == login.user {
        return Err(Error::Oneself);
    }
    accounts::by_id(&state.store, other).await?.ok_or(Error::NoSuchUser)?;
    if blocks::block(&state.store, login.user, other, now_ms()).await? {
        changed(&state, login.user, other, true).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Take a block back. Invitations that came meanwhile appear; messages that came meanwhile stay away.
#[utoipa::path(delete, path = "/v1/blocks/{user_id}", tag = "contacts", security(("cookie" = []), ("bearer" = [])),
    params(("user_id" = String, Path, format = "uuid", description = "Whom to block no more")), responses(
    (status = 204, description = "They are not blocked."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn unblock(State(state): State<AppState>, login: Login, UrlPath(other): UrlPath<UserId>) -> Result<StatusCode, Error> {
    if blocks::unblock(&state.store, login.user, other).await? {
        changed(&state, login.user, other, false).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn changed(state: &AppState, me: UserId, other: UserId, blocked: bool) {
    state.switchboard.block_changed(me, other, blocked).await;
    state.switchboard.tell(vec![me], Event::ContactsChanged).await;
}
