//! Watches the outputs as the devices, the media router and the history store would see them, and holds them to the laws.
//!
//! What a device is told while it is lost is kept for it and told when it is back, in order. So what it knows then is what it
//! would know had it been told at once: the screens here are right at any time, or they are wrong for good.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::reference::{Place, Reference};
use crate::story::Stories;

type Leg = (CallId, DeviceId);

#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// When each ring that goes on has to end.
    rings: BTreeMap<Leg, u64>,
    legs: BTreeSet<Leg>,
    gates: BTreeSet<Leg>,
    /// What each device in a call knows of its seats. Which device holds one is nothing it is told.
    screens: BTreeMap<Leg, Vec<SeatView>>,
    told_ended: BTreeSet<CallId>,
    /// Every device that was told that another shares a screen instead, and who.
    screens_taken: Vec<(CallId, DeviceId, UserId)>,
    /// The devices that are gone or expired: nothing is told to them.
    gone: BTreeSet<DeviceId>,
    pub(crate) stories: Stories,
}

/// What is told of a seat.
fn seen(mut seat: SeatView) -> SeatView {
    seat.device = None;
    seat
}

impl Watch {
    /// A `place`, `accept` or `join` was replied to. A leg that was there is one that was warm, or is replaced.
    pub(crate) fn seated(&mut self, call: CallId, device: DeviceId, seats: Vec<SeatView>) {
        self.legs.insert((call, device));
        self.gates.remove(&(call, device));
        self.screens.insert((call, device), seats.into_iter().map(seen).collect());
    }

    /// A `warm` was replied to.
    pub(crate) fn warmed(&mut self, call: CallId, device: DeviceId) {
        self.legs.insert((call, device));
    }

    /// A device answered its own ring.
    pub(crate) fn answered(&mut self, call: CallId, device: DeviceId) {
        assert!(self.rings.remove(&(call, device)).is_some(), "answered without a ring");
    }

    /// A device left a call that goes on.
    pub(crate) fn left(&mut self, call: CallId, device: DeviceId) {
        assert!(self.screens.remove(&(call, device)).is_some(), "left a call it was not in");
    }

    /// A device is gone.
    pub(crate) fn gone(&mut self, device: DeviceId) {
        assert!(self.gone.insert(device), "gone twice");
        self.screens.retain(|leg, _| leg.1 != device);
        self.rings.retain(|leg, _| leg.1 != device);
    }

    /// A device switched its own sources, or held its own seat, or went on.
    pub(crate) fn own_seat(&mut self, call: CallId, device: DeviceId, user: UserId, change: impl FnOnce(&mut SeatView)) {
        let seats = self.screens.get_mut(&(call, device)).expect("it is in the call");
        change(seats.iter_mut().find(|seat| seat.user == user).expect("they have a seat"));
    }

    /// The machine was started again. Devices that hold seats begin with what they are shown when they come back.
    pub(crate) fn restarted(&mut self, after: &Reference) {
        self.rings.clear();
        self.legs.clear();
        self.gates.clear();
        self.screens.clear();
        for (call, device) in after.seated(|_, _| true) {
            let seats = after.seats(after.talk(call).expect("it goes on"), Some(device));
            self.screens.insert((call, device), seats.into_iter().map(seen).collect());
        }
    }

    fn hears(&self, device: DeviceId) {
        assert!(!self.gone.contains(&device), "told to a device that is gone: {device}");
    }

