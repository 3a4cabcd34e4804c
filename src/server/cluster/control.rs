//! The control of calls: a lease that one node at a time holds. Who has it runs the switchboard; the others wait for it.
//!
//! The engine says who holds the lease, the database which epoch counts. Without the engine nobody can take the lease, so
//! whoever has it goes on for as long as the database carries its epoch.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::ClusterError;
use super::link::{self, LinkError, Secret};
use super::pace::Pace;
use crate::config::Config;
use crate::engine::{Claim, Engine, Identity, Lease};
use crate::fence::{Fence, Hold, fence};
use crate::observe::{Family, Gauges};
use crate::store::leases::{self, CALLS};
use crate::store::{Store, StoreError};
use crate::switchboard::{self, Mail, Office, StartError};

/// A database that takes longer does not say whether calls are controlled here.
const DATABASE_WITHIN: Duration = Duration::from_secs(1);

/// An engine that takes longer has not renewed the lease: there must be time to ask the database before it ends.
const ENGINE_WITHIN: Duration = Duration::from_millis(600);

/// Without engine and database nobody says who controls the calls: here they go on for so long.
const UNKNOWN_FOR: Duration = Duration::from_secs(10);

/// Whoever holds the lease says so twice a second: a lease that is not there while there is a link to its holder was lost by the engine.
const HELD_AGAIN_WITHIN: Duration = Duration::from_millis(700);

/// After the engine was away its leases may be lost. Who held one gets so much time to hold it again.
const RENEWED_WITHIN: Duration = Duration::from_secs(3);

pub(super) struct Control {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) identity: Identity,
    pub(super) pace: Pace,
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) gauges: Arc<Gauges>,
    pub(super) office: watch::Sender<Office>,
    pub(super) secret: Arc<Secret>,
}

/// The way to the node that holds the lease.
struct Link {
    lease: Lease,
    ended: JoinSet<()>,
}

/// A time in which calls are controlled here.
pub(super) struct Term {
    epoch: u64,
    hold: Hold,
    mailbox: mpsc::Sender<Mail>,
    ended: JoinHandle<bool>,
}

/// How a term ends.
enum End {
    /// This node was told to stop.
    Stopped,
    /// Another node controls the calls.
    Lost,
    /// The database says that another server controls them.
    Fenced,
    /// The switchboard ended by a panic.
    Broke,
}

impl Control {
    /// Controls the calls from here on if nobody does; otherwise makes sure that it could.
    pub(super) async fn begin(&self) -> Result<Option<Term>, ClusterError> {
        let term = self.claim_and_start().await?;
        if term.is_none() {
            switchboard::rehearse(&self.config)?;
        }
        Ok(term)
    }

    /// Controls the calls whenever nobody else does, until `stop`.
    pub(super) async fn run(self, mut term: Option<Term>, mut stop: oneshot::Receiver<()>) {
        loop {
            let current = match term.take() {
                Some(term) => term,
                None => {
                    tokio::select! {
                        next = self.wait() => next,
                        _ = &mut stop => break,
                    }
                }
            };
            let epoch = current.epoch;
            match self.serve(current, &mut stop).await {
                End::Stopped => break,
                End::Lost => tracing::warn!(epoch, "calls are controlled by another node"),
                End::Fenced if self.config.redis_url.is_none() => break,
                End::Fenced => tracing::warn!(epoch, "calls are controlled by another node, as the database says"),
                End::Broke => tracing::error!(epoch, "the switchboard ended by a panic: it is started again"),
            }
        }
        self.office.send_replace(Office::Closed);
    }

