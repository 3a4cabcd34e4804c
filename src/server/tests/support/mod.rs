//! A real server in this process, on free ports and with a database of its own, and the people who use it.

mod answer;
pub mod authority;
mod collector;
mod database;
mod device;
mod gathering;
mod peer;
mod postgres;
mod process;
mod prometheus;
mod redis;
mod road;
mod s3;
mod user;
mod waiting;
mod wire;

use std::path::Path;

pub use self::prometheus::{Prometheus, promtool};
pub use answer::Answer;
use clap::Parser;
pub use collector::{Collector, Span};
pub use database::{Database, flags_with_database};
pub use device::{Device, offer, sdp};
pub use gathering::Guest;
pub use peer::Peer;
pub use postgres::Cluster;
pub use process::{Process, complaint};
pub use redis::{RedisServer, url_of};
use reqwest::{Method, RequestBuilder};
pub use road::tcp_candidate;
pub use s3::S3;
use switchboard::config::{Cli, Command, Config};
use switchboard::run::{Listeners, Server};
use switchboard::store::Store;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
pub use user::TestUser;
pub use waiting::{eventually, something};
pub use wire::{Cursor, Kind};

/// A running server. It stops when it is dropped.
pub struct TestApp {
    pub url: String,
    pub admin_url: String,
    /// The server's own handle to its database.
    pub store: Store,
    folder: Option<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    http: reqwest::Client,
}

impl TestApp {
    /// Starts a server without limits.
    pub async fn start() -> Self {
        Self::start_with(&["--no-limits"]).await
    }

    /// Starts a server with these flags.
    pub async fn start_with(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// Starts a server on what an earlier one left behind.
    pub async fn start_in(folder: TempDir, flags: &[&str]) -> Self {
        let config = config(folder.path().to_str().unwrap(), flags);
        let listeners = Listeners::bind(&config).unwrap();
        let server = Server::start(config, listeners).await.unwrap();
        let (url, admin_url, store) = (server.public_url(), server.admin_url(), server.state().store.clone());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let stop = async { drop(stopped.await) };
            server.run(stop).await.unwrap();
        });
        Self { url, admin_url, store, folder: Some(folder), stop: Some(stop), running: Some(running), http: reqwest::Client::new() }
    }

    /// A request of nobody in particular.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// GETs of nobody in particular.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POSTs JSON of nobody in particular.
    pub async fn post(&self, path: &str, body: serde_json::Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    /// GETs from the admin listener: status and text.
    pub async fn admin(&self, path: &str) -> (u16, String) {
        let response = self.http.get(format!("{}{path}", self.admin_url)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// A new person with an account, logged in by a Bearer token.
    pub async fn register(&self, name: &str) -> TestUser {
        TestUser::register(&self.url, name).await
    }

    /// The same of a crowd, in which making an account for each would take too long.
    pub async fn appears(&self, name: String) -> TestUser {
        TestUser::made(&self.url, &self.store, name).await
    }

    /// Its database.
    pub fn database(&self) -> Database {
        Database::of(self.data())
    }

    /// The folder of what the server keeps.
    pub fn data(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// Stops the server and waits until it has; gives the folder of what it leaves behind.
    pub async fn stops(mut self) -> TempDir {
        self.stop.take().map(|stop| stop.send(()));
        self.running.take().unwrap().await.unwrap();
        self.folder.take().unwrap()
    }

    /// Changes the database behind the server's back: how a test lets time pass.
    pub async fn sql(&self, statement: &'static str) {
        self.database().run(statement).await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }
}

/// The configuration of a server on free ports that keeps its things in `folder`.
pub fn config(folder: &str, flags: &[&str]) -> Config {
    let common = ["switchboard", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let ports: &[&str] = if flags.contains(&"--media-udp") { &[] } else { &["--media-udp", "0"] };
    let common = common.iter().chain(ports).chain(&["--media-ip", "127.0.0.1", "--data-dir"]).copied();
    let flags = flags_with_database(Path::new(folder), flags);
    let cli = Cli::try_parse_from(common.chain([folder]).chain(flags.iter().map(String::as_str))).unwrap();
    let Command::Serve(serve) = cli.command else { panic!("serve was asked for") };
    serve.resolve().unwrap()
}
