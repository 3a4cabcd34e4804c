//! The switchboard: the one actor that owns calls and presence.
//!
//! Connections put mail into its mailbox and get [`ServerMessage`]s out of their outbox; the media driver tells it
//! what becomes of legs; what the call machine puts out it performs. It never waits for the database or the media threads:
//! connections look up what a request needs before they post it, answers come back as mail, and history is written by the
//! `historian`.
//!
//! A reading tour: `handle` is how the rest of the server speaks to it, `actor` the loop, `requests` what clients ask for,
//! `perform` what the call machine wants done, `legs` the media of a call, `presence` who is connected, `translate` the words
//! of the call machine in the words of the protocol.

mod actor;
mod clock;
mod handle;
mod historian;
mod legs;
mod mail;
mod perform;
mod presence;
mod requests;
mod translate;

use std::sync::Arc;

pub use handle::{Gone, Handle};
pub use mail::{Ask, Callee, OUTBOX, Outbox};
pub use switchboard_protocol::ServerMessage;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::media_driver::{DriverError, MediaDriver};
use crate::observe::Gauges;
use crate::store::Store;
use actor::Actor;

/// Mail that waits to be read; who posts more waits until there is room.
const MAILBOX: usize = 1_024;

/// Why the switchboard could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The media driver could not.
    #[error(transparent)]
    Media(#[from] DriverError),
}

/// Starts the switchboard and its media threads.
pub async fn start(config: &Config, store: Store, gauges: Arc<Gauges>) -> Result<Handle, StartError> {
    let (media, told) = MediaDriver::start(config.media_udp, &config.media_ips)?;
    for address in media.addresses() {
        tracing::info!(%address, "media thread started");
    }
    let (sender, mailbox) = mpsc::channel(MAILBOX);
    let calls = switchboard_calls::Config { ring_for: config.ring_for, ..switchboard_calls::Config::default() };
    tokio::spawn(Actor::new(calls, media, store, gauges).run(mailbox, told));
    Ok(Handle::new(sender))
}
