//! One media thread: its socket, its router, and the loop that carries datagrams, commands and time to it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard_media::{Output, RelayId, Router};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::sleep_until;

use super::egress::{Egress, Run};
use super::numbers::{Numbers, Totals, Work, Workload};
use super::passage::{Batch, Inbox, Outbox};
use super::socket::{Sent, Socket};
use super::{Answer, Command, DriverEvent};
use crate::fence::Fence;

/// Batches taken in one turn before what they cause is sent: more would delay the first for the last.
const BATCHES: usize = 4;
/// While much is sent, what else comes waits no longer than this: a voice does not wait for the pictures of hundreds.
const LOOK_AFTER: Duration = Duration::from_millis(1);
/// So often in a row: then the commands have their turn, and what is left to send waits for the next.
const LOOKS: usize = 32;
/// How old the published totals may get while there is work.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

pub(super) struct Shard {
    router: Router,
    socket: Socket,
    egress: Egress,
    orders: UnboundedReceiver<Command>,
    events: UnboundedSender<DriverEvent>,
    numbers: Arc<Numbers>,
    /// What the other threads say, and what they are told, by their place.
    inbox: Inbox,
    outboxes: Vec<Outbox>,
    relay_full: u64,
    published: Instant,
    /// Whether there may be something to publish.
    changed: bool,
    socket_full: u64,
    unsendable: u64,
    work: Work,
    fence: Fence,
}

impl Shard {
    pub(super) fn new(
        router: Router,
        socket: Socket,
        orders: UnboundedReceiver<Command>,
        events: UnboundedSender<DriverEvent>,
        numbers: Arc<Numbers>,
        (inbox, outboxes): (Inbox, Vec<Outbox>),
        fence: Fence,
    ) -> Self {
        Self {
            router,
            socket,
            egress: Egress::new(),
            orders,
            events,
            numbers,
            inbox,
            outboxes,
            relay_full: 0,
            published: Instant::now(),
            changed: true,
            socket_full: 0,
            unsendable: 0,
            work: Work::default(),
            fence,
        }
    }

