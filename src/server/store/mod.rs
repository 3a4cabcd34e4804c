//! What outlives a restart: accounts, logins, contacts, messages, calls. The only user of SQL.
//!
//! [`Store`] is a handle to the database. The functions are in one module a feature and take the store as their first
//! argument: `contacts::ids_of(&store, user)`. They speak ids and plain values; nothing here knows HTTP or a call's rules.

pub mod accounts;
pub mod blocks;
pub mod callees;
pub mod calls;
pub mod contacts;
mod error;
mod inspect;
pub mod invitations;
pub mod labels;
pub mod leases;
pub mod messages;
mod migrations;
mod open;
mod pools;
mod postgres;
mod rows;
pub mod sessions;
pub mod settings;
mod sqlite;
mod turns;
mod writing;

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

pub use error::{OpenError, StoreError};
pub use inspect::{Inspection, Migrations, inspect};
use pools::Pools;
use turns::Turns;
pub(crate) use writing::Cause;
pub use writing::Writing;

/// A handle to the database; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    turns: Turns,
    /// Held for as long as anybody uses the file, where it is one.
    _lock: Option<Arc<File>>,
}

/// A person as contacts and search results show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: switchboard_ids::UserId,
    /// E.164.
    pub phone: String,
    /// The display name.
    pub name: String,
}

impl Store {
    /// Whether the database answers, within `bound`.
    pub async fn is_ready(&self, bound: Duration) -> bool {
        let probe = sqlx::query("SELECT 1").execute(self);
        matches!(tokio::time::timeout(bound, probe).await, Ok(Ok(_)))
    }

    /// How many connections there are to the database, and how many of them nobody uses.
    pub fn connections(&self) -> (u32, usize) {
        self.pools.each().fold((0, 0), |(all, idle), pool| (all + pool.size(), idle + pool.num_idle()))
    }

    /// How many connections there may be.
    pub fn most_connections(&self) -> u32 {
        self.pools.each().map(|pool| pool.options().get_max_connections()).sum()
    }

    /// Closes every connection, once the queries under way are done.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    /// A transaction that will write, and sees no other at work. It is undone unless it is committed. On Postgres
    /// it may be refused in favour of another, and has to be done again: `settle` does that.
    pub async fn write(&self) -> Result<Writing, StoreError> {
        self.pools.write().await
    }
}
