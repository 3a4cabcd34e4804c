//! Credentials for the TURN server, in the way of coturn's `use-auth-secret`: it checks by a shared secret what this server signs, and the
//! two need not speak to each other.

use aws_lc_rs::hmac;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use switchboard_ids::UserId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::address::ClientAddress;
use super::auth::Login;
use super::limits;
use super::problem::{Error, Problem};
use crate::clock::now_ms;
use crate::config::{Turn, TurnSecret};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(credentials))
}

/// What an `RTCPeerConnection` is given.
#[derive(Serialize, ToSchema)]
struct TurnCredentials {
    /// Its `iceServers`; empty where the server has no TURN.
    ice_servers: Vec<IceServer>,
    /// Seconds after which nothing new can be begun with them; `null` where there are none.
    expires_in_s: Option<u64>,
}

/// An `RTCIceServer`.
#[derive(Serialize, ToSchema)]
struct IceServer {
    /// Where it is (RFC 7065).
    urls: Vec<String>,
    /// When the credential expires, in seconds since 1970, and whose it is.
    #[schema(example = "1735689600:0194211c-4d00-7000-8000-000000000000")]
    username: String,
    /// The HMAC-SHA1 of the username, Base64.
    credential: String,
}

/// Credentials for the TURN server, good for a short while.
#[utoipa::path(get, path = "/v1/turn-credentials", tag = "calls", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = TurnCredentials),
    (status = 401, body = Problem, description = "`unauthenticated`"),
    (status = 429, body = Problem, description = "`too_many_requests`"),
))]
async fn credentials(
    State(state): State<AppState>,
    login: Login,
    ClientAddress(address): ClientAddress,
) -> Result<axum::Json<TurnCredentials>, Error> {
    state.limits.turn.check(address, limits::Account::User(login.user))?;
    let Some(Turn { urls, secret, ttl }) = &state.web.turn else {
        return Ok(axum::Json(TurnCredentials { ice_servers: Vec::new(), expires_in_s: None }));
    };
    let now = u64::try_from(now_ms() / 1_000).unwrap_or_default();
    let username = username(now + ttl.as_secs(), login.user);
    let credential = sign(secret, &username);
    let ice_servers = vec![IceServer { urls: urls.clone(), username, credential }];
    Ok(axum::Json(TurnCredentials { ice_servers, expires_in_s: Some(ttl.as_secs()) }))
}

fn username(expiry_s: u64, user: UserId) -> String {
    format!("{expiry_s}:{user}")
}

fn sign(secret: &TurnSecret, username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.key());
    STANDARD.encode(hmac::sign(&key, username.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_credential_is_what_openssl_makes_of_it_too() {
        // printf 'what do ya want for nothing?' | openssl dgst -sha1 -hmac Jefe -binary | base64: test case 2 of RFC 2202.
        assert_eq!(sign(&"Jefe".parse().unwrap(), "what do ya want for nothing?"), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn a_username_says_until_when_and_whose() {
        assert_eq!(username(1_735_689_600, UserId::from_u128(7)), "1735689600:00000000-0000-0000-0000-000000000007");
    }
}
