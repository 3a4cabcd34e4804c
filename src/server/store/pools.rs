//! Where a statement goes: SQLite has one writer at a time, so one connection writes, and the others only read.
//!
//! Connections that all write find the database locked, and sleep for longer and longer before they look again; behind one
//! connection they wait in a queue, and the next begins when the one before has ended. Who reads waits for neither.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{self, BoxStream, StreamExt};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult, SqliteRow, SqliteStatement,
    SqliteSynchronous, SqliteTypeInfo,
};
use sqlx::{Describe, Either, Execute, Executor, SqlStr, Sqlite, SqlitePool};

use super::{Store, Writing};

/// Each is a thread, with a cache of its own.
const READERS: u32 = 4;

/// A backup, or a person with a shell, may have the database for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a free connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub(super) struct Pools {
    readers: SqlitePool,
    writer: SqlitePool,
}

impl Pools {
    /// Opens the file; it is made when there is none.
    pub(super) async fn open(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let options = options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Power that fails takes the last transactions with it, and harms nothing older; a process that ends takes none.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        // A connection to a file does not break, so that there is nothing to test before each use.
        let pool =
            |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
        let writer = pool(1).connect_with(options.clone()).await?;
        Ok(Self { readers: pool(READERS).connect_lazy_with(options), writer })
    }

    /// A transaction that has SQLite's write lock from the beginning: one that reads first and asks for it later is refused,
    /// without waiting, when another process has written in between.
    pub(super) async fn write(&self) -> sqlx::Result<Writing> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    pub(super) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// Closes every connection, once the statements under way are done.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    fn of(&self, statement: &SqlStr) -> &SqlitePool {
        if statement.as_str().starts_with("SELECT") { &self.readers } else { &self.writer }
    }
}

/// Runs each statement by itself, on a connection it may run on.
impl<'c> Executor<'c> for &'c Store {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<SqliteQueryResult, SqliteRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        match taken_apart(query) {
            Ok((sql, arguments)) => self.pools.of(&sql).fetch_many((sql, arguments)),
            Err(error) => stream::once(ready(Err(error))).boxed(),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<SqliteRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        match taken_apart(query) {
            Ok((sql, arguments)) => self.pools.of(&sql).fetch_optional((sql, arguments)),
            Err(error) => ready(Err(error)).boxed(),
        }
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [SqliteTypeInfo]) -> BoxFuture<'e, sqlx::Result<SqliteStatement>>
    where
        'c: 'e,
    {
        self.pools.of(&sql).prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Sqlite>>>
    where
        'c: 'e,
    {
        self.pools.of(&sql).describe(sql)
    }
}

fn taken_apart<'q>(mut query: impl Execute<'q, Sqlite>) -> sqlx::Result<(SqlStr, Option<SqliteArguments>)> {
    let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
    Ok((query.sql(), arguments))
}
