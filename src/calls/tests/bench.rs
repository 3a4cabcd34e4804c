//! A bench with five people, two devices each, on which calls are placed in a few words.

use std::time::Duration;

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

/// Someone with a laptop and a phone, both connected at the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Someone {
    pub(crate) user: UserId,
    pub(crate) laptop: Endpoint,
    pub(crate) phone: Endpoint,
}

impl Someone {
    /// Someone who is called on both devices, and not while in another call.
    pub(crate) fn called(&self) -> Callee {
        Callee { user: self.user, devices: vec![self.laptop.device, self.phone.device], allowed: true, waiting: false }
    }
}

const fn someone(number: u128) -> Someone {
    let user = UserId::from_u128(number);
    let laptop = Endpoint { user, device: DeviceId::from_u128(number * 10 + 1) };
    let phone = Endpoint { user, device: DeviceId::from_u128(number * 10 + 2) };
    Someone { user, laptop, phone }
}

pub(crate) const ALICE: Someone = someone(1);
pub(crate) const BOB: Someone = someone(2);
pub(crate) const CAROL: Someone = someone(3);
pub(crate) const DAVE: Someone = someone(4);
pub(crate) const EVE: Someone = someone(5);

pub(crate) const VOICE: MediaState = MediaState { microphone: true, camera: false, screen: false };
pub(crate) const PICTURE: MediaState = MediaState { microphone: true, camera: true, screen: false };
pub(crate) const RING_FOR: Duration = Duration::from_secs(45);
pub(crate) const GRACE: Duration = Duration::from_secs(20);
pub(crate) const MOMENT: Duration = Duration::from_millis(1);

/// The machine, its clock, and what it said that the test has not looked at.
pub(crate) struct Bench {
    pub(crate) calls: Calls,
    pub(crate) now: Timestamp,
    placed: u128,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self { calls: Calls::new(config), now: Timestamp(1_000_000), placed: 0 }
    }

    /// A call from the laptop of `caller` to all devices of `callees`, not yet given to the machine.
    pub(crate) fn order(&mut self, caller: Someone, callees: &[Someone]) -> Place {
        self.placed += 1;
        let callees = callees.iter().map(Someone::called).collect();
        Place { call: CallId::from_u128(self.placed), kind: CallKind::Video, caller: caller.laptop, media: VOICE, callees }
    }

    /// Places a call as [`Bench::order`] does; what the machine says to it stays to be looked at.
    pub(crate) fn place(&mut self, caller: Someone, callees: &[Someone]) -> CallId {
        let place = self.order(caller, callees);
        let call = place.call;
        self.calls.place(self.now, place).expect("the caller is free");
        call
    }

    /// Places a call, and forgets what was said to it.
    pub(crate) fn ringing(&mut self, caller: Someone, callees: &[Someone]) -> CallId {
        let call = self.place(caller, callees);
        self.said();
        call
    }

    /// A call that all callees accepted on their laptops.
    pub(crate) fn talking(&mut self, caller: Someone, callees: &[Someone]) -> CallId {
        let call = self.place(caller, callees);
        for callee in callees {
            self.accept(call, callee.laptop);
        }
        self.said();
        call
    }

    pub(crate) fn accept(&mut self, call: CallId, who: Endpoint) -> Vec<SeatView> {
        self.calls.accept(self.now, call, who, VOICE, None).expect("the call rings there")
    }

    pub(crate) fn decline(&mut self, call: CallId, who: Endpoint) {
        self.calls.decline(self.now, call, who).expect("the call rings there");
    }

    pub(crate) fn hang_up(&mut self, call: CallId, who: Endpoint) {
        self.calls.hang_up(self.now, call, who).expect("the device is in the call");
    }

    pub(crate) fn gone(&mut self, who: Endpoint) {
        self.calls.device_gone(self.now, who.device);
    }

    pub(crate) fn lost(&mut self, who: Endpoint) {
        self.calls.device_lost(self.now, who.device);
    }

    pub(crate) fn resumed(&mut self, who: Endpoint) {
        self.calls.device_resumed(self.now, who.device);
    }

    pub(crate) fn hold(&mut self, call: CallId, who: Endpoint) {
        self.calls.hold(self.now, call, who).expect("the device is active in the call");
    }

    pub(crate) fn join(&mut self, call: CallId, who: Endpoint) -> Vec<SeatView> {
        self.calls.join(self.now, call, who, VOICE, None).expect("they have a seat and are in no other call")
    }

    pub(crate) fn invite(&mut self, call: CallId, who: Endpoint, callees: &[Someone]) {
        let callees = callees.iter().map(Someone::called).collect();
        self.calls.invite(self.now, call, who, callees).expect("the device is in the call, and they are not");
    }

    /// A call to people who may be offered one while in another.
    pub(crate) fn offered(&mut self, caller: Someone, callees: &[Someone]) -> CallId {
        let mut place = self.order(caller, callees);
        place.callees.iter_mut().for_each(|callee| callee.waiting = true);
        let call = place.call;
        self.calls.place(self.now, place).expect("the caller is free");
        call
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
        self.calls.handle_timeout(self.now);
    }

    /// What the machine said since the last look, history left out.
    pub(crate) fn said(&mut self) -> Vec<Output> {
        self.outputs().into_iter().filter(|output| !matches!(output, Output::Record(_))).collect()
    }

    /// The history since the last look, and nothing else.
    pub(crate) fn history(&mut self) -> Vec<Record> {
        let records = self.outputs().into_iter().filter_map(|output| match output {
            Output::Record(record) => Some(record),
            _ => None,
        });
        records.collect()
    }

    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.calls.poll_output()).collect()
    }

    pub(crate) fn state(&self, call: CallId, who: Someone) -> SeatState {
        self.seat(call, who).state
    }

    pub(crate) fn seat(&self, call: CallId, who: Someone) -> SeatView {
        let seats = self.calls.seats(call).expect("the call goes on");
        *seats.iter().find(|seat| seat.user == who.user).expect("they have a seat")
    }
}

