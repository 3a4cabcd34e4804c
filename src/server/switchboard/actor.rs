//! The loop: mail, news of legs, deadlines; one at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use switchboard_calls::{Calls, Config};
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::Event;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::clock::Clock;
use super::historian::Historian;
use super::legs::Legs;
use super::mail::Mail;
use super::presence::Presence;
use super::stats::Inspections;
use super::tally::Tally;
use super::traces::Traces;
use super::without_media::WithoutMedia;
use crate::fence::Fence;
use crate::media_driver::{DriverEvent, MediaDriver};
use crate::observe::{Family, Gauges};

/// How often the totals of the media threads are handed to the metrics, and it is noted that calls run.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// Something to do.
enum Turn {
    Mail(Mail),
    Media(DriverEvent),
    Timeout,
    Publish { late: Duration },
    End(End),
}

/// Why there is nothing more to do.
enum End {
    Stopped(oneshot::Sender<()>),
    Unheard,
    Lost,
    Fenced,
}

impl From<Mail> for Turn {
    fn from(mail: Mail) -> Self {
        match mail {
            Mail::Stop { done } => Self::End(End::Stopped(done)),
            Mail::Fenced => Self::End(End::Fenced),
            mail => Self::Mail(mail),
        }
    }
}

pub(super) struct Actor {
    pub(super) clock: Clock,
    pub(super) calls: Calls,
    pub(super) presence: Presence,
    pub(super) legs: Legs,
    pub(super) media: MediaDriver,
    pub(super) historian: Historian,
    pub(super) gauges: Arc<Gauges>,
    pub(super) tally: Tally,
    pub(super) traces: Traces,
    /// Devices that are too far behind, whose connections are given up when the present piece of work is done.
    pub(super) slow: Vec<DeviceId>,
    /// Seats whose devices are back and have no media yet.
    pub(super) without_media: WithoutMedia,
    /// Users whose own list of calls may have changed.
    pub(super) moved: BTreeSet<UserId>,
    /// Calls whose seats or legs changed, so that the media threads, or the people in them, may have to be told something.
    pub(super) changed: BTreeSet<CallId>,
    /// Calls of whose media something was heard that their people may have to be told.
    pub(super) heard: BTreeSet<CallId>,
    pub(super) inspections: Inspections,
    /// Whether no new calls are taken, and who waits for the last one to end.
    pub(super) draining: bool,
    drained: Vec<oneshot::Sender<()>>,
}

impl Actor {
    pub(super) fn new(config: Config, clock: Clock, media: MediaDriver, historian: Historian, gauges: Arc<Gauges>, traces: Traces) -> Self {
        Self {
            clock,
            calls: Calls::new(config),
            presence: Presence::default(),
            legs: Legs::default(),
            media,
            historian,
            gauges,
            tally: Tally::default(),
            traces,
            slow: Vec::new(),
            without_media: WithoutMedia::default(),
            moved: BTreeSet::new(),
            changed: BTreeSet::new(),
            heard: BTreeSet::new(),
            inspections: Inspections::default(),
            draining: false,
            drained: Vec::new(),
        }
    }

