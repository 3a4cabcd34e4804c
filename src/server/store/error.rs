//! What can go wrong with the database.

use std::path::PathBuf;

/// A query that failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused it or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A row holds what this program never writes.
    #[error("the database holds an id that is none: {0}")]
    BadId(String),
}

impl StoreError {
    /// Whether the database has more to do than it can in time: the same may succeed a moment later.
    pub(crate) fn is_overload(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::PoolTimedOut) => true,
            // SQLITE_BUSY: another write went on for longer than one waits for it.
            Self::Database(sqlx::Error::Database(error)) => error.code().as_deref() == Some("5"),
            _ => false,
        }
    }

    /// Whether the database is well and this is what it does not take, now or later: a value that breaks a constraint.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if !matches!(error.kind(), sqlx::error::ErrorKind::Other))
    }

    /// Whether a value that must be unique was there already.
    pub(crate) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// A database that cannot be used. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is not one of a database this build knows.
    #[error("the database URL must begin with sqlite: — give --database-url sqlite:///path/to/file.db, or leave it out")]
    UnknownKind,
    /// The URL names no file, or has options that are not known.
    #[error("the database URL cannot be read ({0}) — give --database-url sqlite:///path/to/file.db, or leave it out")]
    BadUrl(String),
    /// The folder of the database cannot be made.
    #[error("the folder {path} cannot be made ({cause}) — make it writable, or choose another with --data-dir")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// The file is there and is not a database, or cannot be opened.
    #[error(
        "the database {path} cannot be read ({cause}) — restore it from a backup, move it away to start empty, or check its permissions"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the database engine says.
        cause: String,
    },
    /// Another process has it.
    #[error("the database {path} is in use by another server — stop that one, or choose another folder with --data-dir")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The database was written by a later version of this program.
    #[error(
        "the database {path} is newer than this program (it has migration {migration}) — run the version that wrote it, or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The first migration this program does not know.
        migration: i64,
    },
    /// A migration failed or was changed after it was applied.
    #[error("the database {path} cannot be migrated ({cause}) — restore it from a backup, or report this")]
    Migration {
        /// The file.
        path: PathBuf,
        /// What the migrator says.
        cause: String,
    },
}
