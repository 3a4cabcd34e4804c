//! What a person sets for themselves.

use switchboard_ids::UserId;

use super::{Store, StoreError};

/// Whether `user` is offered a call as waiting while they are in another, and is busy then otherwise; none when the account
/// is gone.
pub async fn call_waiting(store: &Store, user: UserId) -> Result<Option<bool>, StoreError> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT call_waiting FROM users WHERE id = $1").bind(user.to_string()).fetch_optional(store).await?;
    Ok(found.map(|waiting| waiting != 0))
}

/// Sets whether `user` is offered calls as waiting.
pub async fn set_call_waiting(store: &Store, user: UserId, waiting: bool) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET call_waiting = $2 WHERE id = $1").bind(user.to_string()).bind(i64::from(waiting)).execute(store).await?;
    Ok(())
}
