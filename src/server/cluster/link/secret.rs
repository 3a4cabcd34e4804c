//! The secret of the cluster, and proofs of knowing it.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use tokio::time::timeout;

use crate::engine::Engine;

/// Both ends ask within one handshake, and an engine that stands still must not keep them apart.
const AGREED_WITHIN: Duration = Duration::from_millis(500);

/// The secret that all nodes know: given to each, or agreed upon by the engine.
pub(crate) struct Secret {
    engine: Arc<dyn Engine>,
    given: bool,
    last: Mutex<String>,
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("given", &self.given).finish_non_exhaustive()
    }
}

impl Secret {
    /// The one given, or one of its own that it proposes to the others.
    pub(crate) fn new(engine: Arc<dyn Engine>, given: Option<String>) -> Self {
        let mut own = [0; 32];
        getrandom::fill(&mut own).expect("the operating system has randomness");
        let is_given = given.is_some();
        Self { engine, given: is_given, last: Mutex::new(given.unwrap_or_else(|| hex(&own))) }
    }

    /// As it stands. An engine that lost its memory is told it again; without an engine the last one counts.
    pub(super) async fn key(&self) -> hmac::Key {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let secret = if self.given { last } else { self.agreed(last).await };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = secret;
        key
    }

    async fn agreed(&self, last: String) -> String {
        match timeout(AGREED_WITHIN, self.engine.secret(&last)).await {
            Ok(Ok(agreed)) => agreed,
            Ok(Err(_)) | Err(_) => last,
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
