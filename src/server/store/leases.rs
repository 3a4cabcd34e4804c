//! The epoch of what one server at a time does for all: who has an older one is refused.

use super::{Store, StoreError, Writing};

/// The control of calls, as leases and heartbeats name it.
pub const CALLS: &str = "calls";

/// The epoch in which a lease was taken last; 0 where it never was.
pub async fn epoch(store: &Store, name: &str) -> Result<u64, StoreError> {
    let epoch: Option<i64> = sqlx::query_scalar("SELECT epoch FROM leases WHERE name = $1").bind(name).fetch_optional(store).await?;
    Ok(epoch.and_then(|epoch| u64::try_from(epoch).ok()).unwrap_or_default())
}

/// Notes that `node` has taken a lease. False where it was taken in this epoch or a later one already.
pub async fn take(store: &Store, name: &str, node: &str, epoch: u64) -> Result<bool, StoreError> {
    let taken = sqlx::query(
        "INSERT INTO leases (name, epoch, node) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, node = excluded.node WHERE leases.epoch < excluded.epoch",
    )
    .bind(name)
    .bind(number(epoch))
    .bind(node)
    .execute(store)
    .await?;
    Ok(taken.rows_affected() > 0)
}

/// Makes sure, until the end of this transaction, that nobody takes a lease that was last taken in this epoch.
///
/// An update, though it changes nothing: it holds the row, so that who takes the lease waits, and reads what is written here.
pub async fn hold(writing: &mut Writing, name: &str, epoch: u64) -> Result<(), StoreError> {
    let held = sqlx::query("UPDATE leases SET epoch = epoch WHERE name = $1 AND epoch = $2");
    let held = held.bind(name).bind(number(epoch)).execute(&mut **writing).await?;
    if held.rows_affected() == 0 { Err(StoreError::Fenced) } else { Ok(()) }
}

fn number(epoch: u64) -> i64 {
    i64::try_from(epoch).unwrap_or(i64::MAX)
}
