//! Conversations: what contacts write and say to each other, and how far they have read.
//!
//! A message has a row for each of the two who see it. What a block keeps away is never written for its addressee, so that
//! it does not appear when the block ends.

mod read;
mod row;
mod send;

pub use read::{Clip, Conversation, Read, clip, conversations, is_in, of, read};
pub use send::{Content, SendError, Sent, may_send, send, sent};
