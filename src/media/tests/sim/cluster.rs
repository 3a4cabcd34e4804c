//! The routers of a call: one, or several that share its group, with a link between each two that loses nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use switchboard_media::{
    Certificate, Counters, GroupId, Lane, LegId, LegStats, Message, Offer, OfferError, Output, RelayId, Router, RouterConfig, Sources, View,
};

/// What a message takes from one router to the next: a thread that is at work comes to it a moment later.
const HANDED_OVER: Duration = Duration::from_micros(300);

/// It is its first router to whoever asks no more of it.
pub(crate) struct Cluster {
    routers: Vec<Router>,
    addresses: Vec<SocketAddr>,
    due: Vec<Option<Instant>>,
    /// So many legs in a row are added to the same router.
    spread: usize,
    added: usize,
    /// Where the next leg is added instead.
    next_home: Option<usize>,
    homes: BTreeMap<LegId, usize>,
    seated: Vec<BTreeSet<LegId>>,
    pub(crate) handed_over: Duration,
    under_way: VecDeque<(Instant, usize, usize, Message)>,
    /// Whether there is no room for pictures between the routers.
    pub(crate) full: bool,
    /// Messages by their lane: pictures, voices, control; and the pictures that were left out.
    pub(crate) carried: [u64; 3],
    pub(crate) left_out: u64,
}

impl Cluster {
    pub(crate) fn new(now: Instant, routers: usize, spread: usize, first: SocketAddr, seed: u64, congestion_control: bool) -> Self {
        let address = |place: usize| SocketAddr::new(first.ip(), first.port() + place as u16);
        let certificate = Certificate::generate();
        let router = |place: usize| {
            let candidates = vec![address(place)];
            Router::new(
                now,
                RouterConfig {
                    certificate: certificate.clone(),
                    candidates,
                    tcp: false,
                    audio_slots: 5,
                    congestion_control,
                    seed: seed + place as u64,
                },
            )
        };
        Self {
            routers: (0..routers).map(router).collect(),
            addresses: (0..routers).map(address).collect(),
            due: vec![None; routers],
            spread,
            added: 0,
            next_home: None,
            homes: BTreeMap::new(),
            seated: vec![BTreeSet::new(); routers],
            handed_over: HANDED_OVER,
            under_way: VecDeque::new(),
            full: false,
            carried: [0; 3],
            left_out: 0,
        }
    }

    /// All of them.
    pub(crate) fn each(&self) -> &[Router] {
        &self.routers
    }

    /// What all of them have counted together.
    pub(crate) fn total(&self, of: impl Fn(&Counters) -> u64) -> u64 {
        self.routers.iter().map(|router| of(router.counters())).sum()
    }

    /// Which of them has a leg.
    pub(crate) fn home(&self, leg: LegId) -> usize {
        self.homes.get(&leg).copied().unwrap_or(0)
    }

    pub(crate) fn legs(&self) -> usize {
        self.routers.iter().map(Router::legs).sum()
    }

    pub(crate) fn add_leg(&mut self, now: Instant, id: LegId, group: GroupId, offer: &Offer) -> Result<String, OfferError> {
        let turn = (self.added / self.spread) % self.routers.len();
        let home = *self.homes.entry(id).or_insert(self.next_home.take().unwrap_or(turn));
        self.added += 1;
        if self.seated[home].is_empty() {
            for other in self.others(home) {
                self.routers[home].link(now, group, RelayId(other as u64));
                self.routers[other].link(now, group, RelayId(home as u64));
            }
        }
        let answer = self.routers[home].add_leg(now, id, group, offer)?;
        self.seated[home].insert(id);
        Ok(answer)
    }

    /// The next leg is added to this one.
    pub(crate) fn next_home(&mut self, router: usize) {
        self.next_home = Some(router);
    }

    /// Does something with one of them that its driver would.
    pub(crate) fn between(&mut self, now: Instant, router: usize, act: impl FnOnce(&mut Router, Instant)) {
        act(&mut self.routers[router], now);
    }

