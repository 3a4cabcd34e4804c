//! One thread: its peers, and the loop that moves them.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use mio::{Events as Readiness, Poll, Token, Waker};
use str0m_netem::NetemConfig;

use super::arrival::Clocks;
use super::path::Path;
use super::sample::{Latencies, Sample};
use super::socket::{BUFFER_BYTES, Received, Socket};
use super::wakes::Wakes;
use super::{Command, EngineOptions, Events, Line, Link, PeerCommand, PeerId};
use crate::peer::{Common, Counts, Output, Peer, PeerError};

/// Of the waker; peers count from 0.
const COMMANDS: Token = Token(usize::MAX);

/// How many times one socket is read before the others have their turn.
const READS_AT_ONCE: usize = 64;

/// Sockets of which readiness is told at once; more have their turn in the next round.
const READY_AT_ONCE: usize = 1_024;

pub(super) struct Worker {
    number: usize,
    poll: Poll,
    commands: Receiver<Command>,
    common: Common,
    options: EngineOptions,
    peers: HashMap<PeerId, Entry>,
    next_id: PeerId,
    wakes: Wakes,
    /// Sockets that had more than was read.
    unread: Vec<PeerId>,
    /// Of peers that have gone.
    gone: Counts,
    window: Latencies,
    recent: Latencies,
    buffer: Vec<u8>,
}

struct Entry {
    peer: Peer,
    socket: Socket,
    events: Events,
    /// When it wants to be woken, and when it will be, which is not later.
    wake: Instant,
    scheduled: Option<Instant>,
    unsent: u64,
    /// Of a peer whose network is bad.
    path: Option<Path>,
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start(number: usize, options: EngineOptions, common: Common) -> io::Result<Link> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), COMMANDS)?;
        let (sender, commands) = channel();
        let worker = Self {
            number,
            poll,
            commands,
            common,
            options,
            peers: HashMap::new(),
            next_id: 0,
            wakes: Wakes::default(),
            unread: Vec::new(),
            gone: Counts::default(),
            window: Latencies::default(),
            recent: Latencies::default(),
            buffer: vec![0; BUFFER_BYTES],
        };
        std::thread::Builder::new().name(format!("peers-{number}")).spawn(move || worker.run())?;
        Ok(Link(Arc::new(Line { commands: sender, waker })))
    }

    fn run(mut self) {
        let mut readiness = Readiness::with_capacity(READY_AT_ONCE);
        loop {
            let wait = if self.unread.is_empty() {
                self.wakes.next().map(|at| at.saturating_duration_since(Instant::now()))
            } else {
                Some(Duration::ZERO)
            };
            match self.poll.poll(&mut readiness, wait) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return,
                _ => {}
            }
            let mut ready = std::mem::take(&mut self.unread);
            ready.extend(readiness.iter().map(|event| event.token()).filter(|token| *token != COMMANDS).map(|token| token.0));
            if self.obey().is_none() {
                return;
            }
            let clocks = Clocks::read();
            for id in ready {
                self.read(id, clocks);
            }
            let now = Instant::now();
            while let Some(id) = self.wakes.pop_due(now) {
                self.wake(id, now);
            }
        }
    }

    /// Carries commands out; `None` when there will be no more.
    fn obey(&mut self) -> Option<()> {
        loop {
            match self.commands.try_recv() {
                Ok(Command::End) | Err(TryRecvError::Disconnected) => return None,
                Ok(command) => self.carry_out(command),
                Err(TryRecvError::Empty) => return Some(()),
            }
        }
    }

    // Whoever asked may have stopped waiting: answers that nobody takes are dropped.
    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Offer { local, plan, events, made } => {
                let path = plan.path;
                let offering = |now, common: &Common, at| Peer::offering(now, common, at, *plan);
                let _ = made.send(self.add(local, path, events, offering));
            }
            Command::Answer { local, plan, offer, events, made } => {
                let path = plan.path;
                let answering = |now, common: &Common, at| Peer::answering(now, common, at, *plan, &offer);
                let _ = made.send(self.add(local, path, events, answering));
            }
            Command::Peer(id, PeerCommand::Finish(report)) => {
                let Some(mut entry) = self.peers.remove(&id) else { return };
                if entry.peer.close().is_ok() {
                    let _ = drain(&mut entry, &mut self.window, &mut self.recent);
                }
                let finished = self.forget(entry);
                if let Some(report) = report {
                    let _ = report.send(finished);
                }
            }
            Command::Peer(id, command) => self.with(id, |peer| match command {
                PeerCommand::Answer(sdp) => peer.handle_answer(&sdp),
                PeerCommand::Send => peer.start_sending(Instant::now()),
                PeerCommand::WantVideo { active, rids } => {
                    peer.want_video(active, &rids);
                    Ok(())
                }
                PeerCommand::Finish(_) => Ok(()),
            }),
            Command::Sample { restart, taken } => {
                let _ = taken.send(self.sample(restart));
            }
            Command::End => {}
        }
    }

    fn add<T>(
        &mut self,
        address: SocketAddr,
        path: Option<NetemConfig>,
        events: Events,
        make: impl FnOnce(Instant, &Common, SocketAddr) -> Result<(Peer, T), PeerError>,
    ) -> Result<(PeerId, T), PeerError> {
        let id = self.next_id;
        self.next_id += 1;
        let no_socket = |source| PeerError::Socket { address, source };
        let socket = Socket::bind(address, self.options, self.poll.registry(), Token(id)).map_err(no_socket)?;
        let now = Instant::now();
        let (peer, description) = make(now, &self.common, socket.local)?;
        let path = path.map(|config| Path::new(config, ((self.number as u64) << 32) + id as u64));
        self.peers.insert(id, Entry { peer, socket, events, wake: now, scheduled: None, unsent: 0, path });
        self.with(id, |_| Ok(()));
        Ok((id, description))
    }

    fn read(&mut self, id: PeerId, clocks: Clocks) {
        for _ in 0..READS_AT_ONCE {
            let Some(entry) = self.peers.get_mut(&id) else { return };
            let (length, each, source, at) = match entry.socket.receive(&mut self.buffer) {
                Ok(Received::Some { length, each, source, at }) => (length, each.max(1), source, at),
                Ok(Received::OfThePath) => continue,
                Ok(Received::Nothing) => return,
                Err(source) => return self.end(id, PeerError::Socket { address: self.peers[&id].socket.local, source }),
            };
            let now = Instant::now();
            let came = clocks.came(at, now);
            for datagram in self.buffer[..length].chunks(each) {
                let handled = match &mut entry.path {
                    None => entry.peer.handle_datagram(came, source, datagram),
                    Some(path) => {
                        path.receive(now, source, datagram);
                        Ok(())
                    }
                };
                if let Err(error) = handled.and_then(|()| drain(entry, &mut self.window, &mut self.recent)) {
                    return self.end(id, error);
                }
            }
            schedule(&mut self.wakes, id, entry);
        }
        self.unread.push(id);
    }

    fn wake(&mut self, id: PeerId, now: Instant) {
        let Some(entry) = self.peers.get_mut(&id) else { return };
        entry.scheduled = None;
        if entry.wake <= now {
            self.with(id, |peer| peer.handle_timeout(now));
        } else {
            schedule(&mut self.wakes, id, entry);
        }
    }

    /// Changes a peer and does what it then wants done.
    fn with(&mut self, id: PeerId, change: impl FnOnce(&mut Peer) -> Result<(), PeerError>) {
        let Some(entry) = self.peers.get_mut(&id) else { return };
        match change(&mut entry.peer).and_then(|()| drain(entry, &mut self.window, &mut self.recent)) {
            Ok(()) => schedule(&mut self.wakes, id, entry),
            Err(error) => self.end(id, error),
        }
    }

    /// The peer cannot go on.
    fn end(&mut self, id: PeerId, error: PeerError) {
        if let Some(entry) = self.peers.remove(&id) {
            let _ = entry.events.send(Err(error));
            self.gone.failed += 1;
            self.forget(entry);
        }
    }

    fn forget(&mut self, mut entry: Entry) -> crate::peer::PeerReport {
        entry.socket.forget(self.poll.registry());
        let report = entry.peer.into_report();
        self.gone += &Counts {
            connected: 0,
            showing: 0,
            voices: 0,
            pictures: 0,
            heights: Vec::new(),
            cameras: 0,
            picture_slots: 0,
            unsent: entry.unsent,
            ..report.counts.clone()
        };
        report
    }

    fn sample(&mut self, restart: bool) -> Sample {
        let (mut counts, now) = (self.gone.clone(), Instant::now());
        let mut sample =
            Sample { peers: self.peers.len(), window: self.window.clone(), recent: std::mem::take(&mut self.recent), ..Sample::default() };
        for (id, entry) in &self.peers {
            let of = Counts { unsent: entry.unsent, ..entry.peer.counts(now) };
            counts += &of;
            sample.each.insert((self.number, *id), of);
        }
        sample.counts = counts;
        if restart {
            self.window.clear();
        }
        sample
    }
}

