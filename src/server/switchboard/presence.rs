//! Who is connected, on which devices, and whose contacts care.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_ids::{DeviceId, SessionId, UserId};
use switchboard_protocol::{Event, ServerMessage};

use super::mail::{Connected, Outbox};

/// Devices of one user; the oldest is disconnected for one more. A person has fewer, a runaway client does not.
const MAX_DEVICES: usize = 16;

#[derive(Debug)]
pub(super) struct Device {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    outbox: Outbox,
    /// The number of the last event.
    seq: u64,
}

#[derive(Debug)]
struct User {
    name: String,
    contacts: BTreeSet<UserId>,
    /// In the order they connected.
    devices: Vec<DeviceId>,
}

/// A device between arriving and connected.
#[derive(Debug)]
struct Arriving {
    user: UserId,
    session: SessionId,
    /// The changes of the user's contacts since.
    changes: Vec<(UserId, bool)>,
}

/// A message could not be delivered: the client is gone, or too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undeliverable;

#[derive(Debug, Default)]
pub(super) struct Presence {
    devices: BTreeMap<DeviceId, Device>,
    users: BTreeMap<UserId, User>,
    arriving: BTreeMap<DeviceId, Arriving>,
}

impl Presence {
    pub(super) fn arriving(&mut self, device: DeviceId, user: UserId, session: SessionId) {
        self.arriving.insert(device, Arriving { user, session, changes: Vec::new() });
    }

    /// Takes an arriving device in; gives its user and whether they were not online before. One whose login ended on the way
    /// is not taken in: its outbox is dropped, which closes the connection.
    pub(super) fn connect(&mut self, connected: Connected) -> Option<(UserId, bool)> {
        let Connected { device, name, contacts, outbox } = connected;
        let Arriving { user, session, changes } = self.arriving.remove(&device)?;
        let mut contacts: BTreeSet<UserId> = contacts.into_iter().collect();
        for (other, is_contact) in changes {
            if is_contact {
                contacts.insert(other)
            } else {
                contacts.remove(&other)
            };
        }
        self.devices.insert(device, Device { user, session, outbox, seq: 0 });
        let entry = self.users.entry(user).or_insert(User { name: String::new(), contacts: BTreeSet::new(), devices: Vec::new() });
        (entry.name, entry.contacts) = (name, contacts);
        entry.devices.push(device);
        Some((user, entry.devices.len() == 1))
    }

    /// The device that has to make room for the user's newest, if one has.
    pub(super) fn too_many(&self, user: UserId) -> Option<DeviceId> {
        let devices = &self.users.get(&user)?.devices;
        (devices.len() > MAX_DEVICES).then(|| devices[0])
    }

    /// Forgets a device; gives its user, and whether that user is offline now.
    pub(super) fn disconnect(&mut self, device: DeviceId) -> Option<(UserId, bool)> {
        self.arriving.remove(&device);
        let user = self.devices.remove(&device)?.user;
        let entry = self.users.get_mut(&user)?;
        entry.devices.retain(|other| *other != device);
        Some((user, entry.devices.is_empty()))
    }

    /// Forgets a user without devices; gives the contacts that were online.
    pub(super) fn went_offline(&mut self, user: UserId) -> Vec<UserId> {
        let contacts = self.online_contacts(user);
        self.users.remove(&user);
        contacts
    }

    pub(super) fn contacts_changed(&mut self, user: UserId, other: UserId, is_contact: bool) {
        if let Some(entry) = self.users.get_mut(&user) {
            if is_contact {
                entry.contacts.insert(other)
            } else {
                entry.contacts.remove(&other)
            };
        }
        for arriving in self.arriving.values_mut().filter(|arriving| arriving.user == user) {
            arriving.changes.push((other, is_contact));
        }
    }

