//! A device of a person: a signalling connection, and offers as a browser makes them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use str0m::media::{Direction, MediaKind};
use str0m::{Candidate, Rtc};
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{
    CallKind, ClientMessage, Current, EndReason, ErrorCode, Event, Failure, MyCall, Offer, Reply, Request, Seat, ServerMessage,
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

use super::waiting::PATIENCE;
use super::wire::{Cursor, Kind, Received, Wire, dial};
use super::{TestApp, TestUser};

/// The close code of a connection that cannot be opened at the moment (RFC 6455 §7.4.1, 1013 of IANA).
const TRY_AGAIN: u16 = 1013;

/// A connected device.
pub struct Device {
    pub id: DeviceId,
    pub online: Vec<UserId>,
    wire: Wire,
    last_request: u64,
    last_event: u64,
    /// Until it has been told what it missed: what a later event made void is left out of that.
    resuming: bool,
    events: VecDeque<Event>,
}

impl TestUser {
    /// Connects a device.
    pub async fn connects(&self) -> Device {
        self.connects_by(Kind::WebSocket).await
    }

    /// Connects a device by a wire of this kind.
    pub async fn connects_by(&self, kind: Kind) -> Device {
        self.is_welcomed(Wire::open(self, kind, None).await).await
    }

    /// Connects where a device left off, and has everything it missed before this returns.
    pub async fn resumes(&self, cursor: Cursor) -> Device {
        self.resumes_by(Kind::WebSocket, cursor).await
    }

    /// The same, by a wire of this kind.
    pub async fn resumes_by(&self, kind: Kind, cursor: Cursor) -> Device {
        let wire = Wire::open(self, kind, Some(cursor)).await;
        let Cursor { device, after } = cursor;
        let mut device = Device::resuming(device, wire, after);
        let start = Instant::now();
        while device.events.back() != Some(&Event::Resumed) {
            // A reply that came after the last event may come again: it may have been lost.
            device.receives("what was missed", PATIENCE.saturating_sub(start.elapsed())).await;
        }
        device.events.pop_back();
        device
    }

    /// Opens a connection where a device left off, and reads nothing yet.
    pub async fn opens(&self, cursor: Cursor) -> Device {
        let wire = Wire::open(self, Kind::WebSocket, Some(cursor)).await;
        Device::resuming(cursor.device, wire, cursor.after)
    }

    /// Connects where a device left off, which cannot be done any more: the connection goes on as a device that is new, or
    /// knows nothing. Where the server cannot open it at the moment, it tries again, as a client does.
    pub async fn cannot_resume(&self, cursor: Cursor) -> Device {
        let start = Instant::now();
        let (wire, refused) = loop {
            let mut wire = Wire::open(self, Kind::WebSocket, Some(cursor)).await;
            match timeout(PATIENCE, wire.receive()).await.expect("a refusal") {
                Received::Closed(Some(TRY_AGAIN)) if start.elapsed() < PATIENCE => {}
                received => break (wire, received),
            }
        };
        let Received::Message(ServerMessage::Refused { reply: 0, error }) = refused else {
            panic!("a refusal comes first, not {refused:?}")
        };
        assert_eq!(error.code, ErrorCode::CannotResume);
        self.is_welcomed(wire).await
    }

    async fn is_welcomed(&self, mut wire: Wire) -> Device {
        let welcome = timeout(PATIENCE, wire.receive()).await.expect("a welcome");
        let Received::Message(ServerMessage::Event { seq: 1, event: Event::Welcome { device: id, user, online } }) = welcome else {
            panic!("a welcome comes first, not {welcome:?}")
        };
        assert_eq!((user.id, user.name.as_str()), (self.id, self.name.as_str()));
        Device { id, online, wire, last_request: 0, last_event: 1, resuming: false, events: VecDeque::new() }
    }

    /// Tries to open the signalling connection; gives the HTTP status it is refused with.
    pub async fn is_refused_to_connect(&self) -> u16 {
        match dial(self, None).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(other) => panic!("the connection is refused, not {other:?}"),
            Ok(_) => panic!("the connection is refused, not opened"),
        }
    }
}

impl TestApp {
    /// Anna and Boris, who are contacts, each with a device.
    pub async fn anna_and_boris(&self) -> (TestUser, Device, TestUser, Device) {
        let (anna, boris) = (self.register("Anna").await, self.register("Boris").await);
        anna.befriends(&boris).await;
        let (a, b) = (anna.connects().await, boris.connects().await);
        (anna, a, boris, b)
    }
}

impl Device {
    fn resuming(id: DeviceId, wire: Wire, after: u64) -> Self {
        Self { id, online: Vec::new(), wire, last_request: 1_000, last_event: after, resuming: true, events: VecDeque::new() }
    }

