//! Opening the database: the file is made on first start, and migrations bring it up to date.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{OpenError, Store};
use crate::files;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// SQLite has one writer at a time and readers are quick; each connection is a thread with a cache of its own.
const CONNECTIONS: u32 = 4;

/// A write waits this long for the one before it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a free connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database at `url` (`sqlite:…`), makes it if there is none, and migrates it.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        if !url.starts_with("sqlite:") {
            return Err(OpenError::UnknownKind);
        }
        let options = SqliteConnectOptions::from_str(url).map_err(|error| OpenError::BadUrl(error.to_string()))?;
        let path = options.get_filename().to_owned();
        if path.to_string_lossy().starts_with("file:") {
            return Err(OpenError::BadUrl("it names no file, and what is in memory is gone when the server stops".to_owned()));
        }
        make_folder(&path)?;
        let lock = lock(&path)?;
        make_private(&path)?;
        let options = options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(|error| unreadable(&path, &error))?;
        migrate(&pool, path).await?;
        Ok(Self { pool, _lock: Arc::new(lock) })
    }
}

fn make_folder(file: &Path) -> Result<(), OpenError> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    files::make_private_folder(folder).map_err(|cause| OpenError::Folder { path: folder.to_owned(), cause })
}

/// Takes the database for this process: a second one would end the calls of the first as left over from an earlier run.
fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = with_suffix(path, ".lock");
    let file = files::open_private(&lock).map_err(|error| OpenError::Unreadable { path: lock, cause: error.to_string() })?;
    file.try_lock().map_err(|_| OpenError::InUse { path: path.to_owned() })?;
    Ok(file)
}

/// Makes an empty database file that its owner alone can read; SQLite gives the files beside it the same permissions.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let made = files::open_private(path).map(drop);
    made.map_err(|error| OpenError::Unreadable { path: path.to_owned(), cause: error.to_string() })
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

async fn migrate(pool: &SqlitePool, path: PathBuf) -> Result<(), OpenError> {
    MIGRATIONS.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(migration) => OpenError::Newer { path, migration },
        MigrateError::Execute(error) => unreadable(&path, &error),
        other => OpenError::Migration { path, cause: other.to_string() },
    })
}

pub(super) fn unreadable(path: &Path, error: &sqlx::Error) -> OpenError {
    let cause = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    };
    OpenError::Unreadable { path: path.to_owned(), cause }
}
