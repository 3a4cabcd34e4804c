//! How the rest of the server speaks to the switchboard.

use switchboard_ids::{DeviceId, SessionId, UserId};
use switchboard_protocol::Event;
use tokio::sync::{mpsc, oneshot};

use super::line::{Line, LineId};
use super::mail::{Ask, Mail, Newcomer, Resumption};
use super::overview::CallOverview;

/// The switchboard has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server is stopping")]
pub struct Gone;

/// Speaks to the switchboard; clones speak to the same one.
#[derive(Debug, Clone)]
pub struct Handle {
    mailbox: mpsc::Sender<Mail>,
}

impl Handle {
    pub(super) fn new(mailbox: mpsc::Sender<Mail>) -> Self {
        Self { mailbox }
    }

    /// Contacts or invitations of two people changed: they became contacts, are contacts no more, or only invitations changed.
    pub async fn contacts_changed(&self, users: [UserId; 2], now_contacts: Option<bool>) {
        // A switchboard that has stopped has nobody left to tell.
        let _ = self.post(Mail::ContactsChanged { users, now_contacts }).await;
    }

    /// `user` blocked `other`, or did so no more.
    pub async fn block_changed(&self, user: UserId, other: UserId, blocked: bool) {
        let _ = self.post(Mail::BlockChanged { user, other, blocked }).await;
    }

    /// Tells all devices of these users.
    pub async fn tell(&self, users: Vec<UserId>, event: Event) {
        let _ = self.post(Mail::Tell { users, event }).await;
    }

    /// A login ended: its connections end with it.
    pub async fn logged_out(&self, session: SessionId) {
        let _ = self.post(Mail::LoggedOut { session }).await;
    }

    /// A device comes back, and wants to be told what came after the event `after`. Unless it is resumed, it is
    /// [`Handle::arriving`] next.
    pub async fn resume(&self, device: DeviceId, after: u64, user: UserId, session: SessionId, line: Line) -> Resumption {
        let (outcome, told) = oneshot::channel();
        if self.post(Mail::Resume { device, after, user, session, line, outcome }).await.is_err() {
            return Resumption::Unknown;
        }
        told.await.unwrap_or(Resumption::Unknown)
    }

    /// A device is about to connect. Read its user's contacts after this and hand them to [`Handle::connected`]: what
    /// changes in between is not lost.
    pub async fn arriving(&self, device: DeviceId, user: UserId, session: SessionId, line: LineId) -> Result<(), Gone> {
        self.post(Mail::Arriving { device, user, session, line }).await
    }

    /// A device is connected; what it is told goes through `line`, which is dropped when it is to be disconnected.
    pub async fn connected(&self, device: DeviceId, newcomer: Newcomer, line: Line) -> Result<(), Gone> {
        self.post(Mail::Connected { device, newcomer, line }).await
    }

    /// A device asks for something by its connection; exactly one reply with this `id` goes to it.
    pub async fn ask(&self, device: DeviceId, line: LineId, id: u64, ask: Ask) -> Result<(), Gone> {
        self.post(Mail::Asked { device, line, id, ask }).await
    }

    /// A connection ended: it was closed by the client (`left`), or lost. Every [`Handle::arriving`] and every resumed
    /// connection is followed by one of these.
    pub async fn gone(&self, device: DeviceId, line: LineId, left: bool) {
        let _ = self.post(Mail::Gone { device, line, left }).await;
    }

    /// A device leaves for good, whether its connection is still there or not. False where this login has no such device.
    pub async fn leave(&self, device: DeviceId, session: SessionId) -> bool {
        let (known, told) = oneshot::channel();
        self.post(Mail::Leave { device, session, known }).await.is_ok() && told.await.unwrap_or(false)
    }

    /// The running calls, the oldest first.
    pub async fn overview(&self) -> Result<Vec<CallOverview>, Gone> {
        let (told, overview) = oneshot::channel();
        self.post(Mail::Overview { told }).await?;
        overview.await.map_err(|_| Gone)
    }

    /// Takes no new calls from here on, and waits until none runs.
    pub async fn drain(&self) {
        let (drained, done) = oneshot::channel();
        if self.post(Mail::Drain { drained }).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Ends all connections, leaves the calls to the next run, and waits until history is written.
    pub async fn stop(&self) {
        let (done, finished) = oneshot::channel();
        if self.post(Mail::Stop { done }).await.is_ok() {
            let _ = finished.await;
        }
    }

    async fn post(&self, mail: Mail) -> Result<(), Gone> {
        self.mailbox.send(mail).await.map_err(|_| Gone)
    }
}
