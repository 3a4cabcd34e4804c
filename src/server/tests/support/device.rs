//! A device of a person: a signalling connection, and offers as a browser makes them.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use str0m::media::{Direction, MediaKind};
use str0m::{Candidate, Rtc};
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{CallKind, ClientMessage, EndReason, Event, Failure, Offer, Reply, Request, ServerMessage};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{TestApp, TestUser};

/// Everything awaited here takes milliseconds; this is for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connected device.
pub struct Device {
    pub online: Vec<UserId>,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_request: u64,
    last_event: u64,
    events: VecDeque<Event>,
}

impl TestUser {
    /// Connects a device.
    pub async fn connects(&self) -> Device {
        let mut socket = dial(self).await.unwrap();
        let welcome = timeout(PATIENCE, socket.next()).await.expect("a welcome").unwrap().unwrap();
        let ServerMessage::Event { seq: 1, event: Event::Welcome { user, online, .. } } = read(&welcome) else {
            panic!("a welcome comes first, not {welcome:?}")
        };
        assert_eq!((user.id, user.name.as_str()), (self.id, self.name.as_str()));
        Device { online, socket, last_request: 0, last_event: 1, events: VecDeque::new() }
    }

    /// Tries to open the signalling connection; gives the HTTP status it is refused with.
    pub async fn is_refused_to_connect(&self) -> u16 {
        match dial(self).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("the connection is refused, not {other:?}"),
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

async fn dial(user: &TestUser) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
    let mut request = format!("{}/v1/ws", user.url.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {}", user.token).parse().unwrap());
    connect_async(request).await.map(|(socket, _)| socket)
}

fn read(message: &Message) -> ServerMessage {
    serde_json::from_str(message.to_text().unwrap()).unwrap_or_else(|error| panic!("{error}: {message:?}"))
}

impl Device {
    /// Sends a request and gives the one reply to it.
    pub async fn asks(&mut self, request: Request) -> Result<Reply, Failure> {
        self.last_request += 1;
        let id = self.last_request;
        let text = serde_json::to_string(&ClientMessage { id, request }).unwrap();
        self.says(&text).await;
        self.answer_to(id).await
    }

    /// Sends text as it is.
    pub async fn says(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Sends bytes as they are.
    pub async fn says_bytes(&mut self, bytes: &[u8]) {
        self.socket.send(Message::binary(bytes.to_vec())).await.unwrap();
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
        let Ok(received) = timeout(patience, self.socket.next()).await else { panic!("{awaited} does not come; {:?}", self.events) };
        match received {
            Some(Ok(message @ Message::Text(_))) => match read(&message) {
                ServerMessage::Done { reply, ok } => return Some((reply, Ok(ok))),
                ServerMessage::Refused { reply, error } => return Some((reply, Err(error))),
                ServerMessage::Event { seq, event } => {
                    assert_eq!(seq, self.last_event + 1, "events are numbered without a gap");
                    self.last_event = seq;
                    self.events.push_back(event);
                }
            },
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            ended => panic!("{awaited} is awaited, not the end of the connection: {ended:?}"),
        }
        None
    }

    /// Waits for an event that `wanted` makes something of; the events before it are dropped.
    pub async fn hears<T>(&mut self, awaited: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        self.hears_within(PATIENCE, awaited, wanted).await
    }

    /// The same, for what takes longer.
    async fn hears_within<T>(&mut self, patience: Duration, awaited: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
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

    /// Everything told so far, up to the reply to a ping.
    pub async fn heard(&mut self) -> Vec<Event> {
        self.asks(Request::Ping).await.unwrap();
        self.events.drain(..).collect()
    }

    /// Waits until the server closes the connection; gives the close code.
    pub async fn is_closed(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the connection is closed") {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(message @ Message::Text(_))) => {
                    if let ServerMessage::Event { event, .. } = read(&message) {
                        self.events.push_back(event);
                    }
                }
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return 1006,
            }
        }
    }

    /// What was told before the connection was closed.
    pub fn last_words(&self) -> Option<&Event> {
        self.events.back()
    }

    /// Closes the connection; gives whether the server answered that.
    pub async fn closes(mut self) -> bool {
        self.socket.close(None).await.unwrap();
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the connection ends") {
                Some(Ok(Message::Close(_))) => return true,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    }

    /// Closes the tab.
    pub async fn leaves(mut self) {
        self.socket.close(None).await.unwrap();
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

    pub async fn accepts(&mut self, call: CallId) -> Result<Reply, Failure> {
        self.asks(Request::Accept { call, offer: offer() }).await
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

/// Waits until `condition` holds, and says what was awaited when it does not come.
pub async fn eventually<T: Debug + PartialEq>(awaited: &str, expected: T, found: impl AsyncFn() -> T) {
    let start = Instant::now();
    loop {
        let value = found().await;
        if value == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{awaited}: {value:?} is not {expected:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
