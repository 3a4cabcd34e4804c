//! Who speaks, and whose connection is bad, as everyone in the call is told.

use std::time::Duration;

use switchboard_ids::UserId;
use switchboard_protocol::{ConnectionQuality, Event, Request};

use crate::support::{Device, Guest, Peer, TestApp};

/// A connection is judged from a few seconds of it, and reports of loss come once a second.
const JUDGED_WITHIN: Duration = Duration::from_secs(30);

fn speakers(event: &Event) -> Option<Vec<UserId>> {
    match event {
        Event::Speakers { users, .. } => Some(users.clone()),
        _ => None,
    }
}

async fn hears_speak(device: &mut Device, awaited: &str, users: &[UserId]) {
    device.hears(awaited, |event| (speakers(event)? == users).then_some(())).await;
}

async fn sees_quality(device: &mut Device, of: UserId, quality: ConnectionQuality) {
    let told = |event: &Event| match event {
        Event::Quality { people, .. } => people.iter().find(|person| person.user == of && person.quality == quality).map(drop),
        _ => None,
    };
    device.hears_within(JUDGED_WITHIN, &format!("a {quality:?} connection"), told).await;
}

#[tokio::test]
async fn everyone_is_told_who_speaks_and_who_comes_later_too() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris, mut clara]) = app.in_one_call(["Anna", "Boris", "Clara"]).await;
    let dora = app.register("Dora").await;
    anna.user.befriends(&dora).await;
    let mut dora = Guest { device: dora.connects().await, user: dora, peer: Peer::new().await };
    boris.peer.speaks(true);
    let speaks = [boris.user.id];
    for guest in [&mut anna, &mut boris, &mut clara] {
        hears_speak(&mut guest.device, "Boris to speak", &speaks).await;
    }
    anna.device.asks(Request::Invite { call, callees: vec![dora.user.id] }).await.unwrap();
    dora.answers().await;
    hears_speak(&mut dora.device, "that Boris speaks", &speaks).await;

    boris.device.asks(Request::HangUp { call }).await.unwrap();
    for guest in [&mut anna, &mut clara] {
        hears_speak(&mut guest.device, "that he left", &[]).await;
    }
    clara.device.asks(Request::HangUp { call }).await.unwrap();
    clara.joins(call).await;
    assert_eq!(clara.device.heard().await.iter().find_map(speakers), None, "there is nothing to tell of him");
}

#[tokio::test]
async fn a_muted_microphone_is_no_speaker() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris]) = app.in_one_call(["Anna", "Boris"]).await;
    boris.peer.speaks(true);
    hears_speak(&mut anna.device, "Boris to speak", &[boris.user.id]).await;
    let media = switchboard_protocol::MediaState { microphone: false, camera: true, screen: false };
    boris.device.asks(Request::SetMedia { call, media }).await.unwrap();
    hears_speak(&mut anna.device, "nobody to speak", &[]).await;
}

#[tokio::test]
async fn a_bad_connection_is_seen_by_all_and_by_who_comes_later_and_forgotten_with_new_media() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris, mut clara]) = app.in_one_call(["Anna", "Boris", "Clara"]).await;
    clara.device.asks(Request::HangUp { call }).await.unwrap();
    anna.peer.speaks(true);
    boris.peer.loses(true);
    let his = boris.user.id;
    // Both at once: a device in a call that is not read for a few seconds counts as lost.
    let poor = ConnectionQuality::Poor;
    tokio::join!(sees_quality(&mut anna.device, his, poor), sees_quality(&mut boris.device, his, poor));
    // Clara comes back with a new page, and is told what stands.
    clara.device = clara.user.connects().await;
    clara.joins(call).await;
    sees_quality(&mut clara.device, his, poor).await;
    boris.joins(call).await;
    sees_quality(&mut anna.device, his, ConnectionQuality::Good).await;
}
