//! Postgres: a server somewhere, that several of ours may use.

use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection, Executor};
use tokio::time::timeout;
use url::Url;

use super::pools::{ACQUIRE_TIMEOUT, ANSWER_WITHIN, Pools};
use super::{OpenError, migrations};

/// Enough for what a server of two cores asks at once; a hundred is what Postgres takes unless it is told otherwise.
const CONNECTIONS: u32 = 10;

/// The oldest whose statements are known to be the same; older ones are not tested.
const OLDEST: u32 = 14;

/// How long to wait for an answer of the server when ours starts.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// As if no other transaction ran at the same time, which is what one with SQLite's write lock knows. One that cannot go on
/// like this is refused, and is done again.
const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

/// Opens the database that `url` names and brings it up to date.
pub(super) async fn open(url: &str, connections: Option<u32>) -> Result<Pools, OpenError> {
    let (mut first, named) = connect(url).await?;
    migrations::run(&mut first, &named.to_string()).await?;
    // It is of no more use, however it ends.
    drop(first.close().await);
    let pool = AnyPoolOptions::new()
        .max_connections(connections.unwrap_or(CONNECTIONS))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| Box::pin(set(connection)))
        .connect_lazy_with(options(&parse(url)?)?);
    Ok(Pools { readers: pool, writer: None, begin: BEGIN })
}

/// Connects to the database that `url` names, which is one that can be used; gives what errors call it, too.
pub(super) async fn connect(url: &str) -> Result<(AnyConnection, Named), OpenError> {
    let url = parse(url)?;
    let named = Named::by(&url)?;
    let first = timeout(CONNECT_WITHIN, options(&url)?.connect()).await;
    let mut first = first.unwrap_or_else(|_| Err(super::pools::too_slow())).map_err(|error| named.refused(&error))?;
    let version: String = sqlx::query_scalar("SELECT current_setting('server_version_num')")
        .fetch_one(&mut first)
        .await
        .map_err(|error| named.refused(&error))?;
    check(&version)?;
    Ok((first, named))
}

fn parse(url: &str) -> Result<Url, OpenError> {
    Url::parse(url).map_err(|error| OpenError::BadPostgresUrl(error.to_string()))
}

fn options(url: &Url) -> Result<AnyConnectOptions, OpenError> {
    AnyConnectOptions::from_url(url).map_err(|error| OpenError::BadPostgresUrl(error.to_string()))
}

/// The server gives up what its client has given up.
async fn set(connection: &mut AnyConnection) -> sqlx::Result<()> {
    let most = ANSWER_WITHIN.as_millis();
    let settings =
        format!("SET application_name = 'switchboard'; SET statement_timeout = {most}; SET idle_in_transaction_session_timeout = {most}");
    connection.execute(sqlx::AssertSqlSafe(settings)).await.map(drop)
}

/// Checks the version, which Postgres writes as 150018 for 15.18.
fn check(version: &str) -> Result<(), OpenError> {
    let major = version.parse::<u32>().unwrap_or_default() / 10_000;
    if major >= OLDEST { Ok(()) } else { Err(OpenError::OldPostgres { found: major, oldest: OLDEST }) }
}

/// What an error says of the URL: everything but the password.
#[derive(Debug)]
pub(super) struct Named {
    user: String,
    database: String,
    place: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.database, self.place)
    }
}

impl Named {
    fn by(url: &Url) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_url(url).map_err(|error| OpenError::BadPostgresUrl(error.to_string()))?;
        let place = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let user = options.get_username().to_owned();
        let database = options.get_database().unwrap_or(&user).to_owned();
        Ok(Self { user, database, place })
    }

    pub(super) fn refused(&self, error: &sqlx::Error) -> OpenError {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some("28P01" | "28000") => OpenError::Login { user: self.user.clone(), place: self.place.clone(), cause: error.to_string() },
            Some("3D000") => OpenError::NoDatabase { name: self.database.clone(), place: self.place.clone() },
            _ => OpenError::Unreachable { place: self.place.clone(), cause: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_version_is_read_as_postgres_writes_it() {
        check("140000").unwrap();
        check("180001").unwrap();
        for old in ["139999", "90624", ""] {
            assert!(matches!(check(old), Err(OpenError::OldPostgres { oldest: OLDEST, .. })), "{old}");
        }
    }

    #[test]
    fn an_error_names_everything_but_the_password() {
        let named = Named::by(&Url::parse("postgres://anna:secret@db.example.org:5433/calls").unwrap()).unwrap();
        assert_eq!(named.to_string(), "calls at db.example.org:5433");
        assert!(!named.refused(&sqlx::Error::PoolTimedOut).to_string().contains("secret"));
    }
}
