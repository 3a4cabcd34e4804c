//! This server as one of several, or alone: it is registered among the nodes, and one of them at a time controls the calls.
//!
//! [`Cluster::join`] begins it, [`Cluster::leave`] ends it. `membership` says that this node lives and looks at the others;
//! `control` holds the lease of the calls, or waits for it, and starts the switchboard with it; who waits has a `link` to whoever
//! has it.

mod control;
mod error;
mod link;
mod membership;
mod pace;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use error::ClusterError;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::config::Config;
use crate::engine::{Engine, Identity, Memory, Redis};
use crate::observe::Gauges;
use crate::store::Store;
use crate::switchboard::{Handle, Office};
use control::Control;
use link::{Listener, Secret};
use membership::Membership;
use pace::Pace;

/// This node among the others.
pub struct Cluster {
    engine: Arc<dyn Engine>,
    identity: Identity,
    control: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    membership: JoinHandle<()>,
    listener: JoinSet<()>,
    draining: Arc<AtomicBool>,
}

impl Cluster {
    /// Connects to the engine, registers this node, and controls the calls if nobody else does. Gives the way to whoever does.
    /// Others reach it by `socket`.
    pub async fn join(
        config: &Config,
        socket: Option<TcpListener>,
        store: &Store,
        gauges: &Arc<Gauges>,
    ) -> Result<(Self, Handle), ClusterError> {
        let (engine, pace): (Arc<dyn Engine>, _) = match &config.redis_url {
            Some(url) => (Arc::new(Redis::open(url).await?), Pace::TOGETHER),
            None => (Arc::new(Memory::default()), Pace::ALONE),
        };
        let address = socket.as_ref().map(TcpListener::local_addr).transpose().map_err(ClusterError::Listen)?;
        let address = address.map(|address| link::address_of(address, config.cluster_address.clone()));
        let identity = Identity { node: config.node_id.clone(), run: uuid::Uuid::now_v7(), address };
        let secret = Arc::new(Secret::new(engine.clone(), config.cluster_secret.clone()));
        let draining = Arc::<AtomicBool>::default();
        let membership = Membership::register(engine.clone(), identity.clone(), gauges.clone(), draining.clone(), pace).await?;
        let (office, known) = watch::channel(Office::Vacant);
        let control = Control {
            engine: engine.clone(),
            identity: identity.clone(),
            pace,
            config: config.clone(),
            store: store.clone(),
            gauges: gauges.clone(),
            office,
            secret: secret.clone(),
        };
        let term = match control.begin().await {
            Ok(term) => term,
            Err(error) => {
                // The name is free for the next try at once.
                let _ = engine.leave(&identity).await;
                return Err(error);
            }
        };
        let mut listener = JoinSet::new();
        if let Some(socket) = socket {
            listener.spawn(Listener::new(socket, secret, known.clone()).run());
        }
        let (stop, stopped) = oneshot::channel();
        let control = tokio::spawn(control.run(term, stopped));
        let membership = tokio::spawn(membership.run());
        Ok((Self { engine, identity, control, stop, membership, listener, draining }, Handle::new(known)))
    }

    /// What the nodes know of each other.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Says that this node takes nothing new any more; whether another is there to take over what it has.
    pub async fn drain(&self) -> bool {
        self.draining.store(true, Ordering::Relaxed);
        let nodes = self.engine.nodes().await.unwrap_or_default();
        nodes.iter().any(|node| node.identity.run != self.identity.run && !node.draining)
    }

    /// Ends all connections, leaves the calls to the next run or to another node, and waits until history is written.
    pub async fn leave(mut self) {
        // It ends by itself only when it has panicked.
        let _ = self.stop.send(());
        if self.control.await.is_err() {
            tracing::error!("the control of calls ended by a panic");
        }
        self.membership.abort();
        self.listener.abort_all();
        if let Err(error) = self.engine.leave(&self.identity).await {
            tracing::debug!(%error, "the other nodes find out by themselves that this one is gone");
        }
    }
}
