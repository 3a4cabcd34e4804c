//! A call that is larger than one media thread takes: nobody in it notices.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{Event, Reply, Request, Tile, TrackRole, TrackSource};

use crate::support::{Guest, TestApp, eventually};

/// Four threads, of which each takes two people of a call before the next does.
const SPREAD: [&str; 7] = ["--no-limits", "--media-udp", "0,0,0,0", "--spread-after", "2", "--audio-slots", "5"];

/// Which of a guest's slots show whom, by what their device was told.
#[derive(Default)]
struct Shown(BTreeMap<String, (UserId, TrackSource)>);

impl Shown {
    fn learn(&mut self, event: &Event) {
        match event {
            Event::Slot { mid, source: Some(source), .. } => {
                self.0.insert(mid.clone(), (source.user, source.track));
            }
            Event::Slot { mid, source: None, .. } => {
                self.0.remove(mid);
            }
            _ => {}
        }
    }

    /// Until so many people are shown, each with a voice and a face.
    async fn people(&mut self, guest: &mut Guest, people: usize) {
        self.until(guest, &format!("{people} people"), |shown| shown.len() == 2 * people).await;
    }

    async fn until(&mut self, guest: &mut Guest, awaited: &str, holds: impl Fn(&BTreeMap<String, (UserId, TrackSource)>) -> bool) {
        while !holds(&self.0) {
            let slot = |event: &Event| matches!(event, Event::Slot { .. }).then(|| event.clone());
            let event = guest.device.hears(&format!("{awaited}, and not {:?}", self.0), slot).await;
            self.learn(&event);
        }
    }
}

impl Guest {
    /// Waits until packets arrive in all of these slots, from here on.
    async fn gets(&self, slots: Vec<String>) {
        let before: Vec<u64> = slots.iter().map(|mid| self.peer.arrived(mid)).collect();
        eventually(&format!("packets for {} in every slot", self.user.id), Vec::new(), async || {
            let dry = slots.iter().zip(&before).filter(|(mid, before)| self.peer.arrived(mid) < **before + 5);
            dry.map(|(mid, _)| mid.clone()).collect::<Vec<_>>()
        })
        .await;
    }

    /// Hears all of these people at once, and looks at one after the other: on a busy machine there may be no room for more pictures.
    async fn hears_and_sees(&mut self, call: CallId, shown: &mut Shown, people: &[UserId]) {
        shown.people(self, people.len()).await;
        let voices = shown.0.iter().filter(|(_, source)| source.1 == TrackSource::Microphone);
        assert_eq!(voices.clone().map(|(_, source)| source.0).collect::<BTreeSet<_>>(), people.iter().copied().collect());
        self.gets(voices.map(|(mid, _)| mid.clone()).collect()).await;
        let slots = self.peer.mids(TrackRole::VideoSlot);
        for person in people {
            let tile = |mid: &String| Tile { mid: mid.clone(), height: 0, user: None, pinned: false };
            let mut tiles: Vec<Tile> = slots.iter().map(tile).collect();
            (tiles[0].height, tiles[0].user) = (90, Some(*person));
            assert_eq!(self.device.asks(Request::View { call, tiles }).await, Ok(Reply::Done));
            shown.until(self, "the one who is looked at", |shown| shown.get(&slots[0]) == Some(&(*person, TrackSource::Camera))).await;
            self.gets(vec![slots[0].clone()]).await;
        }
    }
}

#[tokio::test]
async fn six_people_on_three_threads_all_hear_and_see_each_other_until_they_leave() {
    let app = TestApp::start_with(&SPREAD).await;
    let (call, guests) = app.in_one_call_with_slots(5, ["Anna", "Boris", "Clara", "Dora", "Emil", "Fedor"]).await;
    let mut guests = Vec::from(guests);
    for guest in &guests {
        guest.peer.speaks(true);
        guest.peer.shows(true);
    }
    let everyone: Vec<UserId> = guests.iter().map(|guest| guest.user.id).collect();
    let others = |of: &Guest| everyone.iter().copied().filter(|other| *other != of.user.id).collect::<Vec<_>>();
    let mut shown: Vec<Shown> = guests.iter().map(|_| Shown::default()).collect();
    for (guest, shown) in guests.iter_mut().zip(&mut shown) {
        let others = others(guest);
        guest.hears_and_sees(call, shown, &others).await;
    }
    let metrics = app.admin("/metrics").await.1;
    let of = |name: &str| -> Vec<u64> {
        let lines = metrics.lines().filter(|line| line.starts_with(name) && !line.starts_with('#'));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect()
    };
    let mut legs = of("switchboard_media_thread_legs");
    legs.sort_unstable();
    assert_eq!(legs, [0, 2, 2, 2], "\n{metrics}");
    let relayed = of("switchboard_media_thread_packets_total{kind=\"relayed\"");
    assert_eq!(relayed.iter().filter(|count| **count > 0).count(), 3, "each gives to the others: {relayed:?}");
    assert_eq!(of("switchboard_media_thread_packets_total{kind=\"relay_dropped\""), [0; 4]);

    // The two of one thread leave, one after the other; the others go on.
    for left in [3, 2] {
        let mut guest = guests.remove(left);
        shown.remove(left);
        guest.device.asks(Request::HangUp { call }).await.unwrap();
        for (guest, shown) in guests.iter_mut().zip(&mut shown) {
            shown.people(guest, left + 1).await;
            guest
                .gets(shown.0.iter().filter(|(_, source)| source.1 == TrackSource::Microphone).map(|(mid, _)| mid.clone()).collect())
                .await;
        }
    }
    let present: Vec<UserId> = guests.iter().map(|guest| guest.user.id).collect();
    for (guest, shown) in guests.iter_mut().zip(&mut shown) {
        let others: Vec<UserId> = present.iter().copied().filter(|other| *other != guest.user.id).collect();
        guest.hears_and_sees(call, shown, &others).await;
    }
}

#[tokio::test]
async fn everyone_is_told_once_who_speaks_whatever_thread_they_are_on() {
    let app = TestApp::start_with(&SPREAD).await;
    let (_, mut guests) = app.in_one_call_with_slots(3, ["Anna", "Boris", "Clara", "Dora"]).await;
    for speaker in [3, 0] {
        guests[speaker].peer.speaks(true);
        let user = guests[speaker].user.id;
        for guest in &mut guests {
            let told = |event: &Event| matches!(event, Event::Speakers { users, .. } if *users == [user]).then_some(());
            guest.device.hears("who speaks", told).await;
        }
        guests[speaker].peer.speaks(false);
        for guest in &mut guests {
            let told = |event: &Event| match event {
                Event::Speakers { users, .. } => Some(users.is_empty()),
                _ => None,
            };
            assert!(guest.device.hears("that nobody does", told).await, "the next that is told");
        }
    }
}
