//! Registration, and the account one is logged in to.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use switchboard_ids::UserId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::address::ClientAddress;
use super::auth::Login;
use super::extract::Json;
use super::phone::Phone;
use super::problem::{Error, Problem};
use super::sessions::{LoggedIn, SessionKind, log_in};
use crate::clock::now_ms;
use crate::store::accounts::{self, CreateError};
use crate::store::{Person, Store};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(register)).routes(routes!(me))
}

/// A person: an account as its owner, contacts and searchers see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Account {
    /// The account.
    #[schema(value_type = String, format = "uuid")]
    id: UserId,
    /// E.164.
    #[schema(example = "+79001234567")]
    phone: String,
    /// The display name.
    name: String,
}

impl From<Person> for Account {
    fn from(Person { id, phone, name }: Person) -> Self {
        Self { id, phone, name }
    }
}

/// A new account.
#[derive(Deserialize, ToSchema)]
struct Registration {
    /// A number in international form; spaces, dashes and brackets may be in it.
    #[schema(example = "+7 900 123-45-67")]
    phone: String,
    /// 8 to 128 characters.
    password: String,
    /// 1 to 64 characters.
    name: String,
    /// How the login is kept.
    #[serde(default)]
    session: SessionKind,
}

/// Make an account and log in to it.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", request_body = Registration, responses(
    (status = 201, body = LoggedIn, description = "The account is made and logged in to."),
    (status = 409, body = Problem, description = "`phone_taken`"),
    (status = 422, body = Problem, description = "`malformed_phone`, `weak_password`, `bad_name`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
))]
async fn register(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(registration): Json<Registration>,
) -> Result<Response, Error> {
    let phone = Phone::parse(&registration.phone)?;
    let password = new_password(registration.password)?;
    let name = display_name(&registration.name)?;
    state.limits.registrations.check_address(address)?;
    let hash = state.passwords.hash(password).await?;
    let person = create(&state.store, &phone, &name, &hash).await?;
    state.metrics.registered();
    tracing::info!(user = %person.id, "registered");
    log_in(&state, &headers, person, registration.session).await
}

async fn create(store: &Store, phone: &Phone, name: &str, hash: &str) -> Result<Person, Error> {
    accounts::create(store, phone.as_str(), name, hash, now_ms()).await.map_err(|error| match error {
        CreateError::PhoneTaken => Error::PhoneTaken,
        CreateError::Store(error) => error.into(),
    })
}

/// A password that may be set. Characters are what a person counts.
fn new_password(password: String) -> Result<String, Error> {
    if (8..=128).contains(&password.chars().count()) { Ok(password) } else { Err(Error::WeakPassword) }
}

/// A name that people may go by: 1 to 64 characters, as people count them, on one line.
pub(super) fn display_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let fits = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(Error::BadName) }
}

/// The account one is logged in to.
#[utoipa::path(get, path = "/v1/me", tag = "accounts", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = Account),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn me(State(state): State<AppState>, login: Login) -> Result<axum::Json<Account>, Error> {
    let person = accounts::by_id(&state.store, login.user).await?.ok_or(Error::Unauthenticated)?;
    Ok(axum::Json(person.into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn names_are_trimmed_and_counted_in_characters() {
        assert_eq!(display_name("  Анна ").unwrap(), "Анна");
        assert!(display_name(&"я".repeat(64)).is_ok());
        for wrong in ["", "   ", &"я".repeat(65), "a\nb", "a\u{0}b"] {
            assert!(matches!(display_name(wrong), Err(Error::BadName)), "{wrong:?}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        assert!(new_password("пароль12".to_owned()).is_ok());
        assert!(matches!(new_password("пароль1".to_owned()), Err(Error::WeakPassword)));
        assert!(matches!(new_password("x".repeat(129)), Err(Error::WeakPassword)));
    }
}
