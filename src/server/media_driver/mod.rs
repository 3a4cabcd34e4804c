//! The media driver: the one place that owns sockets and threads for media. Each thread has a UDP port (and
//! the TCP port of the same number), a core and a
//! [`switchboard_media::Router`]. The legs of a call live on one of them; a call that outgrows it is spread over several, whose
//! routers say to each other what there is to say.
//!
//! Commands go in and events come out by channels, so nothing here ever waits for the rest of the server, nor it for this.
//! Control is reliable: no command or event is dropped. Both are bounded by the number of legs, which is bounded here.

mod buffers;
mod core;
mod egress;
mod numbers;
mod passage;
mod paths;
mod placement;
mod seating;
mod shard;
mod socket;
mod stun;
mod tcp;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

pub use buffers::Shortage;
pub use numbers::{Totals, Work};
pub use paths::Paths;
use switchboard_media::{Certificate, RelayId, Router, RouterConfig};
pub use switchboard_media::{
    Event as LegEvent, Feedback, GroupId, LegError, LegId, LegStats, LineRole, Offer, OfferError, Quality, Role, SlotStats, SourceKind,
    Sources, Tile, View,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::config::MediaPorts;
use crate::fence::Fence;
use numbers::Numbers;
use passage::{Inbox, Outbox, passage};
use placement::Bounds;
use seating::Seating;
use shard::Shard;
use socket::Socket;
use stun::Stun;
use tcp::Tcp;
pub use tcp::TcpNumbers;

/// The most legs of one thread. One of them costs up to a megabyte; a thread is out of time long before.
const MAX_LEGS: usize = 4_096;

/// What the media threads are told at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many voices a receiver hears at most.
    pub audio_slots: usize,
    /// So many legs of a call are on one thread before others take some.
    pub spread_after: usize,
    /// Whether receivers are sent what their paths carry, or everything.
    pub congestion_control: bool,
    /// Whether media may come by TCP, too.
    pub tcp: bool,
    /// The STUN server that tells the public addresses, if one is asked.
    pub stun: Option<String>,
}

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
    /// The TCP port of a media port cannot be used.
    #[error(
        "TCP port {port} for media cannot be used ({cause}) — free it, choose another with --media-udp, or do without by --media-tcp off"
    )]
    TcpPort {
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
    AddLeg {
        leg: LegId,
        group: GroupId,
        offer: Offer,
    },
    OpenGate(LegId),
    CloseGate(LegId),
    SetView(LegId, View),
    SetSources(LegId, Sources),
    Inspect(LegId),
    RemoveLeg(LegId),
    /// The group is on that thread too.
    Link(GroupId, usize),
    Unlink(GroupId, usize),
}

struct Thread {
    commands: UnboundedSender<Command>,
    numbers: Arc<Numbers>,
    address: SocketAddr,
    join: JoinHandle<()>,
}

/// Speaks to the media threads; they end when it is dropped.
pub struct MediaDriver {
    threads: Vec<Thread>,
    seating: Seating,
}

impl MediaDriver {
    /// Starts a thread for each port. Clients are told to send to `ips`, which must not be empty; with one of them the
    /// sockets are bound to it alone. Nothing is sent while the fence is down. Gives the driver and what it tells.
    pub(crate) fn start(
        ports: &MediaPorts,
        ips: &[IpAddr],
        settings: Settings,
        fence: &Fence,
    ) -> Result<(Self, UnboundedReceiver<DriverEvent>), DriverError> {
        let certificate = Certificate::generate();
        let (events, told) = unbounded_channel();
        let sockets: Vec<(Socket, Tcp)> = ports.iter().map(|port| bind(ips, port, settings.tcp)).collect::<Result<_, _>>()?;
        // The limits are the machine's: what one socket lacks, all do.
        if let Some(shortage) = sockets.iter().find_map(|(socket, _)| socket.shortage()) {
            tracing::warn!("{shortage}");
        }
        let (passages, inboxes): (Vec<_>, Vec<_>) = sockets.iter().map(|_| passage()).unzip();
        let cores = core::cores(sockets.len());
        let mut threads = Vec::new();
        for (place, ((socket, inbox), core)) in sockets.into_iter().zip(inboxes).zip(cores).enumerate() {
            let outboxes = passages.iter().map(|passage| Outbox::new(RelayId(place as u64), passage.clone())).collect();
            threads.push(start_thread(socket, core, (inbox, outboxes), certificate.clone(), &settings, (events.clone(), fence.clone()))?);
        }
        let seating = Seating::new(threads.len(), Bounds { spread_after: settings.spread_after, most: MAX_LEGS });
        Ok((Self { threads, seating }, told))
    }

    /// What the kernel holds less for a media socket than is asked of it.
    pub fn shortage() -> io::Result<Option<Shortage>> {
        buffers::shortage()
    }

