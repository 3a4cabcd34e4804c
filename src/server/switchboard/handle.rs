//! How the rest of the server speaks to the switchboard.

use switchboard_ids::{DeviceId, SessionId, UserId};
use tokio::sync::{mpsc, oneshot};

use super::mail::{Ask, Connected, Mail, Outbox};

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

    /// A login ended: its connections end with it.
    pub async fn logged_out(&self, session: SessionId) {
        let _ = self.post(Mail::LoggedOut { session }).await;
    }

    /// A device is about to connect. Read its user's contacts after this and hand them to [`Handle::connected`]: what
    /// changes in between is not lost.
    pub async fn arriving(&self, device: DeviceId, user: UserId, session: SessionId) -> Result<(), Gone> {
        self.post(Mail::Arriving { device, user, session }).await
    }

    /// A device is connected; what it is told goes to `outbox`, which is closed when it is to be disconnected.
    pub async fn connected(&self, device: DeviceId, name: String, contacts: Vec<UserId>, outbox: Outbox) -> Result<(), Gone> {
        self.post(Mail::Connected(Connected { device, name, contacts, outbox })).await
    }

    /// A device asks for something; exactly one reply with this `id` goes to its outbox.
    pub async fn ask(&self, device: DeviceId, id: u64, ask: Ask) -> Result<(), Gone> {
        self.post(Mail::Asked { device, id, ask }).await
    }

    /// A device's connection ended: it was closed by the client (`left`), or lost. Every [`Handle::arriving`] is followed by
    /// one of these.
    pub async fn gone(&self, device: DeviceId, left: bool) {
        let _ = self.post(Mail::Gone { device, left }).await;
    }

    /// Ends all calls and connections, and waits until history is written.
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
