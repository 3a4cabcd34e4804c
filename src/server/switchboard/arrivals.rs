//! Connections that come, come back and end, and who is shown as online for it.

use switchboard_calls::{Endpoint, SeatState};
use switchboard_ids::{DeviceId, SessionId, UserId};
use switchboard_protocol::{Event, Person};

use super::actor::Actor;
use super::line::{Line, LineId};
use super::mail::{Newcomer, Resumption};

impl Actor {
    /// A connection wants to go on with a device.
    pub(super) fn resume(&mut self, device: DeviceId, after: u64, user: UserId, session: SessionId, line: Line) -> Resumption {
        let now = self.clock.now();
        // A device whose time is over is not saved by coming a moment before that was noticed.
        self.calls.handle_timeout(now);
        self.perform_all();
        let Some(known) = self.presence.device(device) else {
            // A server that was started anew knows the device by the seat it holds, and nothing of what it was told.
            let own = self.calls.holder(device) == Some(user);
            return if own { Resumption::Anew(device) } else { Resumption::Unknown };
        };
        if known.session != session {
            return Resumption::Unknown;
        }
        let Some(came_online) = self.presence.resume(device, after, line) else { return Resumption::Anew(device) };
        tracing::debug!(%device, after, "resumed");
        if came_online {
            self.show_online(user);
        }
        self.calls.device_resumed(now, device);
        self.perform_all();
        self.watch(device);
        self.await_media(device);
        self.tell(device, Event::Resumed);
        Resumption::Resumed
    }

    pub(super) fn connect(&mut self, device: DeviceId, newcomer: Newcomer, line: Line) {
        let name = newcomer.name.clone();
        let known = self.presence.device(device).is_some() || self.calls.holder(device).is_some();
        let Some((user, came_online)) = self.presence.connect(device, newcomer, line) else { return };
        if came_online {
            self.show_online(user);
        }
        let online = self.presence.online_contacts(user);
        self.tell(device, Event::Welcome { device, user: Person { id: user, name }, online });
        let crowd = self.presence.too_many(user);
        // One that is in a call is spared while another can go.
        let idle = crowd.iter().find(|device| self.calls.calls_of_device(**device).is_empty());
        if let Some(least) = idle.or(crowd.first()) {
            self.drop_device(*least);
        }
        let now = self.clock.now();
        if known {
            self.calls.device_resumed(now, device);
            let waiting = self.calls.calls_of_user(user).iter().any(|(_, state, _)| *state == SeatState::Active);
            for (call, left) in self.calls.rings_of_device(device) {
                self.ring(call, device, left, waiting);
            }
        }
        self.calls.device_appeared(now, Endpoint { user, device });
        self.perform_all();
        self.await_media(device);
        self.show_calls(device);
    }

    fn show_online(&mut self, user: UserId) {
        for watcher in self.presence.watchers(user) {
            self.tell_user(watcher, &Event::Presence { user, online: true });
        }
    }

    pub(super) fn go_offline(&mut self) {
        while let Some((user, watchers)) = self.presence.go_offline(self.clock.now()) {
            for watcher in watchers {
                self.tell_user(watcher, &Event::Presence { user, online: false });
            }
        }
    }

    /// A connection ended: its device left, or waits for its grace to come back.
    pub(super) fn connection_ended(&mut self, device: DeviceId, line: LineId, left: bool) {
        self.presence.stays_away(device, line);
        if !self.presence.lose(self.clock.now(), device, line) {
            return;
        }
        if left {
            self.leave(device);
        } else {
            self.calls.device_lost(self.clock.now(), device);
        }
    }

    /// A device leaves by its own wish: its part in its calls ends as if it had hung up.
    pub(super) fn leave(&mut self, device: DeviceId) {
        if let Some(user) = self.presence.device(device).map(|device| device.user) {
            for call in self.calls.calls_of_device(device) {
                // A device that is in a call holds a seat in it, so this is never refused.
                let _ = self.calls.hang_up(self.clock.now(), call, Endpoint { user, device });
                self.perform_all();
            }
        }
        self.drop_device(device);
    }

    /// A device is gone for good; the seats it holds are left as those of a lost one.
    fn drop_device(&mut self, device: DeviceId) {
        self.calls.device_gone(self.clock.now(), device);
        self.perform_all();
        self.forget(device);
    }

    /// Nothing is left of a device.
    pub(super) fn forget(&mut self, device: DeviceId) {
        self.presence.forget(self.clock.now(), device);
        self.go_offline();
    }

    pub(super) fn contacts_changed(&mut self, users: [UserId; 2], now_contacts: Option<bool>) {
        let [a, b] = users;
        for (user, other) in [(a, b), (b, a)] {
            if let Some(is_contact) = now_contacts {
                self.presence.contact_changed(user, other, is_contact);
            }
            self.tell_user(user, &Event::ContactsChanged);
            if now_contacts == Some(true) && self.presence.is_seen_online(other, user) {
                self.tell_user(user, &Event::Presence { user: other, online: true });
            }
        }
    }

    /// Who is blocked sees the blocker go, and who is so no more sees them come: as if they had.
    pub(super) fn block_changed(&mut self, user: UserId, other: UserId, blocked: bool) {
        let before = self.presence.is_seen_online(user, other);
        self.presence.block_changed(user, other, blocked);
        let online = self.presence.is_seen_online(user, other);
        if online != before && self.presence.is_contact(user, other) {
            self.tell_user(other, &Event::Presence { user, online });
        }
    }
}
