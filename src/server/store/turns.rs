//! Turns: transactions that would get in each other's way wait for one another here, and hold no connection meanwhile. Those of
//! other servers are met in the database.

use std::array;
use std::sync::Arc;

use switchboard_ids::UserId;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

use super::pools::{ANSWER_WITHIN, too_slow};
use super::{Store, StoreError};

/// More than there are connections: two pairs that have nothing to do with each other seldom share one.
const TURNS: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Turns(Arc<[Arc<Mutex<()>>; TURNS]>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(array::from_fn(|_| Arc::default())))
    }
}

impl Store {
    /// The turn of these two, in either order, for as long as it is held.
    pub(super) async fn turn(&self, one: UserId, other: UserId) -> Result<OwnedMutexGuard<()>, StoreError> {
        // The lowest bits of an id are random.
        let of_both = (one.as_u128() ^ other.as_u128()) % TURNS as u128;
        let turn = self.turns.0[of_both as usize].clone();
        Ok(timeout(ANSWER_WITHIN, turn.lock_owned()).await.map_err(|_| too_slow())?)
    }
}
