//! The connections, and which of them a statement goes to.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::{Any, AnyPool, Describe, Either, Execute, Executor, SqlStr};
use tokio::time::timeout;

use super::{Store, StoreError, Writing};

/// How long a request waits for a free connection, or for one to be made, before it fails.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A statement that takes longer has failed: people who wait look elsewhere by then.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(5);

type Step = Either<AnyQueryResult, AnyRow>;

#[derive(Debug, Clone)]
pub(super) struct Pools {
    /// Where statements go that only read.
    pub(super) readers: AnyPool,
    /// Where the others go, where that is not the same.
    pub(super) writer: Option<AnyPool>,
    /// How a transaction begins that is alone, or as good as alone.
    pub(super) begin: &'static str,
}

impl Pools {
    /// Closes every connection, once the statements under way are done, or when they take too long.
    pub(super) async fn close(&self) {
        let closed = async {
            for pool in self.each() {
                pool.close().await;
            }
        };
        if timeout(ANSWER_WITHIN, closed).await.is_err() {
            tracing::warn!("the database did not let go in time");
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &AnyPool> {
        [&self.readers].into_iter().chain(&self.writer)
    }

    pub(super) async fn write(&self) -> Result<Writing, StoreError> {
        Ok(Writing(self.writer().begin_with(self.begin).await?))
    }

    fn writer(&self) -> &AnyPool {
        self.writer.as_ref().unwrap_or(&self.readers)
    }

    fn of(&self, statement: &SqlStr) -> &AnyPool {
        if statement.as_str().starts_with("SELECT") { &self.readers } else { self.writer() }
    }

    async fn run(&self, statement: SqlStr, arguments: Option<AnyArguments>) -> sqlx::Result<Vec<Step>> {
        let mut connection = self.of(&statement).acquire().await?;
        let steps = (&mut *connection).fetch_many((statement, arguments)).try_collect();
        let answer = timeout(ANSWER_WITHIN, steps).await;
        answer.unwrap_or_else(|_| {
            // It may never answer again.
            connection.close_on_drop();
            Err(too_slow())
        })
    }
}

pub(super) fn too_slow() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

/// Runs each statement by itself, within a bound.
impl<'c> Executor<'c> for &'c Store {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Step>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let steps = async move {
            let (statement, arguments) = taken_apart(query)?;
            self.pools.run(statement, arguments).await
        };
        stream::once(steps).map_ok(|steps| stream::iter(steps.into_iter().map(Ok))).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let row = async move {
            let (statement, arguments) = taken_apart(query)?;
            let steps = self.pools.run(statement, arguments).await?;
            Ok(steps.into_iter().find_map(Either::right))
        };
        row.boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [AnyTypeInfo]) -> BoxFuture<'e, sqlx::Result<AnyStatement>>
    where
        'c: 'e,
    {
        self.pools.of(&sql).prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Any>>>
    where
        'c: 'e,
    {
        self.pools.of(&sql).describe(sql)
    }
}

fn taken_apart<'q>(mut query: impl Execute<'q, Any>) -> sqlx::Result<(SqlStr, Option<AnyArguments>)> {
    let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
    Ok((query.sql(), arguments))
}
