//! What a media thread has done, as others may read it.

use std::sync::{Mutex, PoisonError};

use switchboard_media::{Counters, Drop};

/// Running totals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Media connections at the moment.
    pub legs: u64,
    /// Datagrams received.
    pub datagrams_in: u64,
    /// Datagrams sent.
    pub datagrams_out: u64,
    /// RTP packets that came from sources.
    pub packets_in: u64,
    /// RTP packets written to slots, one for each receiver.
    pub packets_forwarded: u64,
    /// Keyframe requests sent.
    pub keyframes_asked: u64,
    /// Datagrams not sent because the socket was full.
    pub socket_full: u64,
    /// Datagrams not sent because the operating system refused them.
    pub unsendable: u64,
    pub(super) dropped: [u64; Drop::ALL.len()],
}

impl Totals {
    pub(super) fn new(legs: usize, counters: &Counters) -> Self {
        Self {
            legs: legs as u64,
            datagrams_in: counters.datagrams_in,
            datagrams_out: counters.datagrams_out,
            packets_in: counters.packets_in,
            packets_forwarded: counters.packets_forwarded,
            keyframes_asked: counters.keyframes_asked,
            dropped: Drop::ALL.map(|why| counters.dropped(why)),
            ..Self::default()
        }
    }

    /// What was dropped, by a label for the reason.
    pub fn dropped(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Drop::ALL.into_iter().zip(self.dropped).map(|(why, count)| (why.label(), count))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let mut dropped = self.dropped;
        for (sum, more) in dropped.iter_mut().zip(other.dropped) {
            *sum += more;
        }
        Self {
            legs: self.legs + other.legs,
            datagrams_in: self.datagrams_in + other.datagrams_in,
            datagrams_out: self.datagrams_out + other.datagrams_out,
            packets_in: self.packets_in + other.packets_in,
            packets_forwarded: self.packets_forwarded + other.packets_forwarded,
            keyframes_asked: self.keyframes_asked + other.keyframes_asked,
            socket_full: self.socket_full + other.socket_full,
            unsendable: self.unsendable + other.unsendable,
            dropped,
        }
    }
}

/// Where a media thread leaves its totals from time to time, never on the way of a packet.
#[derive(Debug, Default)]
pub(super) struct Numbers(Mutex<Totals>);

impl Numbers {
    pub(super) fn write(&self, totals: Totals) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    pub(super) fn read(&self) -> Totals {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