    /// Takes one output of a step that led from `before` to `after`, done by the device `actor`, if one did it.
    pub(crate) fn output(&mut self, output: Output, before: &Reference, after: &Reference, actor: Option<Endpoint>) {
        match output {
            Output::Ring { call, device, rings_for, waiting } => {
                self.hears(device);
                let user = after.devices[&device].user;
                let chair = after.talk(call).and_then(|talk| talk.chair(user)).expect("it rings for them");
                let until = after.now + rings_for.as_millis() as u64;
                assert!(matches!(chair.place, Place::Asked { until: at, .. } if rings_for.as_millis() > 0 && until == at));
                assert_eq!(waiting, before.active_call(user).is_some());
                assert!(self.rings.insert((call, device), until).is_none(), "rings twice");
            }
            Output::StopRinging { call, device, why, by } => {
                self.hears(device);
                assert!(self.rings.remove(&(call, device)).is_some(), "stops a ring that is not");
                let answered = matches!(why, RingStop::AnsweredElsewhere | RingStop::DeclinedElsewhere);
                assert_eq!(by, actor.map(|actor| actor.device).filter(|_| answered));
                if let Some(gadget) = after.devices.get(&device) {
                    assert_eq!(why, expected_stop(after, call, gadget.user));
                }
            }
            Output::SeatChanged { call, seat, to } => {
                assert!(!to.is_empty());
                let own = |actor: Endpoint| seat.user == actor.user && to.contains(&actor.device);
                assert!(!actor.is_some_and(own), "told what its own command did");
                for device in to {
                    self.hears(device);
                    let Some(seats) = self.screens.get_mut(&(call, device)) else { panic!("told of a call it is not in: {device}") };
                    let Some(known) = seats.iter_mut().find(|known| known.user == seat.user) else {
                        seats.push(seen(seat));
                        continue;
                    };
                    assert_ne!(*known, seen(seat), "told what it knows");
                    *known = seen(seat);
                    assert!(seats.iter().filter(|seat| seat.media.screen).count() <= 1, "sees two screens");
                }
            }
            Output::OpenGate { call, device } => {
                assert!(self.legs.contains(&(call, device)), "a gate without a leg");
                assert!(self.gates.insert((call, device)), "a gate opened twice");
            }
            Output::CloseGate { call, device } => {
                assert!(self.legs.contains(&(call, device)), "a gate without a leg");
                assert!(self.gates.remove(&(call, device)), "a gate closed twice");
            }
            Output::RemoveLeg { call, device } => {
                assert!(self.legs.remove(&(call, device)), "a leg removed twice");
                self.gates.remove(&(call, device));
            }
            Output::PutOut { call, device, why } => {
                self.hears(device);
                let talk = after.talk(call).expect("it was placed");
                assert!(talk.over.is_none() && self.screens.remove(&(call, device)).is_some(), "put out of no call");
                let actor = actor.expect("someone did it");
                match why {
                    PutOut::Moved { to } => assert!(to == actor.device && talk.chair(actor.user).and_then(|c| c.device()) == Some(to)),
                    PutOut::TookAnother { on } => assert!(on == actor.device && on != device),
                    PutOut::MediaLost => assert_eq!(device, actor.device),
                }
            }
            Output::ScreenTaken { call, device, by } => {
                self.hears(device);
                let own = self.screens[&(call, device)].iter().find(|seat| seat.user == after.devices[&device].user);
                assert!(own.is_some_and(|seat| !seat.media.screen), "told before it sees its own share end");
                self.screens_taken.push((call, device, by));
            }
            Output::DeviceExpired { device } => {
                assert!(!after.devices.contains_key(&device), "expired too early");
                self.gone(device);
            }
            Output::Ended { call, reason, duration, to } => {
                assert!(self.told_ended.insert(call), "ended twice");
                let talk = after.talk(call).expect("it was placed");
                assert_eq!(talk.over, Some(reason));
                let mut told = BTreeSet::new();
                for device in to {
                    self.hears(device);
                    assert!(told.insert(device) && self.screens.remove(&(call, device)).is_some(), "told of a call it is not in");
                }
                assert!(talk.answered.is_some() || duration.is_zero());
                for leg in self.screens.keys().filter(|leg| leg.0 == call).copied().collect::<Vec<_>>() {
                    assert!(!after.devices.contains_key(&leg.1), "not told of the end");
                    self.screens.remove(&leg);
                }
            }
            Output::Record(record) => self.stories.record(record),
        }
    }

    /// Holds everything seen so far to what should be.
    pub(crate) fn check(&self, expected: &Reference) {
        let rings: BTreeSet<Leg> = self.rings.keys().copied().collect();
        assert_eq!(rings, expected.rings().into_iter().collect());
        assert!(self.rings.values().all(|&until| expected.now < until), "a ring past its deadline");

        let active = expected.seated(|_, place| matches!(place, Place::In { held: false, .. }));
        let devices: BTreeSet<DeviceId> = active.iter().map(|leg| leg.1).collect();
        let users: BTreeSet<UserId> = devices.iter().map(|device| expected.devices[device].user).collect();
        assert!(users.len() == active.len() && devices.len() == active.len(), "someone is active twice");
        assert_eq!(self.legs, expected.legs());
        let open = expected.seated(|talk, place| talk.answered.is_some() && matches!(place, Place::In { held: false, leg: true, .. }));
        assert_eq!(self.gates, open.into_iter().collect());

        let seated = expected.seated(|_, _| true);
        assert_eq!(self.screens.keys().copied().collect::<BTreeSet<_>>(), seated.into_iter().collect());
        for ((call, device), seats) in &self.screens {
            let expected = expected.seats(expected.talk(*call).expect("it was placed"), Some(*device));
            assert_eq!(*seats, expected.into_iter().map(seen).collect::<Vec<_>>());
        }

        assert_eq!(self.screens_taken, expected.screens_taken);
        for talk in expected.going_on() {
            let sharing: Vec<_> = talk.chairs.iter().filter(|chair| chair.media.screen).collect();
            assert!(sharing.len() <= 1, "two screens in a call");
            assert!(sharing.iter().all(|chair| matches!(chair.place, Place::In { held: false, .. })), "a screen nobody can see");
        }

        self.stories.check(expected);
        for talk in &expected.talks {
            assert_eq!(self.told_ended.contains(&talk.id), talk.over.is_some());
        }
    }
}

/// Why a device of `user` that still rang before a step rings no more after it.
fn expected_stop(after: &Reference, call: CallId, user: UserId) -> RingStop {
    let talk = after.talk(call).expect("it was placed");
    match (talk.chair(user).expect("it rang for them").place, talk.over) {
        (Place::In { .. }, _) => RingStop::AnsweredElsewhere,
        (Place::Out(SeatState::Declined), _) => RingStop::DeclinedElsewhere,
        (Place::Out(SeatState::Busy), _) => RingStop::Ended,
        (Place::Out(SeatState::Missed), _) => RingStop::Missed,
        (Place::Out(SeatState::Cancelled), Some(EndReason::Cancelled | EndReason::HungUp | EndReason::ConnectionLost)) => {
            RingStop::Cancelled
        }
        other => panic!("no reason to stop ringing: {other:?}"),
    }
}
