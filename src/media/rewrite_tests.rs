use super::*;
use crate::run::MOST_MARKS;

const MS: Duration = Duration::from_millis(1);

fn packet(seq: u64, time: u32, picture_id: u16) -> Position {
    Position { seq, time, picture_id: Some(picture_id), tl0: Some(picture_id as u8) }
}

/// A rewriter whose packets are captured when they arrive, a millisecond for 90 ticks.
struct Slot {
    rewriter: Rewriter,
    start: Instant,
}

impl Slot {
    fn new(seed: u64) -> Self {
        Self { rewriter: Rewriter::new(90_000, &mut fastrand::Rng::with_seed(seed)), start: Instant::now() }
    }

    fn switch(&mut self, at_ms: u32, first: Position) {
        let now = self.start + at_ms * MS;
        self.rewriter.switch(now, first, now, 1);
    }

    /// A packet of the lowest temporal layer if it is kept, and else of one that never is.
    fn place(&mut self, at_ms: u32, packet: Position, keep: bool) -> Place {
        let now = self.start + at_ms * MS;
        let own = if keep { 0 } else { 2 };
        let keep = self.rewriter.kept(packet, own).unwrap_or(keep);
        self.rewriter.place(now, packet, now, Choosing { keep, own, upto: 1 })
    }

    fn keep(&mut self, at_ms: u32, packet: Position) -> Position {
        match self.place(at_ms, packet, true) {
            Place::At(out) => out,
            other => panic!("{packet:?} goes {other:?}"),
        }
    }
}

fn started(seed: u64) -> (Slot, Position) {
    let mut slot = Slot::new(seed);
    slot.switch(0, packet(70_000, 5_000, 9));
    let first = slot.keep(0, packet(70_000, 5_000, 9));
    (slot, first)
}

#[test]
fn the_first_sequence_number_has_no_rollover() {
    for seed in 0..1_000 {
        assert!(started(seed).1.seq < 0x8000 + 1);
    }
}

#[test]
fn a_switch_leaves_no_gap_in_any_number() {
    let (mut slot, first) = started(1);
    let second = slot.keep(33, packet(70_001, 8_000, 10));
    assert_eq!((second.seq, second.time), (first.seq + 1, first.time.wrapping_add(3_000)));
    slot.switch(133, packet(12, 4_000_000_000, 0x7fff));
    let third = slot.keep(133, packet(12, 4_000_000_000, 0x7fff));
    assert_eq!(third.seq, second.seq + 1);
    assert_eq!(third.time, second.time.wrapping_add(9_000));
    assert_eq!(third.picture_id.unwrap(), (second.picture_id.unwrap() + 1) & PICTURE_ID_MASK);
    assert_eq!(third.tl0.unwrap(), second.tl0.unwrap().wrapping_add(1));
    let fourth = slot.keep(166, packet(13, 4_000_003_000, 0));
    assert_eq!(fourth.picture_id.unwrap(), (third.picture_id.unwrap() + 1) & PICTURE_ID_MASK);
}

#[test]
fn what_was_captured_before_the_switch_follows_in_small_steps_until_time_has_caught_up() {
    let (mut slot, _) = started(4);
    let last = slot.keep(100, packet(70_001, 14_000, 10));
    // A keyframe from 60 ms ago, and what came after it.
    let at = |ms: u32| slot.start + ms * MS;
    let (t40, t70, t100, t130) = (at(40), at(70), at(100), at(130));
    slot.rewriter.switch(at(101), packet(500, 1_000, 1), t40, 1);
    let choosing = Choosing { keep: true, own: 0, upto: 1 };
    let mut times = Vec::new();
    for (seq, time, wallclock) in [(500, 1_000, t40), (501, 3_700, t70), (502, 6_400, t100), (503, 9_100, t130)] {
        let Place::At(out) = slot.rewriter.place(t100, packet(seq, time, seq as u16), wallclock, choosing) else { panic!("{seq}") };
        times.push(out.time.wrapping_sub(last.time));
    }
    assert_eq!(times, [1, 2, 3, 2_700]);
}

