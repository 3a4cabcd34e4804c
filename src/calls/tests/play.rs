//! Plays the same transitions to the machine and to the reference, and compares them after every one.

use std::time::Duration;

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::reference::{GRACE_MS, Gadget, MAX_CALLEES, MAX_SEATS, Outcome, Place as Stands, RING_FOR_MS, Reference};
use crate::step::{Bits, Pick, Step};
use crate::watch::Watch;

pub(crate) const USERS: u128 = 5;
pub(crate) struct Play {
    machine: Calls,
    pub(crate) config: Config,
    expected: Reference,
    pub(crate) watch: Watch,
    pub(crate) now: Timestamp,
    devices: u128,
    /// The device that leaves a call by this step, and the call goes on.
    leaves: Option<(CallId, DeviceId)>,
}

impl Play {
    pub(crate) fn new(max_held: usize) -> Self {
        let config = Config {
            ring_for: Duration::from_millis(RING_FOR_MS),
            grace: Duration::from_millis(GRACE_MS),
            max_callees: MAX_CALLEES,
            max_seats: MAX_SEATS,
            max_held,
            ..Config::default()
        };
        let now = Timestamp(100_000);
        let expected = Reference::at(now.as_millis(), max_held);
        let mut play = Self { machine: Calls::new(config), config, expected, watch: Watch::default(), now, devices: 0, leaves: None };
        for user in (1..=USERS).chain(1..=USERS) {
            play.step(&Step::Appear { user });
        }
        play
    }

    fn endpoint(&self, device: DeviceId) -> Endpoint {
        Endpoint { user: self.expected.devices[&device].user, device }
    }

    /// A device and a call: one of `fitting`, if there is one, or of all when the pick is wild.
    fn pick(&self, Pick { pick, wild }: Pick, fitting: &[(CallId, DeviceId)]) -> Option<(CallId, Endpoint)> {
        if !wild {
            let (call, device) = *fitting.get(pick.checked_rem(fitting.len())?)?;
            return Some((call, self.endpoint(device)));
        }
        let devices = self.expected.devices.len();
        // Call 0 is never placed.
        let call = CallId::from_u128((pick / devices % (self.expected.talks.len() + 1)) as u128);
        Some((call, self.endpoint(self.device(pick))))
    }

    fn device(&self, pick: usize) -> DeviceId {
        *self.expected.devices.keys().nth(pick % self.expected.devices.len()).expect("there is a device")
    }

    fn callees(&self, who: UserId, callees: Bits) -> Vec<Callee> {
        let Bits { users, blocked, waiting } = callees;
        let bit = |bits: u8, user: u128| bits >> user & 1 == 1;
        let oneself = |user: u128| UserId::from_u128(user) == who && bit(users, 6) && bit(users, 7);
        let chosen = (1..=USERS).filter(|&user| bit(users, user) && (UserId::from_u128(user) != who || oneself(user)));
        let callee = |user: u128| {
            let (user, allowed, waiting) = (UserId::from_u128(user), !bit(blocked, user), bit(waiting, user));
            Callee { user, devices: self.expected.devices_of(user), allowed, waiting }
        };
        chosen.map(callee).collect()
    }

    pub(crate) fn step(&mut self, step: &Step) {
        match *step {
            Step::Pass { ms } => {
                self.now = self.now.saturating_add(Duration::from_millis(ms));
                return;
            }
            Step::LateTimer => {
                self.now = self.machine.poll_timeout().unwrap_or(self.now);
                return;
            }
            Step::ClockBack { ms } => {
                self.now = Timestamp(self.now.as_millis().saturating_sub(ms));
                return;
            }
            Step::Deadline => self.now = self.machine.poll_timeout().unwrap_or(self.now),
            _ => {}
        }
        // What has ended by then is told before the reply to a device that may be in the call already, or get a leg anew.
        if matches!(step, Step::Join { .. } | Step::Invite { .. }) {
            self.machine.handle_timeout(self.now);
            self.expected.tick(self.now.as_millis());
            self.drain(&self.expected.clone(), None);
        }
        if !matches!(step, Step::Gone { .. } | Step::Restart) {
            self.expected.tick(self.now.as_millis());
        }
        let needs_a_device = !matches!(step, Step::Appear { .. } | Step::Timeout | Step::Deadline | Step::Restart);
        if needs_a_device && self.expected.devices.is_empty() {
            self.machine.handle_timeout(self.now);
            self.drain(&self.expected.clone(), None);
            return;
        }
        let before = self.expected.clone();
        let actor = self.act(step, &before);
        if actor.is_none() {
            self.machine.handle_timeout(self.now);
        }
        self.drain(&before, actor);
        if let Some((call, device)) = self.leaves.take() {
            self.watch.left(call, device);
        }
        self.check();
    }

