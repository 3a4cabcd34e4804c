//! A leg: one device's PeerConnection, seen from the router.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::media::KeyframeRequestKind;
use str0m::rtp::Ssrc;

use crate::binding::Place;
use crate::congestion::Congestion;
use crate::counters::Drop;
use crate::demux::Path;
use crate::error::LegError;
use crate::health::Health;
use crate::repeats::Repeats;
use crate::slot::Slot;
use crate::source::Source;
use crate::staged::Staged;
use crate::traffic::{RepeatTypes, Told};
use crate::view::{Sources, View};
use crate::voice::Voice;
use crate::waiting::Waits;

/// A leg's name, chosen by whoever adds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(
    /// Unique among the legs of a router.
    pub u64,
);

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leg {}", self.0)
    }
}

/// The legs that hear and see each other: those of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(
    /// Unique among the groups of a router.
    pub u64,
);

/// ICE on a bad network takes seconds, not more; a client that is not here by then will not come.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// From the first proof of an address a handshake needs two round trips; ten seconds leave room for lost flights.
const SHAKE_HANDS_WITHIN: Duration = Duration::from_secs(10);
/// A change of network is repaired by the browser within a few seconds; longer silence is an absence.
const LOST_FOR: Duration = Duration::from_secs(15);
/// A client shows itself from each of its interfaces, rarely more than a handful, and by TCP once more to each of the server's addresses.
const MAX_PATHS: usize = 32;
/// str0m remembers each stream that was ever received. A call of a day with a new one every minute and a half stays below.
pub(crate) const MAX_STREAMS: usize = 1_000;

pub(crate) struct Leg {
    pub(crate) group: GroupId,
    /// Boxed, because the tree of legs has nearly as much room again as there are legs.
    pub(crate) rtc: Box<Rtc>,
    pub(crate) ufrag: String,
    pub(crate) password: String,
    pub(crate) gate_open: bool,
    pub(crate) connected: bool,
    pub(crate) sources: Vec<Source>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) view: View,
    /// What the view says of each slot; empty before it says anything.
    wishes: Vec<Wish>,
    /// When its client's view was last heeded, and when the newest one is to be.
    pub(crate) view_heeded: Option<Instant>,
    pub(crate) view_waits: Option<Instant>,
    /// When its group last was, or is to be, brought in line with what it switched on or off.
    pub(crate) sources_heeded: Option<Instant>,
    pub(crate) congestion: Congestion,
    /// Which of its sources are on.
    pub(crate) on: Sources,
    pub(crate) voice: Voice,
    /// Since when its screen is shared: since it was switched on, or since its first packet.
    pub(crate) screen_since: Option<Instant>,
    /// When a speaker last took the tile of somebody silent.
    pub(crate) swapped: Option<Instant>,
    pub(crate) health: Health,
    pub(crate) repeats: Repeats,
    pub(crate) told: Told,
    pub(crate) repeat_types: RepeatTypes,
    /// When anything last came from it.
    pub(crate) heard: Option<Instant>,
    /// Where it has proved to be, oldest first.
    pub(crate) paths: Vec<Path>,
    /// The streams it ever sent beside those it sends.
    streams: BTreeSet<Ssrc>,
    /// What it is to be sent when it has its turn.
    pub(crate) staged: Staged,
    /// How it waits to be drained.
    pub(crate) waits: Waits,
    pub(crate) added: Instant,
    reached: Option<Instant>,
    lost: Option<Instant>,
}

/// What a leg's client wants of a slot.
#[derive(Debug, Clone, Copy, Default)]
struct Wish {
    shows: Option<LegId>,
    hidden: bool,
}

impl Leg {
    pub(crate) fn new(now: Instant, group: GroupId, rtc: Rtc, sources: Vec<Source>, slots: Vec<Slot>) -> Self {
        let mut rtc = Box::new(rtc);
        let credentials = rtc.direct_api().local_ice_credentials();
        Self {
            group,
            repeat_types: RepeatTypes::of(&rtc),
            rtc,
            ufrag: credentials.ufrag,
            password: credentials.pass,
            gate_open: false,
            connected: false,
            sources,
            slots,
            view: View::default(),
            wishes: Vec::new(),
            view_heeded: None,
            view_waits: None,
            sources_heeded: None,
            congestion: Congestion::default(),
            on: Sources::default(),
            voice: Voice::default(),
            screen_since: None,
            swapped: None,
            health: Health::default(),
            repeats: Repeats::default(),
            told: Told::default(),
            heard: None,
            paths: Vec::new(),
            streams: BTreeSet::new(),
            staged: Staged::default(),
            waits: Waits::default(),
            added: now,
            reached: None,
            lost: None,
        }
    }

