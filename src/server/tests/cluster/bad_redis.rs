//! A Redis that cannot be used, and what is said of it.

use std::path::Path;

use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::support::{Cluster, Process, RedisServer, complaint, eventually, url_of};

/// What a server says that is to use this Redis, and its exit status.
fn refused(redis: &str) -> (String, i32) {
    let folder = tempdir().unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap().replace('.', "_");
    let database = Cluster::shared().database(&name);
    let common = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--media-udp", "0", "--log", "off"];
    let rest = ["--data-dir", folder.path().to_str().unwrap(), "--database-url", &database, "--redis-url", redis];
    complaint(&Process::output(&[&common[..], &rest, &["--cluster-listen", "127.0.0.1:0"]].concat()))
}

#[test]
fn a_redis_that_cannot_be_used_is_told_with_the_cure() {
    let (folder, locked) = (tempdir().unwrap(), RedisServer::start_with(&["--requirepass", "correct-horse"]));
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1 1"]);
    let wrong = format!("{}?pass=wrong-horse", locked.url());
    for (url, cause, cure) in [
        ("redis://[", "cannot be read", "give --redis-url redis://"),
        ("localhost:6379", "cannot be read", "give --redis-url redis://"),
        ("redis://127.0.0.1:1", "127.0.0.1:1 cannot be reached", "start it"),
        (&url_of(&folder.path().join("none.sock")), "none.sock cannot be reached", "start it"),
        (&locked.url(), "refuses the login", "put user and password into the URL"),
        (&wrong, "refuses the login", "put user and password into the URL"),
        (&replica.url(), "it is a replica", "that can be written to"),
    ] {
        let (line, status) = refused(url);
        assert!(status == 1 && line.contains(cause) && line.contains(" — ") && line.contains(cure), "{url}: {status} {line}");
        assert!(!line.contains("horse"), "{line}");
    }
}

#[test]
fn nodes_that_would_each_have_a_database_of_their_own_are_refused() {
    let folder = tempdir().unwrap();
    let args = ["serve", "--data-dir", folder.path().to_str().unwrap(), "--redis-url", "redis://127.0.0.1:1"];
    let (line, status) = complaint(&Process::output(&args));
    assert!(status == 2 && line.contains("one database") && line.contains("--database-url postgres://"), "{status} {line}");
}

#[tokio::test]
async fn what_answers_and_is_no_redis_is_told() {
    let folder = tempdir().unwrap();
    let socket = folder.path().join("web.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let answers = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let url = url_of(&socket);
    let (line, status) = tokio::task::spawn_blocking(move || refused(&url)).await.unwrap();
    assert!(status == 1 && line.contains("cannot be reached") && line.contains("correct --redis-url"), "{status} {line}");
    answers.abort();
}

/// Passes everything on between a socket in `folder` and the Redis with this one, and makes its version older.
async fn grows_old(folder: &Path, server: &Path) {
    const VERSION: &[u8] = b"redis_version:";
    let listener = UnixListener::bind(folder.join("old.sock")).unwrap();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let server = UnixStream::connect(server).await.unwrap();
        let ((mut asks, mut told), (mut answers, mut asked)) = (client.into_split(), server.into_split());
        tokio::spawn(async move { tokio::io::copy(&mut asks, &mut asked).await });
        tokio::spawn(async move {
            let mut bytes = vec![0; 65_536];
            while let Ok(length @ 1..) = answers.read(&mut bytes).await {
                if let Some(at) = bytes[..length].windows(VERSION.len()).position(|window| window == VERSION) {
                    bytes[at + VERSION.len()] = b'5';
                }
                told.write_all(&bytes[..length]).await.unwrap();
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_too_old_is_told_with_the_version_that_is_needed() {
    let (folder, server) = (tempdir().unwrap(), RedisServer::start());
    let (path, socket) = (folder.path().to_owned(), server.socket());
    let proxy = tokio::spawn(async move { grows_old(&path, &socket).await });
    let old = folder.path().join("old.sock");
    eventually("the socket", true, async || old.exists()).await;
    let (line, status) = tokio::task::spawn_blocking(move || refused(&url_of(&old))).await.unwrap();
    assert!(status == 1 && line.contains("is version 5.") && line.contains("6.2 or newer"), "{status} {line}");
    proxy.abort();
}
