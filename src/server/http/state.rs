//! What handlers share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::limits::Limits;
use super::notices::Notices;
use super::passwords::Passwords;
use crate::clips::Clips;
use crate::config::Turn;
use crate::observe::Metrics;
use crate::signal::Streams;
use crate::store::Store;
use crate::switchboard;

/// What handlers share; clones are cheap.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub store: Store,
    /// Where voice clips are kept.
    pub clips: Clips,
    /// The actor that owns calls and presence.
    pub switchboard: switchboard::Handle,
    /// Tells people that their contacts changed, not too often.
    pub notices: Arc<Notices>,
    /// How often what may be done.
    pub limits: Arc<Limits>,
    /// Hashes passwords, a few at a time.
    pub passwords: Arc<Passwords>,
    /// Counters.
    pub metrics: Metrics,
    /// The signalling connections that are no WebSockets.
    pub streams: Streams,
    /// Settings of the public listener.
    pub web: Arc<WebSettings>,
}

/// Settings of the public listener.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// The one origin browsers may come from; the one that names this host when absent.
    pub public_origin: Option<String>,
    /// Whether people reach the server by HTTPS alone, so that cookies are kept from plain HTTP.
    pub secure_cookies: bool,
    /// How long a login lives unused.
    pub session_lifetime: Duration,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The TURN server, if there is one.
    pub turn: Option<Turn>,
}
