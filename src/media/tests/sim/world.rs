//! Virtual time: one router or several, clients, and a link each way between them.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m_netem::{Bitrate, DataSize, Input, Netem, NetemConfig, Output};
use switchboard_media::{Event, GroupId, LegId, Output as RouterOutput, Role, SourceKind, Sources, Tile, View};

use crate::client::{Client, Lines};
use crate::cluster::Cluster;
use crate::datagram::Datagram;
use crate::payload_types::with_other_types;
use crate::received::Received;

pub(crate) const SERVER: &str = "10.0.1.1:7000";
pub(crate) const GROUP: GroupId = GroupId(1);

/// What a message of the signalling takes from the router to a client.
const SIGNALLING: Duration = Duration::from_millis(50);
/// What a home router holds back before it drops.
const BUFFER: Duration = Duration::from_millis(300);

/// A link that carries so much, with 300 ms of buffer before what is too much is dropped, and a delay of its own.
pub(crate) fn limited(bps: u64, latency: Duration) -> NetemConfig {
    // The emulator counts what is on its way as buffered.
    let bytes = bps as f64 / 8.0 * (BUFFER + latency).as_secs_f64();
    NetemConfig::new().latency(latency).link(Bitrate::bps(bps), DataSize::bytes((bytes as i64).max(3_000)))
}

/// A session description in which each header extension has the id of another (RFC 8285 §5: 1 to 14).
fn rotated(sdp: &str, by: usize) -> String {
    let moved = |line: &str| {
        let value = line.strip_prefix("a=extmap:")?;
        let digits = value.find(|c: char| !c.is_ascii_digit())?;
        let id: usize = value[..digits].parse().ok()?;
        Some(format!("a=extmap:{}{}", (id - 1 + by) % 14 + 1, &value[digits..]))
    };
    sdp.lines().map(|line| moved(line).unwrap_or_else(|| line.to_owned()) + "\r\n").collect()
}

