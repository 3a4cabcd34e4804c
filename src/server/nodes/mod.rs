//! `switchboard nodes`: the nodes that serve together, asked for at the admin listener of one of them.

mod table;

use serde::{Deserialize, Serialize};

use crate::clock::now_ms;
use crate::config::ListArgs;
use crate::engine::{Engine, EngineError, Node};
use crate::listing::{self, ListError};
use crate::store::leases::CALLS;

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

/// The lines to print.
pub(crate) async fn list(args: &ListArgs) -> Result<Vec<String>, ListError> {
    listing::list(args, "/v1/admin/nodes", |Nodes { nodes }| table::lines(&nodes, now_ms())).await
}
