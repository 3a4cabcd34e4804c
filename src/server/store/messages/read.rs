//! Reading conversations, and how far they have been read.

use switchboard_ids::{ClipId, MessageId, UserId};
use switchboard_protocol::Message;

use super::row::{MessageRow, columns};
use crate::store::{Store, StoreError, rows};

/// A conversation as one of the two sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The other: id and name.
    pub with: (UserId, String),
    /// The message sent last.
    pub last: Message,
    /// How many messages of the other came after the last one that was read.
    pub unread: i64,
}

/// What came of noting how far a conversation was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// It was read further than before.
    Further,
    /// It was read that far already.
    Before,
    /// There is no such message in this conversation.
    NoSuchMessage,
}

/// The messages of a conversation that `user` sees, before the one given, the latest first.
pub async fn of(store: &Store, user: UserId, with: UserId, before: Option<MessageId>, limit: u32) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<MessageRow> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM messages m WHERE m.owner_id = $1 AND m.with_id = $2 AND m.id < $3 ORDER BY m.id DESC LIMIT $4"
    ))
    .bind(user.to_string())
    .bind(with.to_string())
    .bind(before.unwrap_or(MessageId::from_u128(u128::MAX)).to_string())
    .bind(i64::from(limit))
    .fetch_all(store)
    .await?;
    rows.into_iter().map(MessageRow::message).collect()
}

/// Whether a message is one of this conversation that `user` sees.
pub async fn is_in(store: &Store, user: UserId, with: UserId, message: MessageId) -> Result<bool, StoreError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT sent_ms FROM messages WHERE owner_id = $1 AND with_id = $2 AND id = $3")
        .bind(user.to_string())
        .bind(with.to_string())
        .bind(message.to_string())
        .fetch_optional(store)
        .await?;
    Ok(found.is_some())
}

#[derive(sqlx::FromRow)]
struct ConversationRow {
    name: String,
    unread: i64,
    #[sqlx(flatten)]
    last: MessageRow,
}

/// The conversations of a user, the one with the latest message first.
pub async fn conversations(store: &Store, user: UserId) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<ConversationRow> = sqlx::query_as(concat!(
        "SELECT u.name, (SELECT COUNT(*) FROM messages n WHERE n.owner_id = c.owner_id AND n.with_id = c.with_id \
         AND n.id > c.read_id AND n.from_id = c.with_id) AS unread, ",
        columns!(),
        " FROM conversations c JOIN users u ON u.id = c.with_id \
         JOIN messages m ON m.owner_id = c.owner_id AND m.with_id = c.with_id AND m.id = c.last_id \
         WHERE c.owner_id = $1 ORDER BY c.last_id DESC"
    ))
    .bind(user.to_string())
    .fetch_all(store)
    .await?;
    rows.into_iter()
        .map(|ConversationRow { name, unread, last }| {
            let with = (rows::id(&last.with_id)?, name);
            Ok(Conversation { with, last: last.message()?, unread })
        })
        .collect()
}

/// Notes that `user` has read a conversation up to a message. It never becomes less.
pub async fn read(store: &Store, user: UserId, with: UserId, up_to: MessageId) -> Result<Read, StoreError> {
    if !is_in(store, user, with, up_to).await? {
        return Ok(Read::NoSuchMessage);
    }
    let moved = sqlx::query("UPDATE conversations SET read_id = $3 WHERE owner_id = $1 AND with_id = $2 AND read_id < $3")
        .bind(user.to_string())
        .bind(with.to_string())
        .bind(up_to.to_string())
        .execute(store)
        .await?;
    Ok(if moved.rows_affected() == 1 { Read::Further } else { Read::Before })
}

/// A clip of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// What it is, as a media type.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
}

/// A clip, if `user` sees a message with it.
pub async fn clip(store: &Store, user: UserId, clip: ClipId) -> Result<Option<Clip>, StoreError> {
    let found: Option<(String, i64)> = sqlx::query_as("SELECT clip_type, clip_bytes FROM messages WHERE clip_id = $1 AND owner_id = $2")
        .bind(clip.to_string())
        .bind(user.to_string())
        .fetch_optional(store)
        .await?;
    Ok(found.map(|(content_type, bytes)| Clip { content_type, bytes: bytes.unsigned_abs() }))
}
