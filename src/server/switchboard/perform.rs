//! What the call machine wants done.

use std::sync::Arc;
use std::time::Duration;

use switchboard_calls::{Output, Record};
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{Event, Person};

use super::actor::Actor;
use super::translate::{self, millis};
use crate::media_driver::LegId;

impl Actor {
    /// Performs what the call machine has put out, to the last.
    pub(super) fn perform_all(&mut self) {
        loop {
            while let Some(output) = self.calls.poll_output() {
                self.perform(output);
            }
            if self.moved.is_empty() && self.changed.is_empty() && self.heard.is_empty() {
                return;
            }
            self.show_moved();
            self.show_changed();
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Ring { call, device, rings_for, waiting } => self.ring(call, device, rings_for, waiting),
            Output::StopRinging { call, device, why, by } => {
                let device_name = by.and_then(|by| self.label(by));
                self.tell(device, Event::RingingStopped { call, why: translate::ring_stop(why), device: device_name });
            }
            Output::SeatChanged { call, seat, to } => {
                self.moved.insert(seat.user);
                self.changed.insert(call);
                let event = Arc::new(Event::Seat { call, seat: self.seat(call, seat) });
                for device in to {
                    self.tell(device, event.clone());
                }
            }
            Output::OpenGate { call, device } => {
                // First what flows through it, so that nothing is shown for a moment that is switched off.
                self.arrange(call);
                if let Some((id, _)) = self.legs.of(call, device) {
                    self.media.open_gate(id);
                }
            }
            Output::CloseGate { call, device } => {
                if let Some((id, _)) = self.legs.of(call, device) {
                    self.media.close_gate(id);
                }
            }
            Output::RemoveLeg { call, device } => self.remove_leg(call, device),
            Output::PutOut { call, device, why } => {
                let (why, to) = translate::put_out(why);
                let to = to.and_then(|to| self.label(to));
                self.tell(device, Event::CallLeft { call, why, device: to });
            }
            Output::ScreenTaken { call, device, by } => self.tell(device, Event::ScreenTaken { call, by }),
            Output::Ended { call, reason, duration, to } => {
                let duration_ms = millis(duration);
                tracing::info!(%call, ?reason, duration_ms, "ended");
                for device in to {
                    self.tell(device, Event::CallEnded { call, reason: translate::end_reason(reason), duration_ms });
                }
                let party = self.legs.end(call);
                self.moved.extend(party.into_iter().flat_map(|party| party.names.into_keys()));
            }
            Output::DeviceExpired { device } => {
                tracing::debug!(%device, "did not come back");
                self.forget(device);
            }
            Output::Record(record) => {
                match &record {
                    Record::SeatState { call, user, .. } => {
                        self.moved.insert(*user);
                        self.changed.insert(*call);
                    }
                    // Everyone's list names everyone.
                    Record::Seated { call, .. } => {
                        self.moved.extend(self.legs.party(*call).into_iter().flat_map(|party| party.names.keys()))
                    }
                    _ => {}
                }
                self.tally.record(&record);
                self.traces.record(&record);
                self.historian.record(record);
            }
        }
    }

    /// Rings a device; `waiting` when its user is active in another call.
    pub(super) fn ring(&mut self, call: CallId, device: DeviceId, rings_for: Duration, waiting: bool) {
        if let Some(ring) = self.incoming_call(call, device, rings_for, waiting) {
            self.tell(device, ring);
        }
    }

    fn incoming_call(&self, call: CallId, device: DeviceId, rings_for: Duration, waiting: bool) -> Option<Event> {
        let callee = self.presence.device(device)?.user;
        let view = self.calls.call(call)?;
        let names = &self.legs.party(call)?.names;
        let others = names.keys().filter(|user| **user != callee && **user != view.caller);
        let blocked = names.keys().copied().filter(|user| self.presence.has_blocked(callee, *user));
        Some(Event::IncomingCall {
            call,
            kind: translate::kind_out(view.kind),
            from: self.person(call, view.caller),
            others: others.map(|user| self.person(call, *user)).collect(),
            rings_for_ms: millis(rings_for),
            waiting,
            blocked: blocked.collect(),
        })
    }

    /// Someone in a call as the others see them.
    pub(super) fn person(&self, call: CallId, user: UserId) -> Person {
        let name = self.legs.party(call).and_then(|party| party.names.get(&user));
        Person { id: user, name: name.cloned().unwrap_or_default() }
    }

    pub(super) fn remove_leg(&mut self, call: CallId, device: DeviceId) {
        if let Some((id, _)) = self.legs.of(call, device) {
            self.legs.remove(id);
            self.changed.insert(call);
            self.media.remove_leg(id);
            self.leg_gone(id);
        }
    }

    /// A leg is gone, for all who count legs.
    pub(super) fn leg_gone(&mut self, id: LegId) {
        self.media.leg_gone(id);
        self.tally.gone(id);
        self.traces.gone(id, self.clock);
    }
}
