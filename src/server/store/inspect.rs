//! A look at a database that changes nothing: whether it is there, can be written, and which migrations it has.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustix::fs::{Access, access};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::migrations::MIGRATIONS;
use super::sqlite::{unreadable, with_suffix};
use super::{OpenError, postgres};

/// A migration that was applied: its number, whether it went through, and its checksum.
type Applied = (i64, bool, Vec<u8>);

const APPLIED: &str = "SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version";
const NEWEST: &str = "SELECT MAX(at) FROM (SELECT MAX(created_ms) AS at FROM users UNION ALL SELECT MAX(last_seen_ms) FROM sessions
        UNION ALL SELECT MAX(placed_ms) FROM calls) AS times";

/// Whether one may write to what is there, or make it.
const WRITABLE: &str = "SELECT COALESCE(current_setting('transaction_read_only') = 'off' AND CASE
        WHEN to_regclass('users') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
        ELSE has_table_privilege('users', 'INSERT') END, FALSE)";

/// What a look at a database finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What and where it is, as an operator would say it.
    pub what: String,
    /// Whether a server has it open, where that can be told.
    pub in_use: bool,
    /// How far its tables are.
    pub migrations: Migrations,
    /// The latest time that somebody did something, in UTC milliseconds.
    pub newest_ms: Option<i64>,
    /// What its own clock says, in UTC milliseconds; a file has none.
    pub clock_ms: Option<i64>,
}

/// How far a database's tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Migrations {
    /// There is none yet: the first start makes it.
    NotMade,
    /// It is as far as this program, or behind it by so many.
    Known {
        /// Those it has.
        applied: usize,
        /// Those it has not.
        pending: usize,
    },
    /// This migration is none of this program's.
    Newer(i64),
    /// This one failed half-way, or was changed after it was applied.
    Broken(i64),
}

/// The file a URL names.
fn file(url: &str) -> Result<PathBuf, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|error| OpenError::BadUrl(error.to_string()))?;
    let path = options.get_filename();
    if path.to_string_lossy().starts_with("file:") {
        return Err(OpenError::BadUrl("it names no file, and what is in memory is gone when the server stops".to_owned()));
    }
    Ok(path.to_owned())
}

/// Looks at the database at `url`, which must be one that a server could read and write.
pub async fn inspect(url: &str) -> Result<Inspection, OpenError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => inspect_file(file(url)?).await,
        Some("postgres" | "postgresql") => inspect_postgres(url).await,
        _ => Err(OpenError::UnknownKind),
    }
}

async fn inspect_file(path: PathBuf) -> Result<Inspection, OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let standing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let may_write = access(standing, Access::WRITE_OK | Access::EXEC_OK);
    may_write.map_err(|error| OpenError::Folder { path: folder.to_owned(), cause: error.into() })?;
    if !standing.is_dir() {
        return Err(OpenError::Folder { path: folder.to_owned(), cause: std::io::ErrorKind::NotADirectory.into() });
    }
    let what = format!("SQLite in {}", path.display());
    if !path.exists() {
        return Ok(Inspection { what, in_use: false, migrations: Migrations::NotMade, newest_ms: None, clock_ms: None });
    }
    let readable = access(&path, Access::READ_OK | Access::WRITE_OK);
    readable.map_err(|error| OpenError::Unreadable { path: path.clone(), cause: error.to_string() })?;
    let bad = |error: sqlx::Error| unreadable(&path, &error);
    // Without a log of writes beside it the file says all, and is read as it lies there: not even the log's files are made.
    let alone = !with_suffix(&path, "-wal").exists();
    let options = SqliteConnectOptions::new().filename(&path).read_only(true).immutable(alone);
    let mut connection = options.connect().await.map_err(bad)?;
    let migrations = migrations(&mut connection).await.map_err(bad)?;
    let newest_ms = match migrations {
        Migrations::Known { applied: 1.., .. } => sqlx::query_scalar(NEWEST).fetch_one(&mut connection).await.map_err(bad)?,
        _ => None,
    };
    connection.close().await.map_err(bad)?;
    let lock = File::open(with_suffix(&path, ".lock"));
    let in_use = lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)));
    Ok(Inspection { what, in_use, migrations, newest_ms, clock_ms: None })
}

async fn migrations(connection: &mut SqliteConnection) -> Result<Migrations, sqlx::Error> {
    let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    let applied = match sqlx::query_scalar::<_, i64>(table).fetch_one(&mut *connection).await? {
        0 => Vec::new(),
        _ => sqlx::query_as::<_, Applied>(APPLIED).fetch_all(connection).await?,
    };
    Ok(compare(&applied))
}

async fn inspect_postgres(url: &str) -> Result<Inspection, OpenError> {
    sqlx::any::install_default_drivers();
    let (mut connection, named) = postgres::connect(url).await?;
    let found = async {
        let writable = sqlx::query_scalar(WRITABLE).fetch_one(&mut connection).await?;
        // What a session says of itself is seen by those of the same user.
        let others = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'switchboard' AND datname = current_database()";
        let in_use = sqlx::query_scalar::<_, i64>(others).fetch_one(&mut connection).await? > 0;
        let clock = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let clock_ms = Some(sqlx::query_scalar(clock).fetch_one(&mut connection).await?);
        let table = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
        let applied = match sqlx::query_scalar(table).fetch_one(&mut connection).await? {
            false => None,
            true => Some(sqlx::query_as::<_, Applied>(APPLIED).fetch_all(&mut connection).await?),
        };
        let migrations = applied.map_or(Migrations::NotMade, |applied| compare(&applied));
        let newest_ms = match migrations {
            Migrations::Known { applied: 1.., .. } => sqlx::query_scalar(NEWEST).fetch_one(&mut connection).await?,
            _ => None,
        };
        Ok((writable, Inspection { what: format!("Postgres database {named}"), in_use, migrations, newest_ms, clock_ms }))
    };
    let found: Result<(bool, Inspection), sqlx::Error> = found.await;
    // What it told is told, however this ends.
    drop(connection.close().await);
    let (writable, inspection) = found.map_err(|error| named.refused(&error))?;
    if writable { Ok(inspection) } else { Err(OpenError::ReadOnly { database: named.to_string() }) }
}

/// What a database has beside what this program knows.
fn compare(applied: &[Applied]) -> Migrations {
    let known: BTreeMap<i64, &[u8]> = MIGRATIONS.iter().map(|migration| (migration.version, migration.checksum.as_ref())).collect();
    for (version, success, checksum) in applied {
        match known.get(version) {
            None => return Migrations::Newer(*version),
            Some(expected) if !success || *expected != checksum.as_slice() => return Migrations::Broken(*version),
            Some(_) => {}
        }
    }
    Migrations::Known { applied: applied.len(), pending: known.len() - applied.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_told_that_are_missing_unknown_or_changed() {
        let known: Vec<Applied> = MIGRATIONS.iter().map(|one| (one.version, true, one.checksum.to_vec())).collect();
        assert_eq!(compare(&known), Migrations::Known { applied: known.len(), pending: 0 });
        assert_eq!(compare(&known[..1]), Migrations::Known { applied: 1, pending: known.len() - 1 });
        assert_eq!(compare(&[&known[..], &[(9_999, true, vec![0])]].concat()), Migrations::Newer(9_999));
        assert_eq!(compare(&[(known[0].0, true, vec![0])]), Migrations::Broken(known[0].0));
        assert_eq!(compare(&[(known[0].0, false, known[0].2.clone())]), Migrations::Broken(known[0].0));
    }
}
