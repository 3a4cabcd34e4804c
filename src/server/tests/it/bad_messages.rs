//! Messages that make no sense or ask for what may not be: a typed error each, and the connection goes on.

use std::collections::BTreeSet;

use str0m::Rtc;
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{CallKind, ErrorCode, MAX_MESSAGE_BYTES, Offer, Reply, Request, Tile, Track, TrackRole};

use crate::support::{TestApp, offer, sdp};

#[tokio::test]
async fn a_message_that_cannot_be_read_is_refused_and_the_connection_goes_on() {
    let app = TestApp::start().await;
    let mut a = app.register("Anna").await.connects().await;
    let messages = [
        ("hello", 0),
        ("{", 0),
        ("{}", 0),
        (r#"{"id":7,"type":"dance"}"#, 7),
        (r#"{"id":8,"type":"place","callees":"everyone"}"#, 8),
        (r#"{"id":9,"type":"set_media","call":"x","media":{"microphone":1}}"#, 9),
        (r#"{"id":-1,"type":"ping"}"#, 0),
        (r#"{"id":10,"type":"view","call":"01900000-0000-7000-8000-00000000000c","tiles":[{"mid":"1","height":-1}]}"#, 10),
        (r#"{"id":11,"type":"view","call":"01900000-0000-7000-8000-00000000000c","tiles":[{"mid":"1","height":70000}]}"#, 11),
        (r#"{"id":12,"type":"view","call":"01900000-0000-7000-8000-00000000000c","tiles":{}}"#, 12),
    ];
    for (text, id) in messages {
        a.says(text).await;
        assert_eq!(a.answer_to(id).await.unwrap_err().code, ErrorCode::BadMessage, "{text}");
    }
    a.says_bytes(b"\x00\xff").await;
    assert_eq!(a.answer_to(0).await.unwrap_err().code, ErrorCode::BadMessage);
    assert_eq!(a.asks(Request::Ping).await, Ok(Reply::Done));
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_gets_a_problem() {
    let app = TestApp::start().await;
    app.register("Anna").await.get("/v1/ws").await.refused(400, "bad_request");
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    let app = TestApp::start().await;
    let mut a = app.register("Anna").await.connects().await;
    a.asks(Request::Ping).await.unwrap();
    assert!(a.closes().await, "the closing handshake is finished (RFC 6455 §7.1.2)");
}

#[tokio::test]
async fn fields_nobody_knows_are_passed_over() {
    let app = TestApp::start().await;
    let mut a = app.register("Anna").await.connects().await;
    a.says(r#"{"id":5,"type":"ping","mood":"good"}"#).await;
    assert_eq!(a.answer_to(5).await, Ok(Reply::Done));
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_and_ends_the_connection_alone() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let (mut a, mut other) = (anna.connects().await, anna.connects().await);
    a.says(&format!(r#"{{"id":1,"type":"ping","padding":"{}"}}"#, "x".repeat(MAX_MESSAGE_BYTES))).await;
    assert_eq!(a.answer_to(0).await.unwrap_err().code, ErrorCode::TooLarge);
    assert_eq!(a.is_closed().await, 1009);
    assert_eq!(other.asks(Request::Ping).await, Ok(Reply::Done));
}

#[tokio::test]
async fn a_far_larger_one_ends_the_connection_unread() {
    let app = TestApp::start().await;
    let anna = app.register("Anna").await;
    let (mut a, mut other) = (anna.connects().await, anna.connects().await);
    a.says(&"x".repeat(3 * MAX_MESSAGE_BYTES)).await;
    a.is_closed().await;
    assert_eq!(other.asks(Request::Ping).await, Ok(Reply::Done));
}

#[tokio::test]
async fn a_flood_of_requests_is_held_back() {
    let app = TestApp::start().await;
    let mut a = app.register("Anna").await.connects().await;
    let mut refused = 0;
    for _ in 0..200 {
        match a.asks(Request::Ping).await {
            Ok(_) => {}
            Err(failure) => {
                assert_eq!(failure.code, ErrorCode::TooManyRequests);
                refused += 1;
            }
        }
    }
    assert!(refused > 50, "{refused} of 200 in a moment were held back");
}

#[tokio::test]
async fn only_contacts_can_be_called() {
    let app = TestApp::start().await;
    let (anna, boris, stranger) = (app.register("Anna").await, app.register("Boris").await, app.register("Stranger").await);
    anna.befriends(&boris).await;
    let (mut a, mut b, mut s) = (anna.connects().await, boris.connects().await, stranger.connects().await);
    for callees in [vec![stranger.id], vec![boris.id, stranger.id], vec![UserId::from_u128(1)]] {
        assert_eq!(a.tries_to_call(callees).await.unwrap_err().code, ErrorCode::NotAContact);
    }
    for callees in [vec![], vec![anna.id], vec![boris.id, boris.id], vec![boris.id; 100]] {
        assert_eq!(a.tries_to_call(callees).await.unwrap_err().code, ErrorCode::BadCallees);
    }
    assert_eq!((b.heard().await, s.heard().await), (vec![], vec![]), "nobody rang");
}

#[tokio::test]
async fn an_offer_that_cannot_be_answered_rings_nobody() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let unknown = sdp(Rtc::builder().clear_codecs().enable_vp9(true).enable_pcmu(true, false));
    let wrong_role = Offer { tracks: vec![Track { mid: "nowhere".to_owned(), role: TrackRole::Camera }], ..offer() };
    let many = format!("v=0\r\n{}", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(100));
    let offers = [
        (Offer { sdp: "hello".to_owned(), tracks: Vec::new() }, ErrorCode::BadOffer),
        (Offer { sdp: String::new(), tracks: Vec::new() }, ErrorCode::BadOffer),
        (Offer { sdp: many, tracks: Vec::new() }, ErrorCode::BadOffer),
        (Offer { sdp: unknown, tracks: Vec::new() }, ErrorCode::NoUsableCodec),
        (wrong_role, ErrorCode::BadOffer),
    ];
    for (offer, code) in offers {
        let refused = a.asks(Request::Place { callees: vec![boris.id], kind: CallKind::Audio, offer }).await;
        assert_eq!(refused.unwrap_err().code, code);
    }
    assert_eq!(b.heard().await, []);
    a.calls(&[&boris]).await;
    b.rings().await;
}

#[tokio::test]
async fn a_call_one_has_no_seat_in_is_unknown_and_one_that_is_over_is_over() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let mut s = app.register("Stranger").await.connects().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    for id in [call, CallId::from_u128(77)] {
        assert_eq!(s.accepts(id).await.unwrap_err().code, ErrorCode::UnknownCall);
        for request in [Request::Decline { call: id }, Request::Cancel { call: id }, Request::HangUp { call: id }] {
            assert_eq!(s.asks(request).await.unwrap_err().code, ErrorCode::UnknownCall);
        }
    }
    assert_eq!(b.asks(Request::Cancel { call }).await.unwrap_err().code, ErrorCode::WrongState, "only the caller takes it back");
    a.asks(Request::Cancel { call }).await.unwrap();
    assert_eq!(b.accepts(call).await.unwrap_err().code, ErrorCode::CallOver);
    assert_eq!(a.asks(Request::HangUp { call }).await.unwrap_err().code, ErrorCode::CallOver);
    assert_eq!(s.accepts(call).await.unwrap_err().code, ErrorCode::UnknownCall);
}

#[tokio::test]
async fn a_thousand_people_are_asked_into_a_call_at_once_and_none_is_rung() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.answers().await;
    let callees: Vec<UserId> = (0..1_000).map(|number| UserId::from_u128(number + 7)).collect();
    for request in [Request::Invite { call, callees: callees.clone() }, Request::Invite { call, callees: vec![callees[0]; 33] }] {
        let refused = a.asks(request).await.unwrap_err();
        assert!(matches!(refused.code, ErrorCode::BadCallees | ErrorCode::NotAContact), "{refused:?}");
    }
    b.heard().await;
    // A thousand requests to ask the same one in: those that are taken are refused for a reason, the others for their number.
    let mut unanswered = BTreeSet::new();
    for _ in 0..1_000 {
        unanswered.insert(a.begins_to_ask(Request::Invite { call, callees: vec![boris.id] }).await);
    }
    let mut codes = Vec::new();
    while !unanswered.is_empty() {
        let (id, outcome) = a.next_reply().await;
        assert!(unanswered.remove(&id), "one reply to each");
        codes.push(outcome.unwrap_err().code);
    }
    assert!(codes.iter().all(|code| matches!(code, ErrorCode::BadCallees | ErrorCode::TooManyRequests)), "{codes:?}");
    assert!(codes.contains(&ErrorCode::BadCallees) && codes.contains(&ErrorCode::TooManyRequests));
    assert_eq!(b.heard().await, [], "nobody else is disturbed");
    b.asks(Request::HangUp { call }).await.unwrap();
    a.sees_the_end(call).await;
}

#[tokio::test]
async fn requests_out_of_order_are_refused_and_change_nothing() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    b.heard().await;
    let early = [
        a.asks(Request::Hold { call }).await,
        a.asks(Request::Unhold { call, current: None }).await,
        a.asks(Request::Accept { call, offer: None, current: None }).await,
        b.asks(Request::HangUp { call }).await,
        b.asks(Request::Hold { call }).await,
        b.asks(Request::Report { call, quality: Default::default() }).await,
        b.asks(Request::Invite { call, callees: vec![] }).await,
        b.tries_to_join(call).await,
    ];
    for refused in early {
        assert_eq!(refused.unwrap_err().code, ErrorCode::WrongState);
    }
    b.accepts(call).await.unwrap();
    assert_eq!(b.accepts(call).await.unwrap_err().code, ErrorCode::WrongState);
    assert_eq!(a.asks(Request::Cancel { call }).await.unwrap_err().code, ErrorCode::WrongState);
    a.asks(Request::Hold { call }).await.unwrap();
    assert_eq!(a.asks(Request::Hold { call }).await.unwrap_err().code, ErrorCode::WrongState);
    a.asks(Request::Unhold { call, current: None }).await.unwrap();
    a.asks(Request::HangUp { call }).await.unwrap();
    b.sees_the_end(call).await;
    assert_eq!(b.asks(Request::HangUp { call }).await.unwrap_err().code, ErrorCode::CallOver);
}

#[tokio::test]
async fn a_view_of_what_is_not_there_is_refused_and_one_of_who_is_away_is_not() {
    let app = TestApp::start().await;
    let (call, [mut anna, boris]) = app.in_one_call(["Anna", "Boris"]).await;
    let stranger = app.register("Stranger").await;
    let (slot, sound) = (anna.peer.mids(TrackRole::VideoSlot).remove(0), anna.peer.mids(TrackRole::AudioSlot).remove(0));
    let camera = anna.peer.mids(TrackRole::Camera).remove(0);
    let tile = |mid: &str, user| Tile { mid: mid.to_owned(), height: 180, user, pinned: false };
    let refused = [
        vec![tile("nowhere", None)],
        vec![tile("", None)],
        vec![tile(&sound, None)],
        vec![tile(&camera, None)],
        vec![tile(&slot, None), tile(&slot, Some(boris.user.id))],
        vec![tile(&slot, Some(stranger.id))],
        vec![tile(&slot, Some(UserId::from_u128(1)))],
        vec![tile(&slot, None); 65],
    ];
    for tiles in refused {
        let failure = anna.device.asks(Request::View { call, tiles: tiles.clone() }).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::BadMessage, "{failure:?} of {tiles:?}");
    }
    let absurd = Tile { height: u16::MAX, pinned: true, ..tile(&slot, Some(anna.user.id)) };
    for tiles in [vec![], vec![tile(&slot, Some(boris.user.id))], vec![absurd]] {
        assert_eq!(anna.device.asks(Request::View { call, tiles: tiles.clone() }).await, Ok(Reply::Done), "{tiles:?}");
    }
}

#[tokio::test]
async fn views_and_statistics_of_a_call_are_for_devices_with_media_in_it() {
    let app = TestApp::start().await;
    let (_anna, mut a, boris, mut b) = app.anna_and_boris().await;
    let mut s = app.register("Stranger").await.connects().await;
    let call = a.calls(&[&boris]).await;
    b.rings().await;
    let requests = |call| [Request::View { call, tiles: vec![] }, Request::Stats { call }];
    for request in requests(call) {
        assert_eq!(s.asks(request.clone()).await.unwrap_err().code, ErrorCode::UnknownCall);
        assert_eq!(b.asks(request).await.unwrap_err().code, ErrorCode::WrongState, "it only rings there");
    }
    b.asks(Request::Warm { call, offer: offer() }).await.unwrap();
    for request in requests(call) {
        assert_eq!(b.asks(request.clone()).await.unwrap_err().code, ErrorCode::WrongState, "it still only rings there");
        assert!(a.asks(request).await.is_ok());
    }
    a.asks(Request::Cancel { call }).await.unwrap();
    for request in requests(call) {
        assert_eq!(a.asks(request).await.unwrap_err().code, ErrorCode::CallOver);
    }
    for request in requests(CallId::from_u128(77)) {
        assert_eq!(a.asks(request).await.unwrap_err().code, ErrorCode::UnknownCall);
    }
}
