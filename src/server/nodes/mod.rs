//! `switchboard nodes`: the nodes that serve together, asked for at the admin listener of one of them.

mod table;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::now_ms;
use crate::config::NodesArgs;
use crate::engine::{Engine, EngineError, Node};
use crate::store::leases::CALLS;

/// A server that takes longer to answer is taken for one that does not.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// What `GET /v1/admin/nodes` tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Nodes {
    /// By name.
    pub(crate) nodes: Vec<Listed>,
}

/// A node as the admin listener tells of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Listed {
    #[serde(flatten)]
    node: Node,
    /// In which epoch it controls the calls, if it does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    controls_calls: Option<u64>,
}

impl Nodes {
    /// As the engine knows them.
    pub(crate) async fn of(engine: &dyn Engine) -> Result<Self, EngineError> {
        let holder = engine.holder(CALLS).await?;
        let listed = |node: Node| {
            let controls_calls = holder.as_ref().filter(|lease| lease.holder.run == node.identity.run).map(|lease| lease.epoch);
            Listed { node, controls_calls }
        };
        Ok(Self { nodes: engine.nodes().await?.into_iter().map(listed).collect() })
    }
}

/// Why the nodes cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// Nobody answers there.
    #[error("{url} does not answer ({cause}) — start the server, or name its admin listener with --admin")]
    Silent { url: String, cause: String },
    /// The server does not know them.
    #[error("{url} cannot tell the nodes ({cause}) — see what it says at /readyz")]
    Unable { url: String, cause: String },
    /// Somebody else answers there.
    #[error("{url} is no admin listener of Switchboard ({cause}) — name it with --admin, as the server prints it at its start")]
    Strange { url: String, cause: String },
}

/// The lines to print.
pub(crate) async fn list(args: &NodesArgs) -> Result<Vec<String>, ListError> {
    let url = format!("{}/v1/admin/nodes", args.admin.trim_end_matches('/'));
    let silent = |cause: reqwest::Error| ListError::Silent { url: url.clone(), cause: root_cause(&cause) };
    let strange = |cause: String| ListError::Strange { url: url.clone(), cause };
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build().map_err(silent)?;
    let answer = client.get(&url).send().await.map_err(silent)?;
    let status = answer.status();
    let text = answer.text().await.map_err(silent)?;
    if status.as_u16() == 503 {
        return Err(ListError::Unable { url, cause: text.trim().to_owned() });
    }
    if !status.is_success() {
        return Err(strange(format!("it says {status}")));
    }
    let Nodes { nodes } = serde_json::from_str(&text).map_err(|error| strange(error.to_string()))?;
    Ok(if args.json { vec![text] } else { table::lines(&nodes, now_ms()) })
}

/// The error at the bottom: those above it repeat the URL.
fn root_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}