struct Line {
    client: Client,
    /// Bytes the router sent to it, and in how many datagrams.
    sent_to: u64,
    datagrams_to: u64,
    up: Netem<Datagram>,
    down: Netem<Datagram>,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    seed: u64,
    pub(crate) router: Cluster,
    pub(crate) events: Vec<Event>,
    /// What the router sent to addresses that are no client's.
    pub(crate) said_to_strangers: Vec<Vec<u8>>,
    /// By how much the ids that a client's offer gives its header extensions differ from those it sends.
    pub(crate) extensions_rotated: usize,
    /// Whether those who join give voices other payload types than their programme does as a rule.
    pub(crate) other_types: bool,
    /// How long the router is busy each time it is served; what comes in between waits.
    pub(crate) busy: Duration,
    free: Instant,
    /// The most datagrams that were sent to one person in a row, in one turn.
    pub(crate) most_in_a_row: usize,
    /// How long each datagram was that the router sent, in their order; empty it before what is looked at.
    pub(crate) lengths: Vec<usize>,
    lines: Vec<Line>,
    places: BTreeMap<SocketAddr, usize>,
    /// Messages of the router to clients, and when they arrive.
    signals: VecDeque<(Instant, Event)>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::seeded(7)
    }

    /// A world whose router and links draw from a seed. It goes the same way each time when it is the first of its thread. With
    /// `ROUTERS` in the environment it has as many, and what they say to each other takes no time, for what is asked for is looked at
    /// in the same moment.
    pub(crate) fn seeded(seed: u64) -> Self {
        let routers = std::env::var("ROUTERS").ok().and_then(|routers| routers.parse().ok()).unwrap_or(1);
        let mut world = Self::on(routers, 1, seed);
        world.router.handed_over = Duration::ZERO;
        world
    }

    /// A world of several routers; so many legs in a row are added to one of them, then to the next.
    pub(crate) fn on(routers: usize, spread: usize, seed: u64) -> Self {
        Self::made(routers, spread, seed, true)
    }

    /// A world whose router estimates nothing, and keeps to nothing.
    pub(crate) fn without_congestion_control(seed: u64) -> Self {
        Self::made(1, 1, seed, false)
    }

    fn made(routers: usize, spread: usize, seed: u64, congestion_control: bool) -> Self {
        // str0m draws SSRCs, mids and ICE credentials from this thread's generator.
        fastrand::seed(seed);
        switchboard_chance::seed(seed);
        let now = Instant::now();
        let router = Cluster::new(now, routers, spread, SERVER.parse().unwrap(), seed, congestion_control);
        Self {
            now,
            seed,
            router,
            events: Vec::new(),
            said_to_strangers: Vec::new(),
            extensions_rotated: 0,
            other_types: false,
            busy: Duration::ZERO,
            free: now,
            most_in_a_row: 0,
            lengths: Vec::new(),
            lines: Vec::new(),
            places: BTreeMap::new(),
            signals: VecDeque::new(),
        }
    }

    /// A client joins the group over a link (the same both ways), its gate shut.
    pub(crate) fn join(&mut self, lines: Lines, link: NetemConfig) -> usize {
        self.join_over(lines, link, link)
    }

    /// A client joins the group, its gate shut, over a link each way: up to the router, and down from it.
    pub(crate) fn join_over(&mut self, lines: Lines, up: NetemConfig, down: NetemConfig) -> usize {
        let mut client = Client::with(self.now, self.lines.len() as u64 + 1, lines);
        let mut offer = client.offer(self.now, lines);
        offer.sdp = rotated(&offer.sdp, self.extensions_rotated);
        if self.other_types {
            offer.sdp = with_other_types(&offer.sdp);
        }
        let answer = self.router.add_leg(self.now, client.id, GROUP, &offer).unwrap();
        client.accept(&rotated(&answer, 14 - self.extensions_rotated));
        let seed = self.link_seed(client.id);
        self.places.insert(client.address, self.lines.len());
        self.lines.push(Line {
            client,
            sent_to: 0,
            datagrams_to: 0,
            up: Netem::new(up.seed(seed)),
            down: Netem::new(down.seed(seed + 1_000)),
        });
        self.settle();
        self.lines.len() - 1
    }

    /// Clients that talk to each other: joined, gates open, sending.
    pub(crate) fn call(&mut self, people: usize, lines: Lines, link: NetemConfig) {
        for _ in 0..people {
            let person = self.join(lines, link);
            self.open_gate(person);
            self.client(person).sends = true;
        }
    }

    pub(crate) fn client(&mut self, person: usize) -> &mut Client {
        &mut self.lines[person].client
    }

    pub(crate) fn open_gate(&mut self, person: usize) {
        let id = self.lines[person].client.id;
        self.router.open_gate(self.now, id);
        self.settle();
    }

    pub(crate) fn close_gate(&mut self, person: usize) {
        let id = self.lines[person].client.id;
        self.router.close_gate(self.now, id);
        self.settle();
    }

    /// The person begins to send at this moment.
    pub(crate) fn start(&mut self, person: usize) {
        let now = self.now;
        self.client(person).start(now);
        self.settle();
    }

    pub(crate) fn remove(&mut self, person: usize) {
        let id = self.lines[person].client.id;
        self.router.remove_leg(self.now, id, GROUP);
        self.settle();
    }

    /// The person's links become others; what is on its way arrives.
    pub(crate) fn set_link(&mut self, person: usize, up: NetemConfig, down: NetemConfig) {
        let seed = self.link_seed(self.lines[person].client.id);
        self.lines[person].up.set_config(up.seed(seed));
        self.lines[person].down.set_config(down.seed(seed + 1_000));
    }

    fn link_seed(&self, id: LegId) -> u64 {
        self.seed.wrapping_mul(10_000).wrapping_add(id.0)
    }

    /// The person's client says what it shows. Slots that are not named are left to the router.
    pub(crate) fn view(&mut self, person: usize, tiles: Vec<Tile>) {
        let id = self.lines[person].client.id;
        self.router.set_view(self.now, id, View { tiles });
        self.settle();
    }

    /// The person's client says how high it draws its slots for cameras, in their order, and leaves open whom they show.
    pub(crate) fn draw(&mut self, person: usize, heights: &[u16]) {
        let mids = self.lines[person].client.mids(Role::Slot(SourceKind::Camera));
        let tile = |(mid, height): (_, &u16)| Tile { mid: str0m::media::Mid::to_string(&mid), height: *height, shows: None, pinned: false };
        self.view(person, mids.into_iter().zip(heights).map(tile).collect());
    }

    /// The person switches sources on and off; what is off is not sent.
    pub(crate) fn set_sources(&mut self, person: usize, on: Sources) {
        let line = &mut self.lines[person];
        line.client.on = on;
        self.router.set_sources(self.now, line.client.id, on);
        self.settle();
    }

    /// The person's link carries nothing any more, either way.
    pub(crate) fn cut(&mut self, person: usize) {
        let dead = NetemConfig::new().loss(str0m_netem::LossModel::Random(str0m_netem::RandomLoss::new(str0m_netem::Probability::ONE)));
        self.lines[person].up.set_config(dead);
        self.lines[person].down.set_config(dead);
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.settle();
            match self.next() {
                Some(next) if next <= end => self.now = next,
                _ => break,
            }
            self.deliver();
        }
        self.now = end;
        self.settle();
    }

    /// Runs until `done`; fails when it has not come within `bound`.
    pub(crate) fn run_until(&mut self, awaited: &str, bound: Duration, mut done: impl FnMut(&mut Self) -> bool) {
        let end = self.now + bound;
        while !done(self) {
            assert!(self.now < end, "not within {bound:?}: {awaited}");
            self.run(Duration::from_millis(5));
        }
    }

    /// Bytes of datagrams that the router sent to a person.
    pub(crate) fn sent_to(&self, person: usize) -> u64 {
        self.lines[person].sent_to
    }

    /// Datagrams that the router sent to a person.
    pub(crate) fn datagrams_to(&self, person: usize) -> u64 {
        self.lines[person].datagrams_to
    }

    pub(crate) fn connected(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::LegConnected { .. })).count()
    }

    /// Whom the person's first slot of a kind shows, by the last event.
    pub(crate) fn shown(&self, person: usize, kind: SourceKind) -> Option<LegId> {
        self.all_shown(person, kind)[0]
    }

    /// Whom the person's slots of a kind show, by the last events.
    pub(crate) fn all_shown(&self, person: usize, kind: SourceKind) -> Vec<Option<LegId>> {
        let client = &self.lines[person].client;
        let slots = client.mids(Role::Slot(kind)).into_iter().map(|mid| mid.to_string());
        let last = |slot: String| {
            self.events.iter().rev().find_map(|event| match event {
                Event::SlotChanged { leg, mid, source } if *leg == client.id && *mid == slot => Some(*source),
                _ => None,
            })
        };
        slots.map(|slot| last(slot).flatten().map(|(leg, _)| leg)).collect()
    }

    /// What arrives in the person's slot that shows another by now.
    pub(crate) fn seen(&mut self, person: usize, kind: SourceKind, whom: usize) -> &mut Received {
        let id = self.lines[whom].client.id;
        let place = self.all_shown(person, kind).iter().position(|shown| *shown == Some(id));
        let place = place.unwrap_or_else(|| panic!("person {person} is shown person {whom}"));
        self.client(person).slot_at(kind, place)
    }

    fn next(&self) -> Option<Instant> {
        let people = self.lines.iter().flat_map(|line| [line.down.poll_timeout(), line.client.next]);
        let to_router = self.lines.iter().map(|line| line.up.poll_timeout()).chain(self.router.next());
        let to_router = to_router.map(|at| at.max(self.free));
        let signals = self.signals.front().map(|(at, _)| *at);
        people.chain(to_router).chain(signals).min().map(|next| next.max(self.now + Duration::from_micros(1)))
    }

    fn deliver(&mut self) {
        while let Some((_, event)) = self.signals.pop_front_if(|(at, _)| *at <= self.now) {
            if let Event::LayersWanted { leg, kind, active, rids } = event
                && let Some(line) = self.lines.iter_mut().find(|line| line.client.id == leg)
            {
                line.client.want_layers(kind, active, &rids);
            }
        }
        for line in &mut self.lines {
            line.down.handle_input(Input::Timeout(self.now));
            while let Some(output) = line.down.poll_output() {
                if let Output::Packet(datagram) = output {
                    line.client.handle(self.now, datagram.from, &datagram.bytes);
                    Self::drain(self.now, &mut line.client, &mut line.up);
                }
            }
        }
        if self.now >= self.free {
            self.serve_router();
        }
    }

    /// Lets the router have what has come for it, and do what is due.
    fn serve_router(&mut self) {
        for line in &mut self.lines {
            line.up.handle_input(Input::Timeout(self.now));
            while let Some(output) = line.up.poll_output() {
                if let Output::Packet(datagram) = output {
                    self.router.receive(self.now, line.client.id, datagram.from, &datagram.bytes);
                }
            }
        }
        self.router.advance(self.now);
        self.free = self.now + self.busy;
    }

    /// Lets everyone who has something to say at this instant say it.
    pub(crate) fn settle(&mut self) {
        for line in &mut self.lines {
            if line.client.next <= self.now {
                Self::drain(self.now, &mut line.client, &mut line.up);
            }
        }
        let mut row = (None, 0);
        while let Some(output) = self.router.next_output(self.now) {
            match output {
                RouterOutput::Timeout(_) | RouterOutput::Relay { .. } => {}
                RouterOutput::Event(event) => {
                    if let Event::LegFailed { leg, .. } = event {
                        self.router.gone(self.now, leg, GROUP);
                    }
                    self.signals.push_back((self.now + SIGNALLING, event.clone()));
                    self.events.push(event);
                }
                RouterOutput::Transmit(transmit) => {
                    let place = self.places.get(&transmit.destination);
                    let Some(line) = place.and_then(|place| self.lines.get_mut(*place)) else {
                        self.said_to_strangers.push(transmit.contents.to_vec());
                        continue;
                    };
                    let datagram = Datagram::new(transmit.source, &transmit.contents);
                    line.sent_to += datagram.on_the_way.len() as u64;
                    line.datagrams_to += 1;
                    self.lengths.push(transmit.contents.len());
                    row = (place, if row.0 == place { row.1 + 1 } else { 1 });
                    self.most_in_a_row = self.most_in_a_row.max(row.1);
                    line.down.handle_input(Input::Packet(self.now, datagram));
                }
            }
        }
    }

    fn drain(now: Instant, client: &mut Client, up: &mut Netem<Datagram>) {
        for transmit in client.advance(now) {
            up.handle_input(Input::Packet(now, Datagram::new(transmit.source, &transmit.contents)));
        }
    }
}
