//! Logins: opaque tokens, kept as hashes, listed and revoked one by one.

use switchboard_ids::{SessionId, UserId};
use uuid::Uuid;

use super::{Store, StoreError, rows};

/// The most logins one account keeps; the one unused for longest makes room for a new one.
pub const MAX_PER_USER: i64 = 50;

/// What is known of a login, but not its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The login.
    pub id: SessionId,
    /// The browser and system, as far as they said.
    pub device: String,
    /// When it was made, UTC ms.
    pub created_ms: i64,
    /// When it was used last, UTC ms, to the minute.
    pub last_seen_ms: i64,
}

/// The login a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The login.
    pub session: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it was used last, UTC ms.
    pub last_seen_ms: i64,
}

/// Keeps a new login. Returns it with those that made room for it.
pub async fn create(
    store: &Store,
    user: UserId,
    token_hash: &str,
    device: &str,
    at_ms: i64,
    expires_ms: i64,
) -> Result<(SessionId, Vec<SessionId>), StoreError> {
    let session = SessionId::from(Uuid::now_v7());
    store.settle(|| async {
        let mut transaction = store.write().await?;
        sqlx::query(
            "INSERT INTO sessions (id, user_id, token_hash, device, created_ms, last_seen_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $5, $6)",
        )
        .bind(session.to_string())
        .bind(user.to_string())
        .bind(token_hash)
        .bind(device)
        .bind(at_ms)
        .bind(expires_ms)
        .execute(&mut *transaction)
        .await?;
        let dropped: Vec<String> = sqlx::query_scalar(
            "DELETE FROM sessions WHERE user_id = $1 AND id NOT IN \
             (SELECT id FROM sessions WHERE user_id = $1 ORDER BY last_seen_ms DESC, id DESC LIMIT $2) RETURNING id",
        )
        .bind(user.to_string())
        .bind(MAX_PER_USER)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let dropped = dropped.iter().map(|id| rows::id(id)).collect::<Result<_, _>>()?;
        Ok((session, dropped))
    })
    .await
}

/// The login with this token hash, unless it has expired.
pub async fn find(store: &Store, token_hash: &str, at_ms: i64) -> Result<Option<Found>, StoreError> {
    let row: Option<(String, String, i64)> =
        sqlx::query_as("SELECT id, user_id, last_seen_ms FROM sessions WHERE token_hash = $1 AND expires_ms > $2")
            .bind(token_hash)
            .bind(at_ms)
            .fetch_optional(store)
            .await?;
    row.map(|(session, user, last_seen_ms)| Ok(Found { session: rows::id(&session)?, user: rows::id(&user)?, last_seen_ms })).transpose()
}

/// Notes that the login was used, which puts its end off. False when there is no such login any more.
pub async fn seen(store: &Store, session: SessionId, at_ms: i64, expires_ms: i64) -> Result<bool, StoreError> {
    let updated = sqlx::query("UPDATE sessions SET last_seen_ms = $2, expires_ms = $3 WHERE id = $1")
        .bind(session.to_string())
        .bind(at_ms)
        .bind(expires_ms)
        .execute(store)
        .await?;
    Ok(updated.rows_affected() == 1)
}

/// The logins of a user that have not expired, the one used last first.
pub async fn of_user(store: &Store, user: UserId, at_ms: i64) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
        "SELECT id, device, created_ms, last_seen_ms FROM sessions WHERE user_id = $1 AND expires_ms > $2 \
         ORDER BY last_seen_ms DESC, id DESC",
    )
    .bind(user.to_string())
    .bind(at_ms)
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|(id, device, created_ms, last_seen_ms)| Ok(Session { id: rows::id(&id)?, device, created_ms, last_seen_ms }))
        .collect()
}

/// The browser and system of a login.
pub async fn device_name(store: &Store, session: SessionId) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("SELECT device FROM sessions WHERE id = $1").bind(session.to_string()).fetch_optional(store).await?)
}

/// Ends a login of this user. Returns whether there was one.
pub async fn revoke(store: &Store, user: UserId, session: SessionId) -> Result<bool, StoreError> {
    let deleted = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(session.to_string())
        .bind(user.to_string())
        .execute(store)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Forgets expired logins. Returns them.
pub async fn purge(store: &Store, at_ms: i64) -> Result<Vec<SessionId>, StoreError> {
    let purged: Vec<String> =
        sqlx::query_scalar("DELETE FROM sessions WHERE expires_ms <= $1 RETURNING id").bind(at_ms).fetch_all(store).await?;
    purged.iter().map(|id| rows::id(id)).collect()
}
