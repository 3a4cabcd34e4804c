//! This node in the registry: that it lives, how it fares, and whether its clock agrees with those of the others.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::ClusterError;
use super::pace::Pace;
use crate::clock::now_ms;
use crate::engine::{Beat, Engine, EngineError, Identity, Node};
use crate::observe::{Family, Gauges};

/// Clocks that are further apart make rings that last too long or too short, and calls that end before they begin.
const CLOCKS_APART: Duration = Duration::from_secs(5);

/// How often a name is asked for that another process may have left behind.
const ASK_AGAIN: Duration = Duration::from_millis(250);

pub(super) struct Membership {
    engine: Arc<dyn Engine>,
    node: Node,
    gauges: Arc<Gauges>,
    /// Whether this node takes nothing new any more.
    draining: Arc<AtomicBool>,
    pace: Pace,
    /// The nodes whose clocks were said to be wrong.
    apart: BTreeSet<String>,
    /// Whether the engine could be reached, and whether the name was still ours.
    reached: bool,
    taken: bool,
}

impl Membership {
    /// Registers this node. A process that died leaves its name behind for a moment, so that is waited for.
    pub(super) async fn register(
        engine: Arc<dyn Engine>,
        identity: Identity,
        gauges: Arc<Gauges>,
        draining: Arc<AtomicBool>,
        pace: Pace,
    ) -> Result<Self, ClusterError> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let node = Node { identity, version, started_ms: now_ms(), legs: 0, draining: false, clock_ahead_ms: 0 };
        let mut member = Self { engine, node, gauges, draining, pace, apart: BTreeSet::new(), reached: true, taken: false };
        let patience = Instant::now() + pace.lives + 2 * ASK_AGAIN;
        while member.beat().await? == Beat::Taken {
            if Instant::now() >= patience {
                return Err(ClusterError::Taken(member.node.identity.node));
            }
            sleep(ASK_AGAIN).await;
        }
        // The first time it did not know yet how its clock stands.
        member.beat().await?;
        member.compare_clocks().await?;
        Ok(member)
    }

    /// Says that this node lives, for as long as it does.
    pub(super) async fn run(mut self) {
        let mut ticks = interval(self.pace.beat);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let told = self.tell().await;
            match (&told, self.reached) {
                (Err(error), true) => tracing::error!(%error, "Redis is gone: calls that run go on, and no other node can take them over"),
                (Ok(()), false) => tracing::info!("Redis is back"),
                _ => {}
            }
            self.reached = told.is_ok();
            self.gauges.set(Family::EngineUp, f64::from(u8::from(self.reached)));
        }
    }

    async fn tell(&mut self) -> Result<(), EngineError> {
        let taken = self.beat().await? == Beat::Taken;
        if taken && !self.taken {
            tracing::error!(node = self.node.identity.node, "another process has taken this node's name: stop one of them");
        }
        self.taken = taken;
        self.compare_clocks().await
    }

    async fn beat(&mut self) -> Result<Beat, EngineError> {
        self.node.legs = self.gauges.get(Family::Legs).unwrap_or_default() as u64;
        self.node.draining = self.draining.load(Ordering::Relaxed);
        let beat = self.engine.beat(&self.node, self.pace.lives).await?;
        if let Beat::Heard(theirs) = beat {
            self.node.clock_ahead_ms = now_ms() - theirs;
        }
        Ok(beat)
    }

    /// Warns of each node whose clock is far from this one's, once.
    async fn compare_clocks(&mut self) -> Result<(), EngineError> {
        let nodes = self.engine.nodes().await?;
        self.gauges.set(Family::Nodes, nodes.len() as f64);
        let ahead = self.node.clock_ahead_ms;
        let far = |node: &&Node| node.clock_ahead_ms.abs_diff(ahead) > CLOCKS_APART.as_millis() as u64;
        let apart: BTreeSet<String> = nodes.iter().filter(far).map(|node| node.identity.node.clone()).collect();
        for node in nodes.iter().filter(|node| apart.contains(&node.identity.node) && !self.apart.contains(&node.identity.node)) {
            tracing::warn!(
                node = node.identity.node,
                ahead_ms = node.clock_ahead_ms - ahead,
                "the clock of another node is far from this one's: rings and the history will be wrong — set both by NTP"
            );
        }
        self.apart = apart;
        Ok(())
    }
}
