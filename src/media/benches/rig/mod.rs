//! A router between one person who sends and many who receive, in virtual time and without sockets: as a media thread drives it, with
//! real SRTP, congestion control and repeats, and str0m at the other ends. Only what the router does is handed to whoever measures.

mod peer;
mod source;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use peer::Peer;
use switchboard_media::{Certificate, GroupId, LegId, Output, Router, RouterConfig};

const GROUP: GroupId = GroupId(1);
const SERVER: &str = "10.0.1.1:7000";
/// What a datagram takes one way to the nearest peer.
const PATH: Duration = Duration::from_millis(10);
/// How much longer it takes to the next peer, so that what they say does not come all at once.
const APART: Duration = Duration::from_micros(50);
/// Connecting, and the first picture, take a few round trips.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);
/// How long all must receive everything before it is measured.
const WARM_UP: Duration = Duration::from_millis(500);

/// A datagram on its way, and when it arrives.
struct Datagram {
    at: Instant,
    bytes: Vec<u8>,
}

/// A peer, and the path each way between it and the router.
struct Line {
    peer: Peer,
    path: Duration,
    up: VecDeque<Datagram>,
    down: VecDeque<Datagram>,
}

/// What one turn of a media thread takes and gives.
#[derive(Default)]
struct Turn {
    taken: Vec<(SocketAddr, Vec<u8>)>,
    /// What was sent, one after the other as a media thread gathers it, and to whom until which byte.
    contents: Vec<u8>,
    sent: Vec<(SocketAddr, usize)>,
    due: Option<Instant>,
}

/// The router and its peers.
pub(crate) struct Rig {
    now: Instant,
    router: Router,
    turn: Turn,
    /// The one who sends, and then those who receive.
    lines: Vec<Line>,
}

impl Rig {
    /// So many receive and are shown everything. It goes the same way each time when it is the first of its thread.
    pub(crate) fn new(receivers: usize) -> Self {
        fastrand::seed(7);
        switchboard_chance::seed(7);
        let now = Instant::now();
        let config = RouterConfig {
            certificate: Certificate::generate(),
            candidates: vec![SERVER.parse().expect("it is one")],
            tcp: false,
            audio_slots: 5,
            congestion_control: true,
            seed: 7,
        };
        let mut rig = Self { now, router: Router::new(now, config), turn: Turn::default(), lines: Vec::new() };
        for place in 0..=receivers {
            rig.join(place);
        }
        let end = rig.now + BEGINS_WITHIN;
        while !rig.serves(receivers) {
            assert!(rig.now < end, "{receivers} receivers are not served within {BEGINS_WITHIN:?}: {:?}", rig.router.counters());
        }
        rig
    }

    /// RTP packets written to receivers so far.
    pub(crate) fn forwarded(&self) -> u64 {
        self.router.counters().packets_forwarded
    }

    /// Lets so much time pass; each turn of the router is done inside `around`.
    pub(crate) fn play(&mut self, time: Duration, mut around: impl FnMut(&mut dyn FnMut())) {
        let end = self.now + time;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            // Whatever is due over and over again, time goes on.
            self.now = next.max(self.now + Duration::from_micros(1));
            self.gather();
            let Self { router, turn, now, .. } = self;
            if !turn.taken.is_empty() || turn.due.is_some_and(|due| due <= *now) {
                around(&mut || take_turn(router, turn, *now));
                self.carry();
            }
        }
        self.now = self.now.max(end);
    }

    fn join(&mut self, place: usize) {
        let (mut peer, offer) = Peer::new(self.now, place);
        let id = LegId(place as u64);
        let answer = self.router.add_leg(self.now, id, GROUP, &offer).expect("the offer can be answered");
        peer.accept(&answer);
        self.router.open_gate(self.now, id);
        self.lines.push(Line { peer, path: PATH + APART * place as u32, up: VecDeque::new(), down: VecDeque::new() });
        self.turn.due = Some(self.now);
    }

    /// Whether for a while all receivers were sent all that was sent.
    fn serves(&mut self, receivers: usize) -> bool {
        let before = (self.lines[0].peer.sent(), self.forwarded());
        self.play(WARM_UP, |turn| turn());
        let sent = self.lines[0].peer.sent() - before.0;
        // Of what was sent last, something may be on its way yet, or something of what was sent before.
        sent > 0 && self.forwarded() - before.1 + receivers as u64 >= sent * receivers as u64
    }

    /// When something is to be done, and not before.
    fn next(&self) -> Option<Instant> {
        let lines = self.lines.iter().flat_map(|line| {
            let (up, down) = (line.up.front(), line.down.front());
            [Some(line.peer.due()), up.map(|datagram| datagram.at), down.map(|datagram| datagram.at)]
        });
        lines.flatten().chain(self.turn.due).min()
    }

    /// Lets peers do what is due, and takes what has arrived at the router.
    fn gather(&mut self) {
        let now = self.now;
        self.turn.taken.clear();
        for line in &mut self.lines {
            let arrives = now + line.path;
            while let Some(datagram) = line.down.pop_front_if(|datagram| datagram.at <= now) {
                line.peer.handle(now, &datagram.bytes, |bytes| line.up.push_back(Datagram { at: arrives, bytes }));
            }
            if line.peer.due() <= now {
                line.peer.advance(now, |bytes| line.up.push_back(Datagram { at: arrives, bytes }));
            }
            while let Some(datagram) = line.up.pop_front_if(|datagram| datagram.at <= now) {
                self.turn.taken.push((line.peer.address(), datagram.bytes));
            }
        }
    }

    /// Puts what the router sent on its way.
    fn carry(&mut self) {
        let mut begin = 0;
        for (destination, end) in self.turn.sent.drain(..) {
            let line = self.lines.iter_mut().find(|line| line.peer.address() == destination).expect("it is a peer's");
            line.down.push_back(Datagram { at: self.now + line.path, bytes: self.turn.contents[begin..end].to_vec() });
            begin = end;
        }
        self.turn.contents.clear();
    }
}

/// One turn of a media thread: what came is read, what is due is done, and what goes out is gathered.
fn take_turn(router: &mut Router, turn: &mut Turn, now: Instant) {
    let server = SERVER.parse().expect("it is one");
    for (source, datagram) in &turn.taken {
        router.handle_datagram(now, *source, server, datagram);
    }
    router.handle_timeout(now);
    loop {
        match router.poll_output() {
            Output::Transmit(transmit) => {
                turn.contents.extend_from_slice(&transmit.contents);
                turn.sent.push((transmit.destination, turn.contents.len()));
            }
            Output::Event(_) | Output::Relay { .. } => {}
            Output::Timeout(due) => {
                turn.due = due;
                return;
            }
        }
    }
}
