//! Transactions that write, and doing one again that another got in the way of.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::{Any, AnyConnection, Transaction};
use tokio::time::{Instant, sleep, timeout};

use super::pools::too_slow;
use super::{Store, StoreError};

/// How long a transaction may take, with the wait for a connection; after as long none is tried again.
const SETTLE_WITHIN: Duration = Duration::from_secs(10);

/// A transaction that writes, and does not see others at work. It is undone unless it is committed.
#[derive(Debug)]
pub struct Writing(pub(super) Transaction<'static, Any>);

impl Writing {
    /// Keeps what was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.0.commit().await.map_err(|error| {
            let error = StoreError::from(error);
            if error.is_broken_connection() { StoreError::Unsettled(Box::new(error)) } else { error }
        })
    }
}

impl Deref for Writing {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.0
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.0
    }
}

/// Errors of the store among others.
pub(crate) trait Cause: From<StoreError> {
    /// The error of the store that this one is, if it is one.
    fn of_store(&self) -> Option<&StoreError>;
}

impl Cause for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl Store {
    /// Does the work of one transaction, within a bound: again while others get in its way, and once more when its connection
    /// broke before it could be committed. Nothing of an earlier try is left then.
    pub(crate) async fn settle<T, E: Cause, W: Future<Output = Result<T, E>>>(&self, work: impl Fn() -> W) -> Result<T, E> {
        let give_up = Instant::now() + SETTLE_WITHIN;
        let mut tried = 0;
        loop {
            tried += 1;
            let Ok(done) = timeout(SETTLE_WITHIN, work()).await else { return Err(StoreError::from(too_slow()).into()) };
            let Err(error) = &done else { return done };
            let Some(error) = error.of_store() else { return done };
            let again = (error.is_conflict() && Instant::now() < give_up) || (error.is_broken_connection() && tried == 1);
            if !again {
                return done;
            }
            tracing::debug!(%error, tried, "a transaction is tried again");
            sleep(before_try(tried)).await;
        }
    }
}

/// Longer each time, and seldom the same for two who met.
fn before_try(tried: u32) -> Duration {
    let most_us = 1_000 << tried.min(7);
    Duration::from_micros(u64::from(getrandom::u32().unwrap_or(most_us) % most_us))
}
