//! Groups that are larger than a router: what the routers that have legs of one group say to each other.
//!
//! Each router tells those it is linked to of its own legs of the group, and they keep each as a [`Remote`]: a leg without a
//! connection, whose sources their own legs are shown. Of a source that somebody takes there, one copy of each packet goes over; who
//! takes it there is the other router's affair. Back come the layers that are wanted, taken together, and requests for keyframes.
//!
//! What is said in one direction stands by itself, between a `Hello` and a `Bye`, so that the two directions need no agreement. It
//! must arrive in order; packets alone may be left out on the way. There are only values in it. Its instants are those of the one
//! clock that threads share; between nodes they would go as ages.

mod demand;
mod follow;
mod publish;
mod remote;

use std::time::Instant;

use str0m::media::{Mid, Rid};

pub(crate) use demand::Demand;
pub(crate) use remote::Remote;

use crate::layer::Layer;
use crate::leg::{GroupId, LegId};
use crate::packet::Packet;
use crate::peaks::Peaks;
use crate::router::{Output, Router};
use crate::source::SourceKind;
use crate::stats::Quality;
use crate::view::Sources;
use crate::voice::Voice;

/// Another router, named by whoever drives both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelayId(
    /// Unique among the routers that are linked.
    pub u64,
);

/// How a [`Message`] may be treated on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// It must arrive, and in order.
    Control,
    /// A packet of a voice: the last to be left out.
    Voice,
    /// A packet of a picture: where there is no room it is left out, as on any full link.
    Picture,
}

/// What one router says to another; [`Router::handle_relay`] takes it there.
#[derive(Debug)]
pub struct Message(Box<Said>);

impl Message {
    /// How it may be treated on its way.
    pub fn lane(&self) -> Lane {
        match &*self.0 {
            Said::Packet { kind, .. } if kind.is_video() => Lane::Picture,
            Said::Packet { .. } => Lane::Voice,
            _ => Lane::Control,
        }
    }
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are packets, and each message is in a box")]
enum Said {
    /// The legs of the group follow; what was said of others before is void.
    Hello(GroupId),
    /// Nothing more is said of the group; its legs are to be forgotten.
    Bye(GroupId),
    Came(Introduction),
    Left(LegId),
    Gate {
        leg: LegId,
        open: bool,
    },
    Sources {
        leg: LegId,
        on: Sources,
        screen_since: Option<Instant>,
    },
    /// How audible it is.
    Voice {
        leg: LegId,
        voice: Voice,
    },
    /// What there is to know of a source for one who takes it from here on: the packets that follow are the next.
    State {
        leg: LegId,
        kind: SourceKind,
        layers: Vec<Layer>,
        peaks: Peaks,
    },
    Packet {
        leg: LegId,
        kind: SourceKind,
        packet: Packet,
    },
    /// What is taken of a source.
    Demand {
        leg: LegId,
        kind: SourceKind,
        demand: Demand,
    },
    /// Somebody cannot go on without a keyframe of a layer.
    Keyframe {
        leg: LegId,
        kind: SourceKind,
        layer: usize,
    },
    /// How good a leg's connection is from now on: for the one router that tells it to all.
    Quality {
        group: GroupId,
        leg: LegId,
        quality: Quality,
    },
}

/// A leg as those learn of it who have it not.
#[derive(Debug)]
struct Introduction {
    leg: LegId,
    group: GroupId,
    added: Instant,
    gate_open: bool,
    on: Sources,
    screen_since: Option<Instant>,
    voice: Voice,
    /// Each with the names of its layers, the smallest first.
    sources: Vec<(SourceKind, Mid, Vec<Rid>)>,
}

impl Router {
    /// Takes what another router says. What is said of legs that are gone is passed over.
    pub fn handle_relay(&mut self, now: Instant, from: RelayId, message: Message) {
        self.advance(now);
        match *message.0 {
            Said::Hello(group) | Said::Bye(group) => self.forget_remotes(from, group),
            Said::Came(introduction) => self.remote_came(from, introduction),
            Said::Left(leg) => self.remote_left(from, leg),
            Said::Gate { leg, open } => self.remote_gate(from, leg, open),
            Said::Sources { leg, on, screen_since } => self.remote_sources(from, leg, on, screen_since),
            Said::Voice { leg, voice } => self.remote_voice(from, leg, voice),
            Said::State { leg, kind, layers, peaks } => self.remote_state(from, (leg, kind), layers, peaks),
            Said::Packet { leg, kind, packet } => self.remote_packet(from, (leg, kind), &packet),
            Said::Demand { leg, kind, demand } => self.demanded(from, (leg, kind), demand),
            Said::Keyframe { leg, kind, layer } => self.keyframe_demanded((leg, kind), layer),
            Said::Quality { group, leg, quality } => self.take_quality(group, leg, quality),
        }
    }

    fn say(&mut self, to: RelayId, said: Said) {
        self.outputs.push_back(Output::Relay { to, message: Message(Box::new(said)) });
    }
}
