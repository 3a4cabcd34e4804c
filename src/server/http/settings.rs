//! What a person sets for themselves.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::auth::Login;
use super::extract::Json;
use super::problem::{Error, Problem};
use crate::store::settings;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, change))
}

/// What a person has set.
#[derive(Serialize, ToSchema)]
struct Settings {
    /// Whether a call that comes while one is in another is offered as waiting; the caller hears that one is busy otherwise.
    call_waiting: bool,
}

/// What is to be set; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingsChange {
    /// Whether to be offered calls as waiting.
    call_waiting: Option<bool>,
}

/// One's settings.
#[utoipa::path(get, path = "/v1/settings", tag = "accounts", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Settings),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn read(State(state): State<AppState>, login: Login) -> Result<axum::Json<Settings>, Error> {
    view(&state, login).await
}

/// Change one's settings.
#[utoipa::path(patch, path = "/v1/settings", tag = "accounts", request_body = SettingsChange,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Settings, description = "The settings as they are then."),
    (status = 400, body = Problem, description = "`bad_request`: not a setting, or not a value of it"),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn change(State(state): State<AppState>, login: Login, Json(change): Json<SettingsChange>) -> Result<axum::Json<Settings>, Error> {
    if let Some(waiting) = change.call_waiting {
        settings::set_call_waiting(&state.store, login.user, waiting).await?;
    }
    view(&state, login).await
}

async fn view(state: &AppState, login: Login) -> Result<axum::Json<Settings>, Error> {
    let call_waiting = settings::call_waiting(&state.store, login.user).await?.ok_or(Error::Unauthenticated)?;
    Ok(axum::Json(Settings { call_waiting }))
}