    fn drain(&mut self, before: &Reference, actor: Option<Endpoint>) {
        while let Some(output) = self.machine.poll_output() {
            self.watch.output(output, before, &self.expected, actor);
        }
    }

    /// A device went out of a call by its own wish: it knows, unless the call ended by that.
    fn left(&mut self, before: &Reference, call: CallId, device: DeviceId) {
        let in_it = |reference: &Reference| reference.seated(|_, _| true).contains(&(call, device));
        if in_it(before) && !in_it(&self.expected) && self.expected.talk(call).is_some_and(|talk| talk.over.is_none()) {
            self.leaves = Some((call, device));
        }
    }

    /// What becomes, on the device's own screen, of the call its user was in.
    fn put_aside(&mut self, before: &Reference, call: CallId, who: Endpoint, current: Option<Current>) {
        let Some(other) = before.active_call(who.user).filter(|other| *other != call) else { return };
        self.left(before, other, who.device);
        let held = self.expected.seated(|_, place| matches!(place, Stands::In { held: true, .. }));
        if current == Some(Current::Hold) && held.contains(&(other, who.device)) {
            self.watch.own_seat(other, who.device, who.user, goes_on_hold);
        }
    }

    /// Gives a step to both. Returns the device that did it, if one did.
    fn act(&mut self, step: &Step, before: &Reference) -> Option<Endpoint> {
        let now = self.now;
        let seated = || before.seated(|_, _| true);
        let actor = match *step {
            Step::Place { device, callees, media } => {
                let caller = self.endpoint(self.device(device));
                let call = CallId::from_u128(self.expected.talks.len() as u128 + 1);
                let callees = self.callees(caller.user, callees);
                let users: Vec<_> = callees.iter().map(|callee| callee.user).collect();
                let expected = self.expected.place(call, caller, media, &callees);
                let seats = self.machine.place(now, Place { call, kind: CallKind::Video, caller, media, callees });
                if let Err(PlaceError::Glare { call }) = seats {
                    assert_eq!(self.machine.glare(caller.user, &users), Some(call));
                }
                if let Some(seats) = same(seats, expected) {
                    self.watch.seated(call, caller.device, seats);
                }
                caller
            }
            Step::Invite { pick, callees } => {
                let (call, who) = self.pick(pick, &seated())?;
                let callees = self.callees(who.user, callees);
                let expected = self.expected.invite(call, who, &callees);
                same(self.machine.invite(now, call, who, callees), expected);
                who
            }
            Step::Warm { pick } => {
                let (call, who) = self.pick(pick, &before.rings())?;
                let expected = self.expected.warm(call, who);
                self.machine.handle_timeout(now);
                assert_eq!(self.machine.may_warm(call, who).is_ok(), expected.is_ok());
                if same(self.machine.warm(now, call, who), expected).is_some() {
                    self.watch.warmed(call, who.device);
                }
                who
            }
            Step::Accept { pick, media, current } => {
                let (call, who) = self.pick(pick, &before.rings())?;
                let expected = self.expected.accept(call, who, media, current);
                self.machine.handle_timeout(now);
                let may = self.machine.may_accept(call, who, current);
                let seats = self.machine.accept(now, call, who, media, current);
                assert_eq!(may.err(), seats.as_ref().err().copied());
                if let Some(seats) = same(seats, expected) {
                    self.watch.answered(call, who.device);
                    self.watch.seated(call, who.device, seats);
                    self.put_aside(before, call, who, current);
                }
                who
            }
            Step::Join { pick, media, current } => {
                let (call, who) = self.pick(pick, &before.joinable())?;
                let expected = self.expected.join(call, who, media, current);
                let may = self.machine.may_join(call, who, current);
                let seats = self.machine.join(now, call, who, media, current);
                assert_eq!(may.err(), seats.as_ref().err().copied());
                if let Some(seats) = same(seats, expected) {
                    self.watch.seated(call, who.device, seats);
                    self.put_aside(before, call, who, current);
                }
                who
            }
            Step::Hold { pick } => {
                let (call, who) = self.pick(pick, &before.seated(|_, place| matches!(place, Stands::In { held: false, .. })))?;
                let expected = self.expected.hold(call, who, true, None);
                if same(self.machine.hold(now, call, who), expected).is_some() {
                    self.watch.own_seat(call, who.device, who.user, goes_on_hold);
                }
                who
            }
            Step::Unhold { pick, current } => {
                let (call, who) = self.pick(pick, &before.seated(|_, place| matches!(place, Stands::In { held: true, .. })))?;
                let expected = self.expected.hold(call, who, false, current);
                if same(self.machine.unhold(now, call, who, current), expected).is_some() {
                    self.watch.own_seat(call, who.device, who.user, |seat| seat.state = SeatState::Active);
                    self.put_aside(before, call, who, current);
                }
                who
            }
            Step::Decline { pick } => {
                let (call, who) = self.pick(pick, &before.rings())?;
                let expected = self.expected.decline(call, who);
                if same(self.machine.decline(now, call, who), expected).is_some() {
                    self.watch.answered(call, who.device);
                }
                who
            }
            Step::Cancel { pick } => {
                let (call, who) = self.pick(pick, &seated())?;
                let expected = self.expected.cancel(call, who);
                same(self.machine.cancel(now, call, who), expected);
                who
            }
            Step::HangUp { pick } => {
                let (call, who) = self.pick(pick, &seated())?;
                let expected = self.expected.hang_up(call, who);
                same(self.machine.hang_up(now, call, who), expected);
                self.left(before, call, who.device);
                who
            }
            Step::MediaLost { pick } => {
                let (call, who) = self.pick(pick, &seated())?;
                let expected = self.expected.media_lost(call, who);
                same(self.machine.media_lost(now, call, who), expected);
                who
            }
            Step::SetMedia { pick, media } => {
                let (call, who) = self.pick(pick, &seated())?;
                let expected = self.expected.set_media(call, who, media);
                if same(self.machine.set_media(now, call, who, media), expected).is_some() {
                    // A device knows of its own seat what it says; that it shares no screen any more it has been told.
                    let chair = self.expected.talk(call).and_then(|talk| talk.chair(who.user)).expect("it goes on");
                    self.watch.own_seat(call, who.device, who.user, |seat| seat.media = chair.media);
                }
                who
            }
            Step::Report { pick, report } => {
                let (call, who) = self.pick(pick, &seated())?;
                let expected = self.expected.report(call, who, report);
                same(self.machine.report(now, call, who, report), expected);
                who
            }
            _ => {
                self.act_of_nobody(step);
                return None;
            }
        };
        Some(actor)
    }