    pub(super) fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(&device)
    }

    pub(super) fn devices(&self) -> usize {
        self.devices.len()
    }

    /// The user's devices; empty while offline.
    pub(super) fn devices_of(&self, user: UserId) -> &[DeviceId] {
        self.users.get(&user).map_or(&[], |user| &user.devices)
    }

    /// The devices of a login, which those that are still arriving with it do not get to join.
    pub(super) fn end_session(&mut self, session: SessionId) -> Vec<DeviceId> {
        self.arriving.retain(|_, arriving| arriving.session != session);
        self.devices.iter().filter(|(_, device)| device.session == session).map(|(id, _)| *id).collect()
    }

    pub(super) fn is_online(&self, user: UserId) -> bool {
        self.users.contains_key(&user)
    }

    /// The display name of someone online.
    pub(super) fn name(&self, user: UserId) -> Option<&str> {
        self.users.get(&user).map(|user| user.name.as_str())
    }

    pub(super) fn online_contacts(&self, user: UserId) -> Vec<UserId> {
        let contacts = self.users.get(&user).into_iter().flat_map(|user| &user.contacts);
        contacts.copied().filter(|contact| self.is_online(*contact)).collect()
    }

    /// Tells a device an event.
    pub(super) fn tell(&mut self, device: DeviceId, event: Event) -> Result<(), Undeliverable> {
        let Some(entry) = self.devices.get_mut(&device) else { return Ok(()) };
        entry.seq += 1;
        entry.outbox.try_send(ServerMessage::Event { seq: entry.seq, event }).map_err(|_| Undeliverable)
    }

    /// Sends a device a reply.
    pub(super) fn reply(&self, device: DeviceId, message: ServerMessage) -> Result<(), Undeliverable> {
        let Some(entry) = self.devices.get(&device) else { return Ok(()) };
        entry.outbox.try_send(message).map_err(|_| Undeliverable)
    }

    /// Closes every connection.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    const ANNA: UserId = UserId::from_u128(1);
    const BORIS: UserId = UserId::from_u128(2);

    fn session_of(user: UserId) -> SessionId {
        SessionId::from_u128(user.as_u128())
    }

    fn connected(device: u128, contacts: &[UserId]) -> (Connected, mpsc::Receiver<ServerMessage>) {
        let (outbox, inbox) = mpsc::channel(2);
        let device = DeviceId::from_u128(device);
        (Connected { device, name: "Someone".to_owned(), contacts: contacts.to_vec(), outbox }, inbox)
    }

    /// A device arrives and connects; gives whether its user came online.
    fn comes(presence: &mut Presence, user: UserId, device: u128, contacts: &[UserId]) -> bool {
        presence.arriving(DeviceId::from_u128(device), user, session_of(user));
        presence.connect(connected(device, contacts).0).expect("its login did not end").1
    }

    #[test]
    fn a_contact_made_while_a_device_arrives_is_not_lost() {
        let mut presence = Presence::default();
        presence.arriving(DeviceId::from_u128(1), ANNA, session_of(ANNA));
        presence.contacts_changed(ANNA, BORIS, true);
        presence.connect(connected(1, &[]).0);
        comes(&mut presence, BORIS, 2, &[ANNA]);
        assert_eq!(presence.online_contacts(ANNA), [BORIS]);
    }

    #[test]
    fn a_login_that_ends_while_a_device_arrives_lets_it_not_in() {
        let mut presence = Presence::default();
        presence.arriving(DeviceId::from_u128(1), ANNA, session_of(ANNA));
        assert_eq!(presence.end_session(session_of(ANNA)), []);
        let (anna, inbox) = connected(1, &[]);
        assert_eq!(presence.connect(anna), None);
        assert!(inbox.is_closed() || inbox.is_empty());
        assert!(!presence.is_online(ANNA));
    }

    #[test]
    fn a_user_is_online_from_the_first_device_to_the_last() {
        let mut presence = Presence::default();
        assert!(comes(&mut presence, ANNA, 1, &[]));
        assert!(!comes(&mut presence, ANNA, 2, &[]));
        assert_eq!(presence.disconnect(DeviceId::from_u128(1)), Some((ANNA, false)));
        assert_eq!(presence.disconnect(DeviceId::from_u128(2)), Some((ANNA, true)));
        presence.went_offline(ANNA);
        assert!(!presence.is_online(ANNA));
        assert_eq!(presence.disconnect(DeviceId::from_u128(2)), None);
    }

    #[test]
    fn the_oldest_device_makes_room() {
        let mut presence = Presence::default();
        for device in 1..=MAX_DEVICES as u128 {
            comes(&mut presence, ANNA, device, &[]);
        }
        assert_eq!(presence.too_many(ANNA), None);
        comes(&mut presence, ANNA, 99, &[]);
        assert_eq!(presence.too_many(ANNA), Some(DeviceId::from_u128(1)));
    }

    #[test]
    fn a_client_too_far_behind_is_reported() {
        let mut presence = Presence::default();
        let device = DeviceId::from_u128(1);
        presence.arriving(device, ANNA, session_of(ANNA));
        let (anna, _inbox) = connected(1, &[]);
        presence.connect(anna);
        assert_eq!(presence.tell(device, Event::ContactsChanged), Ok(()));
        assert_eq!(presence.tell(device, Event::ContactsChanged), Ok(()));
        assert_eq!(presence.tell(device, Event::ContactsChanged), Err(Undeliverable));
    }
}
