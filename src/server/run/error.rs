//! Why the server could not start or go on.

use std::io;
use std::net::SocketAddr;

use crate::clips::ClipsError;
use crate::cluster::ClusterError;
use crate::store::OpenError;
use crate::tls;

/// Why the server could not start or go on. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An address cannot be listened on.
    #[error("{address} cannot be listened on ({cause}) — {cure}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
        /// What to do.
        cure: String,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Voice clips cannot be kept.
    #[error(transparent)]
    Clips(#[from] ClipsError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The node cannot take part, or the switchboard or its media threads cannot start.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The first work of the server failed.
    #[error("the server cannot start ({0}) — check the disk and the database, then start it again")]
    Start(Box<dyn std::error::Error + Send + Sync>),
    /// Another server on this database controls the calls.
    #[error(
        "another server uses this database and has taken the calls over — give each its own, or make them nodes of one with --redis-url"
    )]
    Superseded,
    /// A listener broke, or the operating system refused what every server needs.
    #[error("the server stopped ({0}) — start it again")]
    Serve(#[from] io::Error),
}
