//! What handlers share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::limits::Limits;
use super::passwords::Passwords;
use crate::observe::Metrics;
use crate::store::Store;
use crate::switchboard;

/// What handlers share; clones are cheap.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub store: Store,
    /// The actor that owns calls and presence.
    pub switchboard: switchboard::Handle,
    /// How often what may be done.
    pub limits: Arc<Limits>,
    /// Hashes passwords, a few at a time.
    pub passwords: Arc<Passwords>,
    /// Counters.
    pub metrics: Metrics,
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
}
