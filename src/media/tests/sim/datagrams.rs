//! Datagrams that make no sense are counted and dropped, and nobody notices.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use str0m::crypto::from_feature_flags;
use str0m::ice::{StunMessage, TransId};
use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Camera;
use switchboard_media::{Drop, LegId};

use crate::client::{Client, PAIR};
use crate::world::{GROUP, SERVER, World};

const STRANGER: &str = "10.9.9.9:9";

impl World {
    fn throw(&mut self, from: &str, datagram: &[u8]) {
        let from: SocketAddr = from.parse().unwrap();
        self.router.handle_datagram(self.now, from, SERVER.parse().unwrap(), datagram);
        self.settle();
    }

    fn dropped(&self, why: Drop) -> u64 {
        self.router.counters().dropped(why)
    }
}

pub(crate) fn binding_request(username: &str, password: &str) -> Vec<u8> {
    let crypto = Arc::new(from_feature_flags());
    let request = StunMessage::binding_request(username, TransId::new(), true, 1, 1, true);
    let mut buffer = vec![0; 500];
    let sha1 = |key: &[u8], parts: &[&[u8]]| crypto.sha1_hmac_provider.sha1_hmac(key, parts);
    let length = request.to_bytes(Some(password.as_bytes()), &mut buffer, sha1).unwrap();
    buffer.truncate(length);
    buffer
}

fn attribute<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap()
}

/// A leg that has an answer but whose client says nothing by itself; gives its ufrag and password.
pub(crate) fn with_a_leg() -> (World, String, String) {
    let mut world = World::new();
    let offer = Client::new(world.now, 1).offer(world.now, PAIR);
    let answer = world.router.add_leg(world.now, LegId(1), GROUP, &offer).unwrap();
    world.settle();
    let (ufrag, password) = (attribute(&answer, "a=ice-ufrag:").to_owned(), attribute(&answer, "a=ice-pwd:").to_owned());
    (world, ufrag, password)
}

#[test]
fn garbage() {
    let mut world = World::new();
    let mut rng = fastrand::Rng::with_seed(3);
    for length in 0..300 {
        let noise: Vec<u8> = (0..length).map(|_| rng.u8(..)).collect();
        world.throw(STRANGER, &noise);
    }
    let unknown: u64 = Drop::ALL.iter().map(|why| world.dropped(*why)).sum();
    assert_eq!(unknown, 300, "each was counted once");
    assert!(world.dropped(Drop::Garbage) > 100);
}

#[test]
fn stun_for_a_username_nobody_has() {
    let (mut world, _, password) = with_a_leg();
    world.throw(STRANGER, &binding_request("nobody:me", &password));
    assert_eq!(world.dropped(Drop::UnknownUfrag), 1);
}

#[test]
fn stun_with_a_wrong_password() {
    let (mut world, ufrag, _) = with_a_leg();
    world.throw(STRANGER, &binding_request(&format!("{ufrag}:me"), "not the password at all"));
    assert_eq!(world.dropped(Drop::BadIntegrity), 1);
    world.throw(STRANGER, &[22; 40]);
    assert_eq!(world.dropped(Drop::UnknownAddress), 1, "its address proved nothing");
}

#[test]
fn stun_that_answers_what_was_never_asked() {
    let (mut world, ..) = with_a_leg();
    let mut buffer = vec![0; 500];
    let reply = StunMessage::binding_reply(TransId::new(), STRANGER.parse().unwrap());
    let length = reply.to_bytes(Some(b"password"), &mut buffer, |_, _| [0; 20]).unwrap();
    world.throw(STRANGER, &buffer[..length]);
    assert_eq!(world.dropped(Drop::UnexpectedStun), 1);
}

#[test]
fn media_from_an_address_nobody_has_proved() {
    let mut world = World::new();
    world.throw(STRANGER, &[0x80; 60]);
    assert_eq!(world.dropped(Drop::UnknownAddress), 1);
}

#[test]
fn media_before_the_handshake() {
    let (mut world, ufrag, password) = with_a_leg();
    world.throw(STRANGER, &binding_request(&format!("{ufrag}:me"), &password));
    world.throw(STRANGER, &[0x80; 60]);
    assert_eq!(world.dropped(Drop::BeforeDtls), 1);
    assert_eq!(world.router.legs(), 1, "the leg waits on");
}

/// Well-formed DTLS 1.2 records that anybody can forge: a fatal alert and a change of cipher, both in the clear.
const FORGED: [&[u8]; 2] = [&[21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40], &[20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1]];

#[test]
fn a_forged_alert_before_the_handshake_ends_no_leg() {
    let (mut world, ufrag, password) = with_a_leg();
    world.throw(STRANGER, &binding_request(&format!("{ufrag}:me"), &password));
    for record in FORGED.iter().cycle().take(400) {
        world.throw(STRANGER, record);
    }
    assert_eq!((world.router.legs(), world.events.len()), (1, 0));
}

#[test]
fn forged_records_under_the_address_of_someone_in_a_call_disturb_nobody() {
    let mut world = World::new();
    world.call(2, PAIR, NetemConfig::new().latency(Duration::from_millis(10)));
    world.run(Duration::from_secs(2));
    let address = world.client(0).address.to_string();
    for record in FORGED.iter().cycle().take(400) {
        world.throw(&address, record);
        world.run(Duration::from_millis(5));
    }
    assert_eq!(world.router.legs(), 2);
    for person in 0..2 {
        let video = world.client(person).slot(Camera).video.report();
        assert!(video.is_flawless(), "{video:?}");
    }
}

#[test]
fn a_storm_of_nonsense_disturbs_no_running_call() {
    let mut world = World::new();
    world.call(2, PAIR, NetemConfig::new().latency(Duration::from_millis(10)));
    world.run(Duration::from_secs(2));
    let address = world.client(0).address.to_string();
    let mut rng = fastrand::Rng::with_seed(5);
    for _ in 0..200 {
        let mut noise: Vec<u8> = (0..rng.usize(1..1_400)).map(|_| rng.u8(..)).collect();
        // RTP, DTLS and STUN by their first bytes, from strangers and under the address of someone in the call.
        noise[0] = [0, 1, 22, 23, 0x80, 0x90, 0xb0][rng.usize(0..7)];
        world.throw(STRANGER, &noise);
        world.throw(&address, &noise);
        world.run(Duration::from_millis(10));
    }
    assert_eq!(world.router.legs(), 2);
    for person in 0..2 {
        let video = world.client(person).slot(Camera).video.report();
        assert!(video.is_flawless(), "{video:?}");
    }
}