#[test]
fn a_straggler_from_before_the_switch_fills_the_number_kept_for_it_or_goes_nowhere() {
    let (mut slot, first) = started(2);
    slot.keep(5, packet(70_002, 8_000, 10));
    slot.switch(10, packet(500, 0, 0));
    slot.keep(10, packet(500, 0, 0));
    assert_eq!(slot.place(10, packet(499, 0, 0), true), Place::TooLate, "of the new stream");
    let straggler = slot.rewriter.place_straggler(packet(70_001, 5_000, 9), 0);
    assert_eq!(straggler, Some(Place::At(Position { seq: first.seq + 1, ..first })), "of the old one");
    assert_eq!(slot.rewriter.place_straggler(packet(69_999, 2_000, 8), 0), Some(Place::TooLate), "from before it began");
    assert_eq!(slot.rewriter.place_straggler(packet(70_003, 8_000, 10), 0), None, "what it sent since is no straggler");
}

#[test]
fn a_straggler_never_takes_a_number_of_the_stream_that_followed() {
    let (mut slot, _) = started(2);
    // What was left out came after a hole, whose numbers the next stream then took.
    assert_eq!(slot.place(5, packet(70_003, 8_000, 10), false), Place::Nowhere);
    slot.switch(10, packet(500, 0, 0));
    slot.keep(10, packet(500, 0, 0));
    assert_eq!(slot.rewriter.place_straggler(packet(70_001, 5_000, 9), 0), Some(Place::TooLate));
}

#[test]
fn a_late_packet_keeps_its_place_and_the_stream_its_end() {
    let (mut slot, first) = started(3);
    let third = slot.keep(66, packet(70_002, 11_000, 11));
    let second = slot.keep(67, packet(70_001, 8_000, 10));
    assert_eq!((second.seq, third.seq), (first.seq + 1, first.seq + 2));
    slot.switch(80, packet(1, 1, 1));
    assert_eq!(slot.keep(80, packet(1, 1, 1)).seq, third.seq + 1);
}

#[test]
fn frames_that_are_left_out_leave_no_gap() {
    let (mut slot, first) = started(5);
    assert_eq!(slot.place(33, packet(70_001, 8_000, 10), false), Place::Nowhere);
    assert_eq!(slot.place(33, packet(70_002, 8_000, 10), false), Place::Nowhere);
    let next = slot.keep(66, packet(70_003, 11_000, 11));
    assert_eq!((next.seq, next.picture_id), (first.seq + 1, first.picture_id.map(|id| (id + 1) & PICTURE_ID_MASK)));
    assert_eq!(next.time, first.time.wrapping_add(6_000), "time runs on as it did");
}

#[test]
fn a_late_packet_from_before_what_was_left_out_finds_its_own_place() {
    let (mut slot, first) = started(6);
    // 70_001 is missing, of the frame before; 70_002 is left out.
    assert_eq!(slot.place(33, packet(70_002, 8_000, 10), false), Place::Nowhere);
    let next = slot.keep(66, packet(70_003, 11_000, 11));
    assert_eq!(next.seq, first.seq + 2, "its number is kept for it");
    assert_eq!(slot.keep(70, packet(70_001, 5_000, 9)), Position { seq: first.seq + 1, ..first });
}

#[test]
fn a_late_packet_of_a_frame_that_was_left_out_fills_the_number_kept_for_it() {
    let (mut slot, first) = started(7);
    assert_eq!(slot.place(33, packet(70_002, 8_000, 10), false), Place::Nowhere);
    assert_eq!(slot.place(34, packet(70_004, 8_000, 10), false), Place::Nowhere);
    let next = slot.keep(66, packet(70_006, 11_000, 11));
    // Its beginning and its end were missing when the next frame came; its middle can only have been its own.
    assert_eq!(next.seq, first.seq + 3);
    let hole = |place| if let Place::Hole(hole) = place { Some(hole.seq) } else { None };
    assert_eq!(hole(slot.place(70, packet(70_001, 8_000, 10), true)), Some(first.seq + 1));
    assert_eq!(hole(slot.place(70, packet(70_005, 8_000, 10), true)), Some(first.seq + 2));
    assert_eq!(slot.place(70, packet(70_003, 8_000, 10), true), Place::Nowhere);
}