    /// Runs until it is told to stop, nobody can post mail any more, or the lease is lost by which it controls the calls. Those
    /// that run then are left as they are, for whoever controls them next. Nothing is done while the fence is down. Gives
    /// whether it ended because the database says that another server controls the calls.
    pub(super) async fn run(mut self, mut mailbox: Receiver<Mail>, mut media: UnboundedReceiver<DriverEvent>, mut fence: Fence) -> bool {
        let mut publish = interval(PUBLISH_EVERY);
        publish.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.finish();
        let mut lost = fence.clone();
        let end = loop {
            let due =
                [self.calls.poll_timeout(), self.presence.poll_timeout(), self.without_media.poll_timeout()].into_iter().flatten().min();
            let due = due.map(|at| self.clock.instant_of(at));
            let timer = async {
                match due {
                    Some(due) => sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            let turn = tokio::select! {
                () = lost.lost() => break End::Lost,
                mail = mailbox.recv() => mail.map_or(Turn::End(End::Unheard), Turn::from),
                Some(event) = media.recv() => Turn::Media(event),
                () = timer => Turn::Timeout,
                due = publish.tick() => Turn::Publish { late: Instant::now().saturating_duration_since(due) },
            };
            // However long it waited: it acts only while the calls are surely controlled here.
            if fence.up_again().await.is_err() {
                break End::Lost;
            }
            match turn {
                Turn::Mail(mail) => self.open(mail),
                Turn::Media(event) => self.handle_media(event),
                Turn::Timeout => self.handle_timeout(),
                Turn::Publish { late } => self.publish(late),
                Turn::End(end) => break end,
            }
            self.finish();
        };
        self.presence.clear();
        self.publish_nothing();
        let now = self.clock.now();
        let calls_run = !self.calls.is_idle() && matches!(end, End::Stopped(_) | End::Unheard);
        tokio::join!(self.historian.finish(now, calls_run), self.traces.finish(now));
        if tokio::task::spawn_blocking(|| self.media.stop()).await.is_err() {
            tracing::error!("the media driver could not be stopped");
        }
        let fenced = matches!(end, End::Fenced);
        if let End::Stopped(done) = end {
            // Whoever asked may have lost patience.
            let _ = done.send(());
        }
        fenced
    }

    fn open(&mut self, mail: Mail) {
        match mail {
            Mail::Resume { device, after, user, session, line, outcome } => {
                // Who asked may be gone; the connection's end will be told.
                let _ = outcome.send(self.resume(device, after, user, session, line));
            }
            Mail::Arriving { device, user, session, line } => self.presence.arriving(device, user, session, line),
            Mail::Connected { device, newcomer, line } => self.connect(device, newcomer, line),
            Mail::Asked { device, line, id, ask } => self.handle_ask(device, line, id, ask),
            Mail::Gone { device, line, left } => self.connection_ended(device, line, left),
            Mail::Leave { device, session, known } => {
                let own = self.presence.device(device).is_some_and(|device| device.session == session);
                if own {
                    self.leave(device);
                }
                // Who asked may be gone.
                let _ = known.send(own);
            }
            Mail::Posted { device, session, text, here, known } => {
                let _ = known.send(self.presence.post(device, session, text, here));
            }
            Mail::ContactsChanged { users, now_contacts } => self.contacts_changed(users, now_contacts),
            Mail::BlockChanged { user, other, blocked } => self.block_changed(user, other, blocked),
            Mail::Tell { users, event } => users.into_iter().for_each(|user| self.tell_user(user, &event)),
            Mail::LoggedOut { session } => {
                for device in self.presence.end_session(session) {
                    self.tell(device, Event::LoggedOut);
                    self.leave(device);
                }
            }
            Mail::Overview { told } => {
                // Who asked may be gone.
                let _ = told.send(self.overview());
            }
            Mail::Drain { drained } => {
                self.draining = true;
                self.drained.push(drained);
            }
            Mail::Fenced | Mail::Stop { .. } => {}
        }
    }

    fn handle_timeout(&mut self) {
        let now = self.clock.now();
        self.calls.handle_timeout(now);
        self.perform_all();
        self.give_up_without_media();
        self.go_offline();
    }

    /// What every piece of work ends with: what it caused is performed, and the numbers are brought up to date.
    fn finish(&mut self) {
        self.perform_all();
        while let Some(device) = self.slow.pop() {
            if let Some(line) = self.presence.line_of(device) {
                tracing::warn!(%device, "connection given up: it does not read what it is told");
                self.connection_ended(device, line, false);
                self.perform_all();
            }
        }
        if self.calls.is_idle() {
            // Who waited may have lost patience.
            for drained in self.drained.drain(..) {
                let _ = drained.send(());
            }
        }
        self.gauges.set(Family::Devices, self.presence.connected() as f64);
    }

    pub(super) fn tell(&mut self, device: DeviceId, event: impl Into<Arc<Event>>) {
        if self.presence.tell(self.clock.now(), device, event).is_err() {
            self.slow.push(device);
        }
    }

    pub(super) fn tell_user(&mut self, user: UserId, event: &Event) {
        for device in self.presence.devices_of(user).to_vec() {
            self.tell(device, event.clone());
        }
    }
}
