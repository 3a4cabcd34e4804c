//! Several servers that are one: the engine they share, and real processes with a real Redis and a real Postgres, broken on
//! purpose.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test fails by panicking, and nobody calls it")]
#![allow(dead_code, unused_imports, reason = "the support is shared with other tests, which use the rest of it")]

#[path = "../support/mod.rs"]
mod support;

mod across;
mod bad_redis;
mod engine;
mod failing;
mod ground;
mod links;
mod nodes;
mod rolling;
