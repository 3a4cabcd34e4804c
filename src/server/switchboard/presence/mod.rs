//! Who is connected, on which devices, and whose contacts care.
//!
//! A device is **lost** when its connection breaks and stays, with what it is told, until it comes back or the call machine
//! says that its time is over. A user is online while a device is connected, and for [`OFFLINE_AFTER`] after the last was
//! lost, so that a connection that flickers is not shown.

#[cfg(test)]
mod tests;
mod user;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use switchboard_calls::Timestamp;
use switchboard_ids::{DeviceId, SessionId, UserId};
use switchboard_protocol::{Event, ServerMessage};

use super::line::{Line, LineId, Undeliverable};
use super::mail::Newcomer;
use super::replay::{Known, Replay};
use user::{Arriving, Change, User};

/// Devices of one user; the oldest is disconnected for one more. A person has fewer, a runaway client does not.
const MAX_DEVICES: usize = 16;

/// Longer than a client takes to come back, and with the 20 s after which silence is noticed under 25 s.
const OFFLINE_AFTER: Duration = Duration::from_secs(4);

#[derive(Debug)]
pub(super) struct Device {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    /// What it is called in the list of logins.
    pub(super) label: String,
    /// The calls of its user as it was told them last.
    pub(super) my_calls: Arc<Event>,
    line: Option<Line>,
    replay: Replay,
}

#[derive(Debug, Default)]
pub(super) struct Presence {
    devices: BTreeMap<DeviceId, Device>,
    users: BTreeMap<UserId, User>,
    arriving: BTreeMap<DeviceId, Arriving>,
    /// The users with an `offline_at`, by it.
    leaving: BTreeSet<(Timestamp, UserId)>,
    /// How many devices have a line.
    connected: usize,
}

impl Presence {
    pub(super) fn arriving(&mut self, device: DeviceId, user: UserId, session: SessionId, line: LineId) {
        self.arriving.insert(device, Arriving { user, session, line, changes: Vec::new() });
    }

    /// Takes an arriving device in, with an empty record of what it was told; gives its user and whether they were not online
    /// before. One whose login ended on the way, or that arrives by another connection meanwhile, is not taken in: its line is dropped, which closes the connection.
    pub(super) fn connect(&mut self, device: DeviceId, newcomer: Newcomer, line: Line) -> Option<(UserId, bool)> {
        if self.arriving.get(&device)?.line != line.id {
            return None;
        }
        let Arriving { user, session, changes, .. } = self.arriving.remove(&device)?;
        let Newcomer { name, label, contacts, blocked } = newcomer;
        let entry = self.users.entry(user).or_default();
        (entry.name, entry.contacts, entry.blocked) = (name, contacts.into_iter().collect(), blocked.into_iter().collect());
        changes.into_iter().for_each(|change| entry.apply(change));
        if !entry.devices.contains(&device) {
            entry.devices.push(device);
        }
        let my_calls = Arc::new(Event::MyCalls { calls: Vec::new() });
        let fresh = Device { user, session, label, my_calls, line: Some(line), replay: Replay::default() };
        match self.devices.insert(device, fresh) {
            Some(Device { line: Some(line), .. }) => line.replace(),
            _ => self.connected += 1,
        }
        Some((user, self.comes_online(user)))
    }

    /// Gives a device its connection back and tells it what came after `after`; `None` where that is not known. Otherwise
    /// whether its user was not online before.
    pub(super) fn resume(&mut self, device: DeviceId, after: u64, line: Line) -> Option<bool> {
        let entry = self.devices.get_mut(&device)?;
        for message in entry.replay.after(after)? {
            line.send(message).ok()?;
        }
        match entry.line.replace(line) {
            Some(line) => line.replace(),
            None => self.connected += 1,
        }
        let user = entry.user;
        Some(self.comes_online(user))
    }

    fn comes_online(&mut self, user: UserId) -> bool {
        self.set_offline_at(user, None);
        let Some(entry) = self.users.get_mut(&user) else { return false };
        !std::mem::replace(&mut entry.online, true)
    }

