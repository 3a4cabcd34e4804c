//! Drives the machine and the reference with the same random transitions and compares them after every one.
//!
//! `PROPTEST_CASES` sets how many cases are played. The seed is constant; a case that fails is printed in its smallest form.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

use crate::reference::{MAX_CALLEES, RING_FOR_MS, Reference};
use crate::watch::Watch;

const USERS: u128 = 5;
/// How many cases unless the environment says otherwise: a few seconds without optimisation.
const CASES: u32 = 2_000;

/// One transition. Numbers pick, modulo their count, among what is there; `wild` picks among everything, fitting or not.
#[derive(Debug, Clone)]
enum Step {
    Place {
        device: usize,
        callees: u8,
        blocked: u8,
        media: MediaState,
    },
    Accept {
        pick: usize,
        wild: bool,
        media: MediaState,
    },
    Decline {
        pick: usize,
        wild: bool,
    },
    Cancel {
        pick: usize,
        wild: bool,
    },
    HangUp {
        pick: usize,
        wild: bool,
    },
    MediaLost {
        pick: usize,
        wild: bool,
    },
    SetMedia {
        pick: usize,
        wild: bool,
        media: MediaState,
    },
    Appear {
        user: u128,
    },
    Gone {
        pick: usize,
    },
    /// Time passes unnoticed by the machine, until the next step.
    Pass {
        ms: u64,
    },
    /// The next deadline is reached, unnoticed by the machine until the next step.
    LateTimer,
    Timeout,
    Deadline,
    ClockBack {
        ms: u64,
    },
    Stop,
}

fn media() -> impl Strategy<Value = MediaState> {
    any::<(bool, bool, bool)>().prop_map(|(microphone, camera, screen)| MediaState { microphone, camera, screen })
}

fn step() -> impl Strategy<Value = Step> {
    let pick = || (any::<usize>(), proptest::bool::weighted(0.15));
    prop_oneof![
        24 => (any::<usize>(), any::<u8>(), any::<u8>(), any::<u8>(), media()).prop_map(|(device, callees, a, b, media)| {
            Step::Place { device, callees, blocked: a & b, media }
        }),
        16 => (pick(), media()).prop_map(|((pick, wild), media)| Step::Accept { pick, wild, media }),
        8 => pick().prop_map(|(pick, wild)| Step::Decline { pick, wild }),
        3 => pick().prop_map(|(pick, wild)| Step::Cancel { pick, wild }),
        8 => pick().prop_map(|(pick, wild)| Step::HangUp { pick, wild }),
        3 => pick().prop_map(|(pick, wild)| Step::MediaLost { pick, wild }),
        5 => (pick(), media()).prop_map(|((pick, wild), media)| Step::SetMedia { pick, wild, media }),
        7 => (1..=USERS).prop_map(|user| Step::Appear { user }),
        6 => any::<usize>().prop_map(|pick| Step::Gone { pick }),
        8 => (0..20_000_u64).prop_map(|ms| Step::Pass { ms }),
        3 => Just(Step::LateTimer),
        3 => Just(Step::Timeout),
        3 => Just(Step::Deadline),
        1 => (1..50_000_u64).prop_map(|ms| Step::ClockBack { ms }),
        1 => proptest::bool::weighted(0.3).prop_map(|stop| if stop { Step::Stop } else { Step::Timeout }),
    ]
}

struct Play {
    machine: Calls,
    expected: Reference,
    watch: Watch,
    now: Timestamp,
    devices: u128,
}

impl Play {
    fn new() -> Self {
        let config = Config { ring_for: Duration::from_millis(RING_FOR_MS), max_callees: MAX_CALLEES, ..Config::default() };
        let now = Timestamp(100_000);
        let expected = Reference::at(now.as_millis());
        let mut play = Self { machine: Calls::new(config), expected, watch: Watch::default(), now, devices: 0 };
        for user in (1..=USERS).chain(1..=USERS) {
            play.step(&Step::Appear { user });
        }
        play
    }

