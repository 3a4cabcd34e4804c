//! Several people in one call, with real media.

use switchboard_ids::CallId;
use switchboard_protocol::{AnswerSdp, CallKind, Event, Reply, Request, Seat, TrackRole};

use super::{Device, Peer, TestApp, TestUser, eventually};

/// Someone with a device and its media.
pub struct Guest {
    pub user: TestUser,
    pub device: Device,
    pub peer: Peer,
}

impl TestApp {
    /// The first calls the others, who are all contacts of the first and of nobody else, and all take the call.
    pub async fn in_one_call<const PEOPLE: usize>(&self, names: [&str; PEOPLE]) -> (CallId, [Guest; PEOPLE]) {
        self.in_one_call_with_slots(3, names).await
    }

    /// The same of people who have so many slots each for voices and cameras.
    pub async fn in_one_call_with_slots<const PEOPLE: usize>(&self, slots: usize, names: [&str; PEOPLE]) -> (CallId, [Guest; PEOPLE]) {
        let mut guests = Vec::new();
        for name in names {
            let user = self.register(name).await;
            let device = user.connects().await;
            guests.push(Guest { user, device, peer: Peer::with_slots(slots).await });
        }
        let call = Guest::gather(&mut guests).await;
        (call, guests.try_into().ok().unwrap())
    }
}

impl Guest {
    /// Someone new at the server at `url`.
    pub async fn at(url: &str, name: &str) -> Self {
        let user = TestUser::register(url, name).await;
        let device = user.connects().await;
        Self { user, device, peer: Peer::new().await }
    }

    /// The first befriends the others and calls them, and all take the call.
    pub async fn gather(guests: &mut [Self]) -> CallId {
        let (first, others) = guests.split_first_mut().unwrap();
        for other in &*others {
            first.user.befriends(&other.user).await;
        }
        let callees = others.iter().map(|other| other.user.id).collect();
        let placed = first.device.asks(Request::Place { callees, kind: CallKind::Video, offer: first.peer.offer.clone() }).await;
        let Ok(Reply::Placed { call, answer, .. }) = placed else { panic!("the call is placed, not {placed:?}") };
        first.peer.takes(&answer.0);
        for other in others {
            other.answers().await;
        }
        for guest in guests {
            guest.is_connected().await;
        }
        call
    }

    /// Begins to talk, and waits until everyone hears everyone else, of two.
    pub async fn hear_each_other(guests: &[Self]) {
        guests.iter().for_each(|guest| guest.peer.speaks(true));
        for guest in guests {
            let before = guest.heard();
            eventually("a voice", true, async || guest.heard() > before + 10).await;
        }
    }

    /// What this one has heard of the others with its present media, in packets.
    pub fn heard(&self) -> u64 {
        self.peer.mids(TrackRole::AudioSlot).iter().map(|mid| self.peer.arrived(mid)).sum()
    }

    /// Waits until this one's device rings, and takes the call.
    pub async fn answers(&mut self) {
        let call = self.device.rings().await;
        let offer = Some(self.peer.offer.clone());
        match self.device.asks(Request::Accept { call, offer, current: None }).await {
            Ok(Reply::Accepted { answer: Some(AnswerSdp(answer)), .. }) => self.peer.takes(&answer),
            other => panic!("the call is taken, not {other:?}"),
        }
    }

    /// Takes the seat with new media.
    pub async fn joins(&mut self, call: CallId) -> Vec<Seat> {
        self.joins_with(call, Peer::new().await).await
    }

    /// The same with this media.
    pub async fn joins_with(&mut self, call: CallId, peer: Peer) -> Vec<Seat> {
        self.peer = peer;
        match self.device.asks(Request::Join { call, offer: self.peer.offer.clone(), current: None }).await {
            Ok(Reply::Joined { answer, seats, .. }) => {
                self.peer.takes(&answer.0);
                seats
            }
            other => panic!("the call is joined, not {other:?}"),
        }
    }

    /// Waits until the media is connected.
    pub async fn is_connected(&mut self) {
        let connected = |event: &Event| matches!(event, Event::MediaConnected { .. }).then_some(());
        self.device.awaits("the media to connect", connected).await;
    }
}
