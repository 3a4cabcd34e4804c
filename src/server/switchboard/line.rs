//! The line between the switchboard and one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use switchboard_protocol::ServerMessage;
use tokio::sync::mpsc;

use super::replay;

/// Messages a client may be behind before its connection is given up: what a resumed one is told at once, and as many more.
const OUTBOX: usize = 2 * replay::KEPT;

/// The line could not take a message: the connection is gone, or too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undeliverable;

/// Tells connections apart: a device may have several, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineId(u64);

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
    /// Boxed, because a channel keeps room for dozens, and every idle device has one.
    messages: mpsc::Sender<Box<ServerMessage>>,
    signs: Arc<Signs>,
}

/// The connection's end.
#[derive(Debug)]
pub struct Inbox {
    messages: mpsc::Receiver<Box<ServerMessage>>,
    signs: Arc<Signs>,
}

impl Line {
    /// A line that no other is like.
    pub fn new() -> (Self, Inbox) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let (sender, receiver) = mpsc::channel(OUTBOX);
        let signs = Arc::new(Signs::default());
        let id = LineId(LAST.fetch_add(1, Ordering::Relaxed));
        (Self { id, messages: sender, signs: signs.clone() }, Inbox { messages: receiver, signs })
    }

    pub(super) fn send(&self, message: ServerMessage) -> Result<(), Undeliverable> {
        self.messages.try_send(Box::new(message)).map_err(|_| Undeliverable)
    }

    /// Says whether the device takes part in a call, and so is to be watched closely.
    pub(super) fn set_in_call(&self, in_call: bool) {
        self.signs.in_call.store(in_call, Ordering::Relaxed);
    }

    /// Says that another connection takes the device over.
    pub(super) fn replace(self) {
        self.signs.replaced.store(true, Ordering::Release);
    }
}

impl Inbox {
    /// The next message; `None` when the connection is to end.
    pub async fn recv(&mut self) -> Option<ServerMessage> {
        self.messages.recv().await.map(|message| *message)
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
