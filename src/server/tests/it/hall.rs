//! A call of many: everyone is told of everyone, and nobody falls behind.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{EndReason, Event, MediaState, Reply, Request, Seat, SeatState};

use crate::support::{Device, TestApp, TestUser};

/// More than are asked at once.
const PEOPLE: usize = 48;
const AT_ONCE: usize = 32;

const MUTED: MediaState = MediaState { microphone: false, camera: false, screen: false };

/// Takes the call when it rings, and waits until everyone in it is active.
async fn meets(device: &mut Device) {
    let call = device.rings().await;
    let accepted = device.accepts(call).await;
    let Ok(Reply::Accepted { seats, .. }) = accepted else { panic!("the call is taken, not {accepted:?}") };
    sees_all(device, seats).await;
}

/// Waits until `PEOPLE` are active, from these seats on.
async fn sees_all(device: &mut Device, seats: Vec<Seat>) {
    let active = |seats: &[Seat]| seats.iter().filter(|seat| seat.state == SeatState::Active).map(|seat| seat.person.id).collect();
    let mut active: BTreeSet<UserId> = active(&seats);
    while active.len() < PEOPLE {
        let come = |event: &Event| match event {
            Event::Seat { seat, .. } if seat.state == SeatState::Active => Some(seat.person.id),
            _ => None,
        };
        let come = device.hears("one more to be active", come).await;
        assert!(active.insert(come), "told twice");
    }
}

/// Waits until everyone else, of this many, has switched their sources so: each is told once.
async fn sees_switched(device: &mut Device, others: usize, media: MediaState) {
    let mut switched = BTreeSet::new();
    while switched.len() < others {
        let come = |event: &Event| match event {
            Event::Seat { seat, .. } if seat.media == media => Some(seat.person.id),
            _ => None,
        };
        let come = device.hears("one more to be switched", come).await;
        assert!(switched.insert(come), "told twice");
    }
}

async fn switches(device: &mut Device, call: CallId, media: MediaState) {
    assert_eq!(device.asks(Request::SetMedia { call, media }).await, Ok(Reply::Done));
}

#[tokio::test]
async fn forty_eight_people_meet_in_one_call_and_each_is_told_once_of_each_of_the_others() {
    let app = TestApp::start().await;
    let host = app.register("Host").await;
    let mut h = host.connects().await;
    let people: Vec<TestUser> = join_all((1..PEOPLE).map(|number| app.appears(format!("Guest {number}")))).await;
    for person in &people {
        host.befriends(person).await;
    }
    let mut devices: Vec<Device> = join_all(people.iter().map(TestUser::connects)).await;

    let invites = async {
        let mut asked = people.chunks(AT_ONCE);
        let placed = h.tries_to_call(asked.next().unwrap().iter().map(|person| person.id).collect()).await;
        let Ok(Reply::Placed { call, seats, .. }) = placed else { panic!("the call is placed, not {placed:?}") };
        for more in asked {
            h.asks(Request::Invite { call, callees: more.iter().map(|person| person.id).collect() }).await.unwrap();
        }
        sees_all(&mut h, seats).await;
        call
    };
    let (call, _) = join(invites, join_all(devices.iter_mut().map(meets))).await;

    // All mute themselves in the same moment.
    join_all(devices.iter_mut().chain([&mut h]).map(async |device| {
        switches(device, call, MUTED).await;
        sees_switched(device, PEOPLE - 1, MUTED).await;
    }))
    .await;

    // A connection that breaks in the midst of such a burst is told what it missed.
    let cursor = devices.pop().unwrap().breaks().await;
    let loud = MediaState { microphone: true, ..MUTED };
    join_all(devices.iter_mut().chain([&mut h]).map(async |device| {
        switches(device, call, loud).await;
        sees_switched(device, PEOPLE - 2, loud).await;
    }))
    .await;
    let mut back = people.last().unwrap().resumes(cursor).await;
    sees_switched(&mut back, PEOPLE - 1, loud).await;

    join_all(devices.iter_mut().chain([&mut h]).map(async |device| device.asks(Request::HangUp { call }).await.unwrap())).await;
    assert_eq!(back.sees_the_end(call).await, EndReason::HungUp);
}
