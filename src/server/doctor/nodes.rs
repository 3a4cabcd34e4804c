//! Redis, by which several servers are one, and who is known there.

use super::Finding;
use crate::engine::{Engine, Redis};

const NAME: &str = "redis";

pub(super) async fn examine(url: &str) -> Finding {
    let nodes = match Redis::open(url).await {
        Ok(redis) => redis.nodes().await,
        Err(error) => Err(error),
    };
    match nodes {
        Ok(nodes) if nodes.is_empty() => Finding::ok(NAME, "answers and can be written to; no node serves"),
        Ok(nodes) => {
            let names: Vec<String> = nodes.into_iter().map(|node| node.identity.node).collect();
            Finding::ok(NAME, format!("answers and can be written to; these nodes serve: {}", names.join(", ")))
        }
        Err(error) => Finding::error(NAME, &error),
    }
}
