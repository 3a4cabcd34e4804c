//! Calls as their records tell them, and nothing else: what a database would know.

use std::collections::BTreeMap;

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::reference::{Place, Reference};

#[derive(Debug)]
struct Line {
    user: UserId,
    barred: bool,
    state: Option<SeatState>,
    device: Option<DeviceId>,
    rings_until: Option<Timestamp>,
    quality: Option<Quality>,
}

#[derive(Debug)]
struct Story {
    kind: CallKind,
    caller: UserId,
    placed: Timestamp,
    answered: Option<Timestamp>,
    ended: Option<EndReason>,
    last: Timestamp,
    /// In the order they were made.
    seats: Vec<Line>,
}

#[derive(Debug, Default)]
pub(crate) struct Stories {
    calls: BTreeMap<CallId, Story>,
    /// Every record there was, in order.
    pub(crate) written: Vec<Record>,
}

impl Stories {
    /// Takes a record down, and holds it to those before it.
    pub(crate) fn record(&mut self, record: Record) {
        let (call, at) = match record {
            Record::Placed { call, at, .. } | Record::Answered { call, at } | Record::Seated { call, at, .. } => (call, Some(at)),
            Record::SeatState { call, at, .. } | Record::Ended { call, at, .. } => (call, Some(at)),
            Record::Quality { call, .. } => (call, None),
        };
        let story = self.calls.get_mut(&call);
        assert_eq!(story.is_none(), matches!(record, Record::Placed { .. }), "placed first and once");
        if let Some(story) = story {
            assert!(story.ended.is_none(), "recorded after its end");
            assert!(at.is_none_or(|at| story.last <= at), "history goes back in time");
            story.last = at.unwrap_or(story.last);
            match &record {
                Record::Answered { .. } => assert!(story.answered.is_none(), "answered first twice"),
                Record::Seated { user, by, .. } => {
                    assert!(if story.seats.is_empty() { user == by && *user == story.caller } else { user != by });
                }
                Record::SeatState { user, state, device, rings_until, .. } => {
                    let line = story.line(*user).expect("seated first");
                    assert!((line.state, line.device) != (Some(*state), *device) || !state.is_present(), "recorded twice: {state:?}");
                    assert_eq!(state.is_open(), rings_until.is_some());
                }
                Record::Ended { .. } => {
                    assert!(story.seats.iter().all(|line| line.state.is_some_and(SeatState::is_over)), "a seat outlives its call");
                }
                Record::Placed { .. } | Record::Quality { .. } => {}
            }
        }
        self.written.push(record.clone());
        self.tell(record);
    }

    /// Takes a record down as a database would.
    pub(crate) fn tell(&mut self, record: Record) {
        match record {
            Record::Placed { call, kind, at, caller } => {
                let story = Story { kind, caller, placed: at, answered: None, ended: None, last: at, seats: Vec::new() };
                self.calls.insert(call, story);
            }
            Record::Answered { call, at } => self.story(call).answered = Some(at),
            Record::Seated { call, user, barred, .. } => match self.story(call).line(user) {
                Some(line) => line.barred = barred,
                None => {
                    let line = Line { user, barred, state: None, device: None, rings_until: None, quality: None };
                    self.story(call).seats.push(line);
                }
            },
            Record::SeatState { call, user, state, device, rings_until, .. } => {
                let line = self.story(call).line(user).expect("seated first");
                (line.state, line.device, line.rings_until) = (Some(state), device, rings_until);
            }
            Record::Quality { call, user, quality } => {
                self.story(call).line(user).expect("seated first").quality = Some(quality);
            }
            Record::Ended { call, reason, .. } => self.story(call).ended = Some(reason),
        }
    }

    fn story(&mut self, call: CallId) -> &mut Story {
        self.calls.get_mut(&call).expect("placed first")
    }

    /// The devices that hold seats, or held one that history did not see left.
    pub(crate) fn devices(&self) -> Vec<DeviceId> {
        let present = |line: &&Line| line.state.is_some_and(SeatState::is_present);
        let lines = self.calls.values().flat_map(|story| &story.seats).filter(present);
        lines.filter_map(|line| line.device).collect()
    }

    pub(crate) fn users(&self) -> Vec<UserId> {
        self.calls.values().flat_map(|story| &story.seats).map(|line| line.user).collect()
    }

    /// The calls that run, as a server would find them when it starts.
    pub(crate) fn running(&self) -> Vec<Restored> {
        let seat = |line: &Line| RestoredSeat {
            user: line.user,
            // A seat whose first state was never written was about to be asked.
            state: line.state.unwrap_or(SeatState::Invited),
            device: line.device,
            rings_until: line.rings_until,
            barred: line.barred,
        };
        let running = self.calls.iter().filter(|(_, story)| story.ended.is_none()).map(|(&call, story)| Restored {
            call,
            kind: story.kind,
            placed_at: story.placed,
            answered_at: story.answered,
            seats: story.seats.iter().map(seat).collect(),
        });
        running.collect()
    }

    /// Holds history to what happened.
    pub(crate) fn check(&self, expected: &Reference) {
        assert_eq!(self.calls.len(), expected.talks.len());
        for talk in &expected.talks {
            let story = &self.calls[&talk.id];
            assert_eq!((story.answered.map(Timestamp::as_millis), story.ended), (talk.answered, talk.over));
            assert_eq!((story.placed.as_millis(), story.seats.len()), (talk.placed, talk.chairs.len()));
            for (line, chair) in story.seats.iter().zip(&talk.chairs) {
                assert_eq!((line.user, line.barred), (chair.user, chair.barred));
                assert_eq!(line.state, Some(expected.lasting_state(chair)), "{talk:?}");
                if chair.device().is_some() {
                    assert_eq!(line.device, chair.device());
                }
                if let Place::Asked { until, .. } = chair.place {
                    assert_eq!(line.rings_until, Some(Timestamp(until)));
                }
                let told = line.quality.map(|quality| (quality.loss, quality.frozen_ms, quality.worst_at.as_millis()));
                assert_eq!(told, chair.quality);
            }
        }
    }
}

impl Story {
    fn line(&mut self, user: UserId) -> Option<&mut Line> {
        self.seats.iter_mut().find(|line| line.user == user)
    }
}
