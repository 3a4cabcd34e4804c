//! Keeps one slot's stream continuous: sequence numbers, timestamps and VP8 picture ids run on over every switch of source or
//! layer, and close up over everything that is left out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

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

/// What is added to a source's numbers to get the slot's.
#[derive(Debug, Clone, Copy)]
struct Shift {
    seq: u64,
    time: u32,
    picture_id: u16,
    tl0: u8,
}

/// A place in the source's stream where the shift changes: after packets that were left out, or where time does not run evenly.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// The packets left out are those from `gone` to before `from`; there may be none.
    gone: u64,
    from: u64,
    /// The RTP timestamp of the frame that was left out, or where nothing was, of the frame that begins; `None` for what is no frame.
    time: Option<u32>,
    /// What is added from here on.
    shift: Shift,
    /// The temporal layers that are kept from here on, up to this.
    temporal: u8,
}

/// A stretch of one source's stream, from a switch on.
#[derive(Debug)]
struct Run {
    /// What comes before this is too late.
    first: u64,
    /// What is added before the first mark, and the temporal layers that are kept.
    first_shift: Shift,
    first_temporal: u8,
    marks: VecDeque<Mark>,
    shift: Shift,
    /// The temporal layers that are kept at the moment, up to this.
    temporal: u8,
    /// Whether packets are missing since the newest frame that was kept began: frames may come late and go between.
    torn: bool,
    /// Added to its timestamps, it gives those of the receiver's clock; `shift` may lead it, so that time never runs backwards.
    true_time: u32,
    newest: u64,
    frame: Frame,
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

/// The newest frame of a run.
#[derive(Debug, Clone, Copy)]
struct Frame {
    time: u32,
    picture_id: Option<u16>,
    tl0: Option<u8>,
    kept: bool,
    wallclock: Instant,
    arrived: Instant,
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

const PICTURE_ID_MASK: u16 = 0x7fff;
/// A packet later than this many changes of the shift, about four seconds of a stream at half its frame rate, is of no use.
const MOST_MARKS: usize = 64;
/// There are fewer frames between two of the lowest temporal layer.
const MOST_UNSEEN: u16 = 16;
/// Beyond this, in seconds, the sender's timestamps have leapt.
const LEAP_SECONDS: i64 = 1;

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

impl Frame {
    /// How many frames there are between this and `next`, if none of them is of the lowest temporal layer: TL0PICIDX counts those
    /// (RFC 7741 §4.2), and `next` is counted itself if it is of that layer.
    fn unseen_above(&self, next: Position, next_is_lowest: bool) -> u16 {
        let follows = self.tl0.zip(next.tl0).is_some_and(|(before, next)| next.wrapping_sub(before) == u8::from(next_is_lowest));
        let ids = self.picture_id.zip(next.picture_id).filter(|_| follows);
        let unseen = ids.map_or(0, |(before, next)| next.wrapping_sub(before).wrapping_sub(1) & PICTURE_ID_MASK);
        if unseen < MOST_UNSEEN { unseen } else { 0 }
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

impl Shift {
    fn apply(self, packet: Position) -> Position {
        Position {
            seq: packet.seq.wrapping_add(self.seq),
            time: packet.time.wrapping_add(self.time),
            picture_id: packet.picture_id.map(|id| id.wrapping_add(self.picture_id) & PICTURE_ID_MASK),
            tl0: packet.tl0.map(|index| index.wrapping_add(self.tl0)),
        }
    }
}

impl Run {
    fn is_newer(&self, seq: u64) -> bool {
        seq.wrapping_sub(self.newest) as i64 > 0
    }

    fn mark(&mut self, mark: Mark) {
        if self.marks.len() == MOST_MARKS
            && let Some(oldest) = self.marks.pop_front()
        {
            (self.first, self.first_shift, self.first_temporal) = (oldest.from, oldest.shift, oldest.temporal);
        }
        self.marks.push_back(mark);
    }

    /// What is added to the timestamp of a new frame, which follows `last`: time passes as it did in the source, and where it ran ahead,
    /// it stands nearly still until it is right. While frames may come late it goes on ahead, for they are placed as it ran before.
    fn time_shift(&self, time: u32, last: u32, clock_rate: u32) -> u32 {
        let after_last = |shift: u32| time.wrapping_add(shift).wrapping_sub(last) as i32 > 0;
        let ahead = i64::from(self.shift.time.wrapping_sub(self.true_time) as i32);
        let leapt = !(0..=LEAP_SECONDS * i64::from(clock_rate)).contains(&ahead);
        if self.torn && !leapt && after_last(self.shift.time) {
            self.shift.time
        } else if after_last(self.true_time) {
            self.true_time
        } else {
            last.wrapping_add(1).wrapping_sub(time)
        }
    }

    /// Leaves out a packet that is newer than all, and what is missing between it and the last if that is of the same frame.
    fn leave_out(&mut self, packet: Position, new_frame: bool) {
        if !new_frame
            && let Some(mark) = self.marks.back_mut()
            && mark.time == Some(packet.time)
            && mark.from == self.newest + 1
        {
            self.shift.seq = self.shift.seq.wrapping_sub(packet.seq - self.newest);
            (mark.from, mark.shift) = (packet.seq + 1, self.shift);
            return;
        }
        self.shift.seq = self.shift.seq.wrapping_sub(1);
        if new_frame && packet.picture_id.is_some() {
            self.shift.picture_id = self.shift.picture_id.wrapping_sub(1) & PICTURE_ID_MASK;
        }
        self.mark(Mark { gone: packet.seq, from: packet.seq + 1, time: Some(packet.time), shift: self.shift, temporal: self.temporal });
    }

    /// The last mark that begins at or before a sequence number, and the first after it.
    fn marks_around(&self, seq: u64) -> (Option<&Mark>, Option<&Mark>) {
        let after = self.marks.iter().rposition(|mark| mark.gone <= seq).map_or(0, |before| before + 1);
        (after.checked_sub(1).and_then(|before| self.marks.get(before)), self.marks.get(after))
    }

    /// Whether the frame of an older packet is kept: whether it was, or would have been, had it come in its turn.
    fn kept_late(&self, packet: Position, temporal: u8) -> bool {
        let (before, after) = self.marks_around(packet.seq);
        let of_frame = |mark: &&Mark| mark.time == Some(packet.time);
        if [before, after].into_iter().flatten().filter(of_frame).any(|mark| mark.gone < mark.from) {
            return false;
        }
        // The beginning of a frame belongs to it, even where the rest came first.
        let upto = after.filter(of_frame).or(before).map_or(self.first_temporal, |mark| mark.temporal);
        temporal <= upto
    }

    /// Where an older packet goes.
    fn place_late(&self, packet: Position, keep: bool) -> Place {
        let begins = |mark: &&Mark| mark.gone == mark.from && mark.time == Some(packet.time);
        // The beginning of a frame belongs to it, even where the rest came first.
        let of_next = self.marks_around(packet.seq).1.filter(begins).map(|mark| mark.shift);
        match self.shift_at(packet.seq).map(|shift| shift.map(|shift| of_next.unwrap_or(shift))) {
            None => Place::TooLate,
            Some(None) => Place::Nowhere,
            Some(Some(shift)) if keep && self.is_overtaken_by_time(packet, shift) => Place::TooLate,
            Some(Some(shift)) if keep => Place::At(shift.apply(packet)),
            Some(Some(shift)) => Place::Hole(Position { picture_id: None, tl0: None, ..shift.apply(packet) }),
        }
    }

    /// Whether a later frame went out at a time before that of an older packet: the sender's timestamps leapt in between, and nobody can
    /// tell where this one would have stood.
    fn is_overtaken_by_time(&self, packet: Position, shift: Shift) -> bool {
        let after = self.marks.iter().rev().take_while(|mark| mark.gone > packet.seq).filter(|mark| mark.gone == mark.from);
        let next = after.last().and_then(|mark| Some(mark.time?.wrapping_add(mark.shift.time)).filter(|_| mark.time != Some(packet.time)));
        next.is_some_and(|next| packet.time.wrapping_add(shift.time).wrapping_sub(next) as i32 >= 0)
    }

    /// What is added to an older sequence number: the outer `None` when that is forgotten, the inner when it was left out.
    #[expect(clippy::option_option, reason = "two different absences, told apart by both callers")]
    fn shift_at(&self, seq: u64) -> Option<Option<Shift>> {
        match self.marks_around(seq).0 {
            Some(mark) if seq < mark.from => Some(None),
            Some(mark) => Some(Some(mark.shift)),
            None if seq >= self.first => Some(Some(self.first_shift)),
            None => None,
        }
    }
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
