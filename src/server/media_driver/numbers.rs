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
    /// Keyframe requests of receivers that asked too often.
    pub keyframes_refused: u64,
    /// Moves of a slot from one simulcast layer to another.
    pub layer_switches: u64,
    /// Keyframes of simulcast layers of the wrong size.
    pub wrong_dimensions: u64,
    /// Packets of voices brought back by RED.
    pub words_restored: u64,
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
            keyframes_refused: counters.keyframes_refused,
            layer_switches: counters.layer_switches,
            wrong_dimensions: counters.wrong_dimensions,
            words_restored: counters.words_restored,
            dropped: Drop::ALL.map(|why| counters.dropped(why)),
            ..Self::default()
        }
    }

    /// What else the routers did and noticed, by a label.
    pub fn noticed(&self) -> [(&'static str, u64); 4] {
        [
            ("keyframe_request_refused", self.keyframes_refused),
            ("layer_switched", self.layer_switches),
            ("voice_restored", self.words_restored),
            ("wrong_dimensions", self.wrong_dimensions),
        ]
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
            keyframes_refused: self.keyframes_refused + other.keyframes_refused,
            layer_switches: self.layer_switches + other.layer_switches,
            wrong_dimensions: self.wrong_dimensions + other.wrong_dimensions,
            words_restored: self.words_restored + other.words_restored,
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
