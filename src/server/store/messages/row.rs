//! The shape messages are read in.

use switchboard_protocol::{Message, MessageBody};

use crate::store::{StoreError, rows};

#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    owner_id: String,
    pub(super) with_id: String,
    id: String,
    from_id: String,
    sent_ms: i64,
    body: Option<String>,
    clip_id: Option<String>,
    clip_duration_ms: Option<i64>,
    clip_bytes: Option<i64>,
}

/// The columns of a [`MessageRow`].
macro_rules! columns {
    () => {
        "m.owner_id, m.with_id, m.id, m.from_id, m.sent_ms, m.body, m.clip_id, m.clip_duration_ms, m.clip_bytes"
    };
}

impl MessageRow {
    pub(super) fn message(self) -> Result<Message, StoreError> {
        let to = if self.from_id == self.owner_id { &self.with_id } else { &self.owner_id };
        let number = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok()).unwrap_or_default();
        let body = match self.clip_id {
            Some(clip) => {
                MessageBody::Clip { clip: rows::id(&clip)?, duration_ms: number(self.clip_duration_ms), bytes: number(self.clip_bytes) }
            }
            None => MessageBody::Text { text: self.body.unwrap_or_default() },
        };
        Ok(Message { id: rows::id(&self.id)?, from: rows::id(&self.from_id)?, to: rows::id(to)?, sent_ms: self.sent_ms, body })
    }
}

pub(super) use columns;
