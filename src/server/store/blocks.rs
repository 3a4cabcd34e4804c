//! Who has blocked whom. A block is one person's own; the other learns nothing of it.

use switchboard_ids::UserId;

use super::rows;
use super::{Store, StoreError};

/// `user` blocks `other`; two different accounts that are there. Returns whether that is a change.
pub async fn block(store: &Store, user: UserId, other: UserId, at_ms: i64) -> Result<bool, StoreError> {
    let inserted = sqlx::query("INSERT INTO blocks (user_id, blocked_id, since_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(user.to_string())
        .bind(other.to_string())
        .bind(at_ms)
        .execute(store)
        .await?;
    Ok(inserted.rows_affected() == 1)
}

/// `user` blocks `other` no more. Returns whether that is a change.
pub async fn unblock(store: &Store, user: UserId, other: UserId) -> Result<bool, StoreError> {
    let deleted = sqlx::query("DELETE FROM blocks WHERE user_id = $1 AND blocked_id = $2")
        .bind(user.to_string())
        .bind(other.to_string())
        .execute(store)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Whom `user` has blocked, with their names; who was blocked last comes first.
pub async fn of(store: &Store, user: UserId) -> Result<Vec<(UserId, String)>, StoreError> {
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT u.id, u.name FROM blocks b JOIN users u ON u.id = b.blocked_id WHERE b.user_id = $1 ORDER BY b.since_ms DESC, u.id",
    )
    .bind(user.to_string())
    .fetch_all(store)
    .await?;
    found.into_iter().map(|(id, name)| Ok((rows::id(&id)?, name))).collect()
}

/// Whom `user` has blocked.
pub async fn blocked_by(store: &Store, user: UserId) -> Result<Vec<UserId>, StoreError> {
    let found: Vec<String> = sqlx::query_scalar("SELECT blocked_id FROM blocks WHERE user_id = $1 ORDER BY blocked_id")
        .bind(user.to_string())
        .fetch_all(store)
        .await?;
    found.iter().map(|id| rows::id(id)).collect()
}

/// Whether `user` has blocked `other`.
pub async fn has_blocked(store: &Store, user: UserId, other: UserId) -> Result<bool, StoreError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT since_ms FROM blocks WHERE user_id = $1 AND blocked_id = $2")
        .bind(user.to_string())
        .bind(other.to_string())
        .fetch_optional(store)
        .await?;
    Ok(found.is_some())
}
