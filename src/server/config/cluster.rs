//! The flags of a node among others.

use std::net::SocketAddr;

use clap::Args;

use super::ConfigError;

/// A name is shown in tables and kept under keys.
const LONGEST_NAME: usize = 64;

/// What nobody guesses.
const SHORTEST_SECRET: usize = 16;

/// The flags of a node among others.
#[derive(Debug, Clone, Args)]
pub struct ClusterArgs {
    /// Redis 6.2 or newer, or Valkey, by which several servers are one (redis://:password@host:6379, rediss:// for TLS); they share a
    /// Postgres, too.
    #[arg(long, env = "SWITCHBOARD_REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub redis_url: Option<String>,
    /// Name of this node, no other may have it: letters, digits, '.', '_' and '-' [default: the host's name and a random end].
    #[arg(long, env = "SWITCHBOARD_NODE_ID", value_name = "NAME", value_parser = name)]
    pub node_id: Option<String>,
    /// Address on which the other nodes reach this one, for nobody else: put it into a network of their own.
    #[arg(long, env = "SWITCHBOARD_CLUSTER_LISTEN", default_value = "0.0.0.0:9191", value_name = "ADDR:PORT")]
    pub cluster_listen: SocketAddr,
    /// Address the other nodes are told, a name or an IP and a port [default: that of --cluster-listen, or of the first network].
    #[arg(long, env = "SWITCHBOARD_CLUSTER_ADDRESS", value_name = "HOST:PORT")]
    pub cluster_address: Option<String>,
    /// Secret that all nodes know, of 16 characters at least [default: one that they agree upon by Redis].
    #[arg(long, env = "SWITCHBOARD_CLUSTER_SECRET", value_name = "TEXT", hide_env_values = true)]
    pub cluster_secret: Option<String>,
}

impl ClusterArgs {
    /// Checks that several nodes have one database: gives the URL of Redis.
    pub(super) fn redis(&self, database: &str) -> Result<Option<String>, ConfigError> {
        let shared = database.starts_with("postgres:") || database.starts_with("postgresql:");
        if self.cluster_secret.as_ref().is_some_and(|secret| secret.chars().count() < SHORTEST_SECRET) {
            return Err(ConfigError::ShortSecret(SHORTEST_SECRET));
        }
        if self.redis_url.is_some() && !shared { Err(ConfigError::LonelyDatabase) } else { Ok(self.redis_url.clone()) }
    }

    /// The name given, or one that no other node has.
    pub(super) fn name(&self) -> String {
        self.node_id.clone().unwrap_or_else(|| {
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            let host: String = host.chars().filter(|letter| is_of_a_name(*letter)).take(LONGEST_NAME - 5).collect();
            let end = getrandom::u32().unwrap_or_else(|_| std::process::id()) & 0xffff;
            format!("{}-{end:04x}", if host.is_empty() { "node" } else { &host })
        })
    }
}

fn name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(is_of_a_name) {
        return Err(format!("a name has 1 to {LONGEST_NAME} letters, digits, '.', '_' or '-'"));
    }
    Ok(text.to_owned())
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&letter)
}
