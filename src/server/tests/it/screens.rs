//! Screens that are shared: one at a time in a call.

use switchboard_ids::CallId;
use switchboard_protocol::{ErrorCode, Event, MediaState, Reply, Request};

use crate::support::{Device, TestApp};

const SCREEN: MediaState = MediaState { microphone: true, camera: true, screen: true };

/// Whose screen is switched on or off, as the device sees it next.
async fn screen(device: &mut Device) -> (String, bool) {
    device
        .hears("a screen to be shared, or not any more", |event| match event {
            Event::Seat { seat, .. } => Some((seat.person.name.clone(), seat.media.screen)),
            _ => None,
        })
        .await
}

async fn shares(device: &mut Device, call: CallId) {
    assert_eq!(device.asks(Request::SetMedia { call, media: SCREEN }).await, Ok(Reply::Done));
}

#[tokio::test]
async fn sharing_a_screen_takes_it_from_whoever_shares_theirs_and_all_are_told() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris, mut clara]) = app.in_one_call(["Anna", "Boris", "Clara"]).await;
    for guest in [&mut anna, &mut boris, &mut clara] {
        guest.device.heard().await;
    }
    shares(&mut anna.device, call).await;
    assert_eq!(screen(&mut clara.device).await, ("Anna".to_owned(), true));
    shares(&mut boris.device, call).await;
    assert_eq!(screen(&mut clara.device).await, ("Anna".to_owned(), false), "never two at once");
    assert_eq!(screen(&mut clara.device).await, ("Boris".to_owned(), true));
    assert_eq!(screen(&mut boris.device).await, ("Anna".to_owned(), true));
    assert_eq!(screen(&mut boris.device).await, ("Anna".to_owned(), false));

    assert_eq!(screen(&mut anna.device).await, ("Anna".to_owned(), false));
    let taken = |event: &Event| match event {
        Event::ScreenTaken { call, by } => Some((*call, *by)),
        _ => None,
    };
    assert_eq!(anna.device.hears("her share to be taken", taken).await, (call, boris.user.id));
    assert_eq!(screen(&mut anna.device).await, ("Boris".to_owned(), true));
    for guest in [&mut boris, &mut clara] {
        assert_eq!(guest.device.heard().await.iter().find_map(taken), None, "who lost nothing is not told so");
    }
}

#[tokio::test]
async fn a_screen_is_shown_in_the_slot_for_it_while_it_is_shared() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris]) = app.in_one_call(["Anna", "Boris"]).await;
    let slot = boris.peer.mids(switchboard_protocol::TrackRole::ScreenSlot).remove(0);
    let shown = |event: &Event| match event {
        Event::Slot { mid, source, .. } if *mid == slot => Some(source.as_ref().map(|source| source.user)),
        _ => None,
    };
    assert!(!boris.device.heard().await.iter().filter_map(shown).any(|user| user.is_some()), "nothing is shared yet");
    shares(&mut anna.device, call).await;
    assert_eq!(boris.device.hears("the screen in its slot", shown).await, Some(anna.user.id));
    let media = MediaState { screen: false, ..SCREEN };
    anna.device.asks(Request::SetMedia { call, media }).await.unwrap();
    assert_eq!(boris.device.hears("the slot to be empty", shown).await, None);
}

#[tokio::test]
async fn a_held_call_shows_nobody_a_screen() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris]) = app.in_one_call(["Anna", "Boris"]).await;
    shares(&mut anna.device, call).await;
    assert_eq!(anna.device.asks(Request::Hold { call }).await, Ok(Reply::Done));
    boris.device.sees("Anna", "without a screen", |seat| !seat.media.screen && seat.media.camera).await;
    let refused = anna.device.asks(Request::SetMedia { call, media: SCREEN }).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::WrongState);
}
