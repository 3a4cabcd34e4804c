//! What one device was told lately, so that a connection that broke can go on where it left off: events and replies in
//! their order, for as long as they may be needed and as many as a ring of fixed size keeps. Of what says how one thing
//! stands, the last alone is kept: in a large call pictures change places many times a second, and would push out the rest.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use switchboard_calls::Timestamp;
use switchboard_ids::CallId;
use switchboard_protocol::{Event, Reply, ServerMessage, TrackSource};

/// Messages kept for a device. A minute of a lively group call is fewer, those apart that a later one makes void.
pub(super) const KEPT: usize = 256;

/// For how long. A break is noticed within 20 s, and a device gone 20 s later; one that only waits keeps next to nothing.
const KEEP_FOR: Duration = Duration::from_secs(60);

/// What is known of a request by its id.
#[derive(Debug, PartialEq)]
pub(super) enum Known {
    /// Never seen.
    No,
    /// Seen; its reply is still to come.
    Pending,
    /// Seen and replied to, thus.
    Replied(ServerMessage),
}

#[derive(Debug)]
struct Kept {
    at: Timestamp,
    /// The number of the event, or, of a reply, of the event before it.
    seq: u64,
    told: Told,
}

/// A reply is for one device; an event may be for all of a large call, each of which keeps it, and so it is held once.
#[derive(Debug)]
enum Told {
    Event(Arc<Event>),
    Reply(Box<ServerMessage>),
}

impl Kept {
    fn message(&self) -> ServerMessage {
        match &self.told {
            Told::Event(event) => ServerMessage::Event { seq: self.seq, event: Event::clone(event) },
            Told::Reply(message) => ServerMessage::clone(message),
        }
    }

