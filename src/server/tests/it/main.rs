//! The server as its users and operators meet it. One binary, so that it is linked once.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test fails by panicking, and nobody calls it")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod admin;
mod assets;
mod bad_messages;
mod bad_requests;
mod calling;
mod contacts;
mod history;
mod invitations;
mod leaks;
mod media_port;
mod presence;
mod sessions;
mod start;
mod stop;
mod users;