    /// Runs until the driver is dropped, or the lease is lost by which calls are controlled here.
    pub(super) async fn run(mut self) {
        if let Err(error) = self.socket.register() {
            tracing::error!(%error, "a media socket cannot be used");
            return;
        }
        let mut workload = Workload::begin(self.published);
        loop {
            let due = self.drain();
            let due = self.publish_when_due(due, &mut workload);
            let timer = async {
                match due {
                    Some(due) => sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = self.orders.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                ready = self.socket.readable() => {
                    if let Err(error) = ready.and_then(|()| self.receive()) {
                        tracing::warn!(%error, "receiving media failed");
                    }
                }
                batch = self.inbox.next() => self.hear(batch),
                () = timer => {}
            }
            if !self.fence.is_up(Instant::now()) && self.fence.up_again().await.is_err() {
                return;
            }
            self.router.handle_timeout(Instant::now());
            self.work.turns += 1;
            self.changed = true;
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        let now = Instant::now();
        for _ in 0..BATCHES {
            let router = &mut self.router;
            let taken = self.socket.receive(|source, candidate, datagram| router.handle_datagram(now, source, candidate, datagram))?;
            match taken {
                Some(datagrams) => self.work.received.add(datagrams),
                None => break,
            }
        }
        Ok(())
    }

    /// Takes what other threads say.
    fn hear(&mut self, batch: Batch) {
        let now = Instant::now();
        let mut next = Some(batch);
        let mut taken = 0;
        while let Some(Batch { from, messages, .. }) = next {
            messages.into_iter().for_each(|message| self.router.handle_relay(now, from, message));
            taken += 1;
            next = if taken < BATCHES { self.inbox.try_next() } else { None };
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        self.work.commands += 1;
        match command {
            Command::AddLeg { leg, group, offer } => {
                let answer = self.router.add_leg(now, leg, group, &offer);
                let answer = answer.map(|sdp| Answer { sdp, picture_slots: self.router.picture_slots(leg) });
                // Nobody listens only while the server stops.
                let _ = self.events.send(DriverEvent::Answered { leg, answer });
            }
            Command::OpenGate(leg) => self.router.open_gate(now, leg),
            Command::CloseGate(leg) => self.router.close_gate(now, leg),
            Command::SetView(leg, view) => self.router.set_view(now, leg, view),
            Command::SetSources(leg, on) => self.router.set_sources(now, leg, on),
            Command::Inspect(leg) => {
                let _ = self.events.send(DriverEvent::Inspected { leg, stats: self.router.inspect(leg) });
            }
            Command::RemoveLeg(leg) => self.router.remove_leg(now, leg),
            Command::Link(group, thread) => self.router.link(now, group, RelayId(thread as u64)),
            Command::Unlink(group, thread) => self.router.unlink(now, group, RelayId(thread as u64)),
        }
    }

    /// Carries out what the router wants done, and looks up from it at times; gives its next deadline.
    fn drain(&mut self) -> Option<Instant> {
        let mut looked = Instant::now();
        let mut looks = 0;
        loop {
            let Self { router, socket, egress, events, outboxes, relay_full, socket_full, unsendable, work, .. } = self;
            let mut sent = false;
            let mut send = |run: &Run<'_>| {
                sent = true;
                work.runs.add(run.datagrams());
                match socket.send(run) {
                    Sent::Yes => {}
                    Sent::Full => *socket_full += run.datagrams(),
                    Sent::Refused => *unsendable += run.datagrams(),
                }
            };
            match router.poll_output() {
                Output::Transmit(transmit) => {
                    let addresses = (transmit.source, transmit.destination);
                    egress.push(socket.max_segments(), addresses, &transmit.contents, &mut send);
                }
                Output::Event(event) => {
                    // Nobody listens only while the server stops.
                    let _ = events.send(DriverEvent::Leg(event));
                }
                Output::Relay { to, message } => {
                    *relay_full += u64::from(!outboxes[to.0 as usize].push(message));
                }
                Output::Timeout(due) => {
                    egress.flush(&mut send);
                    outboxes.iter_mut().for_each(Outbox::flush);
                    return due;
                }
            }
            if !sent {
                continue;
            }
            let now = Instant::now();
            if now >= looked + LOOK_AFTER {
                if looks == LOOKS {
                    return Some(now);
                }
                self.look_up(now);
                (looked, looks) = (now, looks + 1);
            }
        }
    }

    /// Takes what came while much was sent.
    fn look_up(&mut self, now: Instant) {
        let router = &mut self.router;
        let received =
            self.socket.receive_meanwhile(|source, candidate, datagram| router.handle_datagram(now, source, candidate, datagram));
        match received {
            Ok(datagrams) => datagrams.into_iter().for_each(|datagrams| self.work.received.add(datagrams)),
            Err(error) => tracing::warn!(%error, "receiving media failed"),
        }
        if let Some(batch) = self.inbox.try_next() {
            self.hear(batch);
        }
        self.outboxes.iter_mut().for_each(Outbox::flush);
        self.router.handle_timeout(now);
    }

    /// Publishes the totals unless that was done a moment ago; gives when to wake for the sake of it, or for `due`.
    fn publish_when_due(&mut self, due: Option<Instant>, workload: &mut Workload) -> Option<Instant> {
        if !self.changed {
            return due;
        }
        let now = Instant::now();
        let next = self.published + PUBLISH_EVERY;
        if now < next {
            return Some(due.map_or(next, |due| due.min(next)));
        }
        self.changed = false;
        self.published = now;
        let totals = Totals::new(self.router.legs(), self.router.counters());
        let Self { socket_full, unsendable, relay_full, work, .. } = *self;
        self.numbers.write(now, Totals { socket_full, unsendable, relay_full, work, ..totals }, workload.since_last(now));
        due
    }
}