/// How a seat stood when it was told, by user and state.
pub(crate) fn seat_changes(said: &[Output]) -> Vec<(UserId, SeatState, Vec<DeviceId>)> {
    let changes = said.iter().filter_map(|output| match output {
        Output::SeatChanged { seat, to, .. } => Some((seat.user, seat.state, to.clone())),
        _ => None,
    });
    changes.collect()
}

/// On how many devices a seat rang when it was told, by user. Anything else that was said fails.
pub(crate) fn counts(said: &[Output]) -> Vec<(UserId, u32)> {
    let counts = said.iter().map(|output| match output {
        Output::SeatChanged { seat, .. } => (seat.user, seat.ringing_on),
        other => panic!("not a seat: {other:?}"),
    });
    counts.collect()
}

pub(crate) fn stops(said: &[Output]) -> Vec<(DeviceId, RingStop)> {
    let stops = said.iter().filter_map(|output| match output {
        Output::StopRinging { device, why, .. } => Some((*device, *why)),
        _ => None,
    });
    stops.collect()
}

pub(crate) fn rings(said: &[Output]) -> Vec<DeviceId> {
    let rings = said.iter().filter_map(|output| match output {
        Output::Ring { device, .. } => Some(*device),
        _ => None,
    });
    rings.collect()
}

pub(crate) fn gates(said: &[Output]) -> Vec<DeviceId> {
    let gates = said.iter().filter_map(|output| match output {
        Output::OpenGate { device, .. } => Some(*device),
        _ => None,
    });
    gates.collect()
}

pub(crate) fn closed_gates(said: &[Output]) -> Vec<DeviceId> {
    let gates = said.iter().filter_map(|output| match output {
        Output::CloseGate { device, .. } => Some(*device),
        _ => None,
    });
    gates.collect()
}

pub(crate) fn put_out(said: &[Output]) -> Vec<(DeviceId, PutOut)> {
    let put_out = said.iter().filter_map(|output| match output {
        Output::PutOut { device, why, .. } => Some((*device, *why)),
        _ => None,
    });
    put_out.collect()
}

pub(crate) fn expired(said: &[Output]) -> Vec<DeviceId> {
    let expired = said.iter().filter_map(|output| match output {
        Output::DeviceExpired { device } => Some(*device),
        _ => None,
    });
    expired.collect()
}

pub(crate) fn removed_legs(said: &[Output]) -> Vec<DeviceId> {
    let legs = said.iter().filter_map(|output| match output {
        Output::RemoveLeg { device, .. } => Some(*device),
        _ => None,
    });
    legs.collect()
}

/// The end of the one call that ended.
pub(crate) fn end(said: &[Output]) -> Option<(EndReason, Duration, Vec<DeviceId>)> {
    let mut ends = said.iter().filter_map(|output| match output {
        Output::Ended { reason, duration, to, .. } => Some((*reason, *duration, to.clone())),
        _ => None,
    });
    let end = ends.next();
    assert!(ends.next().is_none(), "more than one end in {said:?}");
    end
}
