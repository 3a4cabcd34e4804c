//! The connection to Janus's API: requests with one answer each, over its WebSocket transport, in one session.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::{self, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::message::{Answer, Id, Message, Refusal};

/// How long Janus may take over one step. Far longer than any step of a healthy server; it bounds a broken one.
pub(super) const STEP_LIMIT: Duration = Duration::from_secs(10);

/// Why Janus could not be used.
#[derive(Debug, Error)]
pub(crate) enum JanusError {
    #[error("Janus's API at {address} cannot be reached")]
    Connect { address: SocketAddr, source: Box<tungstenite::Error> },
    #[error("Janus closed the connection of its API")]
    Closed,
    #[error("Janus did not answer {request} within {} s", STEP_LIMIT.as_secs())]
    TimedOut { request: &'static str },
    #[error("Janus refused {request}: {refusal}")]
    Refused { request: &'static str, refusal: Refusal },
    #[error("Janus answered {request} without {missing}")]
    Incomplete { request: &'static str, missing: &'static str },
    #[error("Janus hung up: {0}")]
    HungUp(String),
    #[error("Janus's media did not connect within {} s", STEP_LIMIT.as_secs())]
    NotConnected,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Outcome = Result<Answer, Refusal>;
type Up = oneshot::Sender<Result<(), String>>;

enum Outgoing {
    Request {
        body: Value,
        answer: oneshot::Sender<Outcome>,
    },
    /// Tell when media of this handle is connected.
    Watch {
        handle: Id,
        up: Up,
    },
}

/// A session of Janus. A task of its own reads the connection; when this is dropped, it is closed and the session ends with it.
#[derive(Debug)]
pub(super) struct Connection {
    outgoing: mpsc::UnboundedSender<Outgoing>,
    session: Id,
}

/// Media of a handle that is to be connected.
pub(super) struct Rising(oneshot::Receiver<Result<(), String>>);

impl Connection {
    /// Connects and opens a session. `lost` is told when the connection ends that nobody here has closed.
    pub(super) async fn open(address: SocketAddr, lost: mpsc::UnboundedSender<()>) -> Result<Self, JanusError> {
        let refused = |source| JanusError::Connect { address, source: Box::new(source) };
        let mut request = format!("ws://{address}/").into_client_request().map_err(refused)?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("janus-protocol"));
        let connected =
            timeout(STEP_LIMIT, connect_async(request)).await.map_err(|_| JanusError::TimedOut { request: "the connection" })?;
        let (socket, _) = connected.map_err(refused)?;
        let (outgoing, incoming) = mpsc::unbounded_channel();
        tokio::spawn(carry(socket, incoming, lost));
        let mut connection = Self { outgoing, session: 0 };
        let made = connection.request("create", json!({ "janus": "create" })).await?;
        connection.session = made.id.ok_or(JanusError::Incomplete { request: "create", missing: "a session" })?;
        Ok(connection)
    }

    /// The version of Janus.
    pub(super) async fn version(&self) -> Result<String, JanusError> {
        let info = self.request("info", json!({ "janus": "info" })).await?;
        info.version.ok_or(JanusError::Incomplete { request: "info", missing: "a version" })
    }

    /// A handle of the videoroom plugin.
    pub(super) async fn attach(&self) -> Result<Id, JanusError> {
        let body = json!({ "janus": "attach", "session_id": self.session, "plugin": "janus.plugin.videoroom" });
        let made = self.request("attach", body).await?;
        made.id.ok_or(JanusError::Incomplete { request: "attach", missing: "a handle" })
    }

    /// Ends a handle and its media.
    pub(super) async fn detach(&self, handle: Id) -> Result<(), JanusError> {
        let body = json!({ "janus": "detach", "session_id": self.session, "handle_id": handle });
        self.request("detach", body).await.map(drop)
    }

    /// A request to the videoroom, perhaps with a session description of this type: `offer` or `answer`.
    pub(super) async fn message(
        &self,
        name: &'static str,
        handle: Id,
        body: Value,
        sdp: Option<(&'static str, String)>,
    ) -> Result<Answer, JanusError> {
        let mut message = json!({ "janus": "message", "session_id": self.session, "handle_id": handle, "body": body });
        if let Some((kind, sdp)) = sdp {
            message["jsep"] = json!({ "type": kind, "sdp": sdp, "trickle": false });
        }
        self.request(name, message).await
    }

    /// To be called before media of the handle is negotiated.
    pub(super) fn watch(&self, handle: Id) -> Rising {
        let (up, rising) = oneshot::channel();
        // A connection that has ended drops the sender, which whoever waits sees.
        let _ = self.outgoing.send(Outgoing::Watch { handle, up });
        Rising(rising)
    }

    async fn request(&self, name: &'static str, body: Value) -> Result<Answer, JanusError> {
        let (answer, answered) = oneshot::channel();
        self.outgoing.send(Outgoing::Request { body, answer }).map_err(|_| JanusError::Closed)?;
        let answer = timeout(STEP_LIMIT, answered).await.map_err(|_| JanusError::TimedOut { request: name })?;
        answer.map_err(|_| JanusError::Closed)?.map_err(|refusal| JanusError::Refused { request: name, refusal })
    }
}

impl Rising {
    /// Waits until media is connected on Janus's side.
    pub(super) async fn up(self) -> Result<(), JanusError> {
        let risen = timeout(STEP_LIMIT, self.0).await.map_err(|_| JanusError::NotConnected)?;
        risen.map_err(|_| JanusError::Closed)?.map_err(JanusError::HungUp)
    }
}

/// Carries requests out and answers in, until either side ends it.
async fn carry(mut socket: Socket, mut outgoing: mpsc::UnboundedReceiver<Outgoing>, lost: mpsc::UnboundedSender<()>) {
    let mut unanswered: HashMap<String, oneshot::Sender<Outcome>> = HashMap::new();
    let mut rising: HashMap<Id, Up> = HashMap::new();
    let mut transactions = 0_u64..;
    loop {
        tokio::select! {
            next = outgoing.recv() => match next {
                None => break,
                Some(Outgoing::Watch { handle, up }) => drop(rising.insert(handle, up)),
                Some(Outgoing::Request { mut body, answer }) => {
                    let transaction = transactions.next().unwrap_or_default().to_string();
                    body["transaction"] = Value::from(transaction.as_str());
                    unanswered.insert(transaction, answer);
                    if socket.send(Frame::text(body.to_string())).await.is_err() {
                        let _ = lost.send(());
                        return;
                    }
                }
            },
            frame = socket.next() => {
                let Some(Ok(frame)) = frame else {
                    // Whoever watched for it may have gone.
                    let _ = lost.send(());
                    return;
                };
                let Frame::Text(text) = frame else { continue };
                // Whoever waits for what cannot be read times out by name. Those who have stopped waiting are told nothing.
                match Message::parse(&text) {
                    Ok(Message::Answer { transaction, answer }) => {
                        if let Some(waiting) = unanswered.remove(&transaction) {
                            let _ = waiting.send(answer);
                        }
                    }
                    Ok(Message::Up(handle)) => drop(rising.remove(&handle).map(|up| up.send(Ok(())))),
                    Ok(Message::HungUp(handle, reason)) => drop(rising.remove(&handle).map(|up| up.send(Err(reason)))),
                    Ok(Message::SessionOver) => {
                        let _ = lost.send(());
                        return;
                    }
                    Ok(Message::Other) | Err(_) => {}
                }
            }
        }
    }
    // Janus may have gone first; then there is nothing to close.
    let _ = socket.close(None).await;
}
