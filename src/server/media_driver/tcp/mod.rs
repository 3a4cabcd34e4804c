//! Media by TCP (RFC 6544, passive): for people behind networks that let no UDP through. Clients connect to the same port as by UDP, and
//! send what they would send as datagrams in frames (RFC 4571). A media thread owns its connections, and takes what comes by them in turn
//! with its datagrams.
//!
//! Whoever connects has proved nothing. A connection is kept while what comes by it is some leg's, and there are bounds on how many there
//! are, how long each may be silent and how much waits on it.

mod connection;
mod framing;
mod numbers;
mod places;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::time::{Duration, Instant};

use connection::Connection;
use numbers::Closed;
pub use numbers::TcpNumbers;
use places::Places;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::yield_now;
use tokio::time::sleep_until;

/// Connections that the kernel holds until they are taken.
const BACKLOG: i32 = 128;
/// What may wait to be taken by the thread, in looks at connections; beyond it nobody is read.
const WAITING: usize = 64;
/// How often it is looked who is silent.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Descriptors that ran out come back when somebody leaves.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Which connection, of all there ever were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ConnectionId(u64);

/// What comes.
pub(super) enum Arrival {
    /// Somebody connected.
    Opened(TcpStream, SocketAddr),
    /// Whole frames.
    Frames(ConnectionId, Vec<u8>),
    /// There is room to write again.
    Writable(ConnectionId),
    /// The connection is at its end.
    Ended(ConnectionId),
    /// It is time to look who is silent.
    Sweep,
}

/// The connections of a media thread.
pub(super) struct Tcp {
    /// Until the thread runs; none where media comes by UDP alone.
    listener: Option<StdListener>,
    arrived: Receiver<Arrival>,
    arrivals: Sender<Arrival>,
    connections: HashMap<ConnectionId, Connection>,
    /// By the candidate they came to and where they come from, which is how str0m names them.
    by_addresses: HashMap<(SocketAddr, SocketAddr), ConnectionId>,
    /// Those that something was pushed to. Ordered, so that everyone has their turn.
    pushed: BTreeSet<ConnectionId>,
    places: Places,
    last: u64,
    swept: Instant,
    numbers: TcpNumbers,
}

impl Tcp {
    /// Media comes by UDP alone.
    pub(super) fn off() -> Self {
        let (arrivals, arrived) = channel(WAITING);
        Self {
            listener: None,
            arrived,
            arrivals,
            connections: HashMap::new(),
            by_addresses: HashMap::new(),
            pushed: BTreeSet::new(),
            places: Places::default(),
            last: 0,
            swept: Instant::now(),
            numbers: TcpNumbers::default(),
        }
    }

    /// Takes the port of a UDP socket, at the same address.
    pub(super) fn listen(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.ip().is_unspecified() && address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        // Connections of an earlier run may still be closing.
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok(Self { listener: Some(socket.into()), ..Self::off() })
    }

    /// Whether clients may connect.
    pub(super) fn is_on(&self) -> bool {
        self.listener.is_some()
    }

    /// Joins the runtime of the thread it is on, and takes connections from there on.
    pub(super) fn register(&mut self) -> io::Result<()> {
        if let Some(listener) = self.listener.take() {
            tokio::spawn(accept(TcpListener::from_std(listener)?, self.arrivals.clone()));
        }
        Ok(())
    }

    /// Waits for what comes next.
    pub(super) async fn next(&mut self) -> Arrival {
        let sweep = (self.swept + SWEEP_EVERY).into();
        tokio::select! {
            // The sender that is kept here keeps it open.
            Some(arrival) = self.arrived.recv() => arrival,
            () = sleep_until(sweep), if !self.connections.is_empty() => Arrival::Sweep,
        }
    }

    /// Has connections read without a wait, for who has no time to wait for what comes: the runtime finds out which can be when it is
    /// first given way to, and reads them when it is again.
    pub(super) async fn look(&self) {
        if !self.connections.is_empty() {
            yield_now().await;
            yield_now().await;
        }
    }

    /// What has come already.
    pub(super) fn try_next(&mut self) -> Option<Arrival> {
        self.arrived.try_recv().ok()
    }

