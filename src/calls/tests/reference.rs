//! What the call machine should do, in the plainest way there is: no indexes, no outputs, every rule applied to every call
//! until nothing changes. Who rings is not kept at all: an open seat rings on whatever its user has online.

use std::collections::BTreeMap;

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

pub(crate) const RING_FOR_MS: u64 = 45_000;
pub(crate) const MAX_CALLEES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Asked,
    In(DeviceId),
    Out(SeatState),
}

#[derive(Debug, Clone)]
pub(crate) struct Chair {
    pub(crate) user: UserId,
    pub(crate) place: Place,
    pub(crate) media: MediaState,
}

#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) id: CallId,
    pub(crate) deadline: u64,
    pub(crate) answered: Option<u64>,
    pub(crate) over: Option<EndReason>,
    /// The caller's first.
    pub(crate) chairs: Vec<Chair>,
    lost: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Reference {
    pub(crate) now: u64,
    pub(crate) online: BTreeMap<DeviceId, UserId>,
    pub(crate) talks: Vec<Talk>,
    stopped: bool,
}

type Outcome = Result<(), &'static str>;

impl Talk {
    pub(crate) fn count(&self, is: impl Fn(Place) -> bool) -> usize {
        self.chairs.iter().filter(|chair| is(chair.place)).count()
    }

    pub(crate) fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.chairs.iter().filter_map(|chair| if let Place::In(device) = chair.place { Some(device) } else { None })
    }

    pub(crate) fn chair(&mut self, user: UserId) -> Option<&mut Chair> {
        self.chairs.iter_mut().find(|chair| chair.user == user)
    }

    fn finish(&mut self, reason: EndReason) {
        self.over = Some(reason);
        let asked = if reason == EndReason::ServerStopped { SeatState::Missed } else { SeatState::Cancelled };
        for chair in &mut self.chairs {
            match chair.place {
                Place::Asked => chair.place = Place::Out(asked),
                Place::In(_) => chair.place = Place::Out(SeatState::Left),
                Place::Out(_) => {}
            }
        }
    }

    /// What the rules make of a call that goes on so far.
    fn judge(&mut self) {
        let seated = self.count(|place| matches!(place, Place::In(_)));
        let asked = self.count(|place| place == Place::Asked);
        let had = |state| self.count(|place| place == Place::Out(state)) > 0;
        if seated >= 1 && seated + asked >= 2 {
            return;
        }
        let reason = match self.answered {
            None if seated == 1 && had(SeatState::Missed) => EndReason::Missed,
            None if seated == 1 && had(SeatState::Declined) => EndReason::Declined,
            None if seated == 1 && had(SeatState::Busy) => EndReason::Busy,
            None if seated == 1 => EndReason::Unreachable,
            _ if self.lost => EndReason::ConnectionLost,
            _ => EndReason::HungUp,
        };
        self.finish(reason);
    }
}

impl Reference {
    pub(crate) fn at(now: u64) -> Self {
        Self { now, ..Self::default() }
    }

    pub(crate) fn going_on(&self) -> impl Iterator<Item = &Talk> {
        self.talks.iter().filter(|talk| talk.over.is_none())
    }

