//! Keeps one slot's stream continuous: sequence numbers, timestamps and VP8 picture ids run on over every switch of source or
//! layer, and close up over everything that is left out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::run::{Frame, LEAP_SECONDS, Mark, PICTURE_ID_MASK, Run, Shift};

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

/// Where a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Here.
    At(Position),
    /// Nowhere, and no number was kept for it.
    Nowhere,
    /// Nowhere, but a number was kept for it before it was known that it is left out: the receiver waits for that.
    Hole(Position),
    /// It is from before what is remembered.
    TooLate,
}

/// What becomes of a packet's frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choosing {
    /// It is kept, or left out.
    pub(crate) keep: bool,
    /// Its temporal layer.
    pub(crate) own: u8,
    /// The temporal layers that are kept from it on, up to this.
    pub(crate) upto: u8,
}

#[derive(Debug)]
pub(crate) struct Rewriter {
    clock_rate: u32,
    run: Option<Run>,
    /// The stretch before, and the newest number that it may fill.
    before: Option<(Run, u64)>,
    /// The newest packet that went out, and when it was captured; before the first, what it shall follow.
    last: Position,
    last_wallclock: Option<Instant>,
}

impl Rewriter {
    /// A stream that starts at numbers drawn from `rng` (RFC 3550 §5.1). The first sequence number is below 2^15, so that
    /// the receiver's rollover counter starts at 0 with ours even when the first packets are lost (RFC 3711 §3.3.1).
    pub(crate) fn new(clock_rate: u32, rng: &mut fastrand::Rng) -> Self {
        let last =
            Position { seq: rng.u64(0..0x7fff), time: rng.u32(..), picture_id: Some(rng.u16(..) & PICTURE_ID_MASK), tl0: Some(rng.u8(..)) };
        Self { clock_rate, run: None, before: None, last, last_wallclock: None }
    }

    /// From here on the packets are those of another stream, beginning with `first`, which follows the newest packet out. Its
    /// timestamp is later by as much as it was captured later. The temporal layers up to `temporal` are kept of it.
    pub(crate) fn switch(&mut self, now: Instant, first: Position, wallclock: Instant, temporal: u8) {
        let later = self.last_wallclock.map_or(1, |last| self.ticks_between(last, wallclock));
        let follow = |last: Option<u16>| last.unwrap_or(0).wrapping_add(1);
        let true_time = self.last.time.wrapping_add(later as u32).wrapping_sub(first.time);
        let shift = Shift {
            seq: (self.last.seq + 1).wrapping_sub(first.seq),
            time: self.last.time.wrapping_add(later.max(1) as u32).wrapping_sub(first.time),
            picture_id: follow(self.last.picture_id).wrapping_sub(first.picture_id.unwrap_or(0)) & PICTURE_ID_MASK,
            tl0: self.last.tl0.unwrap_or(0).wrapping_add(1).wrapping_sub(first.tl0.unwrap_or(0)),
        };
        let run = Run {
            first: first.seq,
            first_shift: shift,
            first_temporal: temporal,
            marks: VecDeque::new(),
            shift,
            temporal,
            torn: false,
            true_time,
            newest: first.seq.wrapping_sub(1),
            frame: Frame { time: first.time, picture_id: first.picture_id, tl0: first.tl0, kept: true, wallclock, arrived: now },
        };
        self.before = self.run.replace(run).map(|before| (before, self.last.seq));
    }

    /// Where a late packet of the stream before the switch goes; `None` for one that is newer than all that came before the switch.
    pub(crate) fn place_straggler(&self, packet: Position, temporal: u8) -> Option<Place> {
        let (run, limit) = self.before.as_ref()?;
        if run.is_newer(packet.seq) {
            return None;
        }
        let place = run.place_late(packet, run.kept_late(packet, temporal));
        let fills = |out: Position| out.seq <= *limit;
        Some(match place {
            Place::At(out) | Place::Hole(out) if !fills(out) => Place::TooLate,
            place => place,
        })
    }

    /// Whether nothing newer than `out` went out.
    pub(crate) fn is_newest(&self, out: Position) -> bool {
        out.seq == self.last.seq
    }

    /// Whether this packet does not follow the one before it as it does in the source: a switch is between them, or a leap of time.
    pub(crate) fn begins_at(&self, seq: u64) -> bool {
        self.run.as_ref().is_some_and(|run| run.first == seq || run.marks.iter().any(|mark| mark.from == seq))
    }

    /// Whether the frame of a packet, of a temporal layer, is kept, where that is not to be chosen: the frame has begun, or others that
    /// came after it have.
    pub(crate) fn kept(&self, packet: Position, temporal: u8) -> Option<bool> {
        let run = self.run.as_ref()?;
        if run.is_newer(packet.seq) {
            return (packet.time == run.frame.time).then_some(run.frame.kept);
        }
        Some(run.kept_late(packet, temporal))
    }