    /// Where the media threads listen, one address each.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.threads.iter().map(|thread| thread.address)
    }

    /// Adds a leg to a group, its gate shut; [`DriverEvent::Answered`] brings the answer.
    pub fn add_leg(&mut self, leg: LegId, group: GroupId, offer: Offer) -> Result<(), Full> {
        let (now, threads) = (Instant::now(), &self.threads);
        let (thread, others) = self.seating.seat(leg, group, |thread| threads[thread].numbers.busy(now))?;
        for other in others {
            self.command(thread, Command::Link(group, other));
            self.command(other, Command::Link(group, thread));
        }
        self.command(thread, Command::AddLeg { leg, group, offer });
        Ok(())
    }

    /// Lets media flow from and to a leg.
    pub fn open_gate(&self, leg: LegId) {
        self.command_of(leg, Command::OpenGate(leg));
    }

    /// Stops all media from and to a leg, which stays connected.
    pub fn close_gate(&self, leg: LegId) {
        self.command_of(leg, Command::CloseGate(leg));
    }

    /// Says what a leg's client shows.
    pub fn set_view(&self, leg: LegId, view: View) {
        self.command_of(leg, Command::SetView(leg, view));
    }

    /// Says which of its sources a leg has switched on.
    pub fn set_sources(&self, leg: LegId, on: Sources) {
        self.command_of(leg, Command::SetSources(leg, on));
    }

    /// Asks how a leg fares; [`DriverEvent::Inspected`] brings the answer, whether the leg is still there or not.
    pub fn inspect(&self, leg: LegId) {
        self.command_of(leg, Command::Inspect(leg));
    }

    /// Removes a leg, whether it is still there or not.
    pub fn remove_leg(&self, leg: LegId) {
        self.command_of(leg, Command::RemoveLeg(leg));
    }

    /// Must be called once for each added leg that is gone: refused, failed or removed.
    pub fn leg_gone(&mut self, leg: LegId) {
        let Some((thread, group, others)) = self.seating.leave(leg) else { return };
        for other in others {
            self.command(thread, Command::Unlink(group, other));
            self.command(other, Command::Unlink(group, thread));
        }
    }

    /// Running totals of all threads, a quarter of a second old at most while there are legs.
    pub fn totals(&self) -> Totals {
        self.threads.iter().map(|thread| thread.numbers.read()).fold(Totals::default(), Totals::plus)
    }

    /// Running totals of each thread, by its port, and the part of its time that it is at work.
    pub fn each(&self) -> impl Iterator<Item = (u16, Totals, f32)> {
        let now = Instant::now();
        self.threads.iter().map(move |thread| (thread.address.port(), thread.numbers.read(), thread.numbers.busy(now)))
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

    fn command_of(&self, leg: LegId, command: Command) {
        self.command(self.seating.thread_of(leg), command);
    }

    fn command(&self, thread: usize, command: Command) {
        // The thread lives as long as this driver, so it takes every command.
        let _ = self.threads[thread].commands.send(command);
    }
}

/// Binds both sockets of a port. Of those that are free for one, a few may be taken for the other.
fn bind(ips: &[IpAddr], port: u16, tcp: bool) -> Result<(Socket, Tcp), DriverError> {
    const TRIES: usize = 16;
    let mut tries = if port == 0 { TRIES } else { 1 };
    loop {
        let socket = Socket::bind(ips, port).map_err(|cause| DriverError::Port { port, cause })?;
        if !tcp {
            return Ok((socket, Tcp::off()));
        }
        tries -= 1;
        match Tcp::listen(socket.address()) {
            Ok(tcp) => return Ok((socket, tcp)),
            Err(_) if tries > 0 => {}
            Err(cause) => return Err(DriverError::TcpPort { port: socket.address().port(), cause }),
        }
    }
}

fn start_thread(
    (socket, tcp): (Socket, Tcp),
    core: Option<usize>,
    passages: (Inbox, Vec<Outbox>),
    certificate: Certificate,
    settings: &Settings,
    (events, fence): (UnboundedSender<DriverEvent>, Fence),
) -> Result<Thread, DriverError> {
    let numbers = Arc::new(Numbers::default());
    let (commands, orders) = unbounded_channel();
    let address = socket.address();
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|error| DriverError::Thread(io::Error::other(error)))?;
    let &Settings { audio_slots, congestion_control, .. } = settings;
    let (candidates, seed) = (socket.candidates().to_vec(), u64::from_le_bytes(seed));
    let config = RouterConfig { certificate, candidates, tcp: tcp.is_on(), audio_slots, congestion_control, seed };
    let router = Router::new(Instant::now(), config);
    let shard = Shard::new(router, (socket, tcp, Stun::new(settings.stun.clone())), orders, events, numbers.clone(), passages, fence);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DriverError::Thread)?;
    let thread = std::thread::Builder::new().name(format!("media-{}", address.port()));
    let run = move || {
        core.into_iter().for_each(core::pin);
        runtime.block_on(shard.run());
    };
    let join = thread.spawn(run).map_err(DriverError::Thread)?;
    Ok(Thread { commands, numbers, address, join })
}
