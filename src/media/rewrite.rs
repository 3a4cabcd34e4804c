//! Keeps one slot's stream continuous: sequence numbers, timestamps and VP8 picture ids run on over every switch of source.

use std::time::Instant;

/// Where a packet stands in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Extended sequence number: its low 16 bits go on the wire.
    pub(crate) seq: u64,
    /// RTP timestamp.
    pub(crate) time: u32,
    /// VP8 PictureID (15 bits) where the descriptor has one (RFC 7741 §4.2).
    pub(crate) picture_id: Option<u16>,
    /// VP8 TL0PICIDX where the descriptor has one.
    pub(crate) tl0: Option<u8>,
}

/// What is added to a source's numbers to get the slot's.
#[derive(Debug, Clone, Copy)]
struct Offsets {
    first_in: u64,
    first_out: u64,
    time: u32,
    picture_id: u16,
    tl0: u8,
}

#[derive(Debug)]
pub(crate) struct Rewriter {
    clock_rate: u32,
    offsets: Option<Offsets>,
    /// The newest packet that went out, and when; before the first, what it shall follow.
    last: Position,
    last_at: Option<Instant>,
}

const PICTURE_ID_MASK: u16 = 0x7fff;

impl Rewriter {
    /// A stream that starts at numbers drawn from `rng` (RFC 3550 §5.1). The first sequence number is below 2^15, so that
    /// the receiver's rollover counter starts at 0 with ours even when the first packets are lost (RFC 3711 §3.3.1).
    pub(crate) fn new(clock_rate: u32, rng: &mut fastrand::Rng) -> Self {
        let last =
            Position { seq: rng.u64(0..0x7fff), time: rng.u32(..), picture_id: Some(rng.u16(..) & PICTURE_ID_MASK), tl0: Some(rng.u8(..)) };
        Self { clock_rate, offsets: None, last, last_at: None }
    }

    /// From here on the packets are those of a new source, beginning with `first`, which follows the newest packet out.
    pub(crate) fn switch(&mut self, now: Instant, first: Position) {
        let elapsed = self.last_at.map_or(0, |at| now.saturating_duration_since(at).as_micros() as u64);
        let ticks = (elapsed * u64::from(self.clock_rate) / 1_000_000).max(1) as u32;
        let follow = |last: Option<u16>| last.unwrap_or(0).wrapping_add(1);
        self.offsets = Some(Offsets {
            first_in: first.seq,
            first_out: self.last.seq + 1,
            time: self.last.time.wrapping_add(ticks).wrapping_sub(first.time),
            picture_id: follow(self.last.picture_id).wrapping_sub(first.picture_id.unwrap_or(0)) & PICTURE_ID_MASK,
            tl0: self.last.tl0.unwrap_or(0).wrapping_add(1).wrapping_sub(first.tl0.unwrap_or(0)),
        });
    }

    /// Where a packet of the current source goes; `None` for one from before the switch.
    pub(crate) fn rewrite(&mut self, now: Instant, packet: Position) -> Option<Position> {
        let offsets = self.offsets?;
        let out = Position {
            seq: packet.seq.checked_sub(offsets.first_in)? + offsets.first_out,
            time: packet.time.wrapping_add(offsets.time),
            picture_id: packet.picture_id.map(|id| id.wrapping_add(offsets.picture_id) & PICTURE_ID_MASK),
            tl0: packet.tl0.map(|index| index.wrapping_add(offsets.tl0)),
        };
        if out.seq > self.last.seq {
            let before = self.last;
            self.last = Position { picture_id: out.picture_id.or(before.picture_id), tl0: out.tl0.or(before.tl0), ..out };
            self.last_at = Some(now);
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn packet(seq: u64, time: u32, picture_id: u16) -> Position {
        Position { seq, time, picture_id: Some(picture_id), tl0: Some(picture_id as u8) }
    }

    fn started(seed: u64) -> (Rewriter, Instant, Position) {
        let now = Instant::now();
        let mut rewriter = Rewriter::new(90_000, &mut fastrand::Rng::with_seed(seed));
        rewriter.switch(now, packet(70_000, 5_000, 9));
        let first = rewriter.rewrite(now, packet(70_000, 5_000, 9)).expect("a packet after a switch goes out");
        (rewriter, now, first)
    }

    #[test]
    fn the_first_sequence_number_has_no_rollover() {
        for seed in 0..1_000 {
            assert!(started(seed).2.seq < 0x8000);
        }
    }

    #[test]
    fn a_switch_leaves_no_gap_in_any_number() {
        let (mut rewriter, now, first) = started(1);
        let second = rewriter.rewrite(now, packet(70_001, 8_000, 10)).unwrap();
        assert_eq!((second.seq, second.time), (first.seq + 1, first.time.wrapping_add(3_000)));
        let later = now + Duration::from_millis(100);
        rewriter.switch(later, packet(12, 4_000_000_000, 0x7fff));
        let third = rewriter.rewrite(later, packet(12, 4_000_000_000, 0x7fff)).unwrap();
        assert_eq!(third.seq, second.seq + 1);
        assert_eq!(third.time, second.time.wrapping_add(9_000));
        assert_eq!(third.picture_id.unwrap(), (second.picture_id.unwrap() + 1) & PICTURE_ID_MASK);
        assert_eq!(third.tl0.unwrap(), second.tl0.unwrap().wrapping_add(1));
        let fourth = rewriter.rewrite(later, packet(13, 4_000_003_000, 0)).unwrap();
        assert_eq!(fourth.picture_id.unwrap(), (third.picture_id.unwrap() + 1) & PICTURE_ID_MASK);
    }

    #[test]
    fn a_straggler_from_before_the_switch_goes_nowhere() {
        let (mut rewriter, now, _) = started(2);
        rewriter.switch(now, packet(500, 0, 0));
        assert_eq!(rewriter.rewrite(now, packet(499, 0, 0)), None);
    }

    #[test]
    fn a_late_packet_keeps_its_place_and_the_stream_its_end() {
        let (mut rewriter, now, first) = started(3);
        let third = rewriter.rewrite(now, packet(70_002, 11_000, 11)).unwrap();
        let second = rewriter.rewrite(now, packet(70_001, 8_000, 10)).unwrap();
        assert_eq!((second.seq, third.seq), (first.seq + 1, first.seq + 2));
        rewriter.switch(now, packet(1, 1, 1));
        assert_eq!(rewriter.rewrite(now, packet(1, 1, 1)).unwrap().seq, third.seq + 1);
    }
}
