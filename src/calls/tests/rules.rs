//! What follows by itself: time, devices, and what each change makes of the calls.

use std::collections::BTreeSet;

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::reference::{Chair, GRACE_MS, Place, Reference, Talk};

impl Chair {
    /// Sums up the reports, once the seat is left.
    pub(crate) fn write_quality(&mut self) {
        let sum = |of: fn(&Report) -> u64| self.reports.iter().map(|(report, _)| of(report)).sum::<u64>();
        let (received, lost, frozen) = (sum(|r| r.received), sum(|r| r.lost), sum(|r| r.frozen_ms));
        let told = self.reports.iter().filter(|(report, _)| report.received + report.lost > 0);
        let part = |report: &Report| report.lost as f64 / (report.received + report.lost) as f64;
        // The model's reports differ in their loss alone, so the worst is the one that lost most.
        let worst = told.fold(None, |worst: Option<(f64, u64)>, (report, at)| match worst {
            Some((loss, _)) if loss >= part(report) => worst,
            _ => Some((part(report), *at)),
        });
        if let (true, Some((_, at))) = (received > 0, worst) {
            self.quality = Some((lost as f64 / (received + lost) as f64, frozen, at));
        }
    }

    pub(crate) fn step_out(&mut self, state: SeatState) {
        if self.device().is_some() {
            self.write_quality();
        }
        self.place = Place::Out(state);
        self.media = MediaState::default();
    }
}

impl Talk {
    pub(crate) fn leave(&mut self, user: UserId, why: EndReason) {
        self.chair_mut(user).step_out(SeatState::Left);
        self.last_left = why;
    }

    pub(crate) fn finish(&mut self, reason: EndReason) {
        self.over = Some(reason);
        let asked = if reason == EndReason::ServerStopped { SeatState::Missed } else { SeatState::Cancelled };
        for chair in &mut self.chairs {
            match chair.place {
                Place::Asked { .. } => chair.step_out(asked),
                Place::In { .. } => chair.step_out(SeatState::Left),
                Place::Out(_) => {}
            }
        }
    }

    /// What the rules make of a call that goes on so far.
    pub(crate) fn judge(&mut self) {
        let count = |is: fn(&Place) -> bool| self.chairs.iter().filter(|chair| is(&chair.place)).count();
        let seated = count(|place| matches!(place, Place::In { .. }));
        let asked = count(|place| matches!(place, Place::Asked { .. }));
        let had = |state| self.chairs.iter().any(|chair| chair.place == Place::Out(state));
        if seated >= 1 && asked >= 1 || seated >= 2 {
            return;
        }
        let reason = match self.answered {
            None if seated == 1 && had(SeatState::Missed) => EndReason::Missed,
            None if seated == 1 && had(SeatState::Declined) => EndReason::Declined,
            None if seated == 1 && had(SeatState::Busy) => EndReason::Busy,
            None if seated == 1 => EndReason::Unreachable,
            _ => self.last_left,
        };
        self.finish(reason);
    }
}

impl Reference {
    pub(crate) fn tick(&mut self, now: u64) {
        self.now = self.now.max(now);
        while let Some(&(at, grace, who, user)) = self.due().first()
            && at <= self.now
        {
            if grace {
                let device = DeviceId::from_u128(who);
                let restored = self.devices[&device].lost.is_some_and(|(_, restored)| restored);
                self.forget(device, if restored { EndReason::ServerStopped } else { EndReason::ConnectionLost });
            } else {
                let chair = self.talk_mut(CallId::from_u128(who)).chair_mut(UserId::from_u128(user));
                chair.place = Place::Out(SeatState::Missed);
            }
            self.apply_rules();
        }
    }

    pub(crate) fn forget(&mut self, device: DeviceId, why: EndReason) {
        self.devices.remove(&device);
        self.warm.retain(|leg| leg.1 != device);
        for talk in self.talks.iter_mut().filter(|talk| talk.over.is_none()) {
            if let Some(user) = talk.chairs.iter().find(|chair| chair.device() == Some(device)).map(|chair| chair.user) {
                talk.leave(user, why);
            }
        }
        self.apply_rules();
    }

    pub(crate) fn apply_rules(&mut self) {
        loop {
            self.talks.iter_mut().filter(|talk| talk.over.is_none()).for_each(Talk::judge);
            let all: BTreeSet<UserId> = self.talks.iter().flat_map(|talk| &talk.chairs).map(|chair| chair.user).collect();
            let engaged: Vec<UserId> = all.into_iter().filter(|&user| self.active_call(user).is_some()).collect();
            let mut changed = false;
            for talk in self.talks.iter_mut().filter(|talk| talk.over.is_none()) {
                for chair in talk.chairs.iter_mut().filter(|chair| engaged.contains(&chair.user)) {
                    if let Place::Asked { waiting: false, .. } = chair.place {
                        chair.place = Place::Out(SeatState::Busy);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let rings: BTreeSet<_> = self.rings().into_iter().collect();
        self.warm.retain(|leg| rings.contains(leg));
    }

    pub(crate) fn lost(&mut self, device: DeviceId) {
        let until = self.now + GRACE_MS;
        if let Some(gadget) = self.devices.get_mut(&device) {
            gadget.lost.get_or_insert((until, false));
        }
    }

    pub(crate) fn returned(&mut self, device: DeviceId) {
        if let Some(gadget) = self.devices.get_mut(&device) {
            (gadget.lost, gadget.deaf) = (None, false);
        }
    }

    /// What is over by then ends after this: nothing is told to a device that is gone.
    pub(crate) fn gone(&mut self, now: u64, device: DeviceId) {
        self.now = self.now.max(now);
        self.forget(device, EndReason::ConnectionLost);
        self.tick(now);
    }

    /// The machine is started again with what was recorded.
    pub(crate) fn restart(&mut self, now: u64) {
        self.put_back(now);
        self.apply_rules();
        self.tick(now);
    }

    /// What was recorded is put back, and nothing has come of it yet. Devices without a seat are not known.
    pub(crate) fn put_back(&mut self, now: u64) {
        self.now = now;
        self.warm.clear();
        let seated: BTreeSet<_> = self.seated(|_, _| true).into_iter().map(|(_, device)| device).collect();
        self.devices.retain(|device, _| seated.contains(device));
        for gadget in self.devices.values_mut() {
            (gadget.lost, gadget.deaf) = (Some((now + GRACE_MS, true)), true);
        }
        let before = self.clone();
        for talk in &mut self.talks {
            talk.forgotten |= talk.over.is_some();
            talk.last_left = EndReason::ServerStopped;
            for chair in &mut talk.chairs {
                chair.reports.clear();
                chair.media = MediaState::default();
                chair.overtaken = false;
                match &mut chair.place {
                    Place::Asked { waiting, .. } => *waiting = before.active_call(chair.user).is_some(),
                    Place::In { leg, .. } => *leg = false,
                    Place::Out(_) => {}
                }
            }
        }
    }
}