    /// Whether media may go to it.
    pub(crate) fn receives(&self) -> bool {
        self.gate_open && self.connected
    }

    /// Its slots as their binding sees them.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let wishes = self.wishes.iter().copied().chain(std::iter::repeat(Wish::default()));
        let place = |(slot, wish): (&Slot, Wish)| {
            let &Slot { kind, source, since, .. } = slot;
            Place { kind, source, since, shows: wish.shows, hidden: wish.hidden }
        };
        self.slots.iter().zip(wishes).map(place)
    }

    pub(crate) fn set_view(&mut self, view: View) {
        let wish = |slot: &Slot| {
            let tile = view.tiles.iter().find(|tile| slot.kind.is_video() && *slot.mid == *tile.mid);
            tile.map_or_else(Wish::default, |tile| Wish { shows: tile.shows, hidden: tile.height == 0 })
        };
        self.wishes = self.slots.iter().map(wish).collect();
        self.view = view;
    }

    /// True when that is another than before.
    pub(crate) fn set_sources(&mut self, now: Instant, on: Sources) -> bool {
        let before = std::mem::replace(&mut self.on, on);
        if !on.microphone {
            self.voice.mute();
        }
        if on.screen && !before.screen {
            self.screen_since = Some(now);
        }
        before != on
    }

    /// Remembers a path it has proved; gives back one that it pushes out.
    pub(crate) fn remember(&mut self, now: Instant, path: Path) -> Option<Path> {
        self.reached.get_or_insert(now);
        let oldest = (self.paths.len() == MAX_PATHS).then(|| self.paths.remove(0));
        self.paths.push(path);
        oldest
    }

    pub(crate) fn ice_lost(&mut self, now: Instant) {
        self.lost.get_or_insert(now);
    }

    pub(crate) fn ice_found(&mut self) {
        self.lost = None;
    }

    /// When it is to be given up unless it connects, or comes back, by then.
    pub(crate) fn patience(&self) -> Option<Instant> {
        match (self.connected, self.reached) {
            (true, _) => self.lost.map(|at| at + LOST_FOR),
            (false, Some(at)) => Some(at + SHAKE_HANDS_WITHIN),
            (false, None) => Some(self.added + CONNECT_WITHIN),
        }
    }

    /// Why it is to be given up at `now`, if it is.
    pub(crate) fn given_up(&self, now: Instant) -> Option<LegError> {
        if self.patience()? > now {
            return None;
        }
        Some(match (self.connected, self.reached) {
            (true, _) => LegError::Lost(LOST_FOR.as_secs()),
            (false, Some(_)) => LegError::NoHandshake(SHAKE_HANDS_WITHIN.as_secs()),
            (false, None) => LegError::NeverConnected(CONNECT_WITHIN.as_secs()),
        })
    }

    /// The places of the source and of its layer that a stream belongs to.
    pub(crate) fn layer_of(&mut self, ssrc: Ssrc) -> Result<(usize, usize), Drop> {
        for (place, source) in self.sources.iter().enumerate() {
            if let Some(layer) = source.layers.iter().position(|layer| layer.ssrc == Some(ssrc)) {
                return Ok((place, layer));
            }
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc).ok_or(Drop::NotASource)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        self.streams.insert(ssrc);
        let place = self.sources.iter().position(|source| source.mid == mid).ok_or(Drop::NotASource)?;
        let layer = self.sources[place].layers.iter().position(|layer| layer.rid == rid).ok_or(Drop::OtherLayer)?;
        Ok((place, layer))
    }

    /// Whether it sent more streams than anyone needs.
    pub(crate) fn teems(&self) -> bool {
        self.streams.len() > MAX_STREAMS
    }

    /// Asks the client for the keyframes that are due; gives how many.
    pub(crate) fn ask_keyframes(&mut self, now: Instant) -> u64 {
        let mut asked = 0;
        for layer in self.sources.iter_mut().flat_map(|source| &mut source.layers) {
            let Some(ssrc) = layer.ssrc else { continue };
            if !layer.keyframe.take(now) {
                continue;
            }
            if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
                asked += 1;
            }
        }
        asked
    }

    /// When it has to be drained again, given str0m's own deadline.
    pub(crate) fn deadline(&self, rtc: Instant) -> Instant {
        let layers = self.sources.iter().flat_map(|source| &source.layers);
        let keyframes = layers.filter(|layer| layer.ssrc.is_some()).filter_map(|layer| layer.keyframe.due());
        keyframes.chain(self.patience()).chain(self.view_waits).chain(self.divides()).fold(rtc, Instant::min)
    }
}
