//! One media thread: its sockets, its router, and the loop that carries datagrams, commands and time to it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard_media::{Output, Protocol, RelayId, Router};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::sleep_until;

use super::egress::{Egress, Run};
use super::numbers::{Numbers, Totals, Work, Workload};
use super::passage::{Batch, Inbox, Outbox};
use super::socket::{Sent, Socket};
use super::stun::{Question, Stun};
use super::tcp::{Arrival, Tcp};
use super::{Answer, Command, DriverEvent};
use crate::fence::Fence;

/// Batches taken in one turn before what they cause is sent: more would delay the first for the last.
const BATCHES: usize = 4;
/// Looks at TCP connections that are dealt with in one turn: most bring a packet or two.
const ARRIVALS: usize = 64;
/// While much is sent, what else comes waits no longer than this: a voice does not wait for the pictures of hundreds.
const LOOK_AFTER: Duration = Duration::from_millis(1);
/// So often in a row: then the commands have their turn, and what is left to send waits for the next.
const LOOKS: usize = 32;
/// How old the published totals may get while there is work.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// How often it is said at most that nothing can be received.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Shard {
    router: Router,
    socket: Socket,
    tcp: Tcp,
    stun: Stun,
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
    /// When the first batch came whose packets are not sent yet.
    arrived: Option<Instant>,
    /// When it was last said that nothing could be received.
    complained: Option<Instant>,
    fence: Fence,
}

impl Shard {
    pub(super) fn new(
        router: Router,
        (socket, tcp, stun): (Socket, Tcp, Stun),
        orders: UnboundedReceiver<Command>,
        events: UnboundedSender<DriverEvent>,
        numbers: Arc<Numbers>,
        (inbox, outboxes): (Inbox, Vec<Outbox>),
        fence: Fence,
    ) -> Self {
        Self {
            router,
            socket,
            tcp,
            stun,
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
            arrived: None,
            complained: None,
            fence,
        }
    }

    /// Runs until the driver is dropped, or the lease is lost by which calls are controlled here.
    pub(super) async fn run(mut self) {
        if let Err(error) = self.socket.register().and_then(|()| self.tcp.register()) {
            tracing::error!(%error, "a media socket cannot be used");
            return;
        }
        let mut workload = Workload::begin(self.published);
        loop {
            let due = self.drain().await;
            let due = self.publish_when_due(due, &mut workload);
            // Where datagrams never cease, those who read connections would not have their turn.
            self.tcp.look().await;
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
                        self.receive_failed(&error);
                    }
                }
                arrival = self.tcp.next() => self.take(arrival),
                batch = self.inbox.next() => self.hear(batch),
                question = self.stun.next(self.socket.address().ip()) => self.ask(&question),
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
            let Self { router, stun, socket, .. } = self;
            let taken = socket.receive(|source, candidate, datagram| take_datagram(router, stun, now, (source, candidate), datagram))?;
            match taken {
                Some(datagrams) => {
                    self.arrived.get_or_insert(now);
                    self.work.received.add(datagrams);
                }
                None => break,
            }
        }
        Ok(())
    }

    /// Counts it, and says so seldom: what fails once may fail a thousand times a second.
    fn receive_failed(&mut self, error: &io::Error) {
        self.work.receive_failed += 1;
        let now = Instant::now();
        if self.complained.is_none_or(|at| now >= at + COMPLAIN_EVERY) {
            self.complained = Some(now);
            tracing::warn!(%error, times = self.work.receive_failed, "receiving media failed");
        }
    }

    /// Asks a STUN server; what is lost is asked again.
    fn ask(&mut self, Question { to, datagram }: &Question) {
        let source = self.socket.candidate(*to, None);
        self.socket.send(&Run { source, destination: *to, contents: datagram, segment: datagram.len() });
    }

    /// Takes what comes by TCP, about as much of it in one turn as by UDP.
    fn take(&mut self, arrival: Arrival) {
        let now = Instant::now();
        let Self { router, socket, tcp, arrived, .. } = self;
        let mut next = Some(arrival);
        let mut taken = 0;
        while let Some(arrival) = next {
            let candidate = |peer, local: SocketAddr| socket.candidate(peer, Some(local.ip().to_canonical()));
            tcp.handle(now, arrival, candidate, |peer, candidate, packet| {
                arrived.get_or_insert(now);
                router.handle_frame(now, peer, candidate, packet)
            });
            taken += 1;
            next = if taken < ARRIVALS { tcp.try_next() } else { None };
        }
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
    async fn drain(&mut self) -> Option<Instant> {
        let mut looked = Instant::now();
        let mut looks = 0;
        let mut forwarded = false;
        loop {
            let Self { router, socket, tcp, egress, events, outboxes, relay_full, socket_full, unsendable, work, arrived, .. } = self;
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
                Output::Transmit(transmit) if transmit.proto == Protocol::Tcp => {
                    sent = true;
                    tcp.push(transmit.source, transmit.destination, &transmit.contents);
                }
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
                    tcp.flush();
                    let arrived = arrived.take().filter(|_| forwarded || sent);
                    arrived.into_iter().for_each(|arrived| work.forwarding.add_time(arrived.elapsed()));
                    outboxes.iter_mut().for_each(Outbox::flush);
                    return due;
                }
            }
            forwarded |= sent;
            if !sent {
                continue;
            }
            let now = Instant::now();
            if now >= looked + LOOK_AFTER {
                tcp.flush();
                if looks == LOOKS || !self.fence.is_up(now) {
                    return Some(now);
                }
                self.look_up(now).await;
                (looked, looks) = (now, looks + 1);
            }
        }
    }

    /// Takes what came while much was sent.
    async fn look_up(&mut self, now: Instant) {
        let Self { router, stun, socket, .. } = self;
        let received =
            socket.receive_meanwhile(|source, candidate, datagram| take_datagram(router, stun, now, (source, candidate), datagram));
        match received {
            Ok(datagrams) => datagrams.into_iter().for_each(|datagrams| {
                self.arrived.get_or_insert(now);
                self.work.received.add(datagrams);
            }),
            Err(error) => self.receive_failed(&error),
        }
        self.tcp.look().await;
        if let Some(arrival) = self.tcp.try_next() {
            self.take(arrival);
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
        self.work.paths.sample(now, self.router.paths());
        let totals = Totals::new(self.router.legs(), self.router.lag(), self.router.counters());
        let Self { socket_full, unsendable, relay_full, work, .. } = *self;
        let tcp = self.tcp.numbers();
        self.numbers.write(now, Totals { socket_full, unsendable, relay_full, work, tcp, ..totals }, workload.since_last(now));
        due
    }
}

/// Gives a datagram to whom it is for: the router, but for the answer of a STUN server.
fn take_datagram(router: &mut Router, stun: &mut Stun, now: Instant, (source, candidate): (SocketAddr, SocketAddr), datagram: &[u8]) {
    match stun.take(now, source, datagram) {
        None => router.handle_datagram(now, source, candidate, datagram),
        Some(learnt) => learnt.into_iter().for_each(|address| router.learn_candidate(address)),
    }
}
