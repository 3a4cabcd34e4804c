//! A TURN server: a relay is allocated for real, with credentials as clients are given them, and given back.

use std::io;
use std::net::SocketAddr;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::message::{Reply, Request, attribute, method};
use super::path::{Path, why};
use super::server::{ServerUrl, Transport};
use crate::clock::now_ms;
use crate::doctor::Finding;

const NAME: &str = "turn";

/// The protocol number of UDP, which is what is relayed (RFC 8656 §18.8).
const UDP: [u8; 4] = [17, 0, 0, 0];
/// Longer than asking takes, by any clock that is good enough for short-lived credentials.
const LIFETIME_S: i64 = 60;
/// Errors (RFC 8489 §18.4).
const UNAUTHORIZED: u16 = 401;
const STALE_NONCE: u16 = 438;

enum Trouble {
    Unreachable(io::Error),
    Refused(u16, String),
    /// It answers with what makes no sense.
    Odd(&'static str),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Unreachable(error)
    }
}

pub(in crate::doctor) async fn examine(server: &str, secret: &[u8]) -> Finding {
    let server = match server.parse::<ServerUrl>() {
        Ok(server) => server,
        Err(wrong) => {
            return Finding::failure(NAME, format!("{server:?} is {wrong}"), "give one such as --turn-url turn:turn.example.org:3478");
        }
    };
    if server.transport == Transport::Tls {
        return Finding::warning(NAME, format!("{server} is not tried: this does not speak TLS to it"), "try it with a client");
    }
    match allocate(&server, secret).await {
        Ok(relay) => Finding::ok(NAME, format!("{server} relays from {relay}")),
        Err(Trouble::Unreachable(error)) => {
            let cure = "check --turn-url, that the TURN server runs, and that a firewall lets one to it and back";
            Finding::failure(NAME, format!("{server} cannot be asked: {}", why(&error)), cure)
        }
        Err(Trouble::Refused(UNAUTHORIZED, _)) => {
            let cure = "give the same secret to --turn-secret and to the TURN server (coturn: use-auth-secret, static-auth-secret), and compare both clocks";
            Finding::failure(NAME, format!("{server} refuses our credentials"), cure)
        }
        Err(Trouble::Refused(code, reason)) => {
            Finding::failure(NAME, format!("{server} allocates no relay ({code} {reason})"), "see the log of the TURN server")
        }
        Err(Trouble::Odd(what)) => Finding::failure(NAME, format!("{server} {what}"), "see whether it is a TURN server, and its log"),
    }
}

/// Allocates a relay, and gives it back; tells its address.
async fn allocate(server: &ServerUrl, secret: &[u8]) -> Result<SocketAddr, Trouble> {
    let mut path = Path::to(server).await?;
    let bare = Request::new(method::ALLOCATE).with(attribute::REQUESTED_TRANSPORT, &UDP);
    let first = path.ask(&bare).await?;
    match first.error() {
        Some((UNAUTHORIZED, _)) => {}
        Some((code, reason)) => return Err(Trouble::Refused(code, reason)),
        None => return Err(Trouble::Odd("relays for anybody who asks, without credentials")),
    }
    let mut credentials = Credentials::new(secret, &first)?;
    let asked = || Request::new(method::ALLOCATE).with(attribute::REQUESTED_TRANSPORT, &UDP);
    let mut reply = path.ask(&credentials.sign(asked())).await?;
    if reply.error().is_some_and(|(code, _)| code == STALE_NONCE) {
        credentials = Credentials::new(secret, &reply)?;
        reply = path.ask(&credentials.sign(asked())).await?;
    }
    if let Some((code, reason)) = reply.error() {
        return Err(Trouble::Refused(code, reason));
    }
    let relay = reply.address(attribute::XOR_RELAYED_ADDRESS).ok_or(Trouble::Odd("tells no address of its relay"))?;
    // Without this it would be kept for ten minutes. That it is not answered is no matter of what was asked.
    let back = Request::new(method::REFRESH).with(attribute::LIFETIME, &[0; 4]);
    drop(path.ask(&credentials.sign(back)).await);
    Ok(relay)
}

/// Long-term credentials (RFC 8489 §9.2) made of a shared secret, as coturn's use-auth-secret takes them: the user is the time they
/// end, and the password its HMAC.
struct Credentials {
    user: String,
    realm: Vec<u8>,
    nonce: Vec<u8>,
    key: [u8; 16],
}

impl Credentials {
    fn new(secret: &[u8], challenge: &Reply) -> Result<Self, Trouble> {
        let part = |kind| challenge.attribute(kind).map(<[u8]>::to_vec).ok_or(Trouble::Odd("does not say how to prove who one is"));
        let (realm, nonce) = (part(attribute::REALM)?, part(attribute::NONCE)?);
        let user = format!("{}:doctor", now_ms() / 1000 + LIFETIME_S);
        let hmac_key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
        let password = STANDARD.encode(hmac::sign(&hmac_key, user.as_bytes()));
        let key = long_term_key(&user, &realm, &password);
        Ok(Self { user, realm, nonce, key })
    }

    fn sign(&self, request: Request) -> Request {
        let request = request.with(attribute::USERNAME, self.user.as_bytes()).with(attribute::REALM, &self.realm);
        request.with(attribute::NONCE, &self.nonce).signed(&self.key)
    }
}

/// RFC 8489 §9.2.2, with the algorithm that every server knows.
fn long_term_key(user: &str, realm: &[u8], password: &str) -> [u8; 16] {
    Md5::digest([user.as_bytes(), b":", realm, b":", password.as_bytes()].concat()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_as_in_the_sample_of_the_standard() {
        // RFC 8489 §9.2.2.
        let expected = [0x84, 0x93, 0xfb, 0xc5, 0x3b, 0xa5, 0x82, 0xfb, 0x4c, 0x04, 0x4c, 0x45, 0x6b, 0xdc, 0x40, 0xeb];
        assert_eq!(long_term_key("user", b"realm", "pass"), expected);
    }
}
