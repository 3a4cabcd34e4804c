//! What a device shows, and whom it sees for that.

use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{Event, MediaState, Reply, Request, Tile, TrackRole, TrackSource};

use crate::support::{Guest, TestApp};

fn tile(mid: &str, user: Option<UserId>) -> Tile {
    Tile { mid: mid.to_owned(), height: 360, user, pinned: false }
}

impl Guest {
    async fn views(&mut self, call: CallId, tiles: Vec<Tile>) {
        assert_eq!(self.device.asks(Request::View { call, tiles }).await, Ok(Reply::Done));
    }

    /// Waits until somebody's camera, or nobody's, is in the slot.
    async fn sees_in(&mut self, slot: &str, whom: Option<&Guest>) {
        let whom = whom.map(|whom| whom.user.id);
        let awaited = format!("{whom:?} in slot {slot}");
        let comes = |event: &Event| match event {
            Event::Slot { mid, source, .. } if mid == slot => {
                let camera = source.as_ref().filter(|source| source.track == TrackSource::Camera);
                (camera.map(|source| source.user) == whom).then_some(())
            }
            _ => None,
        };
        self.device.hears(&awaited, comes).await;
    }
}

#[tokio::test]
async fn the_person_named_by_a_tile_is_shown_in_it() {
    let app = TestApp::start().await;
    let (call, [mut anna, boris, clara, dora]) = app.in_one_call(["Anna", "Boris", "Clara", "Dora"]).await;
    let slots = anna.peer.mids(TrackRole::VideoSlot);
    anna.device.heard().await;
    for whom in [&dora, &boris, &clara] {
        anna.views(call, vec![tile(&slots[0], Some(whom.user.id)), tile(&slots[1], None), tile(&slots[2], None)]).await;
        anna.sees_in(&slots[0], Some(whom)).await;
    }
}

#[tokio::test]
async fn who_leaves_and_comes_back_is_shown_again_where_they_were_wanted() {
    let app = TestApp::start().await;
    let (call, [mut anna, _boris, mut clara]) = app.in_one_call(["Anna", "Boris", "Clara"]).await;
    let slots = anna.peer.mids(TrackRole::VideoSlot);
    anna.device.heard().await;
    anna.views(call, vec![tile(&slots[2], Some(clara.user.id))]).await;
    anna.sees_in(&slots[2], Some(&clara)).await;
    clara.device.asks(Request::HangUp { call }).await.unwrap();
    anna.device.sees("Clara", "gone", |seat| seat.state == switchboard_protocol::SeatState::Left).await;
    // Naming her while she is away is no error; it is not the slot that was hers, which the server would choose again.
    anna.views(call, vec![tile(&slots[0], None), tile(&slots[1], Some(clara.user.id)), tile(&slots[2], None)]).await;
    clara.joins(call).await;
    anna.sees_in(&slots[1], Some(&clara)).await;
}

#[tokio::test]
async fn who_moves_to_another_device_is_still_shown_in_the_tile_that_names_them() {
    let app = TestApp::start().await;
    let (call, [mut anna, boris, clara]) = app.in_one_call(["Anna", "Boris", "Clara"]).await;
    let slots = anna.peer.mids(TrackRole::VideoSlot);
    anna.device.heard().await;
    anna.views(call, vec![tile(&slots[2], Some(clara.user.id))]).await;
    anna.sees_in(&slots[2], Some(&clara)).await;
    let phone = clara.user.connects().await;
    let mut phone = Guest { user: clara.user, device: phone, peer: clara.peer };
    phone.joins(call).await;
    // The one who is in the slot is the same; that it is the phone's picture shows when the tile is given away and back.
    anna.views(call, vec![tile(&slots[2], Some(boris.user.id))]).await;
    anna.sees_in(&slots[2], Some(&boris)).await;
    anna.views(call, vec![tile(&slots[2], Some(phone.user.id))]).await;
    anna.sees_in(&slots[2], Some(&phone)).await;
}

#[tokio::test]
async fn a_camera_that_is_off_takes_no_slot() {
    let app = TestApp::start().await;
    let (call, [mut anna, mut boris]) = app.in_one_call(["Anna", "Boris"]).await;
    let slots = anna.peer.mids(TrackRole::VideoSlot);
    anna.views(call, vec![tile(&slots[0], Some(boris.user.id))]).await;
    anna.sees_in(&slots[0], Some(&boris)).await;
    let media = |camera| Request::SetMedia { call, media: MediaState { microphone: true, camera, screen: false } };
    boris.device.asks(media(false)).await.unwrap();
    anna.sees_in(&slots[0], None).await;
    boris.device.asks(media(true)).await.unwrap();
    anna.sees_in(&slots[0], Some(&boris)).await;
}