    pub(crate) fn talk(&self, id: CallId) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id)
    }

    fn in_a_call(&self, user: UserId) -> bool {
        self.going_on().flat_map(|talk| &talk.chairs).any(|chair| chair.user == user && matches!(chair.place, Place::In(_)))
    }

    /// Every ring there is.
    pub(crate) fn rings(&self) -> Vec<(CallId, DeviceId)> {
        let mut rings = Vec::new();
        for talk in self.going_on() {
            for chair in talk.chairs.iter().filter(|chair| chair.place == Place::Asked) {
                rings.extend(self.online.iter().filter(|&(_, &user)| user == chair.user).map(|(&device, _)| (talk.id, device)));
            }
        }
        rings
    }

    /// Every device in a call.
    pub(crate) fn seated(&self) -> Vec<(CallId, DeviceId)> {
        self.going_on().flat_map(|talk| talk.devices().map(|device| (talk.id, device))).collect()
    }

    pub(crate) fn state(&self, chair: &Chair) -> SeatState {
        match chair.place {
            Place::In(_) => SeatState::Active,
            Place::Out(state) => state,
            Place::Asked if self.online.values().any(|&user| user == chair.user) => SeatState::Ringing,
            Place::Asked => SeatState::Invited,
        }
    }

    pub(crate) fn seats(&self, talk: &Talk) -> Vec<SeatView> {
        let seat = |chair: &Chair| {
            let device = if let Place::In(device) = chair.place { Some(device) } else { None };
            let media = if device.is_some() { chair.media } else { MediaState::default() };
            SeatView { user: chair.user, state: self.state(chair), media, device }
        };
        talk.chairs.iter().map(seat).collect()
    }

    pub(crate) fn tick(&mut self, now: u64) {
        self.now = self.now.max(now);
        for talk in self.talks.iter_mut().filter(|talk| talk.over.is_none() && talk.deadline <= self.now) {
            for chair in talk.chairs.iter_mut().filter(|chair| chair.place == Place::Asked) {
                chair.place = Place::Out(SeatState::Missed);
            }
        }
        self.apply_rules();
    }

    fn apply_rules(&mut self) {
        loop {
            self.talks.iter_mut().filter(|talk| talk.over.is_none()).for_each(Talk::judge);
            let engaged: Vec<UserId> = self.online.values().copied().filter(|&user| self.in_a_call(user)).collect();
            let mut changed = false;
            for talk in self.talks.iter_mut().filter(|talk| talk.over.is_none()) {
                for chair in talk.chairs.iter_mut().filter(|chair| chair.place == Place::Asked && engaged.contains(&chair.user)) {
                    chair.place = Place::Out(SeatState::Busy);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    pub(crate) fn place(&mut self, id: CallId, caller: Endpoint, media: MediaState, callees: &[(UserId, bool)]) -> Outcome {
        if callees.is_empty() {
            return Err("NoCallees");
        } else if callees.len() > MAX_CALLEES {
            return Err("TooManyCallees");
        } else if callees.iter().any(|&(user, _)| user == caller.user) {
            return Err("CallsOneself");
        } else if self.stopped {
            return Err("Stopped");
        } else if self.in_a_call(caller.user) {
            return Err("InAnotherCall");
        }
        let mut chairs = vec![Chair { user: caller.user, place: Place::In(caller.device), media }];
        for &(user, allowed) in callees {
            let place = if !allowed || !self.online.values().any(|&online| online == user) {
                Place::Out(SeatState::Unreachable)
            } else if self.in_a_call(user) {
                Place::Out(SeatState::Busy)
            } else {
                Place::Asked
            };
            chairs.push(Chair { user, place, media: MediaState::default() });
        }
        self.talks.push(Talk { id, deadline: self.now + RING_FOR_MS, answered: None, over: None, chairs, lost: false });
        self.apply_rules();
        Ok(())
    }

    fn find(&mut self, id: CallId, user: UserId) -> Result<(&mut Talk, Place), &'static str> {
        let talk = self.talks.iter_mut().find(|talk| talk.id == id).ok_or("UnknownCall")?;
        let place = talk.chair(user).ok_or("UnknownCall")?.place;
        if talk.over.is_some() { Err("CallOver") } else { Ok((talk, place)) }
    }

    /// The chair that rings for `who`, set to `place`.
    fn answer(&mut self, id: CallId, who: Endpoint, place: Place) -> Outcome {
        let now = self.now;
        let (talk, before) = self.find(id, who.user)?;
        match before {
            Place::Asked => {}
            Place::In(device) if device == who.device || talk.chairs[0].user == who.user => return Err("WrongState"),
            Place::In(_) => return Err("AnsweredElsewhere"),
            Place::Out(_) => return Err("CallOver"),
        }
        if matches!(place, Place::In(_)) {
            talk.answered.get_or_insert(now);
        }
        if let Some(chair) = talk.chair(who.user) {
            chair.place = place;
        }
        self.apply_rules();
        Ok(())
    }

    pub(crate) fn accept(&mut self, id: CallId, who: Endpoint, media: MediaState) -> Outcome {
        if matches!(self.find(id, who.user), Ok((_, Place::Out(SeatState::Busy)))) && self.in_a_call(who.user) {
            return Err("InAnotherCall");
        }
        self.answer(id, who, Place::In(who.device))?;
        self.find(id, who.user)?.0.chair(who.user).ok_or("no chair")?.media = media;
        Ok(())
    }

    pub(crate) fn decline(&mut self, id: CallId, who: Endpoint) -> Outcome {
        self.answer(id, who, Place::Out(SeatState::Declined))
    }

    pub(crate) fn cancel(&mut self, id: CallId, who: Endpoint) -> Outcome {
        let (talk, place) = self.find(id, who.user)?;
        match place {
            Place::Out(_) => Err("CallOver"),
            Place::In(device) if device == who.device && talk.answered.is_none() => {
                talk.finish(EndReason::Cancelled);
                Ok(())
            }
            _ => Err("WrongState"),
        }
    }

    fn held(&mut self, id: CallId, who: Endpoint) -> Result<&mut Talk, &'static str> {
        match self.find(id, who.user)? {
            (_, Place::Out(_)) => Err("CallOver"),
            (talk, Place::In(device)) if device == who.device => Ok(talk),
            _ => Err("WrongState"),
        }
    }

    pub(crate) fn hang_up(&mut self, id: CallId, who: Endpoint) -> Outcome {
        let talk = self.held(id, who)?;
        if talk.answered.is_none() {
            talk.finish(EndReason::Cancelled);
        } else if let Some(chair) = talk.chair(who.user) {
            chair.place = Place::Out(SeatState::Left);
            talk.lost = false;
            self.apply_rules();
        }
        Ok(())
    }

    pub(crate) fn media_lost(&mut self, id: CallId, who: Endpoint) -> Outcome {
        let talk = self.held(id, who)?;
        if let Some(chair) = talk.chair(who.user) {
            chair.place = Place::Out(SeatState::Left);
            talk.lost = true;
            self.apply_rules();
        }
        Ok(())
    }

    pub(crate) fn set_media(&mut self, id: CallId, who: Endpoint, media: MediaState) -> Outcome {
        self.held(id, who)?.chair(who.user).ok_or("no chair")?.media = media;
        Ok(())
    }

    /// What is over by then ends after this: nothing is told to a device that is gone.
    pub(crate) fn gone(&mut self, now: u64, device: DeviceId) {
        self.now = self.now.max(now);
        self.online.remove(&device);
        for talk in &mut self.talks {
            for chair in talk.chairs.iter_mut().filter(|chair| chair.place == Place::In(device)) {
                chair.place = Place::Out(SeatState::Left);
                talk.lost = true;
            }
        }
        self.apply_rules();
        self.tick(now);
    }

    pub(crate) fn stop(&mut self) {
        self.stopped = true;
        self.talks.iter_mut().filter(|talk| talk.over.is_none()).for_each(|talk| talk.finish(EndReason::ServerStopped));
    }
}