    /// Devices come and go, time passes, the machine is started again.
    fn act_of_nobody(&mut self, step: &Step) {
        let now = self.now;
        match *step {
            Step::Appear { user } => {
                self.devices += 1;
                let who = Endpoint { user: UserId::from_u128(user), device: DeviceId::from_u128(self.devices) };
                self.expected.devices.insert(who.device, Gadget { user: who.user, lost: None, deaf: false });
                self.machine.device_appeared(now, who);
            }
            Step::Lost { pick } => {
                let device = self.device(pick);
                self.expected.lost(device);
                self.machine.device_lost(now, device);
            }
            Step::Return { pick } => {
                let lost: Vec<_> = self.expected.devices.iter().filter(|(_, gadget)| gadget.lost.is_some()).map(|(&id, _)| id).collect();
                let device = if lost.is_empty() { self.device(pick) } else { lost[pick % lost.len()] };
                let (who, deaf) = (self.endpoint(device), self.expected.devices[&device].deaf);
                self.expected.returned(device);
                self.machine.device_resumed(now, device);
                if deaf || pick % 2 == 0 {
                    self.machine.device_appeared(now, who);
                }
            }
            Step::Gone { pick } => {
                let device = self.device(pick);
                self.expected.gone(now.as_millis(), device);
                self.watch.gone(device);
                self.machine.device_gone(now, device);
            }
            Step::Restart => {
                // The clock of the next run may differ; its calls go on from the time they were left at.
                self.now = Timestamp(self.now.as_millis().max(self.expected.now));
                self.machine = Calls::new(self.config);
                let seated = self.expected.seated(|_, _| true);
                let devices: Vec<_> = self.expected.devices.keys().copied().collect();
                devices.iter().filter(|device| seated.iter().all(|leg| leg.1 != **device)).for_each(|&device| self.watch.gone(device));
                let mut back = self.expected.clone();
                back.put_back(self.now.as_millis());
                self.watch.restarted(&back);
                self.expected.restart(self.now.as_millis());
                self.machine.restore(self.now, self.watch.stories.running());
            }
            Step::Timeout | Step::Deadline => self.machine.handle_timeout(now),
            _ => {}
        }
    }

