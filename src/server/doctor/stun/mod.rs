//! A client of STUN (RFC 8489) and TURN (RFC 8656): one question, one reply.

pub(super) mod address;
mod message;
mod path;
pub(super) mod relay;
mod server;
