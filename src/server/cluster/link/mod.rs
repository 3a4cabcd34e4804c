//! The connection between a node that controls the calls and one that does not.
//!
//! The one that does not dials (`dial`), the other listens (`listen`); both prove that they know the secret of the cluster
//! (`handshake`), and then speak in frames (`frame`) of JSON. Each says at least every [`ALIVE_EVERY`] that it lives: one that
//! stands still keeps its connections, and is noticed by its silence alone.

mod dial;
mod frame;
mod handshake;
mod listen;
mod secret;

use std::io;
use std::time::Duration;

pub(super) use dial::dial;
pub(super) use listen::{Listener, address_of};
pub(super) use secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How often each end says that it lives, when it has nothing else to say.
const ALIVE_EVERY: Duration = Duration::from_millis(500);
/// An end that says nothing for so long is gone: longer than a busy machine is late, not much longer than a lease lasts.
const SILENT_FOR: Duration = Duration::from_secs(3);
/// A word that the other end does not take for so long is not going to be taken.
const WRITE_WITHIN: Duration = Duration::from_secs(3);
/// Words that are written together.
const BATCH: usize = 64;

/// The two have nothing to say to each other.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// The connection broke, or what came over it is no word.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The other end does not know the secret.
    #[error("it does not know the secret of this cluster: give all nodes the same --cluster-secret, or none")]
    Stranger,
    /// The other end has the switchboard no more, or not yet.
    #[error("it does not control the calls in this epoch")]
    Elsewhere,
    /// The other end speaks another version of this.
    #[error("it speaks version {0} of the language between nodes")]
    Version(u32),
    /// The other end took too long.
    #[error("it does not answer in time")]
    Silent,
}

/// Writes words until there are none to come, and signs of life between them.
async fn write<T: Serialize>(mut to: OwnedWriteHalf, mut words: mpsc::Receiver<T>, alive: T) -> Result<(), LinkError> {
    let (mut batch, mut bytes) = (Vec::with_capacity(BATCH), Vec::new());
    loop {
        bytes.clear();
        match timeout(ALIVE_EVERY, words.recv_many(&mut batch, BATCH)).await {
            Ok(0) => return Ok(()),
            Ok(_) => batch.drain(..).for_each(|word| frame::put(&mut bytes, &word)),
            Err(_) => frame::put(&mut bytes, &alive),
        }
        timeout(WRITE_WITHIN, to.write_all(&bytes)).await.map_err(|_| LinkError::Silent)??;
    }
}

/// Reads a word.
async fn read<T: DeserializeOwned>(from: &mut BufReader<OwnedReadHalf>) -> Result<T, LinkError> {
    Ok(timeout(SILENT_FOR, frame::read(from, frame::LONGEST)).await.map_err(|_| LinkError::Silent)??)
}