    fn check(&self) {
        let expected = &self.expected;
        self.watch.check(expected);
        for talk in &expected.talks {
            assert_eq!(self.machine.seats(talk.id), talk.over.is_none().then(|| expected.seats(talk, None)));
            let answered = self.machine.call(talk.id).map(|view| view.answered_at.map(Timestamp::as_millis));
            assert_eq!(answered, talk.over.is_none().then_some(talk.answered));
        }
        let (seated, rings) = (expected.seated(|_, _| true), expected.rings());
        let of = |legs: &[(CallId, DeviceId)], device| legs.iter().filter(|leg| leg.1 == device).map(|leg| leg.0).collect::<Vec<_>>();
        for (&device, gadget) in &expected.devices {
            let calls = of(&seated, device);
            assert_eq!(self.machine.holder(device), (!calls.is_empty()).then_some(gadget.user));
            let active = expected.active_call(gadget.user).filter(|call| calls.contains(call));
            assert_eq!(self.machine.active_call_of(device), active);
            assert_eq!(self.machine.calls_of_device(device), calls);
            let ringing = self.machine.rings_of_device(device);
            assert_eq!(ringing.iter().map(|ring| ring.0).collect::<Vec<_>>(), of(&rings, device));
        }
        for &(call, device) in &rings {
            assert_eq!(self.machine.is_warm(call, device), expected.warm.contains(&(call, device)));
        }
        for user in (1..=USERS).map(UserId::from_u128) {
            let mine = expected.going_on().filter_map(|talk| {
                let chair = talk.chair(user).filter(|chair| !chair.barred && !matches!(chair.place, Stands::Asked { .. }))?;
                Some((talk.id, expected.state(chair), chair.device()))
            });
            assert_eq!(self.machine.calls_of_user(user), mine.collect::<Vec<_>>());
        }
        assert_eq!(self.machine.poll_timeout(), expected.due().first().map(|due| Timestamp(due.0)));
        let answered = expected.going_on().filter(|talk| talk.answered.is_some()).count();
        assert_eq!(self.machine.active_calls(), answered);
        assert_eq!(self.machine.ringing_calls(), expected.going_on().count() - answered);
        assert_eq!(self.machine.is_idle(), expected.going_on().next().is_none());
    }

    /// Lets every ring and grace run out and everyone leave: nothing may remain.
    pub(crate) fn finish(mut self) {
        while self.machine.poll_timeout().is_some() {
            self.step(&Step::Deadline);
        }
        for pick in 0.. {
            match self.expected.seated(|_, _| true).is_empty() {
                true => break,
                false if pick % 2 == 0 => self.step(&Step::HangUp { pick: Pick { pick, wild: false } }),
                false => self.step(&Step::Gone { pick }),
            }
        }
        assert!(self.machine.is_idle());
        assert!(self.expected.talks.iter().all(|talk| talk.over.is_some()));
    }
}

/// Both did it, or both refused it for the same reason.
fn same<T, E: std::fmt::Debug>(got: Result<T, E>, expected: Outcome) -> Option<T> {
    let error = got.as_ref().map(|_| ()).map_err(|error| format!("{error:?}"));
    let error = error.as_ref().map(|_| ()).map_err(|name| name.split(' ').next().unwrap_or_default());
    assert_eq!(error, expected.as_ref().map(|_| ()).map_err(|name| *name));
    got.ok()
}

/// What a seat is when it is held: its share of a screen is over.
fn goes_on_hold(seat: &mut SeatView) {
    seat.state = SeatState::Held;
    seat.media.screen = false;
}
