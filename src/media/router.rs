//! The router: legs in groups, commands and datagrams in, datagrams, events and the next timeout out.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::Input;
use str0m::config::DtlsCert;
use str0m::crypto::from_feature_flags;
use str0m::net::{Protocol, Receive, Transmit};

use crate::counters::{Counters, Drop};
use crate::demux::{Demux, Path, Wire};
use crate::drain::{HeardBuffer, IN_A_ROW};
use crate::error::{LegError, OfferError};
use crate::group::Group;
use crate::lag::Lag;
use crate::leg::{GroupId, Leg, LegId};
use crate::negotiate::{Offer, negotiate};
use crate::relay::{Message, RelayId, Remote};
use crate::source::{Source, SourceKind};
use crate::stats::{LegStats, Quality};
use crate::timers::Timers;
use crate::waiting::{Turn, Waiting};

/// A DTLS identity. All legs share one: making it costs more than the rest of a join.
#[derive(Clone)]
pub struct Certificate(pub(crate) DtlsCert);

impl Certificate {
    /// Makes a new self-signed ECDSA certificate; the only use of randomness that is not seeded. WebRTC peers know it by
    /// its fingerprint in the answer (RFC 8122).
    ///
    /// # Panics
    /// When the system cannot supply randomness.
    pub fn generate() -> Self {
        Self(from_feature_flags().dtls_provider.generate_certificate().expect("aws-lc-rs makes certificates"))
    }
}

/// What a router is made from.
pub struct RouterConfig {
    /// Its DTLS identity.
    pub certificate: Certificate,
    /// The addresses it is reached at: they go into every answer as host candidates.
    pub candidates: Vec<SocketAddr>,
    /// Whether clients may connect to the same addresses by TCP, too (RFC 6544, passive).
    pub tcp: bool,
    /// How many voices a receiver hears at most: the loudest. It has no more than it offers slots for.
    pub audio_slots: usize,
    /// Whether what the path to a leg carries is estimated and kept to. Without it everyone is sent every picture in full, whatever
    /// becomes of it: for measuring what the estimate costs.
    pub congestion_control: bool,
    /// Where streams' first numbers come from.
    pub seed: u64,
}

/// What [`Router::poll_output`] gives.
#[derive(Debug)]
pub enum Output {
    /// Send this datagram.
    Transmit(Transmit),
    /// Something happened.
    Event(Event),
    /// Give this to another router, in order.
    Relay {
        /// Which.
        to: RelayId,
        /// What [`Router::handle_relay`] takes there.
        message: Message,
    },
    /// Nothing more until this instant (`None`: until the next input); call [`Router::handle_timeout`] then.
    Timeout(Option<Instant>),
}

/// What happens in a router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// ICE and DTLS are done.
    LegConnected {
        /// The leg.
        leg: LegId,
    },
    /// A leg broke and is gone; its group goes on.
    LegFailed {
        /// The leg.
        leg: LegId,
        /// Why.
        error: LegError,
    },
    /// A slot shows another source than before, or none.
    SlotChanged {
        /// The receiver.
        leg: LegId,
        /// The slot's `a=mid`.
        mid: String,
        /// Whose source it shows.
        source: Option<(LegId, SourceKind)>,
    },
    /// A slot's video is paused because the path cannot carry it, or goes on. A slot that gets another source is not paused.
    SlotPaused {
        /// The receiver.
        leg: LegId,
        /// The slot's `a=mid`.
        mid: String,
        /// Whether it is paused.
        paused: bool,
    },
    /// Which layers of a video source anyone wants; before the first such event, all.
    LayersWanted {
        /// The sender.
        leg: LegId,
        /// Camera or screen.
        kind: SourceKind,
        /// Whether the source is wanted at all.
        active: bool,
        /// Of a simulcast source, the wanted layers by their rid, the smallest first.
        rids: Vec<String>,
    },
    /// Who speaks in a group, the loudest first; on change, once a second at most.
    Speakers {
        /// The group.
        group: GroupId,
        /// Nobody when empty.
        legs: Vec<LegId>,
    },
    /// How good the connections of a group's legs are: those that changed, once a second at most. A leg that was never named is
    /// [`Quality::Good`].
    Quality {
        /// The group.
        group: GroupId,
        /// The legs whose quality changed.
        changes: Vec<(LegId, Quality)>,
    },
}

