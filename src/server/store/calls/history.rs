//! What people see of their calls. A call that a person may not know of is not there for them.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use switchboard_ids::{CallId, UserId};

use super::QualityRow;
use crate::store::{Store, StoreError, rows};

/// A call as one of its people remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// The call.
    pub id: CallId,
    /// `audio` or `video`.
    pub kind: String,
    /// Who placed it: id and name.
    pub caller: (UserId, String),
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
    /// Whether others called this person, who never was in the call and has not declined it.
    pub missed: bool,
    /// Everyone's seats, in order of place.
    pub seats: Vec<PastSeat>,
}

/// A seat of such a call.
#[derive(Debug, Clone, PartialEq)]
pub struct PastSeat {
    /// Whose it is.
    pub user: UserId,
    /// Their display name.
    pub name: String,
    /// Where it stands.
    pub state: String,
    /// When it was taken first, UTC ms.
    pub joined_ms: Option<i64>,
    /// When it was left last, UTC ms; none while it is taken.
    pub left_ms: Option<i64>,
    /// How it heard and saw the call.
    pub quality: Option<QualityRow>,
}

/// The condition on a seat that its user missed the call, or would have were they not the caller; as the index
/// `call_seats_missed_idx` has it.
macro_rules! missed {
    () => {
        "joined_ms IS NULL AND state IN ('missed', 'cancelled', 'busy', 'unreachable')"
    };
}

#[derive(sqlx::FromRow)]
struct CallRow {
    id: String,
    kind: String,
    caller_id: String,
    caller_name: String,
    placed_ms: i64,
    answered_ms: Option<i64>,
    ended_ms: Option<i64>,
    reason: Option<String>,
    my_state: String,
    missed: i64,
}

/// The calls of a user, the latest first: those placed before `before_ms`, and of those placed in that very millisecond the
/// ones before the call `before`, in the order of this list.
pub async fn history(store: &Store, user: UserId, before_ms: i64, before: Option<CallId>, limit: u32) -> Result<Vec<PastCall>, StoreError> {
    let calls: Vec<CallRow> = sqlx::query_as(concat!(
        "SELECT c.id, c.kind, c.caller_id, u.name AS caller_name, c.placed_ms, c.answered_ms, c.ended_ms, c.reason, \
         call_seats.state AS my_state, CASE WHEN c.caller_id <> call_seats.user_id AND ",
        missed!(),
        " THEN 1 ELSE 0 END AS missed \
         FROM call_seats JOIN calls c ON c.id = call_seats.call_id JOIN users u ON u.id = c.caller_id \
         WHERE call_seats.user_id = $1 AND call_seats.barred = 0 AND (call_seats.placed_ms, call_seats.call_id) < ($2, $3) \
         ORDER BY call_seats.placed_ms DESC, call_seats.call_id DESC LIMIT $4",
    ))
    .bind(user.to_string())
    .bind(before_ms)
    // No id is less than nothing.
    .bind(before.map(|call| call.to_string()).unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(store)
    .await?;
    let mut seats = seats(store, &calls).await?;
    calls
        .into_iter()
        .map(|row| {
            Ok(PastCall {
                id: rows::id(&row.id)?,
                kind: row.kind,
                caller: (rows::id(&row.caller_id)?, row.caller_name),
                placed_ms: row.placed_ms,
                answered_ms: row.answered_ms,
                ended_ms: row.ended_ms,
                reason: row.reason,
                my_state: row.my_state,
                missed: row.missed != 0,
                seats: seats.remove(&row.id).unwrap_or_default(),
            })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct SeatRow {
    call_id: String,
    user_id: String,
    name: String,
    state: String,
    joined_ms: Option<i64>,
    left_ms: Option<i64>,
    loss: Option<f64>,
    rtt_ms: Option<f64>,
    jitter_ms: Option<f64>,
    mos: Option<f64>,
    frozen_ms: Option<i64>,
    worst_at_ms: Option<i64>,
    worst_mos: Option<f64>,
}

impl SeatRow {
    fn quality(&self) -> Option<QualityRow> {
        Some(QualityRow {
            loss: self.loss?,
            rtt_ms: self.rtt_ms?,
            jitter_ms: self.jitter_ms?,
            mos: self.mos?,
            frozen_ms: self.frozen_ms?,
            worst_at_ms: self.worst_at_ms?,
            worst_mos: self.worst_mos?,
        })
    }
}

/// The seats of each of `calls`.
async fn seats(store: &Store, calls: &[CallRow]) -> Result<HashMap<String, Vec<PastSeat>>, StoreError> {
    let mut seats: HashMap<String, Vec<_>> = HashMap::new();
    if calls.is_empty() {
        return Ok(seats);
    }
    let statement = format!(
        "SELECT s.call_id, s.user_id, u.name, s.state, s.joined_ms, s.left_ms, \
         q.loss, q.rtt_ms, q.jitter_ms, q.mos, q.frozen_ms, q.worst_at_ms, q.worst_mos \
         FROM call_seats s JOIN users u ON u.id = s.user_id \
         LEFT JOIN call_quality q ON q.call_id = s.call_id AND q.user_id = s.user_id \
         WHERE s.call_id IN ({}) ORDER BY s.call_id, s.place, s.user_id",
        rows::placeholders(1, calls.len())
    );
    let mut query = sqlx::query_as(AssertSqlSafe(statement));
    for call in calls {
        query = query.bind(&call.id);
    }
    let rows: Vec<SeatRow> = query.fetch_all(store).await?;
    for row in rows {
        let quality = row.quality();
        let SeatRow { call_id, user_id, name, state, joined_ms, left_ms, .. } = row;
        let seat = PastSeat { user: rows::id(&user_id)?, name, state, joined_ms, left_ms, quality };
        seats.entry(call_id).or_default().push(seat);
    }
    Ok(seats)
}

/// How many calls a user has missed and not seen.
pub async fn missed(store: &Store, user: UserId) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar(concat!(
        "SELECT COUNT(*) FROM call_seats JOIN calls c ON c.id = call_seats.call_id \
         WHERE call_seats.user_id = $1 AND c.caller_id <> $1 AND seen = 0 AND barred = 0 AND ",
        missed!(),
    ));
    Ok(count.bind(user.to_string()).fetch_one(store).await?)
}

/// A user has seen which calls they missed so far. Returns how many there were.
pub async fn see(store: &Store, user: UserId) -> Result<u64, StoreError> {
    let seen = sqlx::query(concat!("UPDATE call_seats SET seen = 1 WHERE user_id = $1 AND seen = 0 AND barred = 0 AND ", missed!()));
    Ok(seen.bind(user.to_string()).execute(store).await?.rows_affected())
}