    fn endpoint(&self, device: DeviceId) -> Endpoint {
        Endpoint { user: self.expected.online[&device], device }
    }

    /// A device and a call: one of `fitting`, or when there is none, or the step is wild, of all.
    fn pick(&self, pick: usize, wild: bool, fitting: &[(CallId, DeviceId)]) -> (CallId, Endpoint) {
        if !wild && !fitting.is_empty() {
            let (call, device) = fitting[pick % fitting.len()];
            return (call, self.endpoint(device));
        }
        let devices = self.expected.online.len();
        // Call 0 is never placed.
        let call = CallId::from_u128((pick / devices % (self.expected.talks.len() + 1)) as u128);
        (call, self.endpoint(self.device(pick)))
    }

    fn device(&self, pick: usize) -> DeviceId {
        *self.expected.online.keys().nth(pick % self.expected.online.len()).expect("someone is online")
    }

    fn step(&mut self, step: &Step) {
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
        let needs_a_device = !matches!(step, Step::Appear { .. } | Step::Timeout | Step::Deadline | Step::Stop);
        if needs_a_device && self.expected.online.is_empty() {
            return;
        }
        let before = self.expected.clone();
        if !matches!(step, Step::Gone { .. }) {
            self.expected.tick(self.now.as_millis());
        }
        let placed = self.act(step, &before);
        while let Some(output) = self.machine.poll_output() {
            self.watch.output(output, &before, &self.expected, placed);
        }
        self.check();
    }

    /// Gives a step to both. Returns the call and device of a call it placed.
    fn act(&mut self, step: &Step, before: &Reference) -> Option<(CallId, DeviceId)> {
        let now = self.now;
        match *step {
            Step::Place { device, callees, blocked, media } => {
                let device = self.device(device);
                let caller = self.endpoint(device);
                let call = CallId::from_u128(self.expected.talks.len() as u128 + 1);
                let bit = |bits: u8, user: u128| bits >> user & 1 == 1;
                let chosen = (1..=USERS).filter(|&user| bit(callees, user) && !(UserId::from_u128(user) == caller.user && bit(callees, 6)));
                let callees: Vec<_> = chosen.map(|user| (UserId::from_u128(user), !bit(blocked, user))).collect();
                let expected = self.expected.place(call, caller, media, &callees);
                let devices_of = |user| before.online.iter().filter(move |online| *online.1 == user).map(|online| *online.0).collect();
                let callees = callees.iter().map(|&(user, allowed)| Callee { user, devices: devices_of(user), allowed }).collect();
                let seats = self.machine.place(now, Place { call, kind: CallKind::Video, caller, media, callees });
                same(&seats, expected);
                if let Ok(seats) = seats {
                    self.watch.seated(call, device, seats);
                    return Some((call, device));
                }
            }
            Step::Accept { pick, wild, media } => {
                let (call, who) = self.pick(pick, wild, &before.rings());
                let expected = self.expected.accept(call, who, media);
                let seats = self.machine.accept(now, call, who, media);
                same(&seats, expected);
                if let Ok(seats) = seats {
                    self.watch.answered(call, who.device);
                    self.watch.seated(call, who.device, seats);
                }
            }
            Step::Decline { pick, wild } => {
                let (call, who) = self.pick(pick, wild, &before.rings());
                let done = self.machine.decline(now, call, who);
                same(&done, self.expected.decline(call, who));
                if done.is_ok() {
                    self.watch.answered(call, who.device);
                }
            }
            Step::Cancel { pick, wild } => {
                let (call, who) = self.pick(pick, wild, &before.seated());
                same(&self.machine.cancel(now, call, who), self.expected.cancel(call, who));
            }
            Step::HangUp { pick, wild } => {
                let (call, who) = self.pick(pick, wild, &before.seated());
                same(&self.machine.hang_up(now, call, who), self.expected.hang_up(call, who));
            }
            Step::MediaLost { pick, wild } => {
                let (call, who) = self.pick(pick, wild, &before.seated());
                same(&self.machine.media_lost(now, call, who), self.expected.media_lost(call, who));
            }
            Step::SetMedia { pick, wild, media } => {
                let (call, who) = self.pick(pick, wild, &before.seated());
                let done = self.machine.set_media(now, call, who, media);
                same(&done, self.expected.set_media(call, who, media));
                if done.is_ok() {
                    self.watch.switched(call, who.device, media);
                }
            }
            Step::Appear { user } => {
                self.devices += 1;
                let who = Endpoint { user: UserId::from_u128(user), device: DeviceId::from_u128(self.devices) };
                self.expected.online.insert(who.device, who.user);
                self.machine.device_appeared(now, who);
            }
            Step::Gone { pick } => {
                let device = self.device(pick);
                self.expected.gone(now.as_millis(), device);
                self.watch.gone(device);
                self.machine.device_gone(now, device);
            }
            Step::Stop => {
                self.expected.stop();
                self.machine.stop(now);
            }
            Step::Timeout | Step::Deadline => self.machine.handle_timeout(now),
            Step::Pass { .. } | Step::LateTimer | Step::ClockBack { .. } => {}
        }
        None
    }

