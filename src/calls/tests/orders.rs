//! What the commands should do, and when they should be refused.

use switchboard_calls::*;
use switchboard_ids::{CallId, UserId};

use crate::reference::{Chair, MAX_CALLEES, MAX_SEATS, Outcome, Place, RING_FOR_MS, Reference, Talk};

impl Reference {
    fn check_list(by: UserId, callees: &[Callee], max: usize) -> Outcome {
        if callees.is_empty() {
            return Err("NoCallees");
        } else if callees.len() > max {
            return Err("TooManyCallees");
        } else if callees.iter().any(|callee| callee.user == by) {
            return Err("CallsOneself");
        }
        Ok(())
    }

    fn called(&self, callee: &Callee) -> Place {
        if !callee.allowed || callee.devices.is_empty() {
            Place::Out(SeatState::Unreachable)
        } else if self.active_call(callee.user).is_some() && !callee.waiting {
            Place::Out(SeatState::Busy)
        } else {
            Place::Asked { until: self.now + RING_FOR_MS, waiting: callee.waiting }
        }
    }

    pub(crate) fn place(&mut self, id: CallId, caller: Endpoint, media: MediaState, callees: &[Callee]) -> Outcome {
        Self::check_list(caller.user, callees, MAX_CALLEES.min(MAX_SEATS - 1))?;
        if self.active_call(caller.user).is_some() {
            return Err("InAnotherCall");
        }
        if let [callee] = callees
            && let Some(talk) = self.active_call(callee.user).and_then(|id| self.talk(id))
            && talk.answered.is_none()
            && talk.chairs.len() == 2
            && talk.chairs[0].user == callee.user
            && talk.chairs[1].user == caller.user
            && matches!(talk.chairs[1].place, Place::Asked { .. })
        {
            return Err("Glare");
        }
        let chair = Chair::new;
        let mut chairs = vec![chair(caller.user, Place::In { device: caller.device, held: false, leg: true }, false)];
        chairs[0].media = unshared(media);
        chairs.extend(callees.iter().map(|callee| chair(callee.user, self.called(callee), !callee.allowed)));
        let last_left = EndReason::HungUp;
        self.talks.push(Talk { id, placed: self.now, answered: None, over: None, chairs, last_left, forgotten: false });
        self.apply_rules();
        Ok(())
    }

    pub(crate) fn invite(&mut self, id: CallId, who: Endpoint, callees: &[Callee]) -> Outcome {
        self.holding(id, who)?;
        Self::check_list(who.user, callees, MAX_CALLEES)?;
        let talk = self.talk(id).expect("it goes on");
        if callees.iter().any(|callee| talk.chair(callee.user).is_some_and(|chair| !matches!(chair.place, Place::Out(_)))) {
            return Err("AlreadyIn");
        }
        let added = callees.iter().filter(|callee| talk.chair(callee.user).is_none()).count();
        if talk.chairs.len() + added > MAX_SEATS {
            return Err("TooManySeats");
        }
        for callee in callees {
            let place = self.called(callee);
            let talk = self.talk_mut(id);
            match talk.chairs.iter_mut().find(|chair| chair.user == callee.user) {
                Some(chair) => {
                    chair.place = place;
                    chair.barred &= !callee.allowed;
                }
                None => talk.chairs.push(Chair::new(callee.user, place, !callee.allowed)),
            }
        }
        Ok(())
    }

