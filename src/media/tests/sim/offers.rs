//! Offers that cannot be answered are refused with the reason, and change nothing.

use str0m::media::{Direction, MediaKind};
use str0m::{Candidate, Rtc};
use switchboard_media::{GroupId, LegId, LineRole, Offer, OfferError, Role, SourceKind};

use crate::client::{Client, PAIR};
use crate::world::{GROUP, World};

fn refusal(offer: &Offer) -> OfferError {
    let mut world = World::new();
    let error = world.router.add_leg(world.now, LegId(1), GROUP, offer).expect_err("the offer is refused");
    assert_eq!(world.router.legs(), 0, "nothing is left of it");
    error
}

fn unnamed(sdp: String) -> Offer {
    Offer { sdp, roles: Vec::new() }
}

#[test]
fn text_that_is_no_session_description() {
    for text in ["", "hello", "v=0\r\n", "v=0\r\nm=audio", "\u{0}\u{1}\u{2}", "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"] {
        assert!(matches!(refusal(&unnamed(text.to_owned())), OfferError::Malformed(_)), "{text:?}");
    }
}

#[test]
fn an_offer_cut_at_any_line_never_panics() {
    let mut world = World::new();
    let sdp = Client::new(world.now, 1).offer(world.now, PAIR).sdp;
    let lines: Vec<&str> = sdp.split_inclusive("\r\n").collect();
    for end in 0..lines.len() {
        let _ = world.router.add_leg(world.now, LegId(end as u64), GroupId(2), &unnamed(lines[..end].concat()));
    }
}

#[test]
fn an_offer_without_a_codec_that_is_forwarded() {
    let now = std::time::Instant::now();
    let mut rtc = Rtc::builder().clear_codecs().enable_vp9(true).enable_pcmu(true, false).build(now);
    rtc.add_local_candidate(Candidate::host("10.0.0.1:5000".parse().unwrap(), "udp").unwrap());
    let mut change = rtc.sdp_api();
    change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
    change.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
    let (offer, _) = change.apply().unwrap();
    let error = refusal(&unnamed(offer.to_sdp_string()));
    assert!(matches!(error, OfferError::NoUsableCodec), "{error}");
}

#[test]
fn more_lines_than_a_leg_may_have() {
    let mut sdp = "v=0\r\n".to_owned();
    sdp.push_str(&"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(65));
    assert!(matches!(refusal(&unnamed(sdp)), OfferError::TooManyLines { max: 64 }));
}

#[test]
fn more_mids_than_lines_a_leg_may_have() {
    let world = World::new();
    let offer = Client::new(world.now, 1).offer(world.now, PAIR);
    let mids = |count| (0..count).map(|mid| format!("a=mid:{mid:x}\r\n")).collect::<String>();
    let refused = Offer { sdp: offer.sdp + &mids(8_000), ..offer };
    assert!(refused.sdp.len() > 64_000, "as much as a message carries");
    assert!(matches!(refusal(&refused), OfferError::TooManyLines { max: 64 }));
}

#[test]
fn roles_that_do_not_fit_their_lines() {
    let world = World::new();
    let mut client = Client::new(world.now, 1);
    let offer = client.offer(world.now, PAIR);
    let microphone = offer.roles[0].mid.clone();
    for (mid, role) in [
        ("nowhere".to_owned(), Role::Source(SourceKind::Camera)),
        (microphone.clone(), Role::Source(SourceKind::Camera)),
        (microphone.clone(), Role::Slot(SourceKind::Microphone)),
    ] {
        let error = refusal(&Offer { sdp: offer.sdp.clone(), roles: vec![LineRole { mid: mid.clone(), role }] });
        assert!(matches!(&error, OfferError::WrongRole { mid: named } if *named == mid), "{error}");
    }
}

#[test]
fn a_line_with_the_same_role_twice() {
    let world = World::new();
    let offer = Client::new(world.now, 1).offer(world.now, PAIR);
    let mut roles = offer.roles.clone();
    roles.push(offer.roles.last().unwrap().clone());
    let error = refusal(&Offer { roles, ..offer });
    assert!(matches!(error, OfferError::WrongRole { .. }), "{error}");
}

#[test]
fn a_leg_id_that_is_taken() {
    let mut world = World::new();
    let mut client = Client::new(world.now, 1);
    let offer = client.offer(world.now, PAIR);
    world.router.add_leg(world.now, LegId(1), GROUP, &offer).unwrap();
    let error = world.router.add_leg(world.now, LegId(1), GROUP, &offer).unwrap_err();
    assert!(matches!(error, OfferError::LegExists(LegId(1))));
    assert_eq!(world.router.legs(), 1);
}

#[test]
fn lines_without_a_named_role_get_the_one_that_fits() {
    let mut world = World::new();
    let mut client = Client::new(world.now, 1);
    let offer = client.offer(world.now, PAIR);
    let answer = world.router.add_leg(world.now, LegId(1), GROUP, &unnamed(offer.sdp)).unwrap();
    assert!(answer.contains("a=ice-lite"), "{answer}");
    assert_eq!(answer.matches("a=recvonly").count(), 2, "a microphone and a camera: {answer}");
    assert_eq!(answer.matches("a=sendonly").count(), 2, "a slot for each: {answer}");
}
