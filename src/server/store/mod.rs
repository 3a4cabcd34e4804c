//! What outlives a restart: accounts, logins, contacts, messages, calls. The only user of SQL.
//!
//! [`Store`] is a handle to the database. The functions are in one module a feature and take the store as their first
//! argument: `contacts::ids_of(&store, user)`. They speak ids and plain values; nothing here knows HTTP or a call's rules.

pub mod accounts;
pub mod blocks;
pub mod calls;
pub mod contacts;
mod error;
mod inspect;
pub mod invitations;
pub mod labels;
pub mod messages;
mod open;
mod rows;
pub mod sessions;
pub mod settings;

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

pub use error::{OpenError, StoreError};
pub use inspect::{Inspection, Migrations, inspect};
use sqlx::{Sqlite, SqlitePool, Transaction};

/// A handle to the database; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    /// Held for as long as anybody uses the database.
    _lock: Arc<File>,
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
        let probe = sqlx::query("SELECT 1").execute(&self.pool);
        matches!(tokio::time::timeout(bound, probe).await, Ok(Ok(_)))
    }

    /// Closes every connection, once the queries under way are done.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that will write. It takes SQLite's write lock at once: one that reads first and asks for the lock
    /// later is refused, without waiting, when another has written in between.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}