/// Does what the peer wants done, until it wants to wait; what its path has carried meanwhile comes and goes.
fn drain(entry: &mut Entry, window: &mut Latencies, recent: &mut Latencies) -> Result<(), PeerError> {
    poll(entry)?;
    while let Some(path) = &mut entry.path {
        let now = Instant::now();
        if let Some(come) = path.received(now) {
            entry.peer.handle_datagram(now, come.address, &come.contents)?;
            poll(entry)?;
        } else if let Some(gone) = path.sent(now) {
            transmit(entry, gone.address, &gone.contents)?;
        } else {
            entry.wake = path.wake().map_or(entry.wake, |wake| wake.min(entry.wake));
            break;
        }
    }
    for flight in entry.peer.take_flights() {
        window.record(flight);
        recent.record(flight);
    }
    Ok(())
}

fn poll(entry: &mut Entry) -> Result<(), PeerError> {
    loop {
        match entry.peer.poll_output()? {
            Output::Transmit(out) => match &mut entry.path {
                None => transmit(entry, out.destination, &out.contents)?,
                Some(path) => path.send(Instant::now(), out.destination, &out.contents),
            },
            // Whoever waited for events may have gone.
            Output::Event(event) => drop(entry.events.send(Ok(event))),
            Output::Timeout(at) => {
                entry.wake = at;
                return Ok(());
            }
        }
    }
}

fn transmit(entry: &mut Entry, destination: SocketAddr, contents: &[u8]) -> Result<(), PeerError> {
    let sent = entry.socket.send(contents, destination);
    let no_socket = |source| PeerError::Socket { address: entry.socket.local, source };
    entry.unsent += u64::from(!sent.map_err(no_socket)?);
    Ok(())
}

/// Sees to it that the peer is woken in time.
fn schedule(wakes: &mut Wakes, id: PeerId, entry: &mut Entry) {
    if entry.scheduled.is_none_or(|scheduled| entry.wake < scheduled) {
        entry.scheduled = Some(entry.wake);
        wakes.push(entry.wake, id);
    }
}
