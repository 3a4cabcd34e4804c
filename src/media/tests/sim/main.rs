//! The router with str0m clients in virtual time, over emulated links. One behaviour a file; `world.rs` moves time and
//! datagrams, `client.rs` is a participant that sends real clips and checks what it is sent.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "virtual time starts somewhere, and openssl speaks UDP")]

mod client;
mod datagrams;
mod gate;
mod holding;
mod keyframes;
mod leaving;
mod links;
mod offers;
mod rebinding;
mod replacing;
mod ringing;
mod rsa_peers;
mod world;
