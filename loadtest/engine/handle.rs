//! A peer as a scenario holds it.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

use super::{Command, Link, PeerCommand, PeerId};
use crate::peer::{PeerError, PeerEvent, PeerReport};

/// A peer at work. It says goodbye when it is told to finish, or when this is dropped.
#[derive(Debug)]
pub(crate) struct PeerHandle {
    link: Link,
    id: PeerId,
    events: mpsc::UnboundedReceiver<Result<PeerEvent, PeerError>>,
    connected: Option<Instant>,
    shown: Option<Instant>,
    finished: bool,
}

impl PeerHandle {
    pub(super) fn new(link: Link, id: PeerId, events: mpsc::UnboundedReceiver<Result<PeerEvent, PeerError>>) -> Self {
        Self { link, id, events, connected: None, shown: None, finished: false }
    }

    /// Takes the answer to its offer; connecting begins.
    pub(crate) fn answer(&self, sdp: String) {
        self.command(PeerCommand::Answer(sdp));
    }

    /// Camera and microphone go on, as soon as it is connected.
    pub(crate) fn send(&self) {
        self.command(PeerCommand::Send);
    }

    /// The camera of the peer, for whoever is told which of its layers anyone wants.
    pub(crate) fn camera(&self) -> Camera {
        Camera { link: self.link.clone(), id: self.id }
    }

    /// Waits until ICE and DTLS are done, in a call that still rings, and says when they were.
    pub(crate) async fn connected(&mut self, limit: Duration) -> Result<Instant, PeerError> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            if self.shown.is_some() {
                return Err(PeerError::TooEarly);
            }
            if let Some(at) = self.connected {
                return Ok(at);
            }
            self.event(deadline, limit).await?;
        }
    }

    /// Waits for a frame that can be shown, as long as this allows; then the peer goes on without.
    pub(crate) async fn shows_within(&mut self, limit: Duration) -> Option<Instant> {
        let deadline = tokio::time::Instant::now() + limit;
        while self.shown.is_none() {
            let event = timeout_at(deadline, self.events.recv()).await.ok()?;
            self.take(event).ok()?;
        }
        self.shown
    }

    /// Waits until a frame that can be shown is complete, and says when it was; a peer that has none in time is finished.
    pub(crate) async fn first_frame(&mut self, limit: Duration) -> Result<Instant, PeerError> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            if let Some(at) = self.shown {
                return Ok(at);
            }
            self.event(deadline, limit).await?;
        }
    }

    /// Says goodbye to the server and tells what was seen.
    pub(crate) async fn finish(mut self) -> Result<PeerReport, PeerError> {
        self.end().await
    }

    async fn event(&mut self, deadline: tokio::time::Instant, limit: Duration) -> Result<(), PeerError> {
        match timeout_at(deadline, self.events.recv()).await {
            Ok(event) => self.take(event),
            Err(_) if self.connected.is_some() => Err(PeerError::NoVideo { limit, report: Box::new(self.end().await?) }),
            Err(_) => Err(PeerError::NotConnected(limit)),
        }
    }

    fn take(&mut self, event: Option<Result<PeerEvent, PeerError>>) -> Result<(), PeerError> {
        match event.ok_or(PeerError::Died)?? {
            PeerEvent::Connected(at) => self.connected = Some(at),
            PeerEvent::FirstFrame(at) => self.shown = Some(at),
            PeerEvent::Lost => return Err(PeerError::Lost),
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<PeerReport, PeerError> {
        let (report, reported) = oneshot::channel();
        self.finished = true;
        self.command(PeerCommand::Finish(Some(report)));
        match reported.await {
            Ok(report) => Ok(report),
            Err(_) => Err(self.why_it_ended()),
        }
    }

    /// A peer that ended by itself has said why.
    fn why_it_ended(&mut self) -> PeerError {
        std::iter::from_fn(|| self.events.try_recv().ok()).find_map(Result::err).unwrap_or(PeerError::Died)
    }

    fn command(&self, command: PeerCommand) {
        self.link.tell(Command::Peer(self.id, command));
    }
}

/// The camera of a peer.
#[derive(Debug, Clone)]
pub(crate) struct Camera {
    link: Link,
    id: PeerId,
}

impl Camera {
    /// Which layers anyone wants: no others are sent.
    pub(crate) fn want(&self, active: bool, rids: Vec<String>) {
        self.link.tell(Command::Peer(self.id, PeerCommand::WantVideo { active, rids }));
    }
}

impl Drop for PeerHandle {
    fn drop(&mut self) {
        if !self.finished {
            self.command(PeerCommand::Finish(None));
        }
    }
}