    fn check(&self) {
        let expected = &self.expected;
        self.watch.check(expected);
        for talk in &expected.talks {
            assert_eq!(self.machine.seats(talk.id), talk.over.is_none().then(|| expected.seats(talk)));
            let answered = self.machine.call(talk.id).map(|view| view.answered_at.map(Timestamp::as_millis));
            assert_eq!(answered, talk.over.is_none().then_some(talk.answered));
        }
        let seated = expected.seated();
        for &device in expected.online.keys() {
            let call = seated.iter().find(|leg| leg.1 == device).map(|leg| leg.0);
            assert_eq!(self.machine.call_of_device(device), call);
        }
        let asking = expected.going_on().filter(|talk| talk.count(|place| place == crate::reference::Place::Asked) > 0);
        assert_eq!(self.machine.poll_timeout(), asking.map(|talk| Timestamp(talk.deadline)).min());
        let answered = expected.going_on().filter(|talk| talk.answered.is_some()).count();
        assert_eq!(self.machine.active_calls(), answered);
        assert_eq!(self.machine.ringing_calls(), expected.going_on().count() - answered);
        assert_eq!(self.machine.is_idle(), expected.going_on().next().is_none());
    }

    /// Lets every ring run out and everyone leave: nothing may remain.
    fn finish(mut self) {
        while self.machine.poll_timeout().is_some() {
            self.step(&Step::Deadline);
        }
        for pick in 0.. {
            match self.expected.seated().is_empty() {
                true => break,
                false if pick % 2 == 0 => self.step(&Step::HangUp { pick, wild: false }),
                false => self.step(&Step::Gone { pick }),
            }
        }
        assert!(self.machine.is_idle());
        assert!(self.expected.talks.iter().all(|talk| talk.over.is_some()));
    }
}

/// Both did it, or both refused it for the same reason.
fn same<T, E: std::fmt::Debug>(got: &Result<T, E>, expected: Result<(), &'static str>) {
    let got = got.as_ref().map(|_| ()).map_err(|error| format!("{error:?}"));
    let got = got.as_ref().map(|_| ()).map_err(|name| name.split(' ').next().unwrap_or_default());
    assert_eq!(got, expected.as_ref().map(|_| ()).map_err(|name| *name));
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(0x5eed), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_machine_does_what_the_reference_does_and_keeps_every_law(steps in prop::collection::vec(step(), 1..60)) {
        let mut play = Play::new();
        for step in &steps {
            play.step(step);
        }
        play.finish();
    }
}