    /// Sends a request and gives the one reply to it.
    pub async fn asks(&mut self, request: Request) -> Result<Reply, Failure> {
        let id = self.begins_to_ask(request).await;
        self.answer_to(id).await
    }

    /// Sends a request; gives its id.
    pub async fn begins_to_ask(&mut self, request: Request) -> u64 {
        self.last_request += 1;
        let id = self.last_request;
        self.repeats(id, request).await;
        id
    }

    /// The next reply, to whichever request.
    pub async fn next_reply(&mut self) -> (u64, Result<Reply, Failure>) {
        loop {
            if let Some(reply) = self.receives("a reply", PATIENCE).await {
                return reply;
            }
        }
    }

    /// Sends a request with an id that may have been used before.
    pub async fn repeats(&mut self, id: u64, request: Request) {
        self.says(&serde_json::to_string(&ClientMessage { id, request }).unwrap()).await;
    }

    /// Sends text as it is.
    pub async fn says(&mut self, text: &str) {
        self.wire.say(self.id, text).await;
    }

    /// Sends bytes as they are.
    pub async fn says_bytes(&mut self, bytes: &[u8]) {
        self.wire.say_bytes(bytes).await;
    }

    /// The reply to the request with this id; events that come before it are kept.
    pub async fn answer_to(&mut self, id: u64) -> Result<Reply, Failure> {
        let start = Instant::now();
        loop {
            if let Some((reply, outcome)) = self.receives("a reply", PATIENCE.saturating_sub(start.elapsed())).await {
                assert_eq!(reply, id, "{outcome:?}");
                return outcome;
            }
        }
    }

    /// Takes one message: a reply is returned, an event is kept.
    async fn receives(&mut self, awaited: &str, patience: Duration) -> Option<(u64, Result<Reply, Failure>)> {
        let Ok(received) = timeout(patience, self.wire.receive()).await else { panic!("{awaited} does not come; {:?}", self.events) };
        match received {
            Received::Message(ServerMessage::Done { reply, ok }) => return Some((reply, Ok(ok))),
            Received::Message(ServerMessage::Refused { reply, error }) => return Some((reply, Err(error))),
            Received::Message(ServerMessage::Event { seq, event }) => {
                let follows = seq == self.last_event + 1 || self.resuming && seq > self.last_event;
                assert!(follows, "events are numbered without a gap: {seq} after {}", self.last_event);
                self.resuming &= event != Event::Resumed;
                self.last_event = seq;
                self.events.push_back(event);
            }
            Received::Sign => {}
            Received::Closed(code) => panic!("{awaited} is awaited, not the end of the connection: {code:?}"),
        }
        None
    }

    /// Sends its POSTs to another server from here on.
    pub fn posts_to(&mut self, url: &str) {
        self.wire.post_to(url);
    }

    /// Where this device is.
    pub fn cursor(&self) -> Cursor {
        Cursor { device: self.id, after: self.last_event }
    }

    /// Gives the connection up by a close frame with this code; gives where this device left off.
    pub async fn gives_up(mut self, code: u16) -> Cursor {
        self.wire.give_up(code).await;
        self.cursor()
    }

    /// The connection breaks, without a word; gives where this device left off.
    pub async fn breaks(self) -> Cursor {
        self.cursor()
    }

    /// Waits for an event that `wanted` makes something of; the events before it are dropped.
    pub async fn hears<T>(&mut self, awaited: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        self.hears_within(PATIENCE, awaited, wanted).await
    }

    /// The same, for what takes longer.
    pub async fn hears_within<T>(&mut self, patience: Duration, awaited: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            while let Some(event) = self.events.pop_front() {
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
            let reply = self.receives(awaited, patience.saturating_sub(start.elapsed())).await;
            assert_eq!(reply, None, "nothing was asked");
        }
    }

