//! The loop: mail, news of legs, deadlines; one at a time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use switchboard_calls::{Calls, Config, Endpoint};
use switchboard_ids::{DeviceId, UserId};
use switchboard_protocol::{Event, Person};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::clock::Clock;
use super::historian::Historian;
use super::legs::Legs;
use super::mail::{Connected, Mail};
use super::presence::Presence;
use crate::media_driver::{DriverEvent, MediaDriver};
use crate::observe::{Gauges, PacketKind};
use crate::store::Store;

/// How often the totals of the media threads are handed to the metrics.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Actor {
    pub(super) clock: Clock,
    pub(super) calls: Calls,
    pub(super) presence: Presence,
    pub(super) legs: Legs,
    pub(super) media: MediaDriver,
    pub(super) historian: Historian,
    gauges: Arc<Gauges>,
    /// Devices that are too far behind, to be disconnected when the present piece of work is done.
    pub(super) slow: Vec<DeviceId>,
}

impl Actor {
    pub(super) fn new(config: Config, media: MediaDriver, store: Store, gauges: Arc<Gauges>) -> Self {
        Self {
            clock: Clock::start(),
            calls: Calls::new(config),
            presence: Presence::default(),
            legs: Legs::default(),
            media,
            historian: Historian::start(store),
            gauges,
            slow: Vec::new(),
        }
    }

    /// Runs until it is told to stop, or nobody can post mail any more.
    pub(super) async fn run(mut self, mut mailbox: Receiver<Mail>, mut media: UnboundedReceiver<DriverEvent>) {
        let mut publish = interval(PUBLISH_EVERY);
        publish.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let done = loop {
            let due = self.calls.poll_timeout().map(|at| self.clock.instant_of(at));
            let timer = async {
                match due {
                    Some(due) => sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                mail = mailbox.recv() => match mail {
                    Some(Mail::Stop { done }) => break Some(done),
                    Some(mail) => self.open(mail),
                    None => break None,
                },
                Some(event) = media.recv() => self.handle_media(event),
                () = timer => self.calls.handle_timeout(self.clock.now()),
                _ = publish.tick() => self.publish_totals(),
            }
            self.finish();
        };
        self.calls.stop(self.clock.now());
        self.perform_all();
        self.presence.clear();
        self.finish();
        self.historian.finish().await;
        if tokio::task::spawn_blocking(|| self.media.stop()).await.is_err() {
            tracing::error!("the media driver could not be stopped");
        }
        if let Some(done) = done {
            // Whoever asked may have lost patience.
            let _ = done.send(());
        }
    }

    fn open(&mut self, mail: Mail) {
        match mail {
            Mail::Arriving { device, user, session } => self.presence.arriving(device, user, session),
            Mail::Connected(connected) => self.connect(connected),
            Mail::Asked { device, id, ask } => self.handle_ask(device, id, ask),
            Mail::Gone { device, left } => {
                if left {
                    self.hang_up(device);
                }
                self.disconnect(device);
            }
            Mail::ContactsChanged { users, now_contacts } => self.contacts_changed(users, now_contacts),
            Mail::LoggedOut { session } => {
                for device in self.presence.end_session(session) {
                    self.tell(device, Event::LoggedOut);
                    self.hang_up(device);
                    self.disconnect(device);
                }
            }
            Mail::Stop { .. } => {}
        }
    }

    /// What every piece of work ends with: what it caused is performed, and the numbers are brought up to date.
    fn finish(&mut self) {
        self.perform_all();
        while let Some(device) = self.slow.pop() {
            tracing::warn!(%device, "disconnected: it does not read what it is told");
            self.disconnect(device);
            self.perform_all();
        }
        self.gauges.devices.store(self.presence.devices() as u64, Ordering::Relaxed);
        self.gauges.calls_active.store(self.calls.active_calls() as u64, Ordering::Relaxed);
        self.gauges.calls_ringing.store(self.calls.ringing_calls() as u64, Ordering::Relaxed);
    }

    fn connect(&mut self, connected: Connected) {
        let (device, name) = (connected.device, connected.name.clone());
        let Some((user, came_online)) = self.presence.connect(connected) else { return };
        let online = self.presence.online_contacts(user);
        if came_online {
            for contact in &online {
                self.tell_user(*contact, &Event::Presence { user, online: true });
            }
        }
        self.tell(device, Event::Welcome { device, user: Person { id: user, name }, online });
        if let Some(oldest) = self.presence.too_many(user) {
            self.disconnect(oldest);
        }
        self.calls.device_appeared(self.clock.now(), Endpoint { user, device });
    }

    /// Ends a device's part in its call as if it had asked for it.
    fn hang_up(&mut self, device: DeviceId) {
        let Some(user) = self.presence.device(device).map(|device| device.user) else { return };
        if let Some(call) = self.calls.call_of_device(device) {
            // A device that is in a call holds a seat in it, so this is never refused.
            let _ = self.calls.hang_up(self.clock.now(), call, Endpoint { user, device });
        }
    }

    pub(super) fn disconnect(&mut self, device: DeviceId) {
        let Some((user, offline)) = self.presence.disconnect(device) else { return };
        self.calls.device_gone(self.clock.now(), device);
        if offline {
            for contact in self.presence.went_offline(user) {
                self.tell_user(contact, &Event::Presence { user, online: false });
            }
        }
    }

    fn contacts_changed(&mut self, users: [UserId; 2], now_contacts: Option<bool>) {
        let [a, b] = users;
        for (user, other) in [(a, b), (b, a)] {
            if let Some(is_contact) = now_contacts {
                self.presence.contacts_changed(user, other, is_contact);
            }
            self.tell_user(user, &Event::ContactsChanged);
            if now_contacts == Some(true) && self.presence.is_online(other) {
                self.tell_user(user, &Event::Presence { user: other, online: true });
            }
        }
    }

    pub(super) fn tell(&mut self, device: DeviceId, event: Event) {
        if self.presence.tell(device, event).is_err() {
            self.slow.push(device);
        }
    }

    fn tell_user(&mut self, user: UserId, event: &Event) {
        for device in self.presence.devices_of(user).to_vec() {
            self.tell(device, event.clone());
        }
    }

    fn publish_totals(&mut self) {
        let totals = self.media.totals();
        let gauges = &self.gauges;
        gauges.legs.store(totals.legs, Ordering::Relaxed);
        for (label, count) in [("datagram", totals.datagrams_in), ("rtp", totals.packets_in)] {
            gauges.set_packets(PacketKind::Received, label, count);
        }
        let sent = [("datagram", totals.datagrams_out), ("rtp", totals.packets_forwarded), ("keyframe_request", totals.keyframes_asked)];
        for (label, count) in sent {
            gauges.set_packets(PacketKind::Sent, label, count);
        }
        let unsent = [("socket_full", totals.socket_full), ("unsendable", totals.unsendable)];
        for (label, count) in totals.dropped().chain(unsent) {
            gauges.set_packets(PacketKind::Dropped, label, count);
        }
    }
}
