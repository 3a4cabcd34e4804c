//! What the call machine wants done.

use switchboard_calls::Output;
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{Event, Person};

use super::actor::Actor;
use super::translate;

impl Actor {
    /// Performs what the call machine has put out, to the last.
    pub(super) fn perform_all(&mut self) {
        while let Some(output) = self.calls.poll_output() {
            self.perform(output);
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Ring { call, device, rings_for } => {
                let rings_for_ms = u64::try_from(rings_for.as_millis()).unwrap_or(u64::MAX);
                if let Some(ring) = self.incoming_call(call, device, rings_for_ms) {
                    self.tell(device, ring);
                }
            }
            Output::StopRinging { call, device, why } => self.tell(device, Event::RingingStopped { call, why: translate::ring_stop(why) }),
            Output::SeatChanged { call, seat, to } => {
                let seat = self.seat(call, seat);
                for device in to {
                    self.tell(device, Event::Seat { call, seat: seat.clone() });
                }
            }
            Output::OpenGate { call, device } => {
                if let Some((id, leg)) = self.legs.of(call, device) {
                    self.media.open_gate(id, leg.group);
                }
            }
            Output::RemoveLeg { call, device } => {
                if let Some((id, leg)) = self.legs.of(call, device) {
                    self.legs.remove(id);
                    self.media.remove_leg(id, leg.group);
                    self.media.leg_gone(leg.group);
                }
            }
            Output::Ended { call, reason, duration, to } => {
                let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                tracing::info!(%call, ?reason, duration_ms, "ended");
                for device in to {
                    self.tell(device, Event::CallEnded { call, reason: translate::end_reason(reason), duration_ms });
                }
                self.legs.end(call);
            }
            Output::Record(record) => self.historian.record(record),
        }
    }

    fn incoming_call(&self, call: CallId, device: DeviceId, rings_for_ms: u64) -> Option<Event> {
        let callee = self.presence.device(device)?.user;
        let view = self.calls.call(call)?;
        let names = &self.legs.party(call)?.names;
        let others = names.keys().filter(|user| **user != callee && **user != view.caller);
        Some(Event::IncomingCall {
            call,
            kind: translate::kind_out(view.kind),
            from: self.person(call, view.caller),
            others: others.map(|user| self.person(call, *user)).collect(),
            rings_for_ms,
        })
    }

    /// Someone in a call as the others see them.
    pub(super) fn person(&self, call: CallId, user: UserId) -> Person {
        let name = self.legs.party(call).and_then(|party| party.names.get(&user));
        Person { id: user, name: name.cloned().unwrap_or_default() }
    }
}
