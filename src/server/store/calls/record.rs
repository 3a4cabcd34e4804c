//! What happens in a call, a line each. A line that is written again changes nothing.

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::store::{StoreError, Writing, rows};

/// How a seat heard and saw its call.
#[derive(Debug, Clone, Copy, PartialEq, sqlx::FromRow)]
pub struct QualityRow {
    /// The share of packets that did not come, 0 to 1.
    pub loss: f64,
    /// Mean round trip, milliseconds.
    pub rtt_ms: f64,
    /// Mean interarrival jitter of the audio, milliseconds.
    pub jitter_ms: f64,
    /// Mean opinion score by the E-model (ITU-T G.107), 1 to 4.5.
    pub mos: f64,
    /// For how long video stood still, milliseconds.
    pub frozen_ms: i64,
    /// When it was worst, UTC ms.
    pub worst_at_ms: i64,
    /// The mean opinion score then.
    pub worst_mos: f64,
}

/// A call was placed. Its seats follow, the caller's first.
pub async fn placed(writing: &mut Writing, call: CallId, kind: &str, caller: UserId, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO calls (id, kind, caller_id, placed_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(call.to_string())
        .bind(kind)
        .bind(caller.to_string())
        .bind(at_ms)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// A seat was made for `user`, whom `by` asked in, after the seats there are. `barred` is whether its user may not know of the
/// call. One who has a seat keeps its place, and is asked in anew.
pub async fn seated(writing: &mut Writing, call: CallId, user: UserId, by: UserId, barred: bool, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_seats (call_id, user_id, placed_ms, place, state, changed_ms, by_id, barred) \
         SELECT c.id, $2, c.placed_ms, (SELECT COALESCE(MAX(s.place) + 1, 0) FROM call_seats s WHERE s.call_id = c.id), \
         'invited', $5, $3, $4 FROM calls c WHERE c.id = $1 \
         ON CONFLICT (call_id, user_id) DO UPDATE SET by_id = excluded.by_id, barred = excluded.barred",
    )
    .bind(call.to_string())
    .bind(user.to_string())
    .bind(by.to_string())
    .bind(i64::from(barred))
    .bind(at_ms)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// A seat changed; `rings_until_ms` is none unless it is open. A `device` that is not known leaves the one noted before. Who
/// rings again has not seen yet that they may miss it. Returns whether its user may know of the call.
pub async fn seat_state(
    writing: &mut Writing,
    call: CallId,
    user: UserId,
    state: &str,
    device: Option<DeviceId>,
    rings_until_ms: Option<i64>,
    at_ms: i64,
) -> Result<bool, StoreError> {
    let barred: Option<i64> = sqlx::query_scalar(
        "UPDATE call_seats SET state = $3, changed_ms = $4, device_id = COALESCE($5, device_id), rings_until_ms = $6, \
         joined_ms = CASE WHEN $3 = 'active' THEN COALESCE(joined_ms, $4) ELSE joined_ms END, \
         left_ms = CASE WHEN $3 = 'left' THEN $4 WHEN $3 = 'active' THEN NULL ELSE left_ms END, \
         seen = CASE WHEN $3 IN ('invited', 'ringing') THEN 0 ELSE seen END \
         WHERE call_id = $1 AND user_id = $2 RETURNING barred",
    )
    .bind(call.to_string())
    .bind(user.to_string())
    .bind(state)
    .bind(at_ms)
    .bind(device.map(|device| device.to_string()))
    .bind(rings_until_ms)
    .fetch_optional(&mut **writing)
    .await?;
    Ok(barred == Some(0))
}

/// How a seat heard and saw the call; the line written last counts, since it covers those before.
pub async fn quality(writing: &mut Writing, call: CallId, user: UserId, quality: &QualityRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_quality (call_id, user_id, loss, rtt_ms, jitter_ms, mos, frozen_ms, worst_at_ms, worst_mos) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (call_id, user_id) DO UPDATE SET loss = excluded.loss, rtt_ms = excluded.rtt_ms, \
         jitter_ms = excluded.jitter_ms, mos = excluded.mos, frozen_ms = excluded.frozen_ms, \
         worst_at_ms = excluded.worst_at_ms, worst_mos = excluded.worst_mos",
    )
    .bind(call.to_string())
    .bind(user.to_string())
    .bind(quality.loss)
    .bind(quality.rtt_ms)
    .bind(quality.jitter_ms)
    .bind(quality.mos)
    .bind(quality.frozen_ms)
    .bind(quality.worst_at_ms)
    .bind(quality.worst_mos)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Somebody accepted; the first time counts.
pub async fn answered(writing: &mut Writing, call: CallId, at_ms: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE calls SET answered_ms = $2 WHERE id = $1 AND answered_ms IS NULL")
        .bind(call.to_string())
        .bind(at_ms)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// A call ended; the first time counts. Returns everyone with a seat who may know of the call.
pub async fn ended(writing: &mut Writing, call: CallId, reason: &str, at_ms: i64) -> Result<Vec<UserId>, StoreError> {
    sqlx::query("UPDATE calls SET ended_ms = $3, reason = $2 WHERE id = $1 AND ended_ms IS NULL")
        .bind(call.to_string())
        .bind(reason)
        .bind(at_ms)
        .execute(&mut **writing)
        .await?;
    let users: Vec<String> = sqlx::query_scalar("SELECT user_id FROM call_seats WHERE call_id = $1 AND barred = 0 ORDER BY place")
        .bind(call.to_string())
        .fetch_all(&mut **writing)
        .await?;
    users.iter().map(|user| rows::id(user)).collect()
}