    /// The devices of a user who has more than one may have, of which one has to make room: the lost ones first, then the
    /// others from the oldest on.
    pub(super) fn too_many(&self, user: UserId) -> Vec<DeviceId> {
        let devices = self.devices_of(user);
        if devices.len() <= MAX_DEVICES {
            return Vec::new();
        }
        let (connected, lost): (Vec<_>, Vec<_>) = devices.iter().partition(|device| self.is_connected(**device));
        lost.into_iter().chain(connected).collect()
    }

    /// A connection broke; whether it was the device's.
    pub(super) fn lose(&mut self, now: Timestamp, device: DeviceId, line: LineId) -> bool {
        let Some(entry) = self.devices.get_mut(&device) else { return false };
        if entry.line.as_ref().is_none_or(|own| own.id != line) {
            return false;
        }
        entry.line = None;
        self.connected -= 1;
        let user = entry.user;
        self.check_offline(now, user);
        true
    }

    /// Forgets a device.
    pub(super) fn forget(&mut self, now: Timestamp, device: DeviceId) {
        let Some(Device { user, line, .. }) = self.devices.remove(&device) else { return };
        self.connected -= usize::from(line.is_some());
        if let Some(entry) = self.users.get_mut(&user) {
            entry.devices.retain(|other| *other != device);
        }
        self.check_offline(now, user);
    }

    /// A device will not arrive by this connection after all.
    pub(super) fn stays_away(&mut self, device: DeviceId, line: LineId) {
        if self.arriving.get(&device).is_some_and(|arriving| arriving.line == line) {
            self.arriving.remove(&device);
        }
    }

    fn check_offline(&mut self, now: Timestamp, user: UserId) {
        let Some(entry) = self.users.get(&user) else { return };
        if entry.devices.is_empty() {
            self.set_offline_at(user, Some(now));
        } else if entry.offline_at.is_none() && !entry.devices.iter().any(|device| self.is_connected(*device)) {
            self.set_offline_at(user, Some(now.saturating_add(OFFLINE_AFTER)));
        }
    }

    fn set_offline_at(&mut self, user: UserId, at: Option<Timestamp>) {
        let Some(entry) = self.users.get_mut(&user) else { return };
        if let Some(before) = std::mem::replace(&mut entry.offline_at, at) {
            self.leaving.remove(&(before, user));
        }
        if let Some(at) = at {
            self.leaving.insert((at, user));
        }
    }

