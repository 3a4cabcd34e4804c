//! How the rest of the server speaks to the switchboard.

use std::time::Duration;

use switchboard_ids::{DeviceId, SessionId, UserId};
use switchboard_protocol::Event;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::far::Guest;
use super::line::{Line, LineId};
use super::mail::{Ask, Mail, Newcomer, Resumption};
use super::overview::CallOverview;

/// The switchboard cannot be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gone {
    /// It has stopped.
    #[error("the server is stopping")]
    Stopped,
    /// No node controls the calls at the moment, or the one that does cannot be reached.
    #[error("calls are being taken over by another server: try again in a moment")]
    Vacant,
}

/// Where the switchboard is.
#[derive(Debug, Clone)]
pub(crate) enum Office {
    /// On no node, as far as is known here.
    Vacant,
    /// On this one, in this epoch.
    Here {
        /// In which epoch.
        epoch: u64,
        /// Where its mail goes.
        mailbox: mpsc::Sender<Mail>,
    },
    /// On another.
    There(Guest),
    /// This node stops.
    Closed,
}

impl Office {
    /// Whether the switchboard may be somewhere in a moment, and is nowhere now.
    fn is_vacant(&self) -> bool {
        match self {
            Self::Vacant => true,
            Self::There(guest) => guest.has_ended(),
            Self::Here { .. } | Self::Closed => false,
        }
    }
}

/// How long a connection waits for the switchboard to be taken over by another node: longer than that takes, and not for so
/// long that its client gives up.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(8);

/// How long news waits for that: who made it waits as long. Devices that connect to the next switchboard look for themselves.
const NEWS_WAITS: Duration = Duration::from_secs(3);

/// Speaks to the switchboard, wherever it is; clones speak to the same one.
#[derive(Debug, Clone)]
pub struct Handle {
    office: watch::Receiver<Office>,
}

impl Handle {
    pub(crate) fn new(office: watch::Receiver<Office>) -> Self {
        Self { office }
    }

    /// Contacts or invitations of two people changed: they became contacts, are contacts no more, or only invitations changed.
    pub async fn contacts_changed(&self, users: [UserId; 2], now_contacts: Option<bool>) {
        // A switchboard that has stopped has nobody left to tell.
        let _ = self.post(Mail::ContactsChanged { users, now_contacts }, NEWS_WAITS).await;
    }

    /// `user` blocked `other`, or did so no more.
    pub async fn block_changed(&self, user: UserId, other: UserId, blocked: bool) {
        let _ = self.post(Mail::BlockChanged { user, other, blocked }, NEWS_WAITS).await;
    }

    /// Tells all devices of these users.
    pub async fn tell(&self, users: Vec<UserId>, event: Event) {
        let _ = self.post(Mail::Tell { users, event }, NEWS_WAITS).await;
    }

    /// A login ended: its connections end with it.
    pub async fn logged_out(&self, session: SessionId) {
        let _ = self.post(Mail::LoggedOut { session }, NEWS_WAITS).await;
    }

    /// A device comes back, and wants to be told what came after the event `after`. Unless it is resumed, it is
    /// [`Handle::arriving`] next.
    pub async fn resume(&self, device: DeviceId, after: u64, user: UserId, session: SessionId, line: Line) -> Result<Resumption, Gone> {
        let (outcome, told) = oneshot::channel();
        self.post(Mail::Resume { device, after, user, session, line, outcome }, TAKEN_OVER_WITHIN).await?;
        told.await.map_err(|_| Gone::Vacant)
    }

    /// A device is about to connect. Read its user's contacts after this and hand them to [`Handle::connected`]: what
    /// changes in between is not lost.
    pub async fn arriving(&self, device: DeviceId, user: UserId, session: SessionId, line: LineId) -> Result<(), Gone> {
        self.post(Mail::Arriving { device, user, session, line }, TAKEN_OVER_WITHIN).await
    }

    /// A device is connected; what it is told goes through `line`, which is dropped when it is to be disconnected.
    pub async fn connected(&self, device: DeviceId, newcomer: Newcomer, line: Line) -> Result<(), Gone> {
        self.post(Mail::Connected { device, newcomer, line }, TAKEN_OVER_WITHIN).await
    }

    /// A device asks for something by its connection; exactly one reply with this `id` goes to it.
    pub async fn ask(&self, device: DeviceId, line: LineId, id: u64, ask: Ask) -> Result<(), Gone> {
        // Its connection ends with the switchboard it is known to.
        self.post_now(Mail::Asked { device, line, id, ask }).await
    }

    /// A connection ended: it was closed by the client (`left`), or lost. Every [`Handle::arriving`] and every resumed
    /// connection is followed by one of these.
    pub async fn gone(&self, device: DeviceId, line: LineId, left: bool) {
        // A switchboard that takes over knows of no connection.
        let _ = self.post_now(Mail::Gone { device, line, left }).await;
    }

    /// The client of a device, which has no connection here, said something. False where it has none elsewhere, as far as this
    /// login may know.
    pub async fn posted(&self, device: DeviceId, session: SessionId, text: String) -> Result<bool, Gone> {
        let (known, told) = oneshot::channel();
        self.post(Mail::Posted { device, session, text, here: true, known }, NEWS_WAITS).await?;
        told.await.map_err(|_| Gone::Vacant)
    }

    /// A device leaves for good, whether its connection is still there or not. False where this login has no such device.
    pub async fn leave(&self, device: DeviceId, session: SessionId) -> bool {
        let (known, told) = oneshot::channel();
        self.post(Mail::Leave { device, session, known }, NEWS_WAITS).await.is_ok() && told.await.unwrap_or(false)
    }

    /// The running calls, the oldest first.
    pub async fn overview(&self) -> Result<Vec<CallOverview>, Gone> {
        let (told, overview) = oneshot::channel();
        self.post_now(Mail::Overview { told }).await?;
        overview.await.map_err(|_| Gone::Vacant)
    }

    /// Takes no new calls from here on, and waits until none runs; not where another node controls them.
    pub async fn drain(&self) {
        let (drained, done) = oneshot::channel();
        if self.post_now(Mail::Drain { drained }).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Whether the switchboard can be spoken to, or may be in a moment.
    pub(crate) async fn is_within_reach(&self, patience: Duration) -> bool {
        let mut office = self.office.clone();
        timeout(patience, office.wait_for(|office| !office.is_vacant())).await.is_ok()
    }

    /// Waits until this node has done with calls for good.
    pub(crate) async fn closed(&self) {
        let mut office = self.office.clone();
        // Who controls the calls here is gone as well when it can say so no more.
        let _ = office.wait_for(|office| matches!(office, Office::Closed)).await;
    }

    /// Puts mail into the mailbox, as soon as somebody reads it within `patience`.
    async fn post(&self, mail: Mail, patience: Duration) -> Result<(), Gone> {
        let mut office = self.office.clone();
        // Where it does not get anywhere, the mail is refused below.
        let _ = timeout(patience, office.wait_for(|office| !office.is_vacant())).await;
        self.post_now(mail).await
    }

    /// Puts mail into the mailbox, if somebody reads it.
    async fn post_now(&self, mail: Mail) -> Result<(), Gone> {
        let office = self.office.borrow().clone();
        match office {
            Office::Here { mailbox, .. } => mailbox.send(mail).await.map_err(|_| Gone::Vacant),
            Office::There(guest) => guest.post(mail).await,
            Office::Vacant => Err(Gone::Vacant),
            Office::Closed => Err(Gone::Stopped),
        }
    }
}
