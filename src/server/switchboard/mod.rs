//! The switchboard: the one actor that owns calls and presence.
//!
//! Connections put mail into its mailbox and get [`ServerMessage`]s through their line; the media driver tells it
//! what becomes of legs; what the call machine puts out it performs. It never waits for the database or the media threads:
//! connections look up what a request needs before they post it, answers come back as mail, and history is written by the
//! `historian`.
//!
//! A reading tour: `handle` is how the rest of the server speaks to it and `mail` what it says, `actor` the loop; `arrivals`
//! are connections that come and go, on a `line` each, `far` those of other nodes, `replay` what a device missed meanwhile, `presence` who is connected;
//! `requests` is what clients ask for, `offers` what of it brings media; `perform` what the call machine wants done, `my_calls`
//! what a user's devices are told of the user's calls; `legs` the media of a call, `media_events` what becomes of it, `views`
//! what the media threads are told of who looks at whom, `scene` what people are told of who speaks and how good the
//! connections are, `stats` how a leg fares, `overview` which calls run, `tally` what became of all, `publish` hands
//! both to the metrics, `traces` tells a collector of each call; `takeover` the calls of an earlier run, `without_media` who came back to one and
//! brings none; `translate` the words of the call machine in the words of the protocol.

mod actor;
mod arrivals;
mod clock;
mod far;
mod handle;
mod historian;
mod legs;
mod line;
mod mail;
mod media_events;
mod my_calls;
mod offers;
mod overview;
mod perform;
mod presence;
mod publish;
mod replay;
mod requests;
mod scene;
mod stats;
mod takeover;
mod tally;
mod traces;
mod translate;
mod views;
mod without_media;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use far::{Down, Guest, Host, Up};
pub(crate) use handle::Office;
pub use handle::{Gone, Handle};
pub use line::{Inbox, Letter, Line, LineId};
pub(crate) use mail::Mail;
pub use mail::{Ask, Callee, Newcomer, Resumption};
pub use overview::CallOverview;
pub use switchboard_protocol::ServerMessage;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::fence::{self, Fence};
use crate::media_driver::{DriverError, MediaDriver, Settings};
use crate::observe::{Exporter, ExporterError, Gauges};
use crate::store::{Store, StoreError};
use actor::Actor;
use clock::Clock;
use historian::Historian;
use traces::Traces;

/// Mail that waits to be read; who posts more waits until there is room.
const MAILBOX: usize = 1_024;

/// Why the switchboard could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The media driver could not.
    #[error(transparent)]
    Media(#[from] DriverError),
    /// The calls of an earlier run cannot be read.
    #[error("the calls of an earlier run cannot be read")]
    Store(#[from] StoreError),
    /// The collector of traces cannot be spoken to.
    #[error(transparent)]
    Traces(#[from] ExporterError),
}

/// Whether the media driver could start with this configuration, so that a node that controls no calls yet does not find out
/// when it has to.
pub(crate) fn rehearse(config: &Config) -> Result<(), StartError> {
    let (hold, fence) = fence::fence(Instant::now());
    let (media, _) = MediaDriver::start(&config.media_udp, &config.media_ips, media_settings(config), &fence)?;
    // Or a thread that has something to do waits for it, and is waited for.
    drop(hold);
    media.stop();
    Ok(())
}

/// Starts the switchboard and its media threads, and takes up the calls of whoever controlled them before. It ends when
/// the fence says that the lease of this epoch is lost, too. Gives where to put mail, and the end.
pub(crate) async fn start(
    config: &Config,
    store: Store,
    gauges: Arc<Gauges>,
    epoch: u64,
    fence: Fence,
) -> Result<(mpsc::Sender<Mail>, JoinHandle<bool>), StartError> {
    let clock = Clock::start();
    let calls = switchboard_calls::Config {
        ring_for: config.ring_for,
        grace: config.grace,
        max_seats: config.max_seats,
        ..switchboard_calls::Config::default()
    };
    let running = takeover::running(&store, epoch, clock, &calls).await?;
    if !config.congestion_control {
        tracing::warn!("congestion control is off: narrow paths are flooded; for measuring alone");
    }
    let (media, told) = MediaDriver::start(&config.media_udp, &config.media_ips, media_settings(config), &fence)?;
    for address in media.addresses() {
        tracing::info!(%address, "media thread started");
    }
    let traces = Traces::new(config.otlp.as_ref().map(Exporter::start).transpose()?);
    let (sender, mailbox) = mpsc::channel(MAILBOX);
    let historian = Historian::start(store, epoch, sender.downgrade());
    let mut actor = Actor::new(calls, clock, media, historian, gauges, traces);
    actor.take_up(running);
    actor.publish(Duration::ZERO);
    Ok((sender, tokio::spawn(actor.run(mailbox, told, fence))))
}

fn media_settings(config: &Config) -> Settings {
    let &Config { audio_slots, spread_after, congestion_control, .. } = config;
    Settings { audio_slots, spread_after, congestion_control, tcp: config.media_tcp, stun: config.stun.clone() }
}