    /// A leg is gone from the router that had it.
    pub(crate) fn gone(&mut self, now: Instant, id: LegId, group: GroupId) {
        let home = self.home(id);
        if self.seated[home].remove(&id) && self.seated[home].is_empty() {
            for other in self.others(home) {
                self.routers[home].unlink(now, group, RelayId(other as u64));
                self.routers[other].unlink(now, group, RelayId(home as u64));
            }
        }
    }

    fn others(&self, home: usize) -> Vec<usize> {
        (0..self.routers.len()).filter(|other| *other != home && !self.seated[*other].is_empty()).collect()
    }

    pub(crate) fn remove_leg(&mut self, now: Instant, id: LegId, group: GroupId) {
        self.of(id).remove_leg(now, id);
        self.gone(now, id, group);
    }

    pub(crate) fn open_gate(&mut self, now: Instant, id: LegId) {
        self.of(id).open_gate(now, id);
    }

    pub(crate) fn close_gate(&mut self, now: Instant, id: LegId) {
        self.of(id).close_gate(now, id);
    }

    pub(crate) fn set_view(&mut self, now: Instant, id: LegId, view: View) {
        self.of(id).set_view(now, id, view);
    }

    pub(crate) fn set_sources(&mut self, now: Instant, id: LegId, on: Sources) {
        self.of(id).set_sources(now, id, on);
    }

    pub(crate) fn inspect(&self, id: LegId) -> Option<LegStats> {
        self.routers[self.home(id)].inspect(id)
    }

    /// A datagram of a leg's client arrives at the leg's router.
    pub(crate) fn receive(&mut self, now: Instant, leg: LegId, from: SocketAddr, datagram: &[u8]) {
        let destination = self.addresses[self.home(leg)];
        self.of(leg).handle_datagram(now, from, destination, datagram);
    }

    /// What is under way arrives, and what is due is done.
    pub(crate) fn advance(&mut self, now: Instant) {
        self.hand_over(now);
        self.routers.iter_mut().for_each(|router| router.handle_timeout(now));
    }

    /// The next thing that goes out of them all; `None` when nothing is left.
    pub(crate) fn next_output(&mut self, now: Instant) -> Option<Output> {
        loop {
            for from in 0..self.routers.len() {
                loop {
                    match self.routers[from].poll_output() {
                        Output::Timeout(at) => {
                            self.due[from] = at;
                            break;
                        }
                        Output::Relay { to, message } => self.carry(now, from, to, message),
                        output => return Some(output),
                    }
                }
            }
            if self.under_way.front().is_none_or(|(at, ..)| *at > now) {
                return None;
            }
            self.hand_over(now);
        }
    }

    fn hand_over(&mut self, now: Instant) {
        while let Some((_, from, to, message)) = self.under_way.pop_front_if(|(at, ..)| *at <= now) {
            self.routers[to].handle_relay(now, RelayId(from as u64), message);
        }
    }

    fn carry(&mut self, now: Instant, from: usize, to: RelayId, message: Message) {
        let lane = message.lane();
        if self.full && lane == Lane::Picture {
            self.left_out += 1;
            return;
        }
        self.carried[match lane {
            Lane::Picture => 0,
            Lane::Voice => 1,
            Lane::Control => 2,
        }] += 1;
        self.under_way.push_back((now + self.handed_over, from, to.0 as usize, message));
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.iter().copied().flatten().chain(self.under_way.front().map(|(at, ..)| *at)).min()
    }

    fn of(&mut self, leg: LegId) -> &mut Router {
        let home = self.home(leg);
        &mut self.routers[home]
    }
}

impl Deref for Cluster {
    type Target = Router;

    fn deref(&self) -> &Router {
        &self.routers[0]
    }
}

impl DerefMut for Cluster {
    fn deref_mut(&mut self) -> &mut Router {
        &mut self.routers[0]
    }
}
