//! What a video source sent in the last moment, for receivers who come an instant after its keyframe.
//!
//! At accept a camera starts while its gate opens and the receiver's connection comes up, in any order. Without this the first
//! keyframe would pass unseen, and another would cost a round trip and an encoder's time. It also brings the beginning of a
//! keyframe that was overtaken or resent together with the rest of its frame.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::keyframe::ASK_EVERY;
use crate::packet::Packet;

/// A wish for a keyframe this soon after the last is not passed on, so what answered the last has to do for it.
const KEEP: Duration = ASK_EVERY;
/// 128 packets of 1,200 bytes are a large keyframe, or 300 ms of 4 Mbit/s.
const MOST: usize = 128;

/// The packets of one stream in the order of their arrival.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    packets: VecDeque<(Instant, Packet)>,
}

impl Recent {
    /// Keeps a packet.
    pub(crate) fn push(&mut self, now: Instant, packet: Packet) {
        while self.packets.front().is_some_and(|(at, _)| self.packets.len() >= MOST || is_old(*at, now)) {
            self.packets.pop_front();
        }
        self.packets.push_back((now, packet));
    }

    pub(crate) fn clear(&mut self) {
        self.packets.clear();
    }

    /// The newest keyframe and what follows it in the stream, in its order; nothing when there is none.
    pub(crate) fn since_keyframe(&self, now: Instant) -> Vec<&Packet> {
        let young = self.packets.iter().filter(|(at, _)| !is_old(*at, now)).map(|(_, packet)| packet);
        let Some(newest) = young.clone().filter(|packet| packet.part.entry).max_by_key(|packet| packet.position.seq) else {
            return Vec::new();
        };
        // A keyframe may have several packets to begin with: parameter sets, then the picture.
        let beginnings = young.clone().filter(|packet| packet.part.entry && packet.position.time == newest.position.time);
        let first = beginnings.map(|packet| packet.position.seq).min().unwrap_or(newest.position.seq);
        let mut since: Vec<&Packet> = young.filter(|packet| packet.position.seq >= first).collect();
        since.sort_by_key(|packet| packet.position.seq);
        since
    }
}

fn is_old(at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(at) > KEEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::video_packet;

    fn next_keyframe(seq: u64, start: bool) -> Packet {
        let mut packet = video_packet(seq, true, start);
        packet.position.time += 3_000;
        packet
    }

    fn seqs(recent: &Recent, now: Instant) -> Vec<u64> {
        recent.since_keyframe(now).into_iter().map(|packet| packet.position.seq).collect()
    }

    #[test]
    fn it_begins_with_the_newest_keyframe_even_if_its_rest_came_first() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        assert!(seqs(&recent, now).is_empty());
        for packet in [video_packet(1, true, true), video_packet(2, false, true), next_keyframe(11, false)] {
            recent.push(now, packet);
        }
        assert_eq!(seqs(&recent, now), [1, 2, 11]);
        recent.push(now, next_keyframe(10, true));
        assert_eq!(seqs(&recent, now), [10, 11]);
    }

    #[test]
    fn an_old_keyframe_is_not_shown() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        recent.push(now, video_packet(1, true, true));
        recent.push(now + KEEP, video_packet(2, false, true));
        assert_eq!(seqs(&recent, now + KEEP), [1, 2]);
        assert!(seqs(&recent, now + KEEP + Duration::from_millis(1)).is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        (0..2 * MOST as u64).for_each(|seq| recent.push(now, video_packet(seq, false, true)));
        assert_eq!(recent.packets.len(), MOST);
    }
}