    /// The request it is the reply to.
    fn replied(&self) -> Option<u64> {
        match &self.told {
            Told::Event(_) => None,
            Told::Reply(message) => replied(message),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Replay {
    /// The number of the last event.
    seq: u64,
    kept: VecDeque<Kept>,
    /// The earliest event after which everything is kept.
    complete_after: u64,
    /// Requests that are being worked on.
    pending: BTreeSet<u64>,
}

impl Replay {
    /// Numbers an event and keeps it, instead of the one it makes void. Nothing is lost with that one: who has not seen it
    /// has not seen this one either.
    pub(super) fn event(&mut self, now: Timestamp, event: impl Into<Arc<Event>>) -> ServerMessage {
        let event = event.into();
        self.seq += 1;
        if let Some(thing) = Thing::of(&event) {
            let says = |kept: &Kept| matches!(&kept.told, Told::Event(event) if Thing::of(event) == Some(thing));
            if let Some(void) = self.kept.iter().rposition(says) {
                self.kept.remove(void);
            }
        }
        let message = ServerMessage::Event { seq: self.seq, event: Event::clone(&event) };
        self.keep(now, Told::Event(event));
        message
    }

    /// Keeps a reply, unless it says what is so at the moment only: whoever did not get that may ask again.
    pub(super) fn reply(&mut self, now: Timestamp, message: ServerMessage) -> ServerMessage {
        if let Some(id) = replied(&message) {
            self.pending.remove(&id);
        }
        if matches!(message, ServerMessage::Done { ok: Reply::Stats { .. }, .. }) {
            return message;
        }
        self.keep(now, Told::Reply(Box::new(message.clone())));
        message
    }

    /// A request is to be carried out, unless it was before.
    pub(super) fn ask(&mut self, id: u64) -> Known {
        if let Some(kept) = self.kept.iter().find(|kept| kept.replied() == Some(id)) {
            return Known::Replied(kept.message());
        }
        if self.pending.insert(id) { Known::No } else { Known::Pending }
    }

    /// What was told after the event with this number and is not void, in order; `None` where that is not known any more, or never was.
    pub(super) fn after(&self, seq: u64) -> Option<Vec<ServerMessage>> {
        if seq < self.complete_after || seq > self.seq {
            return None;
        }
        // A reply with this number was told after the event that has it.
        let new = self.kept.iter().filter(|kept| kept.seq > seq || kept.seq == seq && kept.replied().is_some());
        Some(new.map(Kept::message).collect())
    }

    fn keep(&mut self, now: Timestamp, told: Told) {
        self.kept.push_back(Kept { at: now, seq: self.seq, told });
        while self.kept.len() > KEPT || self.kept.front().is_some_and(|kept| now.saturating_since(kept.at) > KEEP_FOR) {
            self.forget();
        }
    }

    fn forget(&mut self) {
        let Some(kept) = self.kept.pop_front() else { return };
        // Who has seen a later event than the one before a reply has surely seen the reply.
        let after = if kept.replied().is_some() { kept.seq + 1 } else { kept.seq };
        self.complete_after = self.complete_after.max(after);
    }
}

/// What an event says the whole state of, so that the last one is all there is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing<'a> {
    Slot(CallId, &'a str),
    SlotPaused(CallId, &'a str),
    LayersWanted(CallId, TrackSource),
    Speakers(CallId),
    MyCalls,
}

impl<'a> Thing<'a> {
    fn of(event: &'a Event) -> Option<Self> {
        match event {
            Event::Slot { call, mid, .. } => Some(Self::Slot(*call, mid)),
            Event::SlotPaused { call, mid, .. } => Some(Self::SlotPaused(*call, mid)),
            Event::LayersWanted { call, track, .. } => Some(Self::LayersWanted(*call, *track)),
            Event::Speakers { call, .. } => Some(Self::Speakers(*call)),
            Event::MyCalls { .. } => Some(Self::MyCalls),
            _ => None,
        }
    }
}

fn replied(message: &ServerMessage) -> Option<u64> {
    match message {
        ServerMessage::Done { reply, .. } | ServerMessage::Refused { reply, .. } => Some(*reply),
        ServerMessage::Event { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::collections::BTreeMap;

    use switchboard_ids::UserId;
    use switchboard_protocol::SlotSource;

    use super::*;

    const START: Timestamp = Timestamp(1_000);

    fn done(reply: u64) -> ServerMessage {
        ServerMessage::Done { reply, ok: Reply::Done }
    }

    fn numbers(messages: &[ServerMessage]) -> Vec<i64> {
        let number = |message: &ServerMessage| match message {
            ServerMessage::Event { seq, .. } => *seq as i64,
            other => -(replied(other).unwrap() as i64),
        };
        messages.iter().map(number).collect()
    }

    #[test]
    fn what_came_after_an_event_is_told_in_order_replies_too() {
        let mut replay = Replay::default();
        replay.event(START, Event::ContactsChanged);
        replay.reply(START, done(7));
        replay.event(START, Event::ContactsChanged);
        replay.reply(START, done(8));
        assert_eq!(numbers(&replay.after(0).unwrap()), [1, -7, 2, -8]);
        assert_eq!(numbers(&replay.after(1).unwrap()), [-7, 2, -8]);
        assert_eq!(numbers(&replay.after(2).unwrap()), [-8]);
    }

    #[test]
    fn a_cursor_ahead_of_everything_or_behind_what_is_kept_is_refused() {
        let mut replay = Replay::default();
        assert_eq!(replay.after(1), None);
        for _ in 0..KEPT + 3 {
            replay.event(START, Event::ContactsChanged);
        }
        assert_eq!(replay.after(2), None);
        assert_eq!(replay.after(3).unwrap().len(), KEPT);
        assert_eq!(replay.after(KEPT as u64 + 3), Some(Vec::new()));
        assert_eq!(replay.after(KEPT as u64 + 4), None);
    }

    #[test]
    fn a_reply_that_is_kept_no_more_is_never_skipped() {
        let mut replay = Replay::default();
        replay.event(START, Event::ContactsChanged);
        replay.reply(START, done(7));
        for _ in 0..KEPT {
            replay.event(START, Event::ContactsChanged);
        }
        assert_eq!(replay.after(1), None, "the reply after event 1 is gone");
        assert_eq!(numbers(&replay.after(2).unwrap())[0], 3);
    }

    /// One of `slots` slots of a large call shows somebody else.
    fn slot(at: u64, slots: u64) -> Event {
        let (call, mid) = (CallId::from_u128(1), (at % slots).to_string());
        let source = Some(SlotSource { user: UserId::from_u128(u128::from(at)), track: TrackSource::Camera });
        Event::Slot { call, mid, source }
    }

    #[test]
    fn a_device_that_was_away_for_40_s_of_a_large_call_is_told_how_each_slot_stands_and_all_the_rest() {
        const SLOTS: u64 = 25;
        let mut replay = Replay::default();
        let mut told = Vec::new();
        for at in 0..40 * 20 {
            let now = START.saturating_add(Duration::from_millis(50 * at));
            told.push(replay.event(now, slot(at, SLOTS)));
            if at % 100 == 50 {
                told.push(replay.event(now, Event::ContactsChanged));
                told.push(replay.reply(now, done(at)));
            }
        }
        let void = |message: &ServerMessage| matches!(message, ServerMessage::Event { event: Event::Slot { .. }, .. });
        let first_of_last_round = told.len() - SLOTS as usize;
        let expected: Vec<_> = told.iter().enumerate().filter(|(at, message)| *at >= first_of_last_round || !void(message)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(_, message)| message.clone()).collect();
        assert_eq!(replay.after(0), Some(expected), "in order, each once");
    }

    #[test]
    fn wherever_a_device_left_off_it_ends_with_what_stands() {
        let mut replay = Replay::default();
        let mut told = Vec::new();
        for at in 0..60 {
            told.push(replay.event(START, slot(at, 7)));
            if at % 9 == 4 {
                told.push(replay.reply(START, done(at)));
            }
        }
        let state = |messages: &[ServerMessage]| {
            let mut slots = BTreeMap::new();
            for message in messages {
                if let ServerMessage::Event { event: Event::Slot { mid, source, .. }, .. } = message {
                    slots.insert(mid.clone(), source.clone());
                }
            }
            slots
        };
        let mut seen = 0;
        for (at, message) in told.iter().enumerate() {
            if let ServerMessage::Event { seq, .. } = message {
                seen = *seq;
            }
            let (before, missed) = told.split_at(at + 1);
            let again = replay.after(seen).unwrap();
            assert_eq!(state(&[before, &again].concat()), state(&told), "left off at {at}");
            let replies = |messages: &[ServerMessage]| messages.iter().filter_map(replied).collect::<Vec<_>>();
            assert!(replies(&again).ends_with(&replies(missed)), "left off at {at}");
        }
    }

    #[test]
    fn what_is_so_at_the_moment_is_not_kept_but_found_out_again() {
        let mut replay = Replay::default();
        let stats = Reply::Stats { call: CallId::from_u128(1), estimate_bps: None, rtt_ms: None, loss: None, slots: Vec::new() };
        assert_eq!(replay.ask(5), Known::No);
        replay.reply(START, ServerMessage::Done { reply: 5, ok: stats });
        assert_eq!((replay.after(0), replay.ask(5)), (Some(Vec::new()), Known::No));
    }

    #[test]
    fn what_many_devices_are_told_is_held_once_and_of_the_lists_of_calls_the_last_alone() {
        let event = Arc::new(Event::ContactsChanged);
        let mut replays: Vec<Replay> = (0..5).map(|_| Replay::default()).collect();
        for replay in &mut replays {
            replay.event(START, event.clone());
            replay.event(START, Event::MyCalls { calls: Vec::new() });
            replay.event(START, Event::MyCalls { calls: Vec::new() });
            assert_eq!(numbers(&replay.after(0).unwrap()), [1, 3]);
        }
        assert_eq!(Arc::strong_count(&event), 1 + replays.len());
    }

    #[test]
    fn a_request_is_carried_out_once() {
        let mut replay = Replay::default();
        assert_eq!(replay.ask(5), Known::No);
        assert_eq!(replay.ask(5), Known::Pending);
        replay.reply(START, done(5));
        assert_eq!(replay.ask(5), Known::Replied(done(5)));
        assert_eq!(replay.ask(6), Known::No);
    }

    #[test]
    fn what_was_told_long_ago_is_kept_no_more_and_not_missed_by_who_has_seen_it() {
        let mut replay = Replay::default();
        replay.event(START, Event::ContactsChanged);
        replay.event(START, Event::ContactsChanged);
        let later = START.saturating_add(2 * KEEP_FOR);
        replay.event(later, Event::ContactsChanged);
        assert_eq!(replay.kept.len(), 1);
        assert_eq!(replay.after(1), None);
        assert_eq!(numbers(&replay.after(2).unwrap()), [3]);
    }
}
