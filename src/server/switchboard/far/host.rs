//! Another node, as whoever has the switchboard sees it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_ids::DeviceId;
use switchboard_protocol::ServerMessage;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Down, Up};
use crate::switchboard::line::{Line, LineId};
use crate::switchboard::mail::Mail;

/// Words that wait to go down. A node that is further behind than this, for thousands of devices, is cut off.
const WAITING: usize = 16_384;

/// Says that a link is to be cut: the other node does not read what it is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cut(Arc<Notify>);

impl Cut {
    /// Waits until it is to be cut.
    pub(crate) async fn asked(&self) {
        self.0.notified().await;
    }
}

/// What goes down a link, bounded.
#[derive(Debug, Clone)]
struct Way {
    down: mpsc::Sender<Down>,
    cut: Cut,
}

impl Way {
    fn put(&self, word: Down) -> Result<(), ()> {
        self.down.try_send(word).map_err(|refused| {
            if matches!(refused, TrySendError::Full(_)) {
                self.cut.0.notify_one();
            }
        })
    }
}

/// The switchboard's end of a line that ends at the other node. When it is dropped, that connection is to end.
#[derive(Debug)]
pub(in crate::switchboard) struct FarLine {
    line: u64,
    way: Way,
    in_call: AtomicBool,
    replaced: AtomicBool,
}

impl FarLine {
    pub(in crate::switchboard) fn send(&self, message: ServerMessage) -> Result<(), ()> {
        self.way.put(Down::Told { line: self.line, message: Box::new(message) })
    }

    pub(in crate::switchboard) fn post(&self, text: String) -> Result<(), ()> {
        self.way.put(Down::Posted { line: self.line, text })
    }

    pub(in crate::switchboard) fn set_in_call(&self, in_call: bool) {
        if self.in_call.swap(in_call, Ordering::Relaxed) != in_call {
            // Where it cannot be told, the link is about to end.
            let _ = self.way.put(Down::InCall { line: self.line, in_call });
        }
    }

    pub(in crate::switchboard) fn replace(&self) {
        self.replaced.store(true, Ordering::Relaxed);
    }
}

impl Drop for FarLine {
    fn drop(&mut self) {
        let _ = self.way.put(Down::Closed { line: self.line, replaced: self.replaced.load(Ordering::Relaxed) });
    }
}

/// The other node's connections, and the way to it.
#[derive(Debug)]
pub(crate) struct Host {
    mailbox: mpsc::Sender<Mail>,
    way: Way,
    /// The connections that were not said to have ended, by the number the other node gives them.
    connections: HashMap<u64, (LineId, DeviceId)>,
}

impl Host {
    /// A node that has said nothing yet; gives what is to go down to it, and whether it is to be cut off.
    pub(crate) fn new(mailbox: mpsc::Sender<Mail>) -> (Self, mpsc::Receiver<Down>, Cut) {
        let (down, waiting) = mpsc::channel(WAITING);
        let cut = Cut::default();
        let way = Way { down, cut: cut.clone() };
        (Self { mailbox, way, connections: HashMap::new() }, waiting, cut)
    }

    /// Takes a word that came up. False when the switchboard has ended.
    pub(crate) async fn take(&mut self, up: Up) -> bool {
        match self.mail(up) {
            Some(mail) => self.mailbox.send(mail).await.is_ok(),
            None => true,
        }
    }

    fn mail(&mut self, up: Up) -> Option<Mail> {
        Some(match up {
            Up::Resume { line, device, after, user, session, question } => {
                let line = self.line(line, device);
                let (outcome, told) = oneshot::channel();
                self.answer(told, move |outcome| Down::Resumed { question, outcome });
                Mail::Resume { device, after, user, session, line, outcome }
            }
            Up::Arriving { line, device, user, session } => Mail::Arriving { device, user, session, line: self.id(line, device) },
            Up::Connected { line, device, newcomer } => Mail::Connected { device, newcomer, line: self.line(line, device) },
            Up::Asked { line, device, id, ask } => {
                // Of a connection that nobody knows here any more: its end is on its way.
                let (line, _) = *self.connections.get(&line)?;
                Mail::Asked { device, line, id, ask }
            }
            Up::Gone { line, device, left } => {
                let (line, _) = self.connections.remove(&line)?;
                Mail::Gone { device, line, left }
            }
            Up::Leave { device, session, question } => {
                let (known, told) = oneshot::channel();
                self.answer(told, move |known| Down::Known { question, known });
                Mail::Leave { device, session, known }
            }
            Up::Posted { device, session, text, question } => {
                let (known, told) = oneshot::channel();
                self.answer(told, move |known| Down::Known { question, known });
                Mail::Posted { device, session, text, here: false, known }
            }
            Up::ContactsChanged { users, now_contacts } => Mail::ContactsChanged { users, now_contacts },
            Up::BlockChanged { user, other, blocked } => Mail::BlockChanged { user, other, blocked },
            Up::Tell { users, event } => Mail::Tell { users, event },
            Up::LoggedOut { session } => Mail::LoggedOut { session },
            Up::Overview { question } => {
                let (told, overview) = oneshot::channel();
                self.answer(overview, move |calls| Down::Overview { question, calls });
                Mail::Overview { told }
            }
            Up::Alive => return None,
        })
    }

