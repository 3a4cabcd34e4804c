//! Logging in and out, and the list of logins.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use switchboard_ids::SessionId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::Account;
use super::address::ClientAddress;
use super::auth::{self, Login};
use super::extract::{Json, UrlPath};
use super::limits;
use super::phone::Phone;
use super::problem::{Error, Problem};
use super::{AppState, device};
use crate::clock::now_ms;
use crate::observe::LoginOutcome;
use crate::store::{Person, accounts, sessions};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(log_out)).routes(routes!(revoke))
}

/// How a client keeps its login.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionKind {
    /// In a cookie that scripts cannot read: for browsers.
    #[default]
    Cookie,
    /// By itself, and sends it as `Authorization: Bearer`.
    Bearer,
}

/// Number and password.
#[derive(Deserialize, ToSchema)]
struct Credentials {
    /// A number in international form.
    #[schema(example = "+79001234567")]
    phone: String,
    /// The password.
    password: String,
    /// How the login is kept.
    #[serde(default)]
    session: SessionKind,
}

/// A new login.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedIn {
    /// Who is logged in.
    user: Account,
    /// The token, when `session` was `bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// The logins of an account.
#[derive(Serialize, ToSchema)]
struct SessionList {
    /// The one used last first.
    sessions: Vec<SessionView>,
}

/// One login.
#[derive(Serialize, ToSchema)]
struct SessionView {
    /// The login.
    #[schema(value_type = String, format = "uuid")]
    id: SessionId,
    /// Browser and system.
    #[schema(example = "Firefox, Linux")]
    device: String,
    /// When it was made, UTC ms.
    created_ms: i64,
    /// When it was used last, UTC ms, to the minute.
    last_seen_ms: i64,
    /// Whether this request came by it.
    current: bool,
}

/// Log in.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = Credentials, responses(
    (status = 201, body = LoggedIn, description = "Logged in; a cookie is set unless `session` is `bearer`."),
    (status = 401, body = Problem, description = "`wrong_credentials`"),
    (status = 422, body = Problem, description = "`malformed_phone`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
))]
async fn create(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Error> {
    let phone = Phone::parse(&credentials.phone)?;
    if let Err(limited) = state.limits.logins.check(address, limits::Account::Phone(phone.clone())) {
        state.metrics.login(LoginOutcome::Limited);
        return Err(limited);
    }
    let (person, hash) = accounts::credentials(&state.store, phone.as_str()).await?.unzip();
    let right = state.passwords.is_right(credentials.password, hash).await?;
    let Some(person) = person.filter(|_| right) else {
        state.metrics.login(LoginOutcome::Wrong);
        return Err(Error::WrongCredentials);
    };
    state.metrics.login(LoginOutcome::Right);
    log_in(&state, &headers, person, credentials.session).await
}

/// Makes a login and the response that hands it over.
pub(super) async fn log_in(state: &AppState, headers: &HeaderMap, person: Person, kind: SessionKind) -> Result<Response, Error> {
    let token = auth::new_token()?;
    let now = now_ms();
    let device = device::describe(headers);
    let expires = auth::expiry(state, now);
    let (session, dropped) = sessions::create(&state.store, person.id, &auth::hash(&token), &device, now, expires).await?;
    tracing::info!(user = %person.id, %session, device, "logged in");
    for session in dropped {
        state.switchboard.logged_out(session).await;
    }
    let user = Account::from(person);
    Ok(match kind {
        SessionKind::Bearer => (StatusCode::CREATED, axum::Json(LoggedIn { user, token: Some(token) })).into_response(),
        SessionKind::Cookie => {
            let cookie = [(header::SET_COOKIE, auth::set_cookie(state, &token))];
            (StatusCode::CREATED, cookie, axum::Json(LoggedIn { user, token: None })).into_response()
        }
    })
}

/// Log out.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "sessions", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 204, description = "Logged out; the cookie is taken back."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn log_out(State(state): State<AppState>, login: Login) -> Result<Response, Error> {
    end(&state, login, login.session).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, auth::clear_cookie(&state))]).into_response())
}

/// Log another device out.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "sessions", security(("cookie" = []), ("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "One of one's own logins")), responses(
    (status = 204, description = "The login has ended, and its connections with it."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 404, body = Problem, description = "`no_such_session`"),
))]
async fn revoke(State(state): State<AppState>, login: Login, UrlPath(session): UrlPath<SessionId>) -> Result<StatusCode, Error> {
    end(&state, login, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end(state: &AppState, login: Login, session: SessionId) -> Result<(), Error> {
    if !sessions::revoke(&state.store, login.user, session).await? {
        return Err(Error::NoSuchSession);
    }
    state.switchboard.logged_out(session).await;
    tracing::info!(user = %login.user, %session, "logged out");
    Ok(())
}

/// The logins of one's account.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = SessionList),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn list(State(state): State<AppState>, login: Login) -> Result<axum::Json<SessionList>, Error> {
    let sessions = sessions::of_user(&state.store, login.user, now_ms()).await?;
    let view = |session: sessions::Session| SessionView {
        current: session.id == login.session,
        id: session.id,
        device: session.device,
        created_ms: session.created_ms,
        last_seen_ms: session.last_seen_ms,
    };
    Ok(axum::Json(SessionList { sessions: sessions.into_iter().map(view).collect() }))
}
