//! Gives a peer its socket, its clock and a task to live in.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::net::Transmit;
use switchboard_protocol::Offer;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep_until, timeout_at};

use super::{Flights, Output, Peer, PeerError, PeerEvent, PeerReport};

/// Larger than any datagram of WebRTC.
const DATAGRAM_BYTES: usize = 2_048;

enum Command {
    Answer(String),
    Send,
    Finish,
}

/// A peer at work. It ends when it is told to, or when this is dropped.
#[derive(Debug)]
pub(crate) struct PeerHandle {
    offer: Offer,
    commands: mpsc::UnboundedSender<Command>,
    events: mpsc::UnboundedReceiver<PeerEvent>,
    connected: bool,
    task: JoinHandle<Result<PeerReport, PeerError>>,
}

impl PeerHandle {
    /// Opens a socket on `bind` and prepares an offer. Nothing is sent before the answer is there.
    pub(crate) async fn start(bind: IpAddr, sent: Arc<Flights>, received: Arc<Flights>, record: bool) -> Result<Self, PeerError> {
        let address = SocketAddr::new(bind, 0);
        let no_socket = |source| PeerError::Socket { address, source };
        let socket = UdpSocket::bind(address).await.map_err(no_socket)?;
        let local = socket.local_addr().map_err(no_socket)?;
        let (peer, offer) = Peer::offering(Instant::now(), local, sent, received, record)?;
        let (commands, incoming_commands) = mpsc::unbounded_channel();
        let (outgoing_events, events) = mpsc::unbounded_channel();
        let task = tokio::spawn(Task { peer, socket, events: outgoing_events }.run(incoming_commands));
        Ok(Self { offer, commands, events, connected: false, task })
    }

    pub(crate) fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Takes the server's answer.
    pub(crate) fn answer(&self, sdp: String) {
        self.command(Command::Answer(sdp));
    }

    /// Camera and microphone go on.
    pub(crate) fn send(&self) {
        self.command(Command::Send);
    }

    /// Waits until ICE and DTLS are done, in a call that still rings.
    pub(crate) async fn connected(&mut self, limit: Duration) -> Result<(), PeerError> {
        let deadline = tokio::time::Instant::now() + limit;
        while !self.connected {
            if self.event(deadline, limit).await?.is_some() {
                return Err(PeerError::TooEarly);
            }
        }
        Ok(())
    }

    /// Waits until a frame that can be shown is complete, and says when it was.
    pub(crate) async fn first_frame(&mut self, limit: Duration) -> Result<Instant, PeerError> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            if let Some(at) = self.event(deadline, limit).await? {
                return Ok(at);
            }
        }
    }

    /// Waits for one event; gives when the first frame was there, if it was that.
    async fn event(&mut self, deadline: tokio::time::Instant, limit: Duration) -> Result<Option<Instant>, PeerError> {
        match timeout_at(deadline, self.events.recv()).await {
            Ok(Some(PeerEvent::Connected)) => self.connected = true,
            Ok(Some(PeerEvent::FirstFrame(at))) => return Ok(Some(at)),
            Ok(Some(PeerEvent::Lost)) => return Err(PeerError::Lost),
            Ok(None) => return Err(self.outcome().await.err().unwrap_or(PeerError::Died)),
            Err(_) if self.connected => {
                self.command(Command::Finish);
                let report = Box::new(self.outcome().await?);
                return Err(PeerError::NoVideo { limit, report });
            }
            Err(_) => return Err(PeerError::NotConnected(limit)),
        }
        Ok(None)
    }

    /// Says goodbye to the server and tells what was seen.
    pub(crate) async fn finish(mut self) -> Result<PeerReport, PeerError> {
        self.command(Command::Finish);
        self.outcome().await
    }

    fn command(&self, command: Command) {
        // A task that has ended has its reason ready for whoever waits for it.
        let _ = self.commands.send(command);
    }

    async fn outcome(&mut self) -> Result<PeerReport, PeerError> {
        (&mut self.task).await.unwrap_or(Err(PeerError::Died))
    }
}

struct Task {
    peer: Peer,
    socket: UdpSocket,
    events: mpsc::UnboundedSender<PeerEvent>,
}

impl Task {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) -> Result<PeerReport, PeerError> {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        loop {
            let wake = self.drain().await?;
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Answer(sdp)) => self.peer.handle_answer(&sdp)?,
                    Some(Command::Send) => self.peer.start_sending(Instant::now())?,
                    Some(Command::Finish) | None => break,
                },
                readable = self.socket.readable() => {
                    readable.map_err(|source| self.no_socket(source))?;
                    self.receive(&mut buffer)?;
                }
                () = sleep_until(wake.into()) => self.peer.handle_timeout(Instant::now())?,
            }
        }
        self.peer.close()?;
        self.drain().await?;
        Ok(self.peer.into_report())
    }

    /// Takes one datagram, if there is one.
    fn receive(&mut self, buffer: &mut [u8]) -> Result<(), PeerError> {
        match self.socket.try_recv_from(buffer) {
            Ok((length, source)) => self.peer.handle_datagram(Instant::now(), source, &buffer[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            // What an earlier datagram met on its way (ICMP); it is lost like any other.
            Err(error) if is_of_the_path(&error) => Ok(()),
            Err(error) => Err(self.no_socket(error)),
        }
    }

    /// Does what the peer wants done. Returns when it wants to be woken.
    async fn drain(&mut self) -> Result<Instant, PeerError> {
        loop {
            match self.peer.poll_output()? {
                Output::Transmit(transmit) => self.transmit(&transmit).await?,
                // Whoever waited for events may have gone.
                Output::Event(event) => drop(self.events.send(event)),
                Output::Timeout(at) => return Ok(at),
            }
        }
    }

    async fn transmit(&self, transmit: &Transmit) -> Result<(), PeerError> {
        match self.socket.send_to(&transmit.contents, transmit.destination).await {
            Err(error) if !is_of_the_path(&error) => Err(self.no_socket(error)),
            _ => Ok(()),
        }
    }

    fn no_socket(&self, source: std::io::Error) -> PeerError {
        let address = self.socket.local_addr().unwrap_or_else(|_| SocketAddr::from(([0; 4], 0)));
        PeerError::Socket { address, source }
    }
}

fn is_of_the_path(error: &std::io::Error) -> bool {
    use ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, PermissionDenied};
    matches!(error.kind(), ConnectionRefused | ConnectionReset | HostUnreachable | NetworkUnreachable | PermissionDenied)
}
