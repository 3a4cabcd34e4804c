//! What a video source sent in the last moment, for receivers who come an instant after its keyframe.
//!
//! At accept a camera starts while its gate opens and the receiver's connection comes up, in any order. Without this the first
//! keyframe would pass unseen, and another would cost a round trip and an encoder's time. It also brings the beginning of a
//! keyframe that was overtaken or resent together with the rest of its frame.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use str0m::rtp::Ssrc;

use crate::keyframe::ASK_EVERY;
use crate::slot::Packet;

/// A wish for a keyframe this soon after the last is not passed on, so what answered the last has to do for it.
const KEEP: Duration = ASK_EVERY;
/// 128 packets of 1,200 bytes are a large keyframe, or 300 ms of 4 Mbit/s.
const MOST: usize = 128;

/// The packets of one stream in the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    stream: Option<Ssrc>,
    packets: VecDeque<(Instant, Packet)>,
}

impl Recent {
    /// Keeps a packet; one of another stream begins anew.
    pub(crate) fn push(&mut self, now: Instant, stream: Ssrc, packet: Packet) {
        if self.stream.replace(stream) != Some(stream) {
            self.clear();
        }
        while self.packets.front().is_some_and(|(at, _)| self.packets.len() >= MOST || is_old(*at, now)) {
            self.packets.pop_front();
        }
        self.packets.push_back((now, packet));
    }

    pub(crate) fn clear(&mut self) {
        self.packets.clear();
    }

    /// The newest keyframe's first packet and what follows it in the stream; nothing when there is none.
    pub(crate) fn since_keyframe(&self, now: Instant) -> impl Iterator<Item = &Packet> {
        let young = self.packets.iter().filter(move |(at, _)| !is_old(*at, now)).map(|(_, packet)| packet);
        let entry = young.clone().filter(|packet| packet.entry).max_by_key(|packet| packet.position.seq);
        let rest = young.filter(move |packet| entry.is_some_and(|entry| packet.position.seq > entry.position.seq));
        entry.into_iter().chain(rest)
    }
}

fn is_old(at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(at) > KEEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::video_packet;

    const STREAM: u32 = 1;

    fn seqs(recent: &Recent, now: Instant) -> Vec<u64> {
        recent.since_keyframe(now).map(|packet| packet.position.seq).collect()
    }

    #[test]
    fn it_begins_with_the_newest_keyframe_even_if_its_rest_came_first() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        assert!(seqs(&recent, now).is_empty());
        for packet in [video_packet(1, true, true), video_packet(2, false, true), video_packet(11, true, false)] {
            recent.push(now, STREAM.into(), packet);
        }
        assert_eq!(seqs(&recent, now), [1, 2, 11]);
        recent.push(now, STREAM.into(), video_packet(10, true, true));
        assert_eq!(seqs(&recent, now), [10, 11]);
    }

    #[test]
    fn an_old_keyframe_is_not_shown() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        recent.push(now, STREAM.into(), video_packet(1, true, true));
        recent.push(now + KEEP, STREAM.into(), video_packet(2, false, true));
        assert_eq!(seqs(&recent, now + KEEP), [1, 2]);
        assert!(seqs(&recent, now + KEEP + Duration::from_millis(1)).is_empty());
    }

    #[test]
    fn another_stream_has_numbers_of_its_own() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        recent.push(now, STREAM.into(), video_packet(60_000, true, true));
        recent.push(now, 2.into(), video_packet(7, true, true));
        assert_eq!(seqs(&recent, now), [7]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        (0..2 * MOST as u64).for_each(|seq| recent.push(now, STREAM.into(), video_packet(seq, false, true)));
        assert_eq!(recent.packets.len(), MOST);
    }
}
