//! The media driver: the one place that owns sockets and threads for media. Each thread has a UDP port and a
//! [`switchboard_media::Router`]; all legs of a call live on one of them.
//!
//! Commands go in and events come out by channels, so nothing here ever waits for the rest of the server, nor it for this.
//! Control is reliable: no command or event is dropped. Both are bounded by the number of legs, which is bounded here.

mod egress;
mod numbers;
mod shard;
mod socket;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

pub use numbers::Totals;
use switchboard_media::{Certificate, Router, RouterConfig};
pub use switchboard_media::{
    Event as LegEvent, GroupId, LegError, LegId, LegStats, LineRole, Offer, OfferError, Quality, Role, SlotStats, SourceKind, Sources,
    Tile, View,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::config::MediaPorts;
use numbers::Numbers;
use shard::Shard;
use socket::Socket;

/// The most legs of one thread. One of them costs up to a megabyte; a thread is out of time long before.
const MAX_LEGS: usize = 4_096;

/// What comes of an offer.
#[derive(Debug)]
pub struct Answer {
    /// The SDP answer.
    pub sdp: String,
    /// The `a=mid`s of the slots that show cameras and screens.
    pub picture_slots: Vec<String>,
}

/// What the driver tells.
#[derive(Debug)]
pub enum DriverEvent {
    /// The answer to an offer given to [`MediaDriver::add_leg`].
    Answered {
        /// The leg.
        leg: LegId,
        /// With an error there is no such leg.
        answer: Result<Answer, OfferError>,
    },
    /// The answer to [`MediaDriver::inspect`].
    Inspected {
        /// The leg.
        leg: LegId,
        /// How it fares; `None` when there is no such leg any more.
        stats: Option<LegStats>,
    },
    /// Something happened to a leg.
    Leg(LegEvent),
}

/// Why the driver could not start.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// A media port cannot be used.
    #[error("UDP port {port} for media cannot be used ({cause}) — free it, or choose another with --media-udp")]
    Port {
        /// The port.
        port: u16,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A thread cannot be started.
    #[error("a media thread cannot be started ({0}) — raise the limit of threads, or lower the number of --media-udp ports")]
    Thread(io::Error),
}

/// The driver has as many legs as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no room for more media connections")]
pub struct Full;

enum Command {
    AddLeg { leg: LegId, group: GroupId, offer: Offer },
    OpenGate(LegId),
    CloseGate(LegId),
    SetView(LegId, View),
    SetSources(LegId, Sources),
    Inspect(LegId),
    RemoveLeg(LegId),
}

struct Thread {
    commands: UnboundedSender<Command>,
    numbers: Arc<Numbers>,
    /// Legs asked for and not yet known to be gone.
    legs: AtomicUsize,
    address: SocketAddr,
    join: JoinHandle<()>,
}

/// Speaks to the media threads; they end when it is dropped.
pub struct MediaDriver {
    threads: Vec<Thread>,
}

impl MediaDriver {
    /// Starts a thread for each port. Clients are told to send to `ips`, which must not be empty; with one of them the
    /// sockets are bound to it alone. A receiver hears `audio_slots` voices at most. Gives the driver and what it tells.
    pub fn start(ports: MediaPorts, ips: &[IpAddr], audio_slots: usize) -> Result<(Self, UnboundedReceiver<DriverEvent>), DriverError> {
        let certificate = Certificate::generate();
        let (events, told) = unbounded_channel();
        let mut threads = Vec::new();
        for port in ports.iter() {
            let socket = Socket::bind(ips, port).map_err(|cause| DriverError::Port { port, cause })?;
            threads.push(start_thread(socket, certificate.clone(), audio_slots, events.clone())?);
        }
        Ok((Self { threads }, told))
    }

    /// Where the media threads listen, one address each.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.threads.iter().map(|thread| thread.address)
    }

    /// Adds a leg to a group, its gate shut; [`DriverEvent::Answered`] brings the answer.
    pub fn add_leg(&self, leg: LegId, group: GroupId, offer: Offer) -> Result<(), Full> {
        let thread = self.thread_of(group);
        if thread.legs.load(Ordering::Relaxed) >= MAX_LEGS {
            return Err(Full);
        }
        thread.legs.fetch_add(1, Ordering::Relaxed);
        // The thread lives as long as this driver, so it takes every command.
        let _ = thread.commands.send(Command::AddLeg { leg, group, offer });
        Ok(())
    }

    /// Lets media flow from and to a leg.
    pub fn open_gate(&self, leg: LegId, group: GroupId) {
        let _ = self.thread_of(group).commands.send(Command::OpenGate(leg));
    }

    /// Stops all media from and to a leg, which stays connected.
    pub fn close_gate(&self, leg: LegId, group: GroupId) {
        let _ = self.thread_of(group).commands.send(Command::CloseGate(leg));
    }

    /// Says what a leg's client shows.
    pub fn set_view(&self, leg: LegId, group: GroupId, view: View) {
        let _ = self.thread_of(group).commands.send(Command::SetView(leg, view));
    }

    /// Says which of its sources a leg has switched on.
    pub fn set_sources(&self, leg: LegId, group: GroupId, on: Sources) {
        let _ = self.thread_of(group).commands.send(Command::SetSources(leg, on));
    }

    /// Asks how a leg fares; [`DriverEvent::Inspected`] brings the answer, whether the leg is still there or not.
    pub fn inspect(&self, leg: LegId, group: GroupId) {
        let _ = self.thread_of(group).commands.send(Command::Inspect(leg));
    }

    /// Removes a leg, whether it is still there or not.
    pub fn remove_leg(&self, leg: LegId, group: GroupId) {
        let _ = self.thread_of(group).commands.send(Command::RemoveLeg(leg));
    }

    /// Must be called once for each added leg that is gone: refused, failed or removed.
    pub fn leg_gone(&self, group: GroupId) {
        self.thread_of(group).legs.fetch_sub(1, Ordering::Relaxed);
    }

    /// Running totals of all threads, a quarter of a second old at most while there are legs.
    pub fn totals(&self) -> Totals {
        self.threads.iter().map(|thread| thread.numbers.read()).fold(Totals::default(), Totals::plus)
    }

    /// Ends the threads and waits for them.
    pub fn stop(self) {
        for thread in self.threads {
            drop(thread.commands);
            if thread.join.join().is_err() {
                tracing::error!("a media thread ended by a panic");
            }
        }
    }

    fn thread_of(&self, group: GroupId) -> &Thread {
        &self.threads[group.0 as usize % self.threads.len()]
    }
}

fn start_thread(
    socket: Socket,
    certificate: Certificate,
    audio_slots: usize,
    events: UnboundedSender<DriverEvent>,
) -> Result<Thread, DriverError> {
    let numbers = Arc::new(Numbers::default());
    let (commands, orders) = unbounded_channel();
    let address = socket.address();
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|error| DriverError::Thread(io::Error::other(error)))?;
    let config = RouterConfig { certificate, candidates: socket.candidates().to_vec(), audio_slots, seed: u64::from_le_bytes(seed) };
    let router = Router::new(Instant::now(), config);
    let shard = Shard::new(router, socket, orders, events, numbers.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DriverError::Thread)?;
    let thread = std::thread::Builder::new().name(format!("media-{}", address.port()));
    let join = thread.spawn(move || runtime.block_on(shard.run())).map_err(DriverError::Thread)?;
    Ok(Thread { commands, numbers, legs: AtomicUsize::new(0), address, join })
}
