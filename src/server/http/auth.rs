//! Who sends a request: the login it carries, and the origin it comes from.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};
use switchboard_ids::{SessionId, UserId};

use super::AppState;
use super::problem::Error;
use crate::clock::now_ms;
use crate::store::{StoreError, sessions};

const COOKIE: &str = "switchboard_session";

/// The server decides when a login ends; the cookie only has to live longer. Browsers keep none for more than 400 days.
const COOKIE_MAX_AGE_S: u32 = 400 * 24 * 60 * 60;

/// A token: 256 random bits, written as this many hexadecimal digits.
const TOKEN_LEN: usize = 64;

/// A login's last use is noted no more often than this, in milliseconds: one write a minute, however busy the client.
const SEEN_EVERY_MS: i64 = 60_000;

/// The login a request carries, as a cookie or as a Bearer token (RFC 6750). As an argument of a handler it admits nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Login {
    /// Who is logged in.
    pub user: UserId,
    /// By which login.
    pub session: SessionId,
}

impl FromRequestParts<AppState> for Login {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let token = token(&parts.headers).ok_or(Error::Unauthenticated)?;
        let now = now_ms();
        let found = sessions::find(&state.store, &hash(token), now).await?.ok_or(Error::Unauthenticated)?;
        if now - found.last_seen_ms >= SEEN_EVERY_MS {
            sessions::seen(&state.store, found.session, now, expiry(state, now)).await?;
        }
        Ok(Self { user: found.user, session: found.session })
    }
}

/// Notes that a login is in use, as a connection does that stays open. False when it was ended meanwhile.
pub(crate) async fn is_in_use(state: &AppState, session: SessionId) -> Result<bool, StoreError> {
    let now = now_ms();
    sessions::seen(&state.store, session, now, expiry(state, now)).await
}

/// When a login used at `now` ends.
pub(super) fn expiry(state: &AppState, now: i64) -> i64 {
    now.saturating_add(i64::try_from(state.web.session_lifetime.as_millis()).unwrap_or(i64::MAX))
}

/// Makes a token. Its holder alone knows it; the store keeps [`hash`] of it.
pub(super) fn new_token() -> Result<String, Error> {
    let mut bytes = [0; TOKEN_LEN / 2];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(hex(&bytes))
}

/// What is stored of a token. It has 256 random bits, so a fast hash is as good as a slow one.
pub(super) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The token of a request. An `Authorization` header is meant, so a wrong one is not made good by a cookie.
fn token(headers: &HeaderMap) -> Option<&str> {
    let token = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())?
        }
        None => headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).find_map(cookie)?,
    };
    (token.len() == TOKEN_LEN).then_some(token)
}

fn cookie(line: &str) -> Option<&str> {
    line.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// The `Set-Cookie` header of a new login.
pub(super) fn set_cookie(state: &AppState, token: &str) -> HeaderValue {
    cookie_header(state, token, COOKIE_MAX_AGE_S)
}

/// The `Set-Cookie` header that takes the cookie back.
pub(super) fn clear_cookie(state: &AppState) -> HeaderValue {
    cookie_header(state, "", 0)
}

fn cookie_header(state: &AppState, token: &str, max_age_s: u32) -> HeaderValue {
    let secure = if state.web.secure_cookies { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(cookie).expect("hexadecimal digits and literals are a header")
}

/// Refuses what pages of other origins ask for: every request that changes something, and every signalling connection, which
/// browsers open across origins without asking. Strict cookies alone are not enough: other ports of this host are the same site.
pub(super) async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Result<Response, Error> {
    let connects = request.headers().contains_key(header::UPGRADE) || request.uri().path() == "/v1/events";
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD) && !connects;
    let allowed = harmless || request.headers().get(header::ORIGIN).is_none_or(|origin| is_own(origin, &request, &state));
    if allowed { Ok(next.run(request).await) } else { Err(Error::WrongOrigin) }
}

/// Whether an origin (RFC 6454) is the public URL's or, where none is set, names the host that was asked.
fn is_own(origin: &HeaderValue, request: &Request, state: &AppState) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    if let Some(public) = &state.web.public_origin {
        return origin.eq_ignore_ascii_case(public);
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or(request.uri().authority().map(|authority| authority.as_str()));
    match (origin.split_once("://"), host) {
        (Some((_, authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn headers(pairs: &[(header::HeaderName, String)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn tokens_are_long_random_and_hashed() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_eq!(one.len(), TOKEN_LEN);
        assert_ne!(one, other);
        assert_ne!(hash(&one), one);
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_token_is_found_in_either_place_and_the_header_wins() {
        let (a, b) = ("a".repeat(TOKEN_LEN), "b".repeat(TOKEN_LEN));
        let cookie = (header::COOKIE, format!("theme=dark; {COOKIE}={a}"));
        let bearer = (header::AUTHORIZATION, format!("bearer {b}"));
        assert_eq!(token(&headers(std::slice::from_ref(&cookie))), Some(a.as_str()));
        assert_eq!(token(&headers(std::slice::from_ref(&bearer))), Some(b.as_str()));
        assert_eq!(token(&headers(&[cookie.clone(), bearer])), Some(b.as_str()));
        assert_eq!(token(&headers(&[cookie, (header::AUTHORIZATION, "Basic eDp5".to_owned())])), None);
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        assert_eq!(token(&HeaderMap::new()), None);
        assert_eq!(token(&headers(&[(header::AUTHORIZATION, "Bearer short".to_owned())])), None);
        assert_eq!(token(&headers(&[(header::COOKIE, "switchboard_session".to_owned())])), None);
    }
}
