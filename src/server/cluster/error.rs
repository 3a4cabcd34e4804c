//! Why a node cannot take part.

use crate::engine::EngineError;
use crate::store::StoreError;
use crate::switchboard::StartError;

/// Why a node cannot take part. Each line names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Redis cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Two nodes have one name.
    #[error("there is a node {0:?} already, and it lives — stop that one, or give this one another name by --node-id")]
    Taken(String),
    /// The socket for other nodes cannot be used.
    #[error("other nodes cannot be listened to ({0}) — give another --cluster-listen")]
    Listen(std::io::Error),
    /// The database does not say in which epoch calls are controlled.
    #[error("the database cannot be used ({0}) — check it, then start the server again")]
    Store(#[from] StoreError),
    /// The switchboard or its media threads cannot start.
    #[error(transparent)]
    Switchboard(#[from] StartError),
}
