use super::super::line::Inbox;
use super::super::line::Letter;
use super::*;

const ANNA: UserId = UserId::from_u128(1);
const BORIS: UserId = UserId::from_u128(2);
const PHONE: DeviceId = DeviceId::from_u128(11);
const TABLET: DeviceId = DeviceId::from_u128(12);
const START: Timestamp = Timestamp(1_000);

fn session_of(user: UserId) -> SessionId {
    SessionId::from_u128(user.as_u128())
}

/// A device arrives and connects; gives whether its user came online.
fn comes(presence: &mut Presence, user: UserId, device: DeviceId, contacts: &[UserId]) -> (bool, LineId, Inbox) {
    let (line, inbox) = Line::new();
    let id = line.id;
    presence.arriving(device, user, session_of(user), id);
    let newcomer = Newcomer { contacts: contacts.to_vec(), ..Newcomer::default() };
    (presence.connect(device, newcomer, line).expect("its login did not end").1, id, inbox)
}

#[test]
fn a_contact_made_while_a_device_arrives_is_not_lost() {
    let mut presence = Presence::default();
    let (line, _inbox) = Line::new();
    presence.arriving(PHONE, ANNA, session_of(ANNA), line.id);
    presence.contact_changed(ANNA, BORIS, true);
    presence.connect(PHONE, Newcomer::default(), line);
    comes(&mut presence, BORIS, TABLET, &[ANNA]);
    assert_eq!(presence.online_contacts(ANNA), [BORIS]);
}

#[test]
fn a_login_that_ends_while_a_device_arrives_lets_it_not_in() {
    let mut presence = Presence::default();
    let (line, _inbox) = Line::new();
    presence.arriving(PHONE, ANNA, session_of(ANNA), line.id);
    assert_eq!(presence.end_session(session_of(ANNA)), []);
    assert_eq!(presence.connect(PHONE, Newcomer::default(), line), None);
    assert!(!presence.is_seen_online(ANNA, BORIS));
}

#[test]
fn the_end_of_a_connection_does_not_keep_out_the_one_after_it() {
    let mut presence = Presence::default();
    let ((old, _), (new, _inbox)) = (Line::new(), Line::new());
    presence.arriving(PHONE, ANNA, session_of(ANNA), new.id);
    presence.stays_away(PHONE, old.id);
    assert_eq!(presence.connect(PHONE, Newcomer::default(), old), None);
    assert_eq!(presence.connect(PHONE, Newcomer::default(), new), Some((ANNA, true)));
}

#[test]
fn a_user_is_online_from_the_first_device_until_a_moment_after_the_last_is_lost() {
    let mut presence = Presence::default();
    let (first, phone, _phone) = comes(&mut presence, ANNA, PHONE, &[BORIS]);
    let (second, tablet, _tablet) = comes(&mut presence, ANNA, TABLET, &[BORIS]);
    assert_eq!((first, second), (true, false));
    assert!(presence.lose(START, PHONE, phone) && presence.poll_timeout().is_none());
    assert!(presence.lose(START, TABLET, tablet));
    let at = START.saturating_add(OFFLINE_AFTER);
    assert_eq!(presence.poll_timeout(), Some(at));
    assert_eq!(presence.go_offline(START), None);
    assert!(presence.is_seen_online(ANNA, BORIS));
    assert_eq!(presence.go_offline(at), Some((ANNA, Vec::new())));
    assert!(!presence.is_seen_online(ANNA, BORIS));
    assert_eq!((presence.connected(), presence.poll_timeout()), (0, None));
}

#[test]
fn a_user_who_comes_back_in_time_never_was_offline() {
    let mut presence = Presence::default();
    let (_, line, _inbox) = comes(&mut presence, ANNA, PHONE, &[]);
    presence.lose(START, PHONE, line);
    assert_eq!(presence.resume(PHONE, 0, Line::new().0), Some(false));
    assert_eq!(presence.poll_timeout(), None);
}

#[test]
fn a_connection_that_was_replaced_takes_nothing_with_it() {
    let mut presence = Presence::default();
    let (_, old, inbox) = comes(&mut presence, ANNA, PHONE, &[]);
    assert_eq!(presence.resume(PHONE, 0, Line::new().0), Some(false));
    assert!(inbox.is_replaced());
    assert!(!presence.lose(START, PHONE, old));
    assert_eq!((presence.is_connected(PHONE), presence.connected()), (true, 1));
}

#[tokio::test]
async fn a_lost_device_is_told_when_it_is_back() {
    let mut presence = Presence::default();
    let (_, line, _inbox) = comes(&mut presence, ANNA, PHONE, &[]);
    presence.lose(START, PHONE, line);
    assert_eq!(presence.tell(START, PHONE, Event::ContactsChanged), Ok(()));
    let (line, mut inbox) = Line::new();
    presence.resume(PHONE, 0, line);
    assert_eq!(inbox.recv().await, Some(Letter::Message(ServerMessage::Event { seq: 1, event: Event::ContactsChanged })));
}

#[test]
fn a_lost_device_makes_room_then_the_oldest() {
    let mut presence = Presence::default();
    let mut lines = Vec::new();
    for device in 1..=MAX_DEVICES as u128 + 1 {
        assert_eq!(presence.too_many(ANNA), []);
        lines.push(comes(&mut presence, ANNA, DeviceId::from_u128(device), &[]));
    }
    assert_eq!(presence.too_many(ANNA)[0], DeviceId::from_u128(1));
    presence.lose(START, DeviceId::from_u128(5), lines[4].1);
    assert_eq!(presence.too_many(ANNA)[..2], [DeviceId::from_u128(5), DeviceId::from_u128(1)]);
}

#[test]
fn who_is_blocked_sees_nobody_come() {
    let mut presence = Presence::default();
    let _anna = comes(&mut presence, ANNA, PHONE, &[BORIS]);
    let _boris = comes(&mut presence, BORIS, TABLET, &[ANNA]);
    presence.block_changed(ANNA, BORIS, true);
    assert_eq!(presence.online_contacts(BORIS), []);
    assert_eq!(presence.watchers(ANNA), []);
    assert_eq!(presence.online_contacts(ANNA), [BORIS]);
}
