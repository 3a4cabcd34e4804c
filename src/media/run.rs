//! One stretch of a source's stream in a slot, from a switch on: what is added to its numbers, and where that changes because
//! packets were left out.

use std::collections::VecDeque;
use std::time::Instant;

use crate::rewrite::{Place, Position};

pub(crate) const PICTURE_ID_MASK: u16 = 0x7fff;
/// A packet later than this many changes of the shift, about four seconds of a stream at half its frame rate, is of no use.
pub(crate) const MOST_MARKS: usize = 64;
/// There are fewer frames between two of the lowest temporal layer.
pub(crate) const MOST_UNSEEN: u16 = 16;
/// Beyond this, in seconds, the sender's timestamps have leapt.
pub(crate) const LEAP_SECONDS: i64 = 1;

/// What is added to a source's numbers to get the slot's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    pub(crate) seq: u64,
    pub(crate) time: u32,
    pub(crate) picture_id: u16,
    pub(crate) tl0: u8,
}

/// A place in the source's stream where the shift changes: after packets that were left out, or where time does not run evenly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    /// The packets left out are those from `gone` to before `from`; there may be none.
    pub(crate) gone: u64,
    pub(crate) from: u64,
    /// The RTP timestamp of the frame that was left out, or where nothing was, of the frame that begins; `None` for what is no frame.
    pub(crate) time: Option<u32>,
    /// What is added from here on.
    pub(crate) shift: Shift,
    /// The temporal layers that are kept from here on, up to this.
    pub(crate) temporal: u8,
}

/// A stretch of one source's stream, from a switch on.
#[derive(Debug)]
pub(crate) struct Run {
    /// What comes before this is too late.
    pub(crate) first: u64,
    /// What is added before the first mark, and the temporal layers that are kept.
    pub(crate) first_shift: Shift,
    pub(crate) first_temporal: u8,
    pub(crate) marks: VecDeque<Mark>,
    pub(crate) shift: Shift,
    /// The temporal layers that are kept at the moment, up to this.
    pub(crate) temporal: u8,
    /// Whether packets are missing since the newest frame that was kept began: frames may come late and go between.
    pub(crate) torn: bool,
    /// Added to its timestamps, it gives those of the receiver's clock; `shift` may lead it, so that time never runs backwards.
    pub(crate) true_time: u32,
    pub(crate) newest: u64,
    pub(crate) frame: Frame,
}

/// The newest frame of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) time: u32,
    pub(crate) picture_id: Option<u16>,
    pub(crate) tl0: Option<u8>,
    pub(crate) kept: bool,
    pub(crate) wallclock: Instant,
    pub(crate) arrived: Instant,
}

impl Frame {
    /// How many frames there are between this and `next`, if none of them is of the lowest temporal layer: TL0PICIDX counts those
    /// (RFC 7741 §4.2), and `next` is counted itself if it is of that layer.
    pub(crate) fn unseen_above(&self, next: Position, next_is_lowest: bool) -> u16 {
        let follows = self.tl0.zip(next.tl0).is_some_and(|(before, next)| next.wrapping_sub(before) == u8::from(next_is_lowest));
        let ids = self.picture_id.zip(next.picture_id).filter(|_| follows);
        let unseen = ids.map_or(0, |(before, next)| next.wrapping_sub(before).wrapping_sub(1) & PICTURE_ID_MASK);
        if unseen < MOST_UNSEEN { unseen } else { 0 }
    }
}

impl Shift {
    pub(crate) fn apply(self, packet: Position) -> Position {
        Position {
            seq: packet.seq.wrapping_add(self.seq),
            time: packet.time.wrapping_add(self.time),
            picture_id: packet.picture_id.map(|id| id.wrapping_add(self.picture_id) & PICTURE_ID_MASK),
            tl0: packet.tl0.map(|index| index.wrapping_add(self.tl0)),
        }
    }
}

impl Run {
    pub(crate) fn is_newer(&self, seq: u64) -> bool {
        seq.wrapping_sub(self.newest) as i64 > 0
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        if self.marks.len() == MOST_MARKS
            && let Some(oldest) = self.marks.pop_front()
        {
            (self.first, self.first_shift, self.first_temporal) = (oldest.from, oldest.shift, oldest.temporal);
        }
        self.marks.push_back(mark);
    }

    /// What is added to the timestamp of a new frame, which follows `last`: time passes as it did in the source, and where it ran ahead,
    /// it stands nearly still until it is right. While frames may come late it goes on ahead, for they are placed as it ran before.
    pub(crate) fn time_shift(&self, time: u32, last: u32, clock_rate: u32) -> u32 {
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
    pub(crate) fn leave_out(&mut self, packet: Position, new_frame: bool) {
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
    pub(crate) fn marks_around(&self, seq: u64) -> (Option<&Mark>, Option<&Mark>) {
        let after = self.marks.iter().rposition(|mark| mark.gone <= seq).map_or(0, |before| before + 1);
        (after.checked_sub(1).and_then(|before| self.marks.get(before)), self.marks.get(after))
    }

    /// Whether the frame of an older packet is kept: whether it was, or would have been, had it come in its turn.
    pub(crate) fn kept_late(&self, packet: Position, temporal: u8) -> bool {
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
    pub(crate) fn place_late(&self, packet: Position, keep: bool) -> Place {
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
    pub(crate) fn is_overtaken_by_time(&self, packet: Position, shift: Shift) -> bool {
        let after = self.marks.iter().rev().take_while(|mark| mark.gone > packet.seq).filter(|mark| mark.gone == mark.from);
        let next = after.last().and_then(|mark| Some(mark.time?.wrapping_add(mark.shift.time)).filter(|_| mark.time != Some(packet.time)));
        next.is_some_and(|next| packet.time.wrapping_add(shift.time).wrapping_sub(next) as i32 >= 0)
    }

    /// What is added to an older sequence number: the outer `None` when that is forgotten, the inner when it was left out.
    #[expect(clippy::option_option, reason = "two different absences, told apart by both callers")]
    pub(crate) fn shift_at(&self, seq: u64) -> Option<Option<Shift>> {
        match self.marks_around(seq).0 {
            Some(mark) if seq < mark.from => Some(None),
            Some(mark) => Some(Some(mark.shift)),
            None if seq >= self.first => Some(Some(self.first_shift)),
            None => None,
        }
    }
}
