//! Sending: one transaction, of which each of the two gets a row.

use sqlx::{Any, Executor};
use switchboard_ids::{ClipId, MessageId, UserId};
use switchboard_protocol::{Message, MessageBody};
use uuid::Uuid;

use super::row::{MessageRow, columns};
use crate::store::{Cause, Store, StoreError, Writing, rows};

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text, checked.
    Text(String),
    /// A voice clip that is stored already.
    Clip {
        /// The clip.
        clip: ClipId,
        /// What it is, as a media type.
        content_type: &'static str,
        /// How long it plays.
        duration_ms: i64,
        /// Its size.
        bytes: i64,
    },
}

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The message is stored.
    New {
        /// The message.
        message: Message,
        /// Whether its addressee may see it.
        reaches: bool,
    },
    /// A message with this key was sent before: this one.
    Before(Message),
}

/// Why a message was not stored.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Only contacts write to each other.
    #[error("the addressee is not a contact")]
    NotAContact,
    /// The sender has blocked the addressee.
    #[error("the sender has blocked the addressee")]
    Blocked,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Cause for SendError {
    fn of_store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl From<sqlx::Error> for SendError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The message that `from` sent to `to` with this key.
pub async fn sent(store: &Store, from: UserId, to: UserId, key: Uuid) -> Result<Option<Message>, StoreError> {
    find_sent(store, from, to, key).await
}

async fn find_sent(
    executor: impl Executor<'_, Database = Any>,
    from: UserId,
    to: UserId,
    key: Uuid,
) -> Result<Option<Message>, StoreError> {
    let row: Option<MessageRow> =
        sqlx::query_as(concat!("SELECT ", columns!(), " FROM messages m WHERE m.owner_id = $1 AND m.with_id = $2 AND m.send_key = $3"))
            .bind(from.to_string())
            .bind(to.to_string())
            .bind(key.to_string())
            .fetch_optional(executor)
            .await?;
    row.map(MessageRow::message).transpose()
}

/// Whether `from` may send to `to` at this moment.
pub async fn may_send(store: &Store, from: UserId, to: UserId) -> Result<(), SendError> {
    check(store, from, to).await
}

async fn check(executor: impl Executor<'_, Database = Any>, from: UserId, to: UserId) -> Result<(), SendError> {
    let blocked: Option<i64> = sqlx::query_scalar(
        "SELECT CASE WHEN b.since_ms IS NULL THEN 0 ELSE 1 END FROM contacts c \
         LEFT JOIN blocks b ON b.user_id = c.user_id AND b.blocked_id = c.contact_id WHERE c.user_id = $1 AND c.contact_id = $2",
    )
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_optional(executor)
    .await?;
    match blocked {
        None => Err(SendError::NotAContact),
        Some(0) => Ok(()),
        Some(_) => Err(SendError::Blocked),
    }
}

/// Stores a message of `from` to `to`. A key that was used before gives the message it was used for, whatever the content,
/// even where the two may not write to each other any more.
pub async fn send(store: &Store, from: UserId, to: UserId, key: Uuid, content: &Content, at_ms: i64) -> Result<Sent, SendError> {
    let _turn = store.turn(from, to).await?;
    store
        .settle(|| async {
            // The id is made inside, as if no other wrote: whoever has read up to a message has read all with lesser ids.
            let mut transaction = store.write().await?;
            if let Some(message) = find_sent(&mut *transaction, from, to, key).await? {
                return Ok(Sent::Before(message));
            }
            check(&mut *transaction, from, to).await?;
            let kept_away: Option<i64> = sqlx::query_scalar("SELECT since_ms FROM blocks WHERE user_id = $1 AND blocked_id = $2")
                .bind(to.to_string())
                .bind(from.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
            let last: Option<String> = sqlx::query_scalar(
                "SELECT MAX(last_id) FROM conversations WHERE (owner_id = $1 AND with_id = $2) OR (owner_id = $2 AND with_id = $1)",
            )
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_one(&mut *transaction)
            .await?;
            let id = next_id(last.as_deref().map(rows::id).transpose()?);
            let reaches = kept_away.is_none();
            write(&mut transaction, (from, to), from, id, Some(key), content, at_ms).await?;
            if reaches {
                write(&mut transaction, (to, from), from, id, None, content, at_ms).await?;
            }
            transaction.commit().await?;
            Ok(Sent::New { message: Message { id, from, to, sent_ms: at_ms, body: content.body() }, reaches })
        })
        .await
}

impl Content {
    fn body(&self) -> MessageBody {
        match self {
            Self::Text(text) => MessageBody::Text { text: text.clone() },
            Self::Clip { clip, duration_ms, bytes, .. } => {
                MessageBody::Clip { clip: *clip, duration_ms: duration_ms.unsigned_abs(), bytes: bytes.unsigned_abs() }
            }
        }
    }
}

/// An id that is greater than `last`, also when the clock was set back.
fn next_id(last: Option<MessageId>) -> MessageId {
    let id = MessageId::from(Uuid::now_v7());
    match last {
        // The lowest 62 bits are random: adding one leaves the bits above them alone.
        Some(last) if id <= last => MessageId::from_u128(last.as_u128() + 1),
        _ => id,
    }
}

/// Writes the row of one of the two.
async fn write(
    transaction: &mut Writing,
    (owner, with): (UserId, UserId),
    from: UserId,
    id: MessageId,
    key: Option<Uuid>,
    content: &Content,
    at_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO conversations (owner_id, with_id, last_id) VALUES ($1, $2, $3) \
         ON CONFLICT (owner_id, with_id) DO UPDATE SET last_id = excluded.last_id",
    )
    .bind(owner.to_string())
    .bind(with.to_string())
    .bind(id.to_string())
    .execute(&mut **transaction)
    .await?;
    let (text, clip) = match content {
        Content::Text(text) => (Some(text), None),
        Content::Clip { clip, content_type, duration_ms, bytes } => (None, Some((clip.to_string(), *content_type, *duration_ms, *bytes))),
    };
    sqlx::query(
        "INSERT INTO messages (owner_id, with_id, id, from_id, sent_ms, send_key, body, clip_id, clip_type, clip_duration_ms, clip_bytes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(owner.to_string())
    .bind(with.to_string())
    .bind(id.to_string())
    .bind(from.to_string())
    .bind(at_ms)
    .bind(key.map(|key| key.to_string()))
    .bind(text)
    .bind(clip.as_ref().map(|clip| &clip.0))
    .bind(clip.as_ref().map(|clip| clip.1))
    .bind(clip.as_ref().map(|clip| clip.2))
    .bind(clip.as_ref().map(|clip| clip.3))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_greater_than_the_last_also_when_the_clock_was_set_back() {
        let future = MessageId::from_u128((u128::from(u64::MAX >> 16) << 80) | (0x7 << 76) | (0b10 << 62));
        let next = next_id(Some(future));
        assert!(next > future);
        assert_eq!(next.uuid().get_version_num(), 7);
        assert!(next_id(Some(MessageId::from_u128(1))) > MessageId::from_u128(1));
        assert!(next_id(None) > MessageId::from_u128(1));
    }
}