    /// Waits for an event that `wanted` makes something of, and keeps those before and after it.
    pub async fn awaits<T>(&mut self, awaited: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let (start, mut looked_at) = (Instant::now(), 0);
        loop {
            while let Some(event) = self.events.get(looked_at) {
                looked_at += 1;
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
            let reply = self.receives(awaited, PATIENCE.saturating_sub(start.elapsed())).await;
            assert_eq!(reply, None, "nothing was asked");
        }
    }

    /// Everything told so far, up to the reply to a ping.
    pub async fn heard(&mut self) -> Vec<Event> {
        self.asks(Request::Ping).await.unwrap();
        self.events.drain(..).collect()
    }

    /// Waits until the server closes the connection; gives the close code.
    pub async fn is_closed(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.wire.receive()).await.expect("the connection is closed") {
                Received::Message(ServerMessage::Event { event, .. }) => self.events.push_back(event),
                Received::Message(_) | Received::Sign => {}
                Received::Closed(code) => return code.unwrap_or(1006),
            }
        }
    }

    /// What was told before the connection was closed.
    pub fn last_words(&self) -> Option<&Event> {
        self.events.back()
    }

    /// Closes the connection; gives whether the server answered that.
    pub async fn closes(mut self) -> bool {
        self.wire.close(self.id).await;
        loop {
            match timeout(PATIENCE, self.wire.receive()).await.expect("the connection ends") {
                Received::Closed(code) => return code.is_some(),
                Received::Message(_) | Received::Sign => {}
            }
        }
    }

    /// Closes the tab.
    pub async fn leaves(mut self) {
        self.wire.close(self.id).await;
    }

    /// Calls people; gives the call.
    pub async fn calls(&mut self, people: &[&TestUser]) -> CallId {
        match self.tries_to_call(people.iter().map(|person| person.id).collect()).await {
            Ok(Reply::Placed { call, .. }) => call,
            other => panic!("the call is placed, not {other:?}"),
        }
    }

    pub async fn tries_to_call(&mut self, callees: Vec<UserId>) -> Result<Reply, Failure> {
        self.asks(Request::Place { callees, kind: CallKind::Video, offer: offer() }).await
    }

    /// Waits until this device rings; gives the call.
    pub async fn rings(&mut self) -> CallId {
        self.hears("a ring", |event| match event {
            Event::IncomingCall { call, .. } => Some(*call),
            _ => None,
        })
        .await
    }

    /// Waits until this device rings, and takes the call; gives it.
    pub async fn answers(&mut self) -> CallId {
        let call = self.rings().await;
        match self.accepts(call).await {
            Ok(Reply::Accepted { .. }) => call,
            other => panic!("the call is taken, not {other:?}"),
        }
    }

    pub async fn accepts(&mut self, call: CallId) -> Result<Reply, Failure> {
        self.asks(Request::Accept { call, offer: Some(offer()), current: None }).await
    }

    /// Takes a call while in another.
    pub async fn accepts_and(&mut self, current: Current, call: CallId) -> Result<Reply, Failure> {
        self.asks(Request::Accept { call, offer: Some(offer()), current: Some(current) }).await
    }

    /// Takes one's seat in a running call; gives everyone's seats.
    pub async fn joins(&mut self, call: CallId) -> Vec<Seat> {
        match self.tries_to_join(call).await {
            Ok(Reply::Joined { seats, .. }) => seats,
            other => panic!("the call is joined, not {other:?}"),
        }
    }

    pub async fn tries_to_join(&mut self, call: CallId) -> Result<Reply, Failure> {
        self.asks(Request::Join { call, offer: offer(), current: None }).await
    }

    /// Waits until the seat of the one with this name is as wanted.
    pub async fn sees(&mut self, name: &str, wanted: &str, is: impl Fn(&Seat) -> bool) -> Seat {
        self.hears(&format!("{name}'s seat to be {wanted}"), |event| match event {
            Event::Seat { seat, .. } if seat.person.name == name && is(seat) => Some(seat.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the list of its user's calls is as wanted.
    pub async fn has_calls(&mut self, wanted: &str, is: impl Fn(&[MyCall]) -> bool) -> Vec<MyCall> {
        self.hears(wanted, |event| match event {
            Event::MyCalls { calls } if is(calls) => Some(calls.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the call is over; gives why.
    pub async fn sees_the_end(&mut self, of: CallId) -> EndReason {
        self.sees_the_end_within(of, PATIENCE).await
    }

    /// The same, for an end that takes longer to come.
    pub async fn sees_the_end_within(&mut self, of: CallId, patience: Duration) -> EndReason {
        self.hears_within(patience, "the end of the call", |event| match event {
            Event::CallEnded { call, reason, .. } if *call == of => Some(*reason),
            _ => None,
        })
        .await
    }
}

/// The offer of a client with a microphone, a camera and a slot for each.
pub fn offer() -> Offer {
    Offer { sdp: sdp(Rtc::builder().clear_codecs().enable_opus(true, false).enable_vp8(true)), tracks: Vec::new() }
}

/// Such an offer, of a client with these codecs.
pub fn sdp(client: str0m::RtcConfig) -> String {
    let mut rtc = client.build(Instant::now());
    rtc.add_local_candidate(Candidate::host("127.0.0.1:9".parse().unwrap(), "udp").unwrap());
    let mut change = rtc.sdp_api();
    for direction in [Direction::SendOnly, Direction::RecvOnly] {
        for kind in [MediaKind::Audio, MediaKind::Video] {
            change.add_media(kind, direction, None, None, None);
        }
    }
    change.apply().unwrap().0.to_sdp_string()
}
