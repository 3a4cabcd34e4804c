//! The line between the switchboard and one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use switchboard_protocol::ServerMessage;
use tokio::sync::mpsc;

use super::far::FarLine;
use super::replay;

/// Messages a client may be behind before its connection is given up: what a resumed one is told at once, and as many more.
const OUTBOX: usize = 2 * replay::KEPT;

/// The line could not take a message: the connection is gone, or too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undeliverable;

/// Tells connections apart: a device may have several, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineId(u64);

/// What a connection gets.
#[derive(Debug, PartialEq)]
pub enum Letter {
    /// What the client is told.
    Message(ServerMessage),
    /// What the client has said by way of another node: where no WebSocket passes, its POSTs may go to any.
    Posted(String),
}

#[derive(Debug, Default)]
struct Signs {
    in_call: AtomicBool,
    replaced: AtomicBool,
}

/// The switchboard's end. When it is dropped, the connection is to end.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which connection.
    pub id: LineId,
    end: End,
}

/// Where the connection is.
#[derive(Debug, Clone)]
enum End {
    /// At this node.
    Near {
        /// Boxed, because a channel keeps room for dozens, and every idle device has one.
        letters: mpsc::Sender<Box<Letter>>,
        signs: Arc<Signs>,
    },
    /// At another.
    Far(Arc<FarLine>),
}

/// The connection's end.
#[derive(Debug)]
pub struct Inbox {
    letters: mpsc::Receiver<Box<Letter>>,
    signs: Arc<Signs>,
}

impl LineId {
    /// One that no other connection has.
    pub(super) fn unused() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }

    /// As it is called between nodes, by the node whose connection it is.
    pub(super) fn number(self) -> u64 {
        self.0
    }
}

impl Line {
    /// A line that no other is like.
    pub fn new() -> (Self, Inbox) {
        let (sender, receiver) = mpsc::channel(OUTBOX);
        let signs = Arc::new(Signs::default());
        let line = Self { id: LineId::unused(), end: End::Near { letters: sender, signs: signs.clone() } };
        (line, Inbox { letters: receiver, signs })
    }

    /// The line to a connection that another node has.
    pub(super) fn far(id: LineId, far: FarLine) -> Self {
        Self { id, end: End::Far(Arc::new(far)) }
    }

    pub(super) fn send(&self, message: ServerMessage) -> Result<(), Undeliverable> {
        match &self.end {
            End::Near { letters, .. } => letters.try_send(Box::new(Letter::Message(message))).map_err(|_| Undeliverable),
            End::Far(far) => far.send(message).map_err(|_| Undeliverable),
        }
    }

    /// Hands the connection what its client has said to another node.
    pub(super) fn post(&self, text: String) -> Result<(), Undeliverable> {
        match &self.end {
            End::Near { letters, .. } => letters.try_send(Box::new(Letter::Posted(text))).map_err(|_| Undeliverable),
            End::Far(far) => far.post(text).map_err(|_| Undeliverable),
        }
    }

    /// Whether the connection is at this node.
    pub(super) fn is_near(&self) -> bool {
        matches!(self.end, End::Near { .. })
    }

    /// Says whether the device takes part in a call, and so is to be watched closely.
    pub(super) fn set_in_call(&self, in_call: bool) {
        match &self.end {
            End::Near { signs, .. } => signs.in_call.store(in_call, Ordering::Relaxed),
            End::Far(far) => far.set_in_call(in_call),
        }
    }

    /// Says that another connection takes the device over.
    pub(super) fn replace(self) {
        match &self.end {
            End::Near { signs, .. } => signs.replaced.store(true, Ordering::Release),
            End::Far(far) => far.replace(),
        }
    }
}

impl Inbox {
    /// The next letter; `None` when the connection is to end.
    pub async fn recv(&mut self) -> Option<Letter> {
        self.letters.recv().await.map(|letter| *letter)
    }

    /// Whether the device takes part in a call.
    pub fn is_in_call(&self) -> bool {
        self.signs.in_call.load(Ordering::Relaxed)
    }

    /// Whether the connection is to end because another has taken the device over.
    pub fn is_replaced(&self) -> bool {
        self.signs.replaced.load(Ordering::Acquire)
    }
}
