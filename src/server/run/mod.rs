//! The life of a server: bind, build, serve, drain.
//!
//! [`Listeners::bind`] comes first, so that a port in use is told before anything is made; a test binds port 0. Then
//! [`Server::start`] builds everything, and [`Server::run`] serves until it is told to stop.

mod announce;
mod drain;
mod error;
mod listen;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
pub use drain::Drain;
pub use error::RunError;
pub use listen::Listeners;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clips::{Clips, Location};
use crate::clock::now_ms;
use crate::cluster::Cluster;
use crate::config::Config;
use crate::http::limits::Limits;
use crate::http::passwords::Passwords;
use crate::http::{AppState, Notices, WebSettings};
use crate::observe::{Admin, Metrics};
use crate::signal::Streams;
use crate::store::{Store, sessions};
use crate::{demo, http, observe, tls};

/// Connections get this long to finish when the server stops.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// How often idle limits and expired logins are forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// A server that is built and not yet serving.
pub struct Server {
    config: Config,
    state: AppState,
    cluster: Cluster,
    listeners: Listeners,
    public_address: SocketAddr,
    admin_address: SocketAddr,
    tls: Option<RustlsConfig>,
    renewal: Option<JoinHandle<()>>,
    drain: Drain,
}

impl Server {
    /// Opens and migrates the database, and starts the switchboard where no other node has it; it takes up the calls of whoever
    /// had it before.
    pub async fn start(config: Config, mut listeners: Listeners) -> Result<Self, RunError> {
        let (public_address, admin_address) = (listeners.public.local_addr()?, listeners.admin.local_addr()?);
        let kept = tls::load(&config.tls, &config.data_dir)?;
        let tls = kept.as_ref().map(tls::Kept::config);
        let store = Store::open(&config.database_url, config.database_connections).await?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let clips = Clips::open(&config.clips, cores)?;
        if let (Some(_), Location::Folder(folder)) = (&config.redis_url, &config.clips) {
            let folder = folder.display();
            tracing::warn!(%folder, "voice clips are kept in a folder: unless all nodes share it, give --clips-url s3://bucket/prefix");
        }
        let passwords = Arc::new(Passwords::new(cores, config.passwords).map_err(start_failed)?);
        if config.demo {
            demo::introduce(&store, &passwords).await.map_err(start_failed)?;
        }
        let metrics = Metrics::new().map_err(start_failed)?;
        metrics.watch(&store).map_err(start_failed)?;
        let nodes = listeners.cluster.take().map(TcpListener::from_std).transpose()?;
        let (cluster, switchboard) = Cluster::join(&config, nodes, &store, metrics.gauges()).await?;
        let web = Arc::new(WebSettings {
            public_origin: config.public_origin.clone(),
            secure_cookies: tls.is_some() || config.public_origin.as_deref().is_some_and(|origin| origin.starts_with("https:")),
            session_lifetime: config.session_lifetime,
            trusted_proxies: config.trusted_proxies.clone(),
            turn: config.turn.clone(),
        });
        let limits = Arc::new(Limits::new(config.limits));
        let notices = Notices::new(switchboard.clone());
        let streams = Streams::default();
        let renewal = kept.map(|kept| tokio::spawn(kept.keep(metrics.gauges().clone())));
        let state = AppState { store, clips, switchboard, notices, limits, passwords, metrics, streams, web };
        let drain = Drain::default();
        Ok(Self { config, state, cluster, listeners, public_address, admin_address, tls, renewal, drain })
    }

    /// What handlers share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// By what it is told to stop, and to hurry.
    pub fn drain(&self) -> Drain {
        self.drain.clone()
    }

    /// Serves until `stop` is done or it is told to drain. Then it is no longer ready and takes no new calls, while running
    /// ones have the configured time to end, unless another node takes them over; after that no new connections, and requests under
    /// way finished within a bound. Calls that still run are left to that node, or to the next run.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), RunError> {
        let Self { config, state, cluster, listeners, tls, renewal, drain, .. } = self;
        let (public_handle, admin_handle) = (Handle::new(), Handle::new());
        let (metrics, store, switchboard) = (state.metrics.clone(), state.store.clone(), state.switchboard.clone());
        let admin = Admin { metrics, store, engine: cluster.engine().clone(), switchboard, drain: drain.clone() };
        let admin_routes = observe::router(admin);
        let mut public = tokio::spawn(listen::serve(listeners.public, tls, http::router(state.clone()), public_handle.clone()));
        let mut admin = tokio::spawn(listen::serve(listeners.admin, None, admin_routes, admin_handle.clone()));
        let housekeeping = tokio::spawn(keep_house(state.clone()));

        let superseded = state.switchboard.closed();
        let mut taken = false;
        let mut broken = tokio::select! {
            () = stop => None,
            () = drain.begun() => None,
            () = superseded => {
                taken = true;
                None
            }
            ended = &mut public => Some(ended),
            ended = &mut admin => Some(ended),
        };
        drain.begin();
        // Another node has the calls a moment after this one lets go of them.
        let taken_over = cluster.drain().await;
        if broken.is_none() && !taken_over && !taken {
            tracing::info!(timeout_s = config.drain_timeout.as_secs(), "draining");
            broken = tokio::select! {
                () = state.switchboard.drain() => None,
                () = tokio::time::sleep(config.drain_timeout) => None,
                () = drain.hurried() => None,
                ended = &mut public => Some(ended),
                ended = &mut admin => Some(ended),
            };
        }
        tracing::info!("stopping");
        public_handle.graceful_shutdown(Some(FINISH_WITHIN));
        let drained = async {
            cluster.leave().await;
            if broken.is_none() {
                // How it ended is no news: it was told to.
                drop((&mut public).await);
            }
        };
        if tokio::time::timeout(FINISH_WITHIN, drained).await.is_err() {
            tracing::warn!("calls or requests did not end in time");
        }
        public_handle.shutdown();
        admin_handle.shutdown();
        housekeeping.abort();
        renewal.iter().for_each(JoinHandle::abort);
        state.store.close().await;
        tracing::info!("stopped");
        match broken {
            None if taken => Err(RunError::Superseded),
            None => Ok(()),
            Some(ended) => {
                let cause = ended.map_err(io::Error::other).flatten().err();
                Err(RunError::Serve(cause.unwrap_or_else(|| io::Error::other("a listener ended by itself"))))
            }
        }
    }
}

fn start_failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RunError {
    RunError::Start(error.into())
}

async fn keep_house(state: AppState) {
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    loop {
        ticks.tick().await;
        state.limits.forget_idle();
        match sessions::purge(&state.store, now_ms()).await {
            Ok(expired) => {
                for session in expired {
                    state.switchboard.logged_out(session).await;
                }
            }
            Err(error) => tracing::warn!(%error, "expired logins could not be forgotten"),
        }
    }
}
