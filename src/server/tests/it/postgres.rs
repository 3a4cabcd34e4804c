//! Postgres as the database: starting with it, and what is said when it cannot be used.

use std::path::Path;
use std::thread;

use switchboard::store::{OpenError, Store};
use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::support::{Cluster, Process, TestApp, complaint, eventually};

fn migrate(url: &str) -> (String, i32) {
    complaint(&Process::output(&["migrate", "--database-url", url]))
}

#[test]
fn a_postgres_that_cannot_be_used_is_told_with_the_cure() {
    let cluster = Cluster::start();
    for (url, cause, cure) in [
        ("postgres://[".to_owned(), "cannot be read", "postgres://user:password@host"),
        ("postgres://anna@127.0.0.1:1/calls".to_owned(), "127.0.0.1:1 cannot be reached", "start it"),
        (cluster.url("switchboard", "calls"), "no database calls", "createdb calls"),
        (cluster.url("anna", "postgres"), "refuses anna", "PGPASSWORD"),
    ] {
        let (line, status) = migrate(&url);
        assert!(status == 1 && line.contains(cause) && line.contains(" — ") && line.contains(cure), "{url}: {status} {line}");
    }
}

#[tokio::test]
async fn a_password_that_is_missing_or_wrong_is_told_without_it() {
    let cluster = Cluster::start();
    cluster.database("calls");
    for statement in
        ["CREATE ROLE anna LOGIN PASSWORD 'correct horse'", "GRANT ALL ON DATABASE calls TO anna", "ALTER DATABASE calls OWNER TO anna"]
    {
        cluster.runs(statement).await;
    }
    cluster.asks_for_passwords();
    for user in ["anna", "anna:wrong%20horse"] {
        let (line, status) = migrate(&cluster.url(user, "calls"));
        assert!(status == 1 && line.contains("refuses anna") && line.contains(" — put user and password"), "{status} {line}");
        assert!(!line.contains("horse"), "{line}");
    }
    let right = Process::output(&["migrate", "--database-url", &cluster.url("anna:correct%20horse", "calls")]);
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stderr));
}

/// Passes everything on between a socket in `folder` and the one in `to`, and makes the answer that holds the version older.
async fn grows_old(folder: &Path, to: &Path, found: String, told: &'static str) {
    let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
    let server = to.join(".s.PGSQL.5432");
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let server = UnixStream::connect(&server).await.unwrap();
        let ((mut asks, mut told_client), (mut answers, mut asked)) = (client.into_split(), server.into_split());
        tokio::spawn(async move { tokio::io::copy(&mut asks, &mut asked).await });
        let found = found.clone();
        tokio::spawn(async move {
            let mut bytes = vec![0; 65_536];
            while let Ok(length @ 1..) = answers.read(&mut bytes).await {
                let at = bytes[..length].windows(found.len()).position(|window| window == found.as_bytes());
                if let Some(at) = at {
                    bytes[at..at + told.len()].copy_from_slice(told.as_bytes());
                }
                told_client.write_all(&bytes[..length]).await.unwrap();
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_too_old_is_told_with_the_version_that_is_needed() {
    let cluster = Cluster::shared();
    let (folder, url) = (tempdir().unwrap(), cluster.database("old"));
    let version = cluster.version().await;
    let old = url.replace(cluster.folder().to_str().unwrap(), folder.path().to_str().unwrap());
    let path = folder.path().to_owned();
    let proxy = tokio::spawn(async move { grows_old(&path, cluster.folder(), version, "130009").await });
    eventually("the socket", true, async || folder.path().join(".s.PGSQL.5432").exists()).await;
    let (line, status) = tokio::task::spawn_blocking(move || migrate(&old)).await.unwrap();
    assert!(status == 1 && line.contains("Postgres 13") && line.contains("14 or newer"), "{status} {line}");
    proxy.abort();
}

#[tokio::test]
async fn servers_that_start_at_once_on_an_empty_database_migrate_it_once() {
    let url = Cluster::shared().database("contested");
    let migrations: Vec<_> = (0..3)
        .map(|_| {
            let url = url.clone();
            thread::spawn(move || Process::output(&["migrate", "--database-url", &url]))
        })
        .collect();
    for migration in migrations {
        let output = migration.join().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let store = Store::open(&url, Some(1)).await.unwrap();
    let applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&store).await.unwrap();
    assert_eq!(applied, [1, 2, 3]);
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 3").execute(&store).await.unwrap();
    assert!(matches!(Store::open(&url, None).await, Err(OpenError::Newer { migration: 9999, .. })));
}

#[tokio::test]
async fn a_server_makes_no_more_connections_than_it_may() {
    let cluster = Cluster::start();
    let url = cluster.database("calls");
    let app = TestApp::start_with(&["--no-limits", "--database-url", &url, "--database-connections", "2"]).await;
    let anna = app.register("Anna").await;
    let made = async || {
        let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'switchboard'";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&app.store).await.unwrap()
    };
    let (answers, most) = tokio::join!(futures_util::future::join_all((0..50).map(|_| anna.get("/v1/contacts"))), made());
    answers.into_iter().for_each(|answer| drop(answer.expect(200)));
    assert_eq!((most.max(made().await), made().await), (2, 2));
}
