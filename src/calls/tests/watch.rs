//! Watches the outputs as the devices, the media router and the history store would see them, and holds them to the laws.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::reference::{Place, RING_FOR_MS, Reference};

type Leg = (CallId, DeviceId);

/// A call as its records tell it.
#[derive(Debug, Default)]
struct Story {
    seats: BTreeMap<UserId, SeatState>,
    answered: Option<u64>,
    ended: Option<EndReason>,
    last: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// When each ring that goes on has to end.
    rings: BTreeMap<Leg, u64>,
    legs: BTreeSet<Leg>,
    gates: BTreeSet<Leg>,
    /// Everything that ever rang or had a leg: neither comes twice.
    ever_rang: BTreeSet<Leg>,
    ever_leg: BTreeSet<Leg>,
    /// What each device in a call knows of its seats.
    screens: BTreeMap<Leg, Vec<SeatView>>,
    told_ended: BTreeSet<CallId>,
    stories: BTreeMap<CallId, Story>,
}

impl Watch {
    /// A `place` or `accept` was replied to.
    pub(crate) fn seated(&mut self, call: CallId, device: DeviceId, seats: Vec<SeatView>) {
        assert!(self.ever_leg.insert((call, device)), "a second leg");
        self.legs.insert((call, device));
        self.screens.insert((call, device), seats);
    }

    /// A device answered its own ring.
    pub(crate) fn answered(&mut self, call: CallId, device: DeviceId) {
        assert!(self.rings.remove(&(call, device)).is_some(), "answered without a ring");
    }

    /// A device disconnected.
    pub(crate) fn gone(&mut self, device: DeviceId) {
        self.screens.retain(|leg, _| leg.1 != device);
        self.rings.retain(|leg, _| leg.1 != device);
    }

    /// A device switched its own sources.
    pub(crate) fn switched(&mut self, call: CallId, device: DeviceId, media: MediaState) {
        let Some(seats) = self.screens.get_mut(&(call, device)) else { panic!("not in a call") };
        seats.iter_mut().filter(|seat| seat.device == Some(device)).for_each(|seat| seat.media = media);
    }

    /// Takes one output of a step that led from `before` to `after`. `placed` is the device whose call the step placed.
    pub(crate) fn output(&mut self, output: Output, before: &Reference, after: &Reference, placed: Option<Leg>) {
        let online = |device: DeviceId| assert!(after.online.contains_key(&device), "told to a device that is gone: {device}");
        match output {
            Output::Ring { call, device, rings_for } => {
                online(device);
                assert!(self.ever_rang.insert((call, device)), "rings twice");
                let until = after.now + rings_for.as_millis() as u64;
                assert!(rings_for.as_millis() > 0 && until == after.talk(call).expect("it was placed").deadline);
                self.rings.insert((call, device), until);
            }
            Output::StopRinging { call, device, why } => {
                online(device);
                assert!(self.rings.remove(&(call, device)).is_some(), "stops a ring that is not");
                assert_eq!(why, expected_stop(after, call, after.online[&device]));
            }
            Output::SeatChanged { call, seat, to } => {
                assert!(!to.is_empty());
                for device in to {
                    online(device);
                    let Some(seats) = self.screens.get_mut(&(call, device)) else { panic!("told of a call it is not in: {device}") };
                    let known = seats.iter_mut().find(|known| known.user == seat.user).expect("everyone called has a seat");
                    assert_ne!(*known, seat, "told what it knows");
                    *known = seat;
                }
            }
            Output::OpenGate { call, device } => {
                online(device);
                assert!(self.legs.contains(&(call, device)), "a gate without a leg");
                assert!(self.gates.insert((call, device)), "a gate opened twice");
            }
            Output::RemoveLeg { call, device } => {
                assert!(self.legs.remove(&(call, device)), "a leg removed twice");
                self.gates.remove(&(call, device));
                self.screens.remove(&(call, device));
            }
            Output::Ended { call, reason, duration, to } => {
                assert!(self.told_ended.insert(call), "ended twice");
                let talk = after.talk(call).expect("it was placed");
                assert_eq!(talk.over, Some(reason));
                assert_eq!(duration.as_millis() as u64, talk.answered.map_or(0, |at| after.now - at));
                let mut expected: BTreeSet<_> = before.talk(call).into_iter().flat_map(|talk| talk.devices()).collect();
                expected.extend(placed.filter(|leg| leg.0 == call).map(|leg| leg.1));
                expected.retain(|device| after.online.contains_key(device));
                assert_eq!(to.len(), expected.len());
                assert_eq!(to.iter().copied().collect::<BTreeSet<_>>(), expected);
            }
            Output::Record(record) => self.record(record),
        }
    }

