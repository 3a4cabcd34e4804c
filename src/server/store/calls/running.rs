//! The calls that have not ended: what a server that comes back takes up, or ends.

use std::collections::HashMap;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::store::{Store, StoreError, Writing, leases, rows};

/// A call that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningCall {
    /// The call.
    pub id: CallId,
    /// `audio` or `video`.
    pub kind: String,
    /// UTC ms.
    pub placed_ms: i64,
    /// UTC ms of the first accept.
    pub answered_ms: Option<i64>,
    /// In order of place, the caller's first.
    pub seats: Vec<RunningSeat>,
}

/// A seat of such a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningSeat {
    /// Whose it is.
    pub user: UserId,
    /// Their display name.
    pub name: String,
    /// Where it stands, as in the protocol.
    pub state: String,
    /// The device that held it last.
    pub device: Option<DeviceId>,
    /// UTC ms; none unless it is open.
    pub rings_until_ms: Option<i64>,
    /// Whether its user may not know of the call.
    pub barred: bool,
}

type CallRow = (String, String, i64, Option<i64>);
type SeatRow = (String, String, String, String, Option<String>, Option<i64>, i64);

/// The calls that have not ended, the oldest first.
pub async fn running(store: &Store) -> Result<Vec<RunningCall>, StoreError> {
    let calls: Vec<CallRow> =
        sqlx::query_as("SELECT id, kind, placed_ms, answered_ms FROM calls WHERE ended_ms IS NULL ORDER BY placed_ms, id")
            .fetch_all(store)
            .await?;
    let seats: Vec<SeatRow> = sqlx::query_as(
        "SELECT s.call_id, u.id, u.name, s.state, s.device_id, s.rings_until_ms, s.barred \
         FROM call_seats s JOIN users u ON u.id = s.user_id \
         WHERE s.call_id IN (SELECT id FROM calls WHERE ended_ms IS NULL) ORDER BY s.call_id, s.place, s.user_id",
    )
    .fetch_all(store)
    .await?;
    let mut by_call: HashMap<String, Vec<RunningSeat>> = HashMap::new();
    for (call, user, name, state, device, rings_until_ms, barred) in seats {
        let device = device.as_deref().map(rows::id).transpose()?;
        let seat = RunningSeat { user: rows::id(&user)?, name, state, device, rings_until_ms, barred: barred != 0 };
        by_call.entry(call).or_default().push(seat);
    }
    calls
        .into_iter()
        .map(|(id, kind, placed_ms, answered_ms)| {
            let seats = by_call.remove(&id).unwrap_or_default();
            Ok(RunningCall { id: rows::id(&id)?, kind, placed_ms, answered_ms, seats })
        })
        .collect()
}

/// How many calls have not ended.
pub async fn running_count(store: &Store) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM calls WHERE ended_ms IS NULL").fetch_one(store).await?)
}

/// Ends every call that has not ended, and the seats in it, if calls are controlled in this epoch. Returns how many.
pub async fn end_running(store: &Store, epoch: u64, reason: &str, at_ms: i64) -> Result<u64, StoreError> {
    store
        .settle(|| async {
            let mut transaction = store.write().await?;
            leases::hold(&mut transaction, leases::CALLS, epoch).await?;
            sqlx::query(
                "UPDATE call_seats SET changed_ms = $1, rings_until_ms = NULL, \
             left_ms = CASE WHEN state IN ('active', 'held', 'reconnecting') THEN $1 ELSE left_ms END, \
             state = CASE WHEN state IN ('active', 'held', 'reconnecting') THEN 'left' ELSE 'cancelled' END \
             WHERE state IN ('invited', 'ringing', 'active', 'held', 'reconnecting') \
             AND call_id IN (SELECT id FROM calls WHERE ended_ms IS NULL)",
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
        })
        .await
}

/// Notes that calls run at this time.
pub async fn heartbeat(writing: &mut Writing, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO heartbeats (node, at_ms) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET at_ms = excluded.at_ms")
        .bind(leases::CALLS)
        .bind(at_ms)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// When calls were last known to run, UTC ms; none when none ever did.
pub async fn last_heartbeat(store: &Store) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar("SELECT at_ms FROM heartbeats WHERE node = $1").bind(leases::CALLS).fetch_optional(store).await?)
}
