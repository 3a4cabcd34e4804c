//! What a device speaks through: a WebSocket, or server-sent events with POSTs beside them.

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Response};
use switchboard_ids::DeviceId;
use switchboard_protocol::ServerMessage;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::TestUser;

/// Where a device left off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub device: DeviceId,
    pub after: u64,
}

/// What comes over a wire.
#[derive(Debug)]
pub enum Received {
    Message(ServerMessage),
    /// A sign of life, or a comment.
    Sign,
    /// The end, with its close code.
    Closed(Option<u16>),
}

/// Which kind of wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    WebSocket,
    Stream,
}

pub enum Wire {
    WebSocket(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>),
    Stream(Box<Stream>),
}

/// Events that come, and where to post.
pub struct Stream {
    http: Client,
    url: String,
    token: String,
    response: Response,
    unread: Vec<u8>,
}

fn query(cursor: Option<Cursor>) -> String {
    cursor.map(|Cursor { device, after }| format!("?device={device}&after={after}")).unwrap_or_default()
}

/// Opens a WebSocket as `user`.
pub async fn dial(user: &TestUser, cursor: Option<Cursor>) -> Result<Wire, Error> {
    let url = format!("{}/v1/ws{}", user.url.replace("http://", "ws://"), query(cursor));
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {}", user.token).parse().unwrap());
    connect_async(request).await.map(|(socket, _)| Wire::WebSocket(Box::new(socket)))
}

impl Wire {
    pub async fn open(user: &TestUser, kind: Kind, cursor: Option<Cursor>) -> Self {
        match kind {
            Kind::WebSocket => dial(user, cursor).await.unwrap(),
            Kind::Stream => {
                let (http, token) = (Client::new(), user.token.clone());
                let url = format!("{}/v1/events{}", user.url, query(cursor));
                let response = http.get(url).bearer_auth(&token).send().await.unwrap();
                assert_eq!(response.status(), 200);
                assert_eq!(response.headers()["content-type"], "text/event-stream");
                Self::Stream(Box::new(Stream { http, url: user.url.clone(), token, response, unread: Vec::new() }))
            }
        }
    }

    pub async fn receive(&mut self) -> Received {
        match self {
            Self::WebSocket(socket) => match socket.next().await {
                Some(Ok(message @ Message::Text(_))) => Received::Message(read(message.to_text().unwrap())),
                // No code is what RFC 6455 §7.1.5 calls 1005.
                Some(Ok(Message::Close(frame))) => Received::Closed(Some(frame.map_or(1005, |frame| frame.code.into()))),
                Some(Ok(_)) => Received::Sign,
                None | Some(Err(_)) => Received::Closed(None),
            },
            Self::Stream(stream) => stream.receive().await,
        }
    }

    /// Says something, as `device`.
    pub async fn say(&mut self, device: DeviceId, text: &str) {
        match self {
            Self::WebSocket(socket) => socket.send(Message::text(text)).await.unwrap(),
            Self::Stream(stream) => stream.post(&format!("requests?device={device}"), text).await,
        }
    }

    /// Sends the POSTs of a stream to another server from here on.
    pub fn post_to(&mut self, url: &str) {
        let Self::Stream(stream) = self else { panic!("a WebSocket has no POSTs") };
        url.clone_into(&mut stream.url);
    }

    /// Says bytes that are no text.
    pub async fn say_bytes(&mut self, bytes: &[u8]) {
        let Self::WebSocket(socket) = self else { panic!("bytes are for a WebSocket") };
        socket.send(Message::binary(bytes.to_vec())).await.unwrap();
    }

    /// Closes a WebSocket with this code, and does not wait for the answer.
    pub async fn give_up(&mut self, code: u16) {
        let Self::WebSocket(socket) = self else { panic!("codes are for a WebSocket") };
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        WebSocketStream::close(socket, Some(frame)).await.unwrap();
    }

    /// Begins to close; what is left can be received.
    pub async fn close(&mut self, device: DeviceId) {
        match self {
            Self::WebSocket(socket) => WebSocketStream::close(socket, None).await.unwrap(),
            Self::Stream(stream) => stream.post(&format!("events/close?device={device}"), "").await,
        }
    }
}

impl Stream {
    async fn receive(&mut self) -> Received {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                return parse(std::str::from_utf8(&event).unwrap());
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.unread.extend_from_slice(&chunk),
                Ok(None) | Err(_) => return Received::Closed(None),
            }
        }
    }

    async fn post(&self, path: &str, body: &str) {
        let request = self.http.post(format!("{}/v1/{path}", self.url)).bearer_auth(&self.token).body(body.to_owned());
        assert_eq!(request.send().await.unwrap().status(), 202);
    }
}

/// Reads one event of a stream (WHATWG HTML §9.2.6).
fn parse(event: &str) -> Received {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim_start);
    match (field("event:"), field("data:")) {
        (None, Some(data)) => Received::Message(read(data)),
        _ => Received::Sign,
    }
}

fn read(text: &str) -> ServerMessage {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
