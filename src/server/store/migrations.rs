//! Bringing a database up to date.

use sqlx::AnyConnection;
use sqlx::migrate::{MigrateError, Migrator};

use super::OpenError;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Runs the migrations that are missing. Servers that start at the same time do so one after the other: on Postgres the first
/// holds an advisory lock, on SQLite it has the file.
pub(super) async fn run(connection: &mut AnyConnection, database: &str) -> Result<(), OpenError> {
    let database = database.to_owned();
    MIGRATIONS.run(connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(migration) => OpenError::Newer { database, migration },
        MigrateError::Execute(error) => OpenError::Migration { database, cause: error.to_string() },
        other => OpenError::Migration { database, cause: other.to_string() },
    })
}
