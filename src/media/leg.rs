//! A leg: one device's PeerConnection, seen from the router.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::media::KeyframeRequestKind;
use str0m::rtp::Ssrc;

use crate::counters::Drop;
use crate::error::LegError;
use crate::slot::Slot;
use crate::source::Source;

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
/// A client shows itself from each of its interfaces, rarely more than a handful.
const MAX_ADDRESSES: usize = 16;

pub(crate) struct Leg {
    pub(crate) group: GroupId,
    pub(crate) rtc: Rtc,
    pub(crate) ufrag: String,
    pub(crate) password: String,
    pub(crate) gate_open: bool,
    pub(crate) connected: bool,
    pub(crate) sources: Vec<Source>,
    pub(crate) slots: Vec<Slot>,
    /// Where it has proved to be, oldest first.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Whether it waits to be drained.
    pub(crate) touched: bool,
    added: Instant,
    reached: Option<Instant>,
    lost: Option<Instant>,
}

impl Leg {
    pub(crate) fn new(now: Instant, group: GroupId, mut rtc: Rtc, sources: Vec<Source>, slots: Vec<Slot>) -> Self {
        let credentials = rtc.direct_api().local_ice_credentials();
        Self {
            group,
            rtc,
            ufrag: credentials.ufrag,
            password: credentials.pass,
            gate_open: false,
            connected: false,
            sources,
            slots,
            addresses: Vec::new(),
            touched: false,
            added: now,
            reached: None,
            lost: None,
        }
    }

    /// Whether media may go to it.
    pub(crate) fn receives(&self) -> bool {
        self.gate_open && self.connected
    }

    /// Remembers an address it has proved; gives back one that it pushes out.
    pub(crate) fn remember(&mut self, now: Instant, address: SocketAddr) -> Option<SocketAddr> {
        self.reached.get_or_insert(now);
        let oldest = (self.addresses.len() == MAX_ADDRESSES).then(|| self.addresses.remove(0));
        self.addresses.push(address);
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

    /// The source that a stream belongs to. Of several simulcast layers, the first one heard is it.
    pub(crate) fn source_of(&mut self, ssrc: Ssrc) -> Result<usize, Drop> {
        if let Some(place) = self.sources.iter().position(|source| source.ssrc == Some(ssrc)) {
            return Ok(place);
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc).ok_or(Drop::NotASource)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let place = self.sources.iter().position(|source| source.mid == mid).ok_or(Drop::NotASource)?;
        let source = &mut self.sources[place];
        if source.ssrc.is_some() && source.rid != rid {
            return Err(Drop::OtherLayer);
        }
        source.rid = rid;
        Ok(place)
    }

    /// Asks the client for the keyframes that are due; gives how many.
    pub(crate) fn ask_keyframes(&mut self, now: Instant) -> u64 {
        let mut asked = 0;
        for source in &mut self.sources {
            let Some(ssrc) = source.ssrc else { continue };
            if !source.keyframe.take(now) {
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
        let keyframes = self.sources.iter().filter(|source| source.ssrc.is_some()).filter_map(|source| source.keyframe.due());
        keyframes.chain(self.patience()).fold(rtc, Instant::min)
    }
}
