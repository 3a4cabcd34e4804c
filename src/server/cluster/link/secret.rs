//! The secret of the cluster, and proofs of knowing it.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;

use crate::engine::Engine;

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
        let secret = if self.given { last } else { self.engine.secret(&last).await.unwrap_or(last) };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = secret;
        key
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
