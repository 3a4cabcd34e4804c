//! Virtual time: a router, clients, and a link each way between them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m_netem::{Input, Netem, NetemConfig, Output};
use switchboard_media::{Certificate, Event, GroupId, LegId, Output as RouterOutput, Role, Router, RouterConfig, SourceKind};

use crate::client::{Client, Lines};

pub(crate) const SERVER: &str = "10.0.1.1:7000";
pub(crate) const GROUP: GroupId = GroupId(1);

#[derive(Clone)]
struct Datagram {
    from: SocketAddr,
    bytes: Vec<u8>,
}

impl AsRef<[u8]> for Datagram {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

struct Line {
    client: Client,
    up: Netem<Datagram>,
    down: Netem<Datagram>,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) router: Router,
    pub(crate) events: Vec<Event>,
    /// What the router sent to addresses that are no client's.
    pub(crate) said_to_strangers: Vec<Vec<u8>>,
    router_due: Option<Instant>,
    lines: Vec<Line>,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let candidates = vec![SERVER.parse().unwrap()];
        let router = Router::new(now, RouterConfig { certificate: Certificate::generate(), candidates, seed: 7 });
        Self { now, router, events: Vec::new(), said_to_strangers: Vec::new(), router_due: None, lines: Vec::new() }
    }

    /// A client joins the group over a link (the same both ways), its gate shut.
    pub(crate) fn join(&mut self, lines: Lines, link: NetemConfig) -> usize {
        let mut client = Client::new(self.now, self.lines.len() as u64 + 1);
        let offer = client.offer(self.now, lines);
        let answer = self.router.add_leg(self.now, client.id, GROUP, &offer).unwrap();
        client.accept(&answer);
        let seed = client.id.0;
        self.lines.push(Line { client, up: Netem::new(link.seed(seed)), down: Netem::new(link.seed(seed + 1_000)) });
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
        self.router.remove_leg(self.now, id);
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

    fn next(&self) -> Option<Instant> {
        let links = self.lines.iter().flat_map(|line| [line.up.poll_timeout(), line.down.poll_timeout(), line.client.next]);
        links.chain(self.router_due).min().map(|next| next.max(self.now + Duration::from_micros(1)))
    }

    fn deliver(&mut self) {
        for line in &mut self.lines {
            line.up.handle_input(Input::Timeout(self.now));
            while let Some(output) = line.up.poll_output() {
                if let Output::Packet(datagram) = output {
                    self.router.handle_datagram(self.now, datagram.from, SERVER.parse().unwrap(), &datagram.bytes);
                }
            }
            line.down.handle_input(Input::Timeout(self.now));
            while let Some(output) = line.down.poll_output() {
                if let Output::Packet(datagram) = output {
                    line.client.handle(self.now, datagram.from, &datagram.bytes);
                    Self::drain(self.now, &mut line.client, &mut line.up);
                }
            }
        }
        self.router.handle_timeout(self.now);
    }

    /// Lets everyone who has something to say at this instant say it.
    pub(crate) fn settle(&mut self) {
        for line in &mut self.lines {
            if line.client.next <= self.now {
                Self::drain(self.now, &mut line.client, &mut line.up);
            }
        }
        loop {
            match self.router.poll_output() {
                RouterOutput::Timeout(at) => {
                    self.router_due = at;
                    break;
                }
                RouterOutput::Event(event) => self.events.push(event),
                RouterOutput::Transmit(transmit) => {
                    let line = self.lines.iter_mut().find(|line| line.client.address == transmit.destination);
                    let Some(line) = line else {
                        self.said_to_strangers.push(transmit.contents.to_vec());
                        continue;
                    };
                    let datagram = Datagram { from: transmit.source, bytes: transmit.contents.to_vec() };
                    line.down.handle_input(Input::Packet(self.now, datagram));
                }
            }
        }
    }

    fn drain(now: Instant, client: &mut Client, up: &mut Netem<Datagram>) {
        for transmit in client.advance(now) {
            up.handle_input(Input::Packet(now, Datagram { from: transmit.source, bytes: transmit.contents.to_vec() }));
        }
    }
}
