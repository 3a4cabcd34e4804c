//! What each device is told of the calls its user has a seat in: so that a call can be moved here, come back to, or taken up
//! again by a device that a new server knows nothing of.

use std::mem;
use std::sync::Arc;

use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{Event, MyCall};

use super::actor::Actor;
use super::translate;

impl Actor {
    /// Tells everyone concerned what has changed since the last time.
    pub(super) fn show_moved(&mut self) {
        for user in mem::take(&mut self.moved) {
            for device in self.presence.devices_of(user).to_vec() {
                self.show_calls(device);
            }
        }
    }

    /// Tells a device its user's calls, if they are not what it was told last.
    pub(super) fn show_calls(&mut self, device: DeviceId) {
        self.watch(device);
        let Some(user) = self.presence.device(device).map(|device| device.user) else { return };
        let calls = Arc::new(Event::MyCalls { calls: self.calls_of(user, device) });
        let Some(entry) = self.presence.device_mut(device) else { return };
        if entry.my_calls != calls {
            entry.my_calls = calls.clone();
            self.tell(device, calls);
        }
    }

    /// Has the connection of a device watched as closely as its calls need.
    pub(super) fn watch(&self, device: DeviceId) {
        self.presence.set_in_call(device, !self.calls.calls_of_device(device).is_empty());
    }

    fn calls_of(&self, user: UserId, device: DeviceId) -> Vec<MyCall> {
        let mine = |(call, state, holder): (CallId, _, Option<DeviceId>)| {
            let view = self.calls.call(call)?;
            let people = self.calls.seats(call)?.into_iter().filter(|seat| seat.user != user);
            Some(MyCall {
                call,
                kind: translate::kind_out(view.kind),
                caller: self.person(call, view.caller),
                people: people.map(|seat| self.person(call, seat.user)).collect(),
                state: translate::seat_state(state),
                here: holder == Some(device),
                device: holder.and_then(|holder| self.label(holder)),
            })
        };
        self.calls.calls_of_user(user).into_iter().filter_map(mine).collect()
    }

    /// What a device is called in the list of logins, while it is known.
    pub(super) fn label(&self, device: DeviceId) -> Option<String> {
        self.presence.device(device).map(|device| device.label.clone())
    }
}
