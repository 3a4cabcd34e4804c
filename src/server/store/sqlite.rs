//! SQLite: a file, made on first start, that one server at a time uses.
//!
//! One connection writes, the others only read. Connections that all write find the database locked, and sleep for longer and
//! longer before they look again; behind one connection they wait in a queue. Who reads waits for neither.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection, Executor};
use url::Url;

use super::pools::{ACQUIRE_TIMEOUT, Pools};
use super::{OpenError, migrations};
use crate::files;

/// Each is a thread, with a cache of its own.
const READERS: u32 = 4;

/// The journal lets readers go on while one writes. Power that fails takes the last transactions with it, and harms nothing
/// older; a process that ends takes none. A backup, or a person with a shell, may have the file for a moment.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 3000";

/// Pages that each connection keeps, 256 kB. What another one writes makes all that a reader has kept void, so that more would hold memory
/// and spare little: the operating system has the file in memory, too.
const CACHE: &str = "PRAGMA cache_size = -256";

/// Begins with SQLite's write lock: a transaction that reads first and asks for it later is refused, without waiting, when
/// another process has written in between.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// Opens the file that `url` names and brings it up to date; the lock is to be held for as long as it is used.
pub(super) async fn open(url: &str, readers: Option<u32>) -> Result<(Pools, File), OpenError> {
    let given = SqliteConnectOptions::from_str(url).map_err(|error| OpenError::BadUrl(error.to_string()))?;
    let path = given.get_filename().to_owned();
    if path.to_string_lossy().starts_with("file:") {
        return Err(OpenError::BadUrl("it names no file, and what is in memory is gone when the server stops".to_owned()));
    }
    make_folder(&path)?;
    let lock = lock(&path)?;
    make_private(&path)?;
    let unreadable = |error: &sqlx::Error| unreadable(&path, error);
    let options = options(&path, url.split_once('?').map(|(_, options)| options))?;
    let mut first = options.connect().await.map_err(|error| unreadable(&error))?;
    set(&mut first).await.map_err(|error| unreadable(&error))?;
    migrations::run(&mut first, &path.display().to_string()).await?;
    // The file has all of it before anybody else looks.
    first.close().await.map_err(|error| unreadable(&error))?;
    // A connection to a file does not break, so that there is nothing to test before each use.
    let pool = |connections| {
        let pool = AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
        let pool = pool.after_connect(|connection, _| Box::pin(set(connection)));
        pool.after_release(|connection, _| Box::pin(is_of_use(connection))).connect_lazy_with(options.clone())
    };
    Ok((Pools { readers: pool(readers.unwrap_or(READERS)), writer: Some(pool(1)), begin: BEGIN }, lock))
}

async fn set(connection: &mut AnyConnection) -> sqlx::Result<()> {
    connection.execute(SETTINGS).await?;
    connection.execute(CACHE).await.map(drop)
}

/// Whether a connection can begin a transaction. When the disk is full SQLite undoes one by itself, and what is to be undone
/// after that is not there, so that the connection takes itself to be in it for ever.
async fn is_of_use(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    // What was asked before is done when this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn options(path: &Path, options: Option<&str>) -> Result<AnyConnectOptions, OpenError> {
    let bad = |cause: String| OpenError::BadUrl(cause);
    let absolute = std::path::absolute(path).map_err(|error| bad(error.to_string()))?;
    let text = absolute.to_str().ok_or_else(|| bad("the path is not UTF-8".to_owned()))?;
    let mut url = Url::parse("sqlite:///").map_err(|error| bad(error.to_string()))?;
    url.set_path(&text.replace('%', "%25"));
    url.set_query(options);
    AnyConnectOptions::from_url(&url).map_err(|error| bad(error.to_string()))
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

pub(super) fn unreadable(path: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::Unreadable { path: path.to_owned(), cause: error.to_string() }
}