    /// When to call [`Presence::go_offline`] next.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.leaving.first().map(|(at, _)| *at)
    }

    /// Someone who is offline by `now`, with the contacts to be told. Who has no device left is forgotten.
    pub(super) fn go_offline(&mut self, now: Timestamp) -> Option<(UserId, Vec<UserId>)> {
        let (_, user) = *self.leaving.first().filter(|(at, _)| *at <= now)?;
        self.set_offline_at(user, None);
        let watchers = self.watchers(user);
        let entry = self.users.get_mut(&user)?;
        let was_online = std::mem::replace(&mut entry.online, false);
        if entry.devices.is_empty() {
            self.users.remove(&user);
        }
        Some((user, if was_online { watchers } else { Vec::new() }))
    }

    pub(super) fn contact_changed(&mut self, user: UserId, other: UserId, is_contact: bool) {
        self.change(user, Change::Contact(other, is_contact));
    }

    pub(super) fn block_changed(&mut self, user: UserId, other: UserId, is_blocked: bool) {
        self.change(user, Change::Block(other, is_blocked));
    }

    fn change(&mut self, user: UserId, change: Change) {
        if let Some(entry) = self.users.get_mut(&user) {
            entry.apply(change);
        }
        for arriving in self.arriving.values_mut().filter(|arriving| arriving.user == user) {
            arriving.changes.push(change);
        }
    }

    pub(super) fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(&device)
    }

    pub(super) fn device_mut(&mut self, device: DeviceId) -> Option<&mut Device> {
        self.devices.get_mut(&device)
    }

    pub(super) fn is_connected(&self, device: DeviceId) -> bool {
        self.devices.get(&device).is_some_and(|device| device.line.is_some())
    }

    /// How many devices are connected.
    pub(super) fn connected(&self) -> usize {
        self.connected
    }

    /// The user's devices, the lost ones too.
    pub(super) fn devices_of(&self, user: UserId) -> &[DeviceId] {
        self.users.get(&user).map_or(&[], |user| &user.devices)
    }

    /// The devices of a login, which those that are still arriving with it do not get to join.
    pub(super) fn end_session(&mut self, session: SessionId) -> Vec<DeviceId> {
        self.arriving.retain(|_, arriving| arriving.session != session);
        self.devices.iter().filter(|(_, device)| device.session == session).map(|(id, _)| *id).collect()
    }

    pub(super) fn is_online(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| user.online)
    }

    /// Whether `viewer` is shown that `user` is online: they are, and have not blocked the viewer.
    pub(super) fn is_seen_online(&self, user: UserId, viewer: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| user.online && !user.blocked.contains(&viewer))
    }

    /// Whether this user, known here while a device of theirs is, has blocked the other.
    pub(super) fn has_blocked(&self, user: UserId, other: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| user.blocked.contains(&other))
    }

    pub(super) fn is_contact(&self, user: UserId, other: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| user.contacts.contains(&other))
    }

    /// The display name of someone with a device.
    pub(super) fn name(&self, user: UserId) -> Option<&str> {
        self.users.get(&user).map(|user| user.name.as_str())
    }

    /// The contacts whom a user sees online.
    pub(super) fn online_contacts(&self, user: UserId) -> Vec<UserId> {
        let contacts = self.users.get(&user).into_iter().flat_map(|user| &user.contacts);
        contacts.copied().filter(|contact| self.is_seen_online(*contact, user)).collect()
    }

    /// The contacts with a device who are shown whether a user is online.
    pub(super) fn watchers(&self, user: UserId) -> Vec<UserId> {
        let Some(entry) = self.users.get(&user) else { return Vec::new() };
        let known = |contact: &UserId| self.users.contains_key(contact) && !entry.blocked.contains(contact);
        entry.contacts.iter().copied().filter(known).collect()
    }

    /// Tells a device an event; one that is lost will be told when it comes back.
    pub(super) fn tell(&mut self, now: Timestamp, device: DeviceId, event: impl Into<Arc<Event>>) -> Result<(), Undeliverable> {
        let Some(Device { line, replay, .. }) = self.devices.get_mut(&device) else { return Ok(()) };
        let message = replay.event(now, event);
        line.as_ref().map_or(Ok(()), |line| line.send(message))
    }

    /// Sends a device a reply, in the same way.
    pub(super) fn reply(&mut self, now: Timestamp, device: DeviceId, message: ServerMessage) -> Result<(), Undeliverable> {
        let Some(Device { line, replay, .. }) = self.devices.get_mut(&device) else { return Ok(()) };
        let message = replay.reply(now, message);
        line.as_ref().map_or(Ok(()), |line| line.send(message))
    }

    /// A device asks for something: whether that is to be carried out, or was before.
    pub(super) fn ask(&mut self, device: DeviceId, id: u64) -> Known {
        self.devices.get_mut(&device).map_or(Known::Pending, |device| device.replay.ask(id))
    }

    /// Sends again a reply that was lost on the way.
    pub(super) fn repeat(&self, device: DeviceId, message: ServerMessage) -> Result<(), Undeliverable> {
        let line = self.devices.get(&device).and_then(|device| device.line.as_ref());
        line.map_or(Ok(()), |line| line.send(message))
    }

    /// Hands the connection of a device of this login what its client has said to another node; `here` when that is this one, which
    /// knows its own connections. Whether there is such a connection.
    pub(super) fn post(&self, device: DeviceId, session: SessionId, text: String, here: bool) -> bool {
        let Some(device) = self.devices.get(&device).filter(|device| device.session == session) else { return false };
        device.line.as_ref().filter(|line| !(here && line.is_near())).is_some_and(|line| line.post(text).is_ok())
    }

    /// Says whether a device takes part in a call.
    pub(super) fn set_in_call(&self, device: DeviceId, in_call: bool) {
        if let Some(line) = self.devices.get(&device).and_then(|device| device.line.as_ref()) {
            line.set_in_call(in_call);
        }
    }

    /// The connection of a device, to be given up.
    pub(super) fn line_of(&self, device: DeviceId) -> Option<LineId> {
        self.devices.get(&device)?.line.as_ref().map(|line| line.id)
    }

    /// Closes every connection.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
