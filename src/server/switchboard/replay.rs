//! What one device was told lately, so that a connection that broke can go on where it left off: events and replies in
//! their order, for as long as they may be needed and as many as a ring of fixed size keeps.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use switchboard_calls::Timestamp;
use switchboard_protocol::{Event, ServerMessage};

/// Messages kept for a device. A minute of a lively group call is fewer.
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

#[derive(Debug, Default)]
pub(super) struct Replay {
    /// The number of the last event.
    seq: u64,
    /// Each with when it was told.
    kept: VecDeque<(Timestamp, ServerMessage)>,
    /// The last event that is kept no more.
    forgotten: u64,
    /// The earliest event after which everything is kept.
    complete_after: u64,
    /// Requests that are being worked on.
    pending: BTreeSet<u64>,
}

impl Replay {
    /// Numbers an event and keeps it.
    pub(super) fn event(&mut self, now: Timestamp, event: Event) -> ServerMessage {
        self.seq += 1;
        self.keep(now, ServerMessage::Event { seq: self.seq, event })
    }

    /// Keeps a reply.
    pub(super) fn reply(&mut self, now: Timestamp, message: ServerMessage) -> ServerMessage {
        if let Some(id) = replied(&message) {
            self.pending.remove(&id);
        }
        self.keep(now, message)
    }

    /// A request is to be carried out, unless it was before.
    pub(super) fn ask(&mut self, id: u64) -> Known {
        if let Some((_, message)) = self.kept.iter().find(|(_, message)| replied(message) == Some(id)) {
            return Known::Replied(message.clone());
        }
        if self.pending.insert(id) { Known::No } else { Known::Pending }
    }

    /// Everything told after the event with this number, in order; `None` where that is not known any more, or never was.
    pub(super) fn after(&self, seq: u64) -> Option<Vec<ServerMessage>> {
        if seq < self.complete_after || seq > self.seq {
            return None;
        }
        let seen = self.kept.iter().position(|(_, message)| matches!(message, ServerMessage::Event { seq: kept, .. } if *kept == seq));
        Some(self.kept.iter().skip(seen.map_or(0, |at| at + 1)).map(|(_, message)| message.clone()).collect())
    }

    fn keep(&mut self, now: Timestamp, message: ServerMessage) -> ServerMessage {
        self.kept.push_back((now, message.clone()));
        while self.kept.len() > KEPT || self.kept.front().is_some_and(|(at, _)| now.saturating_since(*at) > KEEP_FOR) {
            self.forget();
        }
        message
    }

    fn forget(&mut self) {
        match self.kept.pop_front() {
            Some((_, ServerMessage::Event { seq, .. })) => {
                self.forgotten = seq;
                self.complete_after = self.complete_after.max(seq);
            }
            // A reply that came between two events: only who has seen the later one has surely seen it.
            Some(_) => self.complete_after = self.forgotten + 1,
            None => {}
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
    use switchboard_protocol::Reply;

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
