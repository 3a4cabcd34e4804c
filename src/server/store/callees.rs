//! What has to be known of people before they are called. It is read at once: the call rings only after it.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use switchboard_ids::UserId;

use super::{Store, StoreError, rows};

/// A contact of the caller, who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The display name.
    pub name: String,
    /// Whether calls are offered as waiting while they are in another; they are busy then otherwise.
    pub call_waiting: bool,
    /// Whether the caller has blocked them.
    pub blocked: bool,
    /// Whether they have blocked the caller.
    pub blocks: bool,
}

type Row = (String, String, i64, i64, i64);

/// Those of `callees` that are contacts of `caller`.
pub async fn among_contacts(store: &Store, caller: UserId, callees: &[UserId]) -> Result<HashMap<UserId, Called>, StoreError> {
    if callees.is_empty() {
        return Ok(HashMap::new());
    }
    let statement = format!(
        "SELECT u.id, u.name, u.call_waiting, CASE WHEN mine.since_ms IS NULL THEN 0 ELSE 1 END, \
         CASE WHEN theirs.since_ms IS NULL THEN 0 ELSE 1 END \
         FROM contacts c JOIN users u ON u.id = c.contact_id \
         LEFT JOIN blocks mine ON mine.user_id = c.user_id AND mine.blocked_id = c.contact_id \
         LEFT JOIN blocks theirs ON theirs.user_id = c.contact_id AND theirs.blocked_id = c.user_id \
         WHERE c.user_id = $1 AND c.contact_id IN ({})",
        rows::placeholders(2, callees.len())
    );
    let mut query = sqlx::query_as(AssertSqlSafe(statement)).bind(caller.to_string());
    for callee in callees {
        query = query.bind(callee.to_string());
    }
    let found: Vec<Row> = query.fetch_all(store).await?;
    found
        .into_iter()
        .map(|(id, name, waiting, blocked, blocks)| {
            Ok((rows::id(&id)?, Called { name, call_waiting: waiting != 0, blocked: blocked != 0, blocks: blocks != 0 }))
        })
        .collect()
}