    /// Where a packet of the current stream goes, captured at `wallclock`. Where the lowest temporal layer alone was kept, picture ids
    /// close up over frames of which nothing came yet too.
    pub(crate) fn place(&mut self, now: Instant, packet: Position, wallclock: Instant, choosing: Choosing) -> Place {
        let Choosing { keep, own, upto } = choosing;
        let Some(run) = &mut self.run else { return Place::TooLate };
        if !run.is_newer(packet.seq) {
            let place = run.place_late(packet, keep);
            self.follow(place, wallclock);
            return place;
        }
        let new_frame = packet.time != run.frame.time;
        run.torn |= packet.seq != run.newest.wrapping_add(1);
        let unseen = if new_frame && run.temporal == 0 { run.frame.unseen_above(packet, own == 0) } else { 0 };
        let other_layers = upto != run.temporal;
        run.temporal = upto;
        run.shift.picture_id = run.shift.picture_id.wrapping_sub(unseen) & PICTURE_ID_MASK;
        if new_frame {
            let expected = ticks(wallclock_passed(&run.frame, packet.time, wallclock, now), self.clock_rate);
            let passed = i64::from(packet.time.wrapping_sub(run.frame.time) as i32);
            if (passed - expected).abs() > LEAP_SECONDS * i64::from(self.clock_rate) {
                run.true_time = run.true_time.wrapping_add((expected.max(1) - passed) as u32);
            }
        }
        if !keep {
            run.leave_out(packet, new_frame);
        } else if new_frame {
            let time = run.time_shift(packet.time, self.last.time, self.clock_rate);
            if time != run.shift.time || unseen > 0 || other_layers {
                run.shift.time = time;
                run.mark(Mark { gone: packet.seq, from: packet.seq, time: Some(packet.time), shift: run.shift, temporal: upto });
            }
            run.torn = false;
        }
        run.newest = packet.seq;
        if new_frame {
            run.frame = Frame { time: packet.time, picture_id: packet.picture_id, tl0: packet.tl0, kept: keep, wallclock, arrived: now };
        }
        if !keep {
            return Place::Nowhere;
        }
        run.frame.kept = true;
        let place = Place::At(run.shift.apply(packet));
        self.follow(place, wallclock);
        place
    }

    /// Closes up over a packet that is no part of any frame.
    pub(crate) fn skip(&mut self, packet: Position) -> Place {
        let Some(run) = &mut self.run else { return Place::TooLate };
        if run.is_newer(packet.seq) {
            run.torn |= packet.seq != run.newest.wrapping_add(1);
            run.shift.seq = run.shift.seq.wrapping_sub(1);
            run.newest = packet.seq;
            run.mark(Mark { gone: packet.seq, from: packet.seq + 1, time: None, shift: run.shift, temporal: run.temporal });
            return Place::Nowhere;
        }
        let place = run.place_late(packet, false);
        if let (Place::Hole(_), Some(wallclock)) = (place, self.last_wallclock) {
            self.follow(place, wallclock);
        }
        place
    }

    /// Remembers what went out last. A late packet may be that too, when all that came after it was left out.
    fn follow(&mut self, place: Place, wallclock: Instant) {
        match place {
            Place::At(out) if out.seq > self.last.seq => {
                self.last = Position { picture_id: out.picture_id.or(self.last.picture_id), tl0: out.tl0.or(self.last.tl0), ..out };
                self.last_wallclock = Some(wallclock);
            }
            Place::Hole(out) => self.last.seq = self.last.seq.max(out.seq),
            _ => {}
        }
    }

    fn ticks_between(&self, from: Instant, to: Instant) -> i64 {
        signed(from, to, self.clock_rate)
    }
}

/// How much later than the newest frame another was captured. Timestamps that run backwards say nothing of that; arrival does.
fn wallclock_passed(frame: &Frame, time: u32, wallclock: Instant, now: Instant) -> (Instant, Instant) {
    let forward = time.wrapping_sub(frame.time) as i32 > 0;
    if forward { (frame.wallclock, wallclock) } else { (frame.arrived, now) }
}

fn ticks((from, to): (Instant, Instant), clock_rate: u32) -> i64 {
    signed(from, to, clock_rate)
}

fn signed(from: Instant, to: Instant, clock_rate: u32) -> i64 {
    let count = |distance: Duration| (distance.as_micros() * u128::from(clock_rate) / 1_000_000) as i64;
    if to >= from { count(to - from) } else { -count(from - to) }
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
