//! What a person sets for themselves.

use std::collections::HashMap;

use sqlx::QueryBuilder;
use switchboard_ids::UserId;

use super::rows;
use super::{Store, StoreError};

/// Which of `users` are offered a call as waiting while they are in another; the others are busy then.
pub async fn call_waiting(store: &Store, users: &[UserId]) -> Result<HashMap<UserId, bool>, StoreError> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = QueryBuilder::new("SELECT id, call_waiting FROM users WHERE id IN ");
    rows::push_users(&mut query, users);
    let found: Vec<(String, i64)> = query.build_query_as().fetch_all(&store.pool).await?;
    found.into_iter().map(|(id, waiting)| Ok((rows::id(&id)?, waiting != 0))).collect()
}

/// Sets whether `user` is offered calls as waiting.
pub async fn set_call_waiting(store: &Store, user: UserId, waiting: bool) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET call_waiting = $2 WHERE id = $1")
        .bind(user.to_string())
        .bind(i64::from(waiting))
        .execute(&store.pool)
        .await?;
    Ok(())
}