#[test]
fn padding_closes_up_and_the_frame_around_it_stays_whole() {
    let (mut slot, first) = started(8);
    assert_eq!(slot.rewriter.skip(packet(70_001, 5_000, 9)), Place::Nowhere);
    assert_eq!(slot.keep(1, packet(70_002, 5_000, 9)), Position { seq: first.seq + 1, ..first });
    let late = slot.keep(33, packet(70_004, 8_000, 10));
    assert_eq!(late.seq, first.seq + 3);
    assert_eq!(
        slot.rewriter.skip(packet(70_003, 5_000, 9)),
        Place::Hole(Position { seq: first.seq + 2, picture_id: None, tl0: None, ..first })
    );
}

#[test]
fn timestamps_that_leap_are_brought_back_to_the_time_that_passed() {
    for leap in [1 << 31, 90_000 * 60, 90_000 * 3, u32::MAX - 90_000 * 3, u32::MAX / 2] {
        let (mut slot, first) = started(9);
        let out = slot.keep(33, packet(70_001, 5_000_u32.wrapping_add(leap), 10));
        let passed = out.time.wrapping_sub(first.time);
        assert!((1..=90_000).contains(&passed), "a leap of {leap} became one of {passed}");
        let after = slot.keep(66, packet(70_002, 8_000_u32.wrapping_add(leap), 11));
        assert_eq!(after.time.wrapping_sub(out.time), 3_000);
    }
}

#[test]
fn what_is_remembered_of_what_was_left_out_is_bounded() {
    let (mut slot, first) = started(10);
    for frame in 1..=1_000_u32 {
        let next = packet(70_000 + u64::from(frame), 5_000 + 3_000 * frame, 9 + frame as u16);
        assert_eq!(slot.place(33 * frame, next, frame % 2 == 0) == Place::Nowhere, frame % 2 == 1);
    }
    assert_eq!(slot.rewriter.run.as_ref().unwrap().marks.len(), MOST_MARKS);
    assert_eq!(slot.rewriter.last.seq, first.seq + 500);
    assert_eq!(slot.place(33_000, packet(70_002, 11_000, 11), true), Place::TooLate);
}

/// A rewriter that keeps the temporal layers up to `upto`, and what places the packets of a picture in it.
fn layered(upto: u8) -> impl FnMut(u64, u32, u8, u8) -> Place {
    let mut rewriter = Rewriter::new(90_000, &mut fastrand::Rng::with_seed(11));
    let now = Instant::now();
    let at = |seq, picture: u32, tl0| Position { seq, time: picture * 3_000, picture_id: Some(picture as u16), tl0: Some(tl0) };
    rewriter.switch(now, at(100, 1, 7), now, upto);
    move |seq, picture, tl0, own| {
        let (now, packet) = (now + (seq - 100) as u32 * 33 * MS, at(seq, picture, tl0));
        let keep = rewriter.kept(packet, own).unwrap_or(own <= upto);
        rewriter.place(now, packet, now, Choosing { keep, own, upto })
    }
}

fn out(place: Place) -> Position {
    let Place::At(out) = place else { panic!("it goes {place:?}") };
    out
}

#[test]
fn while_the_lowest_layer_alone_is_kept_ids_close_up_over_frames_that_never_came_in_time() {
    let mut place = layered(0);
    let first = out(place(100, 1, 7, 0));
    // Picture 2 is late, 3 is left out, and 4 is the next of the lowest layer; its beginning is late too.
    assert_eq!(place(102, 3, 7, 1), Place::Nowhere);
    let next = out(place(104, 4, 8, 0));
    assert_eq!(next.picture_id, first.picture_id.map(|id| (id + 1) & PICTURE_ID_MASK));
    assert_eq!(place(103, 4, 8, 0), Place::At(Position { seq: next.seq - 1, ..next }));
    assert!(matches!(place(101, 2, 7, 2), Place::Hole(hole) if hole.seq == first.seq + 1));
}