    fn record(&mut self, record: Record) {
        let (call, at) = match record {
            Record::Placed { call, at, .. } | Record::Answered { call, at } => (call, at),
            Record::SeatState { call, at, .. } | Record::Ended { call, at, .. } => (call, at),
        };
        if let Record::Placed { caller, callees, .. } = record {
            let seats = callees.into_iter().chain([caller]).map(|user| (user, SeatState::Invited)).collect();
            let story = Story { seats, last: at.as_millis(), ..Story::default() };
            assert!(self.stories.insert(call, story).is_none(), "placed twice");
            return;
        }
        let story = self.stories.get_mut(&call).expect("recorded as placed first");
        assert!(story.ended.is_none(), "recorded after its end");
        assert!(story.last <= at.as_millis(), "history goes back in time");
        story.last = at.as_millis();
        match record {
            Record::Answered { .. } => assert!(story.answered.replace(at.as_millis()).is_none(), "answered first twice"),
            Record::SeatState { user, state, .. } => {
                let before = story.seats.insert(user, state).expect("placed with this seat");
                assert!(!before.is_over() && before != state, "{before:?} became {state:?}");
            }
            Record::Ended { reason, .. } => {
                assert!(story.seats.values().all(|state| state.is_over()), "a seat outlives its call");
                story.ended = Some(reason);
            }
            Record::Placed { .. } => {}
        }
    }

    /// Holds everything seen so far to what should be.
    pub(crate) fn check(&self, expected: &Reference) {
        let rings: BTreeSet<Leg> = self.rings.keys().copied().collect();
        assert_eq!(rings, expected.rings().into_iter().collect());
        assert!(self.rings.values().all(|&until| expected.now < until && until <= expected.now + RING_FOR_MS), "a ring past its deadline");

        let seated: BTreeSet<Leg> = expected.seated().into_iter().collect();
        assert_eq!(self.legs, seated);
        let users: BTreeSet<UserId> = self.legs.iter().map(|leg| expected.online[&leg.1]).collect();
        assert_eq!(users.len(), self.legs.len(), "someone is in two calls");
        let answered = |leg: &&Leg| expected.talk(leg.0).is_some_and(|talk| talk.answered.is_some());
        assert_eq!(self.gates, seated.iter().filter(answered).copied().collect());

        assert_eq!(self.screens.keys().copied().collect::<BTreeSet<_>>(), seated);
        for ((call, _), seats) in &self.screens {
            assert_eq!(seats, &expected.seats(expected.talk(*call).expect("it was placed")));
        }

        assert_eq!(self.stories.len(), expected.talks.len());
        for talk in &expected.talks {
            let story = &self.stories[&talk.id];
            assert_eq!(story.seats, talk.chairs.iter().map(|chair| (chair.user, expected.state(chair))).collect());
            assert_eq!((story.answered, story.ended), (talk.answered, talk.over));
            assert_eq!(self.told_ended.contains(&talk.id), talk.over.is_some());
        }
    }
}

/// Why a device of `user` that still rang before a step rings no more after it.
fn expected_stop(after: &Reference, call: CallId, user: UserId) -> RingStop {
    let talk = after.talk(call).expect("it was placed");
    let chair = talk.chairs.iter().find(|chair| chair.user == user).expect("it rang for them");
    match (chair.place, talk.over) {
        (Place::In(_), _) => RingStop::AnsweredElsewhere,
        (Place::Out(SeatState::Declined), _) => RingStop::DeclinedElsewhere,
        (Place::Out(SeatState::Busy), _) => RingStop::Ended,
        (Place::Out(SeatState::Missed), _) => RingStop::Missed,
        (Place::Out(SeatState::Cancelled), Some(EndReason::Cancelled | EndReason::HungUp | EndReason::ConnectionLost)) => {
            RingStop::Cancelled
        }
        other => panic!("no reason to stop ringing: {other:?}"),
    }
}
