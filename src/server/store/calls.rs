//! The history of calls: what the call machine records, and what a person reads back.

use std::collections::HashMap;

use sqlx::QueryBuilder;
use switchboard_ids::{CallId, DeviceId, UserId};

use super::{Store, StoreError, rows};

/// A call as one of its people remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCall {
    /// The call.
    pub id: CallId,
    /// `audio` or `video`.
    pub kind: String,
    /// Who placed it.
    pub caller: UserId,
    /// Everyone else with a seat: id and name.
    pub others: Vec<(UserId, String)>,
    /// UTC ms.
    pub placed_ms: i64,
    /// UTC ms of the first accept.
    pub answered_ms: Option<i64>,
    /// UTC ms.
    pub ended_ms: Option<i64>,
    /// Why it ended.
    pub reason: Option<String>,
    /// Where this person's own seat stands.
    pub my_state: String,
}

/// A call was placed: its row, the caller's active seat and an invited seat for each callee.
pub async fn placed(store: &Store, call: CallId, kind: &str, caller: UserId, callees: &[UserId], at_ms: i64) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    sqlx::query("INSERT INTO calls (id, kind, caller_id, placed_ms) VALUES ($1, $2, $3, $4)")
        .bind(call.to_string())
        .bind(kind)
        .bind(caller.to_string())
        .bind(at_ms)
        .execute(&mut *transaction)
        .await?;
    let seats = std::iter::once((caller, "active")).chain(callees.iter().map(|callee| (*callee, "invited")));
    for (user, state) in seats {
        sqlx::query("INSERT INTO call_seats (call_id, user_id, placed_ms, state, changed_ms) VALUES ($1, $2, $3, $4, $3)")
            .bind(call.to_string())
            .bind(user.to_string())
            .bind(at_ms)
            .bind(state)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}

/// Somebody accepted; the first time counts.
pub async fn answered(store: &Store, call: CallId, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE calls SET answered_ms = $2 WHERE id = $1 AND answered_ms IS NULL")
        .bind(call.to_string())
        .bind(at_ms)
        .execute(&store.pool)
        .await?;
    Ok(())
}

/// A seat changed. A `device` that is not known leaves the one noted before.
pub async fn seat_state(
    store: &Store,
    call: CallId,
    user: UserId,
    state: &str,
    device: Option<DeviceId>,
    at_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE call_seats SET state = $3, changed_ms = $4, device_id = COALESCE($5, device_id) WHERE call_id = $1 AND user_id = $2",
    )
    .bind(call.to_string())
    .bind(user.to_string())
    .bind(state)
    .bind(at_ms)
    .bind(device.map(|device| device.to_string()))
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// A call ended; the first time counts.
pub async fn ended(store: &Store, call: CallId, reason: &str, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE calls SET ended_ms = $3, reason = $2 WHERE id = $1 AND ended_ms IS NULL")
        .bind(call.to_string())
        .bind(reason)
        .bind(at_ms)
        .execute(&store.pool)
        .await?;
    Ok(())
}

/// Ends every call that still runs, and the seats in it: at start, those that an earlier run left behind. Returns how many.
pub async fn end_running(store: &Store, reason: &str, at_ms: i64) -> Result<u64, StoreError> {
    let mut transaction = store.write().await?;
    sqlx::query(
        "UPDATE call_seats SET state = CASE state WHEN 'active' THEN 'left' ELSE 'cancelled' END, changed_ms = $1 \
         WHERE state IN ('invited', 'ringing', 'active') AND call_id IN (SELECT id FROM calls WHERE ended_ms IS NULL)",
    )
    .bind(at_ms)
    .execute(&mut *transaction)
    .await?;
    let ended = sqlx::query("UPDATE calls SET ended_ms = $1, reason = $2 WHERE ended_ms IS NULL")
        .bind(at_ms)
        .bind(reason)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(ended.rows_affected())
}

/// How many calls have not ended.
pub async fn running_count(store: &Store) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM calls WHERE ended_ms IS NULL").fetch_one(&store.pool).await?)
}

#[derive(sqlx::FromRow)]
struct CallRow {
    id: String,
    kind: String,
    caller_id: String,
    placed_ms: i64,
    answered_ms: Option<i64>,
    ended_ms: Option<i64>,
    reason: Option<String>,
    my_state: String,
}

/// The calls a user had a seat in that were placed before `before_ms`, the latest first.
pub async fn history(store: &Store, user: UserId, before_ms: i64, limit: u32) -> Result<Vec<PastCall>, StoreError> {
    let calls: Vec<CallRow> = sqlx::query_as(
        "SELECT c.id, c.kind, c.caller_id, c.placed_ms, c.answered_ms, c.ended_ms, c.reason, s.state AS my_state \
         FROM call_seats s JOIN calls c ON c.id = s.call_id WHERE s.user_id = $1 AND s.placed_ms < $2 \
         ORDER BY s.placed_ms DESC, s.call_id DESC LIMIT $3",
    )
    .bind(user.to_string())
    .bind(before_ms)
    .bind(i64::from(limit))
    .fetch_all(&store.pool)
    .await?;
    let mut others = others(store, user, &calls).await?;
    calls
        .into_iter()
        .map(|row| {
            Ok(PastCall {
                id: rows::id(&row.id)?,
                kind: row.kind,
                caller: rows::id(&row.caller_id)?,
                others: others.remove(&row.id).unwrap_or_default(),
                placed_ms: row.placed_ms,
                answered_ms: row.answered_ms,
                ended_ms: row.ended_ms,
                reason: row.reason,
                my_state: row.my_state,
            })
        })
        .collect()
}

/// Who else has a seat in each of `calls`.
async fn others(store: &Store, user: UserId, calls: &[CallRow]) -> Result<HashMap<String, Vec<(UserId, String)>>, StoreError> {
    let mut others: HashMap<String, Vec<_>> = HashMap::new();
    if calls.is_empty() {
        return Ok(others);
    }
    let mut query =
        QueryBuilder::new("SELECT s.call_id, u.id, u.name FROM call_seats s JOIN users u ON u.id = s.user_id WHERE s.user_id <> ");
    query.push_bind(user.to_string()).push(" AND s.call_id IN (");
    let mut list = query.separated(", ");
    for call in calls {
        list.push_bind(&call.id);
    }
    query.push(") ORDER BY u.name, u.id");
    let seats: Vec<(String, String, String)> = query.build_query_as().fetch_all(&store.pool).await?;
    for (call, id, name) in seats {
        others.entry(call).or_default().push((rows::id(&id)?, name));
    }
    Ok(others)
}