#[test]
fn a_frame_of_the_lowest_layer_that_is_overtaken_keeps_its_picture_id() {
    let mut place = layered(0);
    let first = out(place(100, 1, 7, 0));
    assert_eq!(place(102, 3, 8, 2), Place::Nowhere, "of what picture 2 is for, which is late");
    let late = out(place(101, 2, 8, 0));
    let next = out(place(103, 4, 9, 0));
    let id = |steps| first.picture_id.map(|id| (id + steps) & PICTURE_ID_MASK);
    assert_eq!((late.picture_id, next.picture_id), (id(1), id(2)));
    assert_eq!((late.seq, next.seq), (first.seq + 1, first.seq + 2));
}

#[test]
fn a_late_packet_of_a_frame_that_was_kept_is_kept_whatever_is_left_out_since() {
    let mut rewriter = Rewriter::new(90_000, &mut fastrand::Rng::with_seed(12));
    let now = Instant::now();
    rewriter.switch(now, packet(100, 0, 1), now, 2);
    let mut place = |packet: Position, own, upto| {
        let keep = rewriter.kept(packet, own).unwrap_or(own <= upto);
        rewriter.place(now, packet, now, Choosing { keep, own, upto })
    };
    let first = out(place(packet(100, 0, 1), 0, 2));
    out(place(packet(101, 3_000, 2), 2, 2));
    // The middle of picture 2 and all of picture 3 are late; from picture 4 on the lowest layer alone is kept, which 6 raises again.
    out(place(packet(103, 3_000, 2), 2, 2));
    assert_eq!(place(packet(105, 9_000, 4), 2, 0), Place::Nowhere);
    out(place(packet(106, 12_000, 5), 0, 0));
    out(place(packet(109, 15_000, 6), 1, 1));
    assert_eq!(out(place(packet(102, 3_000, 2), 2, 1)).seq, first.seq + 2);
    assert_eq!(out(place(packet(104, 6_000, 3), 2, 1)).picture_id, first.picture_id.map(|id| (id + 2) & PICTURE_ID_MASK));
    assert!(matches!(place(packet(107, 13_000, 5), 1, 1), Place::Hole(_)), "before it was raised");
    assert!(matches!(place(packet(108, 15_000, 6), 1, 1), Place::At(_)), "the beginning of what raises it");
}

#[test]
fn a_late_frame_goes_between_those_around_it_also_where_time_ran_ahead() {
    let (mut slot, _) = started(13);
    let last = slot.keep(100, packet(70_001, 14_000, 10));
    let choosing = Choosing { keep: true, own: 0, upto: 1 };
    let captured = slot.start + 40 * MS;
    // What follows was captured 60 ms before what went out last.
    slot.rewriter.switch(captured, packet(500, 1_000, 1), captured, 1);
    let mut place = |seq, time, ms| {
        let wallclock = captured + ms * MS;
        out(slot.rewriter.place(wallclock, packet(seq, time, seq as u16), wallclock, choosing)).time.wrapping_sub(last.time)
    };
    let (first, third) = (place(500, 1_000, 0), place(502, 13_000, 133));
    let (second, fourth) = (place(501, 7_000, 66), place(503, 19_000, 200));
    assert!(0 < first && first < second && second < third && third < fourth, "{first} {second} {third} {fourth}");
    assert_eq!(fourth, 19_000 - 1_000 - 60 * 90, "and it is right where nothing is missing");
}

#[test]
fn what_comes_late_from_before_a_leap_of_time_does_not_run_back() {
    let (mut slot, _) = started(14);
    // Three minutes pass for the sender in 66 ms; what it sent between comes late.
    slot.keep(66, packet(70_002, 5_000 + 90_000 * 180, 11));
    assert_eq!(slot.place(70, packet(70_001, 5_000 + 90_000 * 90, 10), true), Place::TooLate);
}