    fn find(&self, id: CallId, user: UserId) -> Result<(&Talk, Place), &'static str> {
        let talk = self.talk(id).filter(|talk| !talk.forgotten).ok_or("UnknownCall")?;
        let chair = talk.chair(user).filter(|chair| !chair.barred).ok_or("UnknownCall")?;
        if talk.over.is_some() { Err("CallOver") } else { Ok((talk, chair.place)) }
    }

    /// Whether a seat rings for `who`.
    fn rung(&self, id: CallId, who: Endpoint) -> Outcome {
        let (talk, place) = self.find(id, who.user)?;
        match place {
            Place::Asked { .. } if self.rings().contains(&(id, who.device)) => Ok(()),
            Place::In { device, .. } if device != who.device && talk.chairs[0].user != who.user => Err("AnsweredElsewhere"),
            Place::In { .. } | Place::Asked { .. } => Err("WrongState"),
            Place::Out(_) => Err("CallOver"),
        }
    }

    fn acceptable(&self, id: CallId, who: Endpoint) -> Outcome {
        if matches!(self.find(id, who.user), Ok((_, Place::Out(SeatState::Busy)))) && self.active_call(who.user).is_some() {
            return Err("InAnotherCall");
        }
        self.rung(id, who)
    }

    pub(crate) fn warm(&mut self, id: CallId, who: Endpoint) -> Outcome {
        self.acceptable(id, who)?;
        self.warm.insert((id, who.device));
        Ok(())
    }

    fn holds_many(&self, user: UserId, but: CallId) -> bool {
        let held =
            |talk: &&Talk| talk.id != but && talk.chair(user).is_some_and(|chair| matches!(chair.place, Place::In { held: true, .. }));
        self.going_on().filter(held).count() >= self.max_held
    }

    fn may_put_aside(&self, user: UserId, id: CallId, current: Option<Current>) -> Outcome {
        let Some(other) = self.active_call(user).filter(|other| *other != id) else { return Ok(()) };
        match current {
            None => Err("InAnotherCall"),
            Some(Current::Hold) if self.talk(other).is_some_and(|talk| talk.answered.is_none()) => Err("WrongState"),
            Some(Current::Hold) if self.holds_many(user, id) => Err("TooManyHeld"),
            Some(_) => Ok(()),
        }
    }

    fn put_aside(&mut self, user: UserId, id: CallId, current: Option<Current>) {
        let Some(other) = self.active_call(user).filter(|other| *other != id) else { return };
        let talk = self.talk_mut(other);
        match (current, talk.answered) {
            (Some(Current::Hold), _) => {
                let chair = talk.chair_mut(user);
                if let Place::In { held, .. } = &mut chair.place {
                    *held = true;
                }
                chair.media.screen = false;
            }
            (_, None) => talk.finish(EndReason::Cancelled),
            (_, Some(_)) => talk.leave(user, EndReason::HungUp),
        }
        self.apply_rules();
    }

    fn sit(&mut self, id: CallId, who: Endpoint, held: bool, media: MediaState) {
        let now = self.now;
        let talk = self.talk_mut(id);
        talk.answered.get_or_insert(now);
        let chair = talk.chair_mut(who.user);
        chair.place = Place::In { device: who.device, held, leg: true };
        chair.media = unshared(media);
        chair.overtaken = false;
        self.apply_rules();
    }

    pub(crate) fn accept(&mut self, id: CallId, who: Endpoint, media: MediaState, current: Option<Current>) -> Outcome {
        self.acceptable(id, who)?;
        self.may_put_aside(who.user, id, current)?;
        self.put_aside(who.user, id, current);
        self.sit(id, who, false, media);
        Ok(())
    }

    pub(crate) fn join(&mut self, id: CallId, who: Endpoint, media: MediaState, current: Option<Current>) -> Outcome {
        let (talk, place) = self.find(id, who.user)?;
        match place {
            Place::In { held, .. } => {
                let chair = self.talk_mut(id).chair_mut(who.user);
                let same = chair.device() == Some(who.device);
                chair.place = Place::In { device: who.device, held, leg: true };
                chair.media = MediaState { screen: same && chair.media.screen, ..media };
                chair.overtaken &= same;
            }
            Place::Out(_) if talk.answered.is_some() => {
                self.may_put_aside(who.user, id, current)?;
                self.put_aside(who.user, id, current);
                self.sit(id, who, false, media);
            }
            Place::Out(_) | Place::Asked { .. } => return Err("WrongState"),
        }
        Ok(())
    }

    pub(crate) fn decline(&mut self, id: CallId, who: Endpoint) -> Outcome {
        self.rung(id, who)?;
        self.talk_mut(id).chair_mut(who.user).place = Place::Out(SeatState::Declined);
        self.apply_rules();
        Ok(())
    }

    pub(crate) fn cancel(&mut self, id: CallId, who: Endpoint) -> Outcome {
        let (talk, place) = self.find(id, who.user)?;
        match place {
            Place::Out(_) => Err("CallOver"),
            Place::In { device, .. } if device == who.device && talk.answered.is_none() => {
                self.talk_mut(id).finish(EndReason::Cancelled);
                self.apply_rules();
                Ok(())
            }
            _ => Err("WrongState"),
        }
    }

    /// Whether the seat of `who` is held by their device.
    fn holding(&self, id: CallId, who: Endpoint) -> Outcome {
        match self.find(id, who.user)?.1 {
            Place::Out(_) => Err("CallOver"),
            Place::In { device, .. } if device == who.device => Ok(()),
            _ => Err("WrongState"),
        }
    }

    pub(crate) fn hold(&mut self, id: CallId, who: Endpoint, on: bool, current: Option<Current>) -> Outcome {
        self.holding(id, who)?;
        let (talk, place) = self.find(id, who.user)?;
        if talk.answered.is_none() || !matches!(place, Place::In { held, .. } if held != on) {
            return Err("WrongState");
        }
        if on && self.holds_many(who.user, id) {
            return Err("TooManyHeld");
        }
        if !on {
            self.may_put_aside(who.user, id, current)?;
            self.put_aside(who.user, id, current);
        }
        let chair = self.talk_mut(id).chair_mut(who.user);
        if let Place::In { held, .. } = &mut chair.place {
            *held = on;
        }
        chair.media.screen &= !on;
        self.apply_rules();
        Ok(())
    }

    pub(crate) fn hang_up(&mut self, id: CallId, who: Endpoint) -> Outcome {
        self.holding(id, who)?;
        let talk = self.talk_mut(id);
        match talk.answered {
            None => talk.finish(EndReason::Cancelled),
            Some(_) => talk.leave(who.user, EndReason::HungUp),
        }
        self.apply_rules();
        Ok(())
    }

    pub(crate) fn media_lost(&mut self, id: CallId, who: Endpoint) -> Outcome {
        self.holding(id, who)?;
        if self.is_lost(who.device) {
            return Err("WrongState");
        }
        self.talk_mut(id).leave(who.user, EndReason::ConnectionLost);
        self.apply_rules();
        Ok(())
    }

    pub(crate) fn set_media(&mut self, id: CallId, who: Endpoint, media: MediaState) -> Outcome {
        self.holding(id, who)?;
        if media.screen && matches!(self.find(id, who.user)?.1, Place::In { held: true, .. }) {
            return Err("WrongState");
        }
        let chair = self.talk_mut(id).chair_mut(who.user);
        chair.overtaken &= media.screen;
        let media = if chair.overtaken { unshared(media) } else { media };
        chair.media = media;
        let others = self.talk_mut(id).chairs.iter_mut().filter(|chair| chair.user != who.user && chair.media.screen);
        let mut taken = Vec::new();
        for chair in others.filter(|_| media.screen) {
            chair.media.screen = false;
            chair.overtaken = true;
            taken.extend(chair.device().map(|device| (id, device, who.user)));
        }
        self.screens_taken.extend(taken);
        Ok(())
    }

    pub(crate) fn report(&mut self, id: CallId, who: Endpoint, report: Report) -> Outcome {
        self.holding(id, who)?;
        let now = self.now;
        if report.rtt_ms >= 0.0 {
            self.talk_mut(id).chair_mut(who.user).reports.push((report, now));
        }
        Ok(())
    }
}

/// What a device sends whose screen is not shared, whatever it says.
fn unshared(media: MediaState) -> MediaState {
    MediaState { screen: false, ..media }
}
