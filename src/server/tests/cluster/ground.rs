//! What nodes share, and nodes on it.

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::support::{Cluster, Process, RedisServer};

/// A Redis and a database that nodes share.
pub struct Ground {
    pub redis: RedisServer,
    pub database: String,
    pub folder: TempDir,
}

impl Ground {
    pub fn new() -> Self {
        let folder = tempdir().unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap().replace('.', "_");
        Self { redis: RedisServer::start(), database: Cluster::shared().database(&name), folder }
    }

    pub fn flags<'a>(&'a self, url: &'a str, name: &'a str) -> Vec<&'a str> {
        let common = ["--no-limits", "--cluster-listen", "127.0.0.1:0"];
        let shared = ["--database-url", &self.database, "--redis-url", url, "--node-id", name];
        [&common[..], &shared].concat()
    }

    pub fn node(&self, name: &str) -> Process {
        self.node_with(name, &[])
    }

    /// A node with these flags, too.
    pub fn node_with(&self, name: &str, flags: &[&str]) -> Process {
        let url = self.redis.url();
        Process::serve(&self.folder.path().join(name), &[&self.flags(&url, name), flags].concat())
    }
}

/// Where people reach a node.
pub fn url(node: &Process) -> String {
    node.said("listening on ").to_owned()
}

pub async fn admin(node: &Process, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}{path}", node.said("admin on "))).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The nodes as one of them knows them: name, and whether it controls the calls.
pub async fn nodes(node: &Process) -> Vec<(String, bool)> {
    let (status, text) = admin(node, "/v1/admin/nodes").await;
    assert_eq!(status, 200, "{text}");
    let listed: Value = serde_json::from_str(&text).unwrap();
    let line = |node: &Value| (node["node"].as_str().unwrap().to_owned(), node["controls_calls"].is_u64());
    listed["nodes"].as_array().unwrap().iter().map(line).collect()
}

pub fn listed(nodes: &[(&str, bool)]) -> Vec<(String, bool)> {
    nodes.iter().map(|(name, controls)| ((*name).to_owned(), *controls)).collect()
}