    /// The connection's id here, which the other node's number is not: other nodes give the same.
    fn id(&mut self, line: u64, device: DeviceId) -> LineId {
        let (id, of) = self.connections.entry(line).or_insert_with(|| (LineId::unused(), device));
        *of = device;
        *id
    }

    fn line(&mut self, line: u64, device: DeviceId) -> Line {
        let id = self.id(line, device);
        let way = self.way.clone();
        Line::far(id, FarLine { line, way, in_call: AtomicBool::default(), replaced: AtomicBool::default() })
    }

    /// Sends the answer of the switchboard down when it is there. Where the switchboard ends before it answers, the link does,
    /// too: that nothing is known of a device is not said for it.
    fn answer<T: Send + 'static>(&self, told: oneshot::Receiver<T>, word: impl FnOnce(T) -> Down + Send + 'static) {
        let way = self.way.clone();
        tokio::spawn(async move {
            if let Ok(answer) = told.await {
                // Where it cannot be told, the link is about to end.
                let _ = way.put(word(answer));
            }
        });
    }

    /// The link has ended: so have all connections of the other node.
    pub(crate) async fn end(self) {
        for (line, device) in self.connections.into_values() {
            if self.mailbox.send(Mail::Gone { device, line, left: false }).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use switchboard_ids::{SessionId, UserId};
    use switchboard_protocol::Event;

    use super::*;

    const DEVICE: DeviceId = DeviceId::from_u128(1);

    fn event() -> ServerMessage {
        ServerMessage::Event { seq: 1, event: Event::ContactsChanged }
    }

    fn arriving(line: u64) -> Up {
        Up::Arriving { line, device: DEVICE, user: UserId::from_u128(1), session: SessionId::from_u128(1) }
    }

    #[tokio::test]
    async fn a_node_that_does_not_read_what_it_is_told_is_cut_off_and_its_devices_are_lost() {
        let (mailbox, mut mail) = mpsc::channel(8);
        let (mut host, waiting, cut) = Host::new(mailbox);
        assert!(host.take(arriving(7)).await);
        let line = host.line(7, DEVICE);
        for _ in 0..WAITING {
            line.send(event()).unwrap();
        }
        assert!(line.send(event()).is_err());
        tokio::time::timeout(std::time::Duration::from_secs(5), cut.asked()).await.expect("it is cut off");
        drop(waiting);
        host.end().await;
        let Some(Mail::Arriving { line: arrived, .. }) = mail.recv().await else { panic!("it arrives") };
        let Some(Mail::Gone { device: DEVICE, line: gone, left: false }) = mail.recv().await else { panic!("it is lost") };
        assert_eq!(arrived, gone);
    }

    #[tokio::test]
    async fn connections_of_two_nodes_with_one_number_are_two() {
        let (mailbox, _mail) = mpsc::channel(8);
        let (mut one, _down, _) = Host::new(mailbox.clone());
        let (mut other, _down, _) = Host::new(mailbox);
        assert_ne!(one.id(7, DEVICE), other.id(7, DEVICE));
        assert_eq!(one.id(7, DEVICE), one.line(7, DEVICE).id);
    }

    #[tokio::test]
    async fn a_line_that_is_dropped_ends_its_connection_and_says_whether_another_took_over() {
        let (mailbox, _mail) = mpsc::channel(8);
        let (mut host, mut down, _) = Host::new(mailbox);
        drop(host.line(7, DEVICE));
        assert!(matches!(down.recv().await, Some(Down::Closed { line: 7, replaced: false })));
        host.line(7, DEVICE).replace();
        assert!(matches!(down.recv().await, Some(Down::Closed { line: 7, replaced: true })));
        let line = host.line(7, DEVICE);
        line.set_in_call(true);
        line.set_in_call(true);
        drop(line);
        assert!(matches!(down.recv().await, Some(Down::InCall { line: 7, in_call: true })));
        assert!(matches!(down.recv().await, Some(Down::Closed { .. })), "what is known already is not told");
    }
}
