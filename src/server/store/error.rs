//! What can go wrong with the database.

use std::path::PathBuf;

/// A query that failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused it or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The connection broke while a transaction was being committed: it may be kept, or not.
    #[error("it is not known whether a transaction was kept: {0}")]
    Unsettled(Box<StoreError>),
    /// Another server does what this one did, since.
    #[error("another server has taken over since")]
    Fenced,
    /// A row holds what this program never writes.
    #[error("the database holds an id that is none: {0}")]
    BadId(String),
}

impl StoreError {
    /// Whether the database cannot be used at the moment, or has more to do than it can in time: the same may succeed later.
    pub(crate) fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| is_trouble(&code)),
            Self::Unsettled(_) => true,
            _ => self.is_broken_connection(),
        }
    }

    /// Whether the connection broke under a statement.
    pub(crate) fn is_broken_connection(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed) => true,
            // Class 08: connection exceptions; 57P01 to 57P03: the server shuts down, crashed, or starts.
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| code.len() == 5 && (code.starts_with("08") || code.starts_with("57P0")))
            }
            _ => false,
        }
    }

    /// Whether another transaction got in the way of this one, of which nothing is left: serialization_failure and
    /// deadlock_detected of Postgres. SQLite has one writer at a time.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if matches!(error.code().as_deref(), Some("40001" | "40P01")))
    }

    /// Whether a value that must be unique was there already.
    pub(crate) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// Whether a code of an error is trouble of the database, not of what it was asked.
fn is_trouble(code: &str) -> bool {
    // Postgres, by class: 08 connections, 40 transactions that others are in the way of, 53 too few resources (a full disk, too
    // many connections), 55 what is locked, 57 the operator, 58 the system, XX a bug of its own; 25006 is a standby.
    let postgres = code.len() == 5 && (["08", "40", "53", "55", "57", "58", "XX"].contains(&&code[..2]) || code == "25006");
    // SQLite, by the lowest byte of the number: busy, locked, out of memory, read-only, disk error, disk full, cannot open.
    let sqlite = code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14));
    postgres || sqlite
}

/// A database that cannot be used. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is not one of a database this build knows.
    #[error("the database URL must begin with sqlite: or postgres: — give --database-url postgres://user@host/name, or leave it out")]
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
    /// The URL of a Postgres cannot be read.
    #[error("the database URL cannot be read ({0}) — give --database-url postgres://user:password@host:5432/name")]
    BadPostgresUrl(String),
    /// Nothing answers, or what answers is no Postgres.
    #[error("the database at {place} cannot be reached ({cause}) — start it, or correct --database-url")]
    Unreachable {
        /// Its host and port, or the folder of its socket.
        place: String,
        /// What was tried and how it failed.
        cause: String,
    },
    /// The password is missing or wrong, or the user may not log in.
    #[error(
        "the database at {place} refuses {user} ({cause}) — put user and password into the URL, postgres://user:password@host/name, or the password into PGPASSWORD"
    )]
    Login {
        /// Who was to be logged in.
        user: String,
        /// Its host and port, or the folder of its socket.
        place: String,
        /// What the server says.
        cause: String,
    },
    /// The server is there, the database is not.
    #[error("there is no database {name} at {place} — make it with `createdb {name}`, or correct the name in --database-url")]
    NoDatabase {
        /// How it should be called.
        name: String,
        /// Its host and port, or the folder of its socket.
        place: String,
    },
    /// A standby, or a user who may only read.
    #[error("the database {database} cannot be written — name its primary and a user who may write in --database-url")]
    ReadOnly {
        /// Its name and place.
        database: String,
    },
    /// A Postgres that is too old.
    #[error("the database is Postgres {found}, and {oldest} or newer is needed — upgrade it, or give another --database-url")]
    OldPostgres {
        /// Its major version.
        found: u32,
        /// The oldest that is taken.
        oldest: u32,
    },
    /// The database was written by a later version of this program.
    #[error(
        "the database {database} is newer than this program (it has migration {migration}) — run the version that wrote it, or a later one"
    )]
    Newer {
        /// The file, or the name and the place.
        database: String,
        /// The first migration this program does not know.
        migration: i64,
    },
    /// A migration failed or was changed after it was applied.
    #[error("the database {database} cannot be migrated ({cause}) — restore it from a backup, or report this")]
    Migration {
        /// The file, or the name and the place.
        database: String,
        /// What the migrator says.
        cause: String,
    },
}
