//! What moves between nodes: which of them there are, and which of them holds which lease.
//!
//! [`Engine`] is what the rest of the server sees. [`Memory`] is that of a server that is alone, [`Redis`] that of several; one
//! suite of tests holds both to the same contract.

mod error;
mod memory;
mod redis;

use std::time::Duration;

pub use error::EngineError;
use futures_util::future::BoxFuture;
pub use memory::Memory;
pub use redis::Redis;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an engine answers, when it can be reached.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// So many nodes are kept track of, the latest: far more than a cluster has.
pub const MOST_NODES: usize = 256;

/// A process that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its name among the nodes.
    pub node: String,
    /// Which process of that name: a later one has a larger one (UUIDv7).
    pub run: Uuid,
    /// Where the other nodes reach it, if they can.
    pub address: Option<String>,
}

/// What a node tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Who it is.
    #[serde(flatten)]
    pub identity: Identity,
    /// The version of this program it runs.
    pub version: String,
    /// When it was started, UTC ms by its own clock.
    pub started_ms: i64,
    /// How many media connections it has.
    pub legs: u64,
    /// Whether it takes nothing new any more.
    pub draining: bool,
    /// How far its clock is ahead of the engine's, in milliseconds; negative where it is behind.
    pub clock_ahead_ms: i64,
}

/// What comes of a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// It is known that the node lives. The engine's clock shows this, UTC ms.
    Heard(i64),
    /// Another process has this node's name, and lives.
    Taken,
}

/// Who holds a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The holder.
    pub holder: Identity,
    /// Grows by one at least with each holder.
    pub epoch: u64,
}

/// What comes of the wish to hold a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is one's own from here on, in this epoch.
    Won(u64),
    /// Another holds it.
    Held(Lease),
}

/// Keeps track of nodes and leases. Everything in it may be lost at any time; what must not happen twice is held by epochs
/// that the database keeps, too.
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// Says that a node lives, and is to be taken for gone if it says nothing more for so long.
    fn beat<'a>(&'a self, node: &'a Node, lives_for: Duration) -> Answer<'a, Beat>;

    /// Forgets a node, unless another process has its name.
    fn leave<'a>(&'a self, node: &'a Identity) -> Answer<'a, ()>;

    /// The nodes that live, by name.
    fn nodes(&self) -> Answer<'_, Vec<Node>>;

    /// Takes a lease for so long if nobody has it, with an epoch above `above` and above that of every holder before.
    fn claim<'a>(&'a self, lease: &'a str, who: &'a Identity, above: u64, lasts: Duration) -> Answer<'a, Claim>;

    /// Holds a lease for so long from here on. False where it is lost: another has, or had, a later epoch.
    fn renew<'a>(&'a self, lease: &'a str, who: &'a Identity, epoch: u64, lasts: Duration) -> Answer<'a, bool>;

    /// Gives a lease up, where one has it.
    fn release<'a>(&'a self, lease: &'a str, who: &'a Identity, epoch: u64) -> Answer<'a, ()>;

    /// Who holds a lease.
    fn holder<'a>(&'a self, lease: &'a str) -> Answer<'a, Option<Lease>>;

    /// The secret that nodes know each other by: the first that was proposed.
    fn secret<'a>(&'a self, proposed: &'a str) -> Answer<'a, String>;

    /// How many values under our names were not ours, and were ignored or overwritten.
    fn garbage(&self) -> u64;
}
