//! What people write and say to each other between calls.

use serde::{Deserialize, Serialize};
use switchboard_ids::{ClipId, MessageId, UserId};

/// One message of a conversation between two contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; ids of a conversation grow with time.
    pub id: MessageId,
    /// Who sent it.
    pub from: UserId,
    /// To whom.
    pub to: UserId,
    /// When, UTC ms.
    pub sent_ms: i64,
    /// What it says.
    pub body: MessageBody,
}

/// What a message says. The field `type` names the variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageBody {
    /// Text, to be shown as it is: nothing in it is markup.
    Text {
        /// 1 to 4,000 characters.
        text: String,
    },
    /// A voice clip, to be fetched from `/v1/clips/{clip}`.
    Clip {
        /// The clip.
        clip: ClipId,
        /// How long it plays, milliseconds.
        duration_ms: u64,
        /// Its size.
        bytes: u64,
    },
}