    /// Deals with what came: `candidate` says which one a local address is, for a peer; `take` is given each packet with where it comes
    /// from and the candidate, and says whether it is a leg's.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        arrival: Arrival,
        candidate: impl Fn(SocketAddr, SocketAddr) -> SocketAddr,
        mut take: impl FnMut(SocketAddr, SocketAddr, &[u8]) -> bool,
    ) {
        match arrival {
            Arrival::Opened(stream, peer) => {
                // One that is gone again has no address.
                let Ok(local) = stream.local_addr() else { return self.numbers.close(Closed::ByPeer) };
                self.open(now, stream, peer, candidate(peer, local));
            }
            Arrival::Frames(id, frames) => {
                let Some(connection) = self.connections.get_mut(&id) else { return };
                let (peer, candidate) = (connection.peer, connection.candidate);
                if framing::packets(&frames).all(|packet| take(peer, candidate, packet)) {
                    // A frame without content is no sign of life.
                    if framing::packets(&frames).next().is_some() {
                        connection.heard(now);
                    }
                } else {
                    self.close(id, Closed::Garbage);
                }
            }
            Arrival::Writable(id) => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.writable();
                    self.pushed.insert(id);
                }
            }
            Arrival::Ended(id) => self.close(id, Closed::ByPeer),
            Arrival::Sweep => self.sweep(now),
        }
    }

    /// Has a packet wait for [`Tcp::flush`], or drops it, as a full link does.
    pub(super) fn push(&mut self, source: SocketAddr, destination: SocketAddr, packet: &[u8]) {
        let id = self.by_addresses.get(&(source, destination));
        let Some((id, connection)) = id.and_then(|id| Some((*id, self.connections.get_mut(id)?))) else {
            self.numbers.gone += 1;
            return;
        };
        if connection.push(packet) {
            self.pushed.insert(id);
            return;
        }
        // A keyframe may be more than waits on a connection, and yet the kernel has room for it.
        match connection.flush(id, &self.arrivals) {
            Ok(()) if connection.push(packet) => _ = self.pushed.insert(id),
            Ok(()) => self.numbers.full += 1,
            Err(_) => self.close(id, Closed::ByPeer),
        }
    }

    /// Writes what waits, as far as there is room.
    pub(super) fn flush(&mut self) {
        while let Some(id) = self.pushed.pop_first() {
            let Some(connection) = self.connections.get_mut(&id) else { continue };
            if connection.flush(id, &self.arrivals).is_err() {
                self.close(id, Closed::ByPeer);
            }
        }
    }

    /// Running totals.
    pub(super) fn numbers(&self) -> TcpNumbers {
        let mut numbers = self.numbers;
        numbers.connections = self.connections.len() as u64;
        numbers
    }

    fn open(&mut self, now: Instant, stream: TcpStream, peer: SocketAddr, candidate: SocketAddr) {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        if let Err(why) = self.places.take(peer.ip()) {
            return self.numbers.close(why);
        }
        if self.connections.is_empty() {
            self.swept = now;
        }
        self.last += 1;
        let id = ConnectionId(self.last);
        let connection = Connection::begin(now, id, (peer, candidate), stream, self.arrivals.clone());
        self.connections.insert(id, connection);
        if let Some(before) = self.by_addresses.insert((candidate, peer), id) {
            self.close(before, Closed::Replaced);
        }
    }

    fn close(&mut self, id: ConnectionId, why: Closed) {
        let Some(connection) = self.connections.remove(&id) else { return };
        let addresses = (connection.candidate, connection.peer);
        if self.by_addresses.get(&addresses) == Some(&id) {
            self.by_addresses.remove(&addresses);
        }
        self.places.free(connection.peer.ip());
        self.numbers.close(why);
    }

    fn sweep(&mut self, now: Instant) {
        self.swept = now;
        let given_up = self.connections.iter().filter_map(|(id, connection)| Some((*id, connection.given_up(now)?)));
        for (id, why) in given_up.collect::<Vec<_>>() {
            self.close(id, why);
        }
    }
}

async fn accept(listener: TcpListener, arrivals: Sender<Arrival>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if arrivals.send(Arrival::Opened(stream, peer)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a media connection cannot be taken");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