/// See the crate's documentation.
pub struct Router {
    config: RouterConfig,
    /// Where it is reached, beside what it was made with.
    learnt: Option<SocketAddr>,
    rng: fastrand::Rng,
    /// The newest time any input came with.
    pub(crate) now: Instant,
    pub(crate) legs: BTreeMap<LegId, Leg>,
    /// Legs that other routers have of its groups.
    pub(crate) remotes: BTreeMap<LegId, Remote>,
    pub(crate) groups: BTreeMap<GroupId, Group>,
    demux: Demux,
    pub(crate) timers: Timers<LegId>,
    pub(crate) group_timers: Timers<GroupId>,
    pub(crate) waiting: Waiting,
    pub(crate) lag: Lag,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) counters: Counters,
    pub(crate) heard_buffer: HeardBuffer,
}

impl Router {
    /// An empty router.
    pub fn new(now: Instant, config: RouterConfig) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(config.seed),
            config,
            learnt: None,
            now,
            legs: BTreeMap::new(),
            remotes: BTreeMap::new(),
            groups: BTreeMap::new(),
            demux: Demux::new(Arc::new(from_feature_flags())),
            timers: Timers::default(),
            group_timers: Timers::default(),
            waiting: Waiting::default(),
            lag: Lag::default(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
            heard_buffer: HeardBuffer::default(),
        }
    }

    /// Its running totals.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many legs it has.
    pub fn legs(&self) -> usize {
        self.legs.len()
    }

    /// Has the answers from here on tell of another address, too: one that was learnt, in place of one that was learnt before.
    pub fn learn_candidate(&mut self, address: SocketAddr) {
        self.learnt = Some(address).filter(|address| !self.config.candidates.contains(address));
    }

    /// Adds a leg with its gate shut and answers its offer (an SDP answer). It may connect at once; media waits for
    /// [`Router::open_gate`].
    ///
    /// # Errors
    /// When the offer cannot be answered; the router is unchanged.
    pub fn add_leg(&mut self, now: Instant, id: LegId, group: GroupId, offer: &Offer) -> Result<String, OfferError> {
        self.advance(now);
        if self.legs.contains_key(&id) {
            return Err(OfferError::LegExists(id));
        }
        let negotiated = negotiate(now, &self.config, self.learnt, offer, &mut self.rng)?;
        let leg = Leg::new(now, group, negotiated.rtc, negotiated.sources, negotiated.slots);
        self.demux.add(leg.ufrag.clone(), id);
        self.legs.insert(id, leg);
        self.groups.entry(group).or_default().members.push(id);
        self.publish_came(id);
        self.touch(id);
        Ok(negotiated.answer)
    }

    /// Lets media flow from and to a leg. Unknown legs are ignored: they failed a moment ago.
    pub fn open_gate(&mut self, now: Instant, id: LegId) {
        self.advance(now);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.gate_open = true;
        let group = leg.group;
        self.publish_gate(id);
        self.rebind(group);
        self.tell_all_wanted(id);
    }

    /// Stops all media from and to a leg, which stays connected: it is taken out of the others' slots, and its own are emptied.
    /// Unknown legs are ignored.
    pub fn close_gate(&mut self, now: Instant, id: LegId) {
        self.advance(now);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.gate_open = false;
        // What was seen before it closed is not shown again when it opens.
        leg.sources.iter_mut().for_each(Source::forget_recent);
        let group = leg.group;
        self.publish_gate(id);
        self.rebind(group);
        self.tell_all_wanted(id);
    }

    /// How a leg fares at the moment; `None` of an unknown one.
    pub fn inspect(&self, id: LegId) -> Option<LegStats> {
        let leg = self.legs.get(&id)?;
        let (rtt, loss) = leg.health.path();
        Some(LegStats { estimate_bps: leg.congestion.estimate(), rtt, loss, slots: self.slot_stats(leg) })
    }

    /// Says goodbye to a leg (RTCP BYE, DTLS close_notify) and forgets it; the others of its group go on.
    pub fn remove_leg(&mut self, now: Instant, id: LegId) {
        self.advance(now);
        let Some(mut leg) = self.take_out(id) else { return };
        if leg.rtc.close().is_err() {
            return;
        }
        loop {
            match leg.rtc.poll_output() {
                Ok(str0m::Output::Transmit(transmit)) => {
                    self.counters.datagrams_out += 1;
                    self.counters.bytes_out += transmit.contents.len() as u64;
                    self.outputs.push_back(Output::Transmit(transmit));
                }
                // What it still has to tell concerns nobody any more.
                Ok(str0m::Output::Event(_)) => {}
                Ok(str0m::Output::Timeout(_)) | Err(_) => break,
            }
        }
    }

    /// Takes a datagram from `source` that arrived at the candidate `destination`. What makes no sense is counted and dropped.
    pub fn handle_datagram(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) {
        self.handle((Protocol::Udp, source), now, destination, datagram);
    }

    /// Takes what came as a frame (RFC 4571) over a TCP connection from `source` to the candidate `destination`; false when it is no
    /// leg's, so that the connection is not one worth keeping.
    pub fn handle_frame(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, frame: &[u8]) -> bool {
        self.handle((Protocol::Tcp, source), now, destination, frame)
    }

    /// True when it is from a leg.
    fn handle(&mut self, from: Path, now: Instant, destination: SocketAddr, datagram: &[u8]) -> bool {
        self.advance(now);
        self.counters.datagrams_in += 1;
        self.counters.bytes_in += datagram.len() as u64;
        let id = match self.receiver_of(from, datagram) {
            Ok(id) => id,
            Err(why) => {
                self.counters.drop(why);
                return why == Drop::BeforeDtls;
            }
        };
        match Receive::new(from.0, from.1, destination, datagram) {
            Ok(receive) => {
                self.counters.repeats_received += self.legs.get(&id).map_or(0, |leg| leg.repeat_types.count(datagram));
                let read = self.counters.packets_in;
                self.feed(id, Input::Receive(now, receive), IN_A_ROW);
                if self.counters.packets_in == read {
                    self.note_refused(id, datagram);
                }
            }
            Err(_) => self.counters.drop(Drop::Garbage),
        }
        true
    }

    /// Does what was due by `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some((at, id)) = self.timers.pop_due(now) {
            self.wait(id, Turn::Due(at));
        }
        while let Some((_, group)) = self.group_timers.pop_due(now) {
            self.look_at(group);
        }
    }

    /// The next thing to do. After any change, call it until it gives [`Output::Timeout`]; changes may come in between, and a voice that
    /// does goes before what is left of the pictures.
    pub fn poll_output(&mut self) -> Output {
        while self.outputs.is_empty() && self.drain_next() {}
        let next = || self.timers.next().into_iter().chain(self.group_timers.next()).min();
        self.outputs.pop_front().unwrap_or_else(|| Output::Timeout(next()))
    }

    pub(crate) fn audio_slots(&self) -> usize {
        self.config.audio_slots
    }

    pub(crate) fn congestion_control(&self) -> bool {
        self.config.congestion_control
    }

    pub(crate) fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn receiver_of(&mut self, from: Path, datagram: &[u8]) -> Result<LegId, Drop> {
        match Wire::of(datagram).ok_or(Drop::Garbage)? {
            Wire::Stun => {
                let legs = &self.legs;
                let id = self.demux.leg_of_request(datagram, |id| legs.get(&id).map(|leg| leg.password.as_str()))?;
                if self.demux.prove(from, id)
                    && let Some(leg) = self.legs.get_mut(&id)
                    && let Some(oldest) = leg.remember(self.now, from)
                {
                    self.demux.forget(oldest, id);
                }
                Ok(id)
            }
            Wire::Dtls => self.demux.leg_at(from).ok_or(Drop::UnknownAddress),
            Wire::Rtp => {
                let id = self.demux.leg_at(from).ok_or(Drop::UnknownAddress)?;
                let connected = self.legs.get(&id).is_some_and(|leg| leg.connected);
                if connected { Ok(id) } else { Err(Drop::BeforeDtls) }
            }
        }
    }

    /// Takes a leg out of everything that knows it.
    pub(crate) fn take_out(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.legs.remove(&id)?;
        self.timers.set(id, None);
        self.demux.remove(&leg.ufrag, &leg.paths, id);
        for (place, slot) in leg.slots.iter().enumerate() {
            self.unsubscribe(id, place, slot.source);
        }
        self.tell_left(leg.slots.iter().filter_map(|slot| slot.source).collect());
        if let Some(group) = self.groups.get_mut(&leg.group) {
            group.remove(id);
        }
        self.publish_left(id, leg.group);
        if !self.forget_if_empty(leg.group) {
            self.hand_over_quality(leg.group);
            self.rebind(leg.group);
        }
        Some(leg)
    }

    /// Forgets a group in which nobody is left, here or elsewhere; true when there is none.
    pub(crate) fn forget_if_empty(&mut self, id: GroupId) -> bool {
        if self.groups.get(&id).is_some_and(|group| group.members.is_empty() && group.relays.is_empty()) {
            self.groups.remove(&id);
            self.group_timers.set(id, None);
        }
        !self.groups.contains_key(&id)
    }
}