    /// Waits until the calls are controlled here, and has them controlled by whoever holds the lease meanwhile.
    async fn wait(&self) -> Term {
        let mut not_before = Instant::now();
        let mut holder: Option<Lease> = None;
        let mut link: Option<Link> = None;
        // Since when nobody holds the lease.
        let mut missing: Option<Instant> = None;
        // The epoch whose holder was said to be out of reach.
        let mut complained = None;
        loop {
            self.look_again(&mut link).await;
            match self.engine.holder(CALLS).await {
                Ok(Some(lease)) if lease.holder.run != self.identity.run => (holder, missing) = (Some(lease), None),
                Ok(_) if Instant::now() < not_before => {}
                // It may have been forgotten: whoever has it holds it again in a moment.
                Ok(None) if link.is_some() && *missing.get_or_insert_with(Instant::now) + HELD_AGAIN_WITHIN > Instant::now() => {}
                Ok(_) => match self.claim_and_start().await {
                    Ok(Some(term)) => return term,
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(%error, "calls cannot be controlled here");
                        // Another node may do better, and the same trouble need not be told four times a second.
                        not_before = Instant::now() + RENEWED_WITHIN;
                    }
                },
                Err(error) => {
                    tracing::debug!(%error, "who controls the calls is not known");
                    not_before = Instant::now() + RENEWED_WITHIN;
                }
            }
            let Some(lease) = &holder else { continue };
            if link.as_ref().is_none_or(|link| link.lease != *lease) {
                drop(link.take());
                self.office.send_replace(Office::Vacant);
                match self.follow(lease.clone()).await {
                    Ok(followed) => (link, complained) = (Some(followed), None),
                    // It takes up the calls of its predecessor.
                    Err(LinkError::Elsewhere) => {}
                    Err(error) if complained == Some(lease.epoch) => tracing::debug!(%error, "still out of reach"),
                    Err(error) => {
                        let Identity { node, address, .. } = &lease.holder;
                        tracing::warn!(node, address, %error, "the node that controls the calls cannot be reached");
                        complained = Some(lease.epoch);
                    }
                }
            }
        }
    }

    /// Waits for a moment, or until the link ends.
    async fn look_again(&self, link: &mut Option<Link>) {
        let Some(Link { ended, .. }) = link else { return sleep(self.pace.look).await };
        tokio::select! {
            () = sleep(self.pace.look) => {}
            _ = ended.join_next() => {
                self.office.send_replace(Office::Vacant);
                *link = None;
            }
        }
    }

    /// Has the calls controlled by whoever holds the lease.
    async fn follow(&self, lease: Lease) -> Result<Link, LinkError> {
        let address = lease.holder.address.as_deref().ok_or(LinkError::Elsewhere)?;
        let (guest, ended) = link::dial(address, &self.secret, &self.identity.node, lease.epoch).await?;
        tracing::info!(epoch = lease.epoch, node = lease.holder.node, "calls are controlled by another node");
        self.office.send_replace(Office::There(guest));
        Ok(Link { lease, ended })
    }

    async fn claim_and_start(&self) -> Result<Option<Term>, ClusterError> {
        match self.claim().await? {
            Some(epoch) => self.start(epoch).await.map(Some),
            None => Ok(None),
        }
    }

    /// Takes the lease if nobody has it; gives its epoch.
    async fn claim(&self) -> Result<Option<u64>, ClusterError> {
        let above = leases::epoch(&self.store, CALLS).await?;
        let Claim::Won(epoch) = self.engine.claim(CALLS, &self.identity, above, self.pace.lasts).await? else { return Ok(None) };
        match leases::take(&self.store, CALLS, &self.identity.node, epoch).await {
            Ok(true) => Ok(Some(epoch)),
            Ok(false) => {
                self.release(epoch).await;
                Ok(None)
            }
            Err(error) => {
                self.release(epoch).await;
                Err(error.into())
            }
        }
    }

    /// Starts the switchboard, and holds the lease meanwhile: there may be many calls to take up.
    async fn start(&self, epoch: u64) -> Result<Term, ClusterError> {
        let (hold, fence) = fence(Instant::now() + self.pace.lasts);
        let started = tokio::select! {
            started = self.start_switchboard(epoch, fence) => started,
            () = self.keep(epoch, &hold) => return Err(StoreError::Fenced.into()),
        };
        match started {
            Ok((mailbox, ended)) => {
                tracing::info!(epoch, node = self.identity.node, "calls are controlled here");
                self.office.send_replace(Office::Here { epoch, mailbox: mailbox.clone() });
                self.gauges.set(Family::CallControl, epoch as f64);
                Ok(Term { epoch, hold, mailbox, ended })
            }
            Err(error) => {
                self.release(epoch).await;
                Err(error.into())
            }
        }
    }

    async fn start_switchboard(&self, epoch: u64, fence: Fence) -> Result<(mpsc::Sender<Mail>, JoinHandle<bool>), StartError> {
        switchboard::start(&self.config, self.store.clone(), self.gauges.clone(), epoch, fence).await
    }

    /// Holds the lease until the switchboard has ended, for whatever reason.
    async fn serve(&self, term: Term, stop: &mut oneshot::Receiver<()>) -> End {
        let Term { epoch, hold, mailbox, mut ended } = term;
        let end = tokio::select! {
            () = self.keep(epoch, &hold) => End::Lost,
            ended = &mut ended => if matches!(ended, Ok(true)) { End::Fenced } else { End::Broke },
            _ = stop => End::Stopped,
        };
        match end {
            End::Stopped => {
                // Other nodes wait for the next switchboard from here on, and ask this one no more.
                self.office.send_replace(Office::Closed);
                let (done, finished) = oneshot::channel();
                let stopping = async {
                    if mailbox.send(Mail::Stop { done }).await.is_ok() {
                        let _ = finished.await;
                    }
                };
                tokio::select! {
                    () = stopping => {}
                    () = self.keep(epoch, &hold) => {}
                }
            }
            End::Lost | End::Fenced | End::Broke => {
                self.office.send_replace(Office::Vacant);
            }
        }
        drop((hold, mailbox));
        self.gauges.set(Family::CallControl, 0.0);
        if !matches!(end, End::Fenced | End::Broke) && ended.await.is_err() {
            tracing::error!("the switchboard ended by a panic");
        }
        self.release(epoch).await;
        end
    }

    /// Renews the lease until it is lost.
    async fn keep(&self, epoch: u64, hold: &Hold) {
        let mut ticks = interval(self.pace.renew);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known = Instant::now();
        let mut until = known + self.pace.lasts;
        loop {
            ticks.tick().await;
            let (asked, held) = self.is_held(epoch).await;
            match held {
                Some(true) => known = asked,
                Some(false) => return,
                None if asked >= known + UNKNOWN_FOR => {
                    tracing::error!(epoch, "neither Redis nor the database says who controls the calls: they end here");
                    return;
                }
                // After a gap longer than the lease nobody says that it is still held.
                None if asked > until => continue,
                None => {}
            }
            until = asked + self.pace.lasts;
            hold.extend(until);
        }
    }

    /// Whether the lease is held, as far as anybody says, and when that was asked.
    async fn is_held(&self, epoch: u64) -> (Instant, Option<bool>) {
        let asked = Instant::now();
        match timeout(ENGINE_WITHIN, self.engine.renew(CALLS, &self.identity, epoch, self.pace.lasts)).await {
            Ok(Ok(held)) => return (asked, Some(held)),
            Ok(Err(error)) => tracing::debug!(%error, "the lease could not be renewed"),
            Err(_) => tracing::debug!("the lease could not be renewed in time"),
        }
        let asked = Instant::now();
        match timeout(DATABASE_WITHIN, leases::epoch(&self.store, CALLS)).await {
            Ok(Ok(last)) => (asked, Some(last == epoch)),
            Ok(Err(_)) | Err(_) => (asked, None),
        }
    }

    async fn release(&self, epoch: u64) {
        if let Err(error) = self.engine.release(CALLS, &self.identity, epoch).await {
            tracing::debug!(%error, "the lease ends by itself");
        }
    }
}
