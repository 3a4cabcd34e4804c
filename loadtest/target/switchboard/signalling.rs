//! The signalling connection as a client sees it: requests with one reply each, and events.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use switchboard_ids::CallId;
use switchboard_protocol::{ClientMessage, ErrorCode, Event, Failure, Reply, Request, ServerMessage, TrackSource};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, InvalidHeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use super::tls;
use crate::engine::Camera;
use crate::measure::Timings;

/// How long the server may take over one step. Far longer than any step of a healthy server; it bounds a broken one.
pub(crate) const STEP_LIMIT: Duration = Duration::from_secs(10);

/// The library clears this much at every read, and keeps it for each connection: of its own choice, 128 KiB, thousands of
/// connections would cost more than what they carry.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Why signalling failed.
#[derive(Debug, Error)]
pub(crate) enum SignalError {
    #[error("signalling cannot connect to {url}")]
    Connect { url: Url, source: Box<tungstenite::Error> },
    #[error("the token cannot be sent")]
    Token(#[from] InvalidHeaderValue),
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    #[error("the signalling connection was closed by the server")]
    Closed,
    #[error("{what} did not come within {} s", STEP_LIMIT.as_secs())]
    TimedOut { what: &'static str },
    #[error("the server is too old for this load tester: it does not understand {request} ({message})")]
    TooOld { request: &'static str, message: String },
    #[error("{request} was refused: {:?}, {}", failure.code, failure.message)]
    Refused { request: &'static str, failure: Failure },
    #[error("{request} got a reply that is for another request")]
    WrongReply { request: &'static str },
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Answer = Result<Reply, Failure>;

/// One connection. A task of its own reads it, so that nothing waits for the scenario; dropping this closes it.
#[derive(Debug)]
pub(crate) struct Signalling {
    requests: mpsc::UnboundedSender<(Request, oneshot::Sender<Answer>)>,
    events: mpsc::UnboundedReceiver<Event>,
    /// Events that came while another was awaited.
    seen: VecDeque<Event>,
    camera: SharedCamera,
    timings: Timings,
}

/// The camera in a call, which is to heed what the server says of its layers.
type SharedCamera = Arc<Mutex<Option<(CallId, Camera)>>>;

/// Told when a connection ends that nobody here has closed.
pub(crate) type Lost = mpsc::UnboundedSender<()>;

impl Signalling {
    /// Connects, and waits until the server knows this device. How long requests take goes into `timings`.
    pub(crate) async fn connect(base: &Url, token: &str, insecure: bool, timings: Timings, lost: Lost) -> Result<Self, SignalError> {
        let url = websocket_url(base);
        let refused = |source| SignalError::Connect { url: url.clone(), source: Box::new(source) };
        let mut request = url.as_str().into_client_request().map_err(refused)?;
        request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        let connector = if insecure { Some(Connector::Rustls(tls::any_certificate()?)) } else { None };
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
        let connecting = connect_async_tls_with_config(request, Some(config), true, connector);
        let connected = timeout(STEP_LIMIT, connecting).await.map_err(|_| SignalError::TimedOut { what: "the signalling connection" })?;
        let (socket, _) = connected.map_err(refused)?;
        let (requests, incoming_requests) = mpsc::unbounded_channel();
        let (outgoing_events, events) = mpsc::unbounded_channel();
        let camera = SharedCamera::default();
        tokio::spawn(carry(socket, incoming_requests, outgoing_events, Arc::clone(&camera), lost));
        let mut signalling = Self { requests, events, seen: VecDeque::new(), camera, timings };
        signalling.wait_for("the welcome", |event| matches!(event, Event::Welcome { .. }).then_some(())).await?;
        Ok(signalling)
    }

    /// Sends a request and waits for its reply.
    pub(crate) async fn request(&self, name: &'static str, request: Request) -> Result<Reply, SignalError> {
        let (answer, answered) = oneshot::channel();
        let sent_at = Instant::now();
        self.requests.send((request, answer)).map_err(|_| SignalError::Closed)?;
        let answer = timeout(STEP_LIMIT, answered).await.map_err(|_| SignalError::TimedOut { what: name })?;
        self.timings.record(name, sent_at.elapsed());
        answer.map_err(|_| SignalError::Closed)?.map_err(|failure| match failure.code {
            ErrorCode::BadMessage => SignalError::TooOld { request: name, message: failure.message },
            _ => SignalError::Refused { request: name, failure },
        })
    }

    /// From here on the camera sends the layers somebody wants in this call, and no others.
    pub(crate) fn heed_layers(&self, call: CallId, camera: Camera) {
        *self.camera.lock().unwrap_or_else(PoisonError::into_inner) = Some((call, camera));
    }

    /// Waits for an event, which `what` names for people, that `wanted` makes something of. Other events are kept for later.
    pub(crate) async fn wait_for<T>(&mut self, what: &'static str, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, SignalError> {
        if let Some((at, found)) = self.seen.iter().enumerate().find_map(|(at, event)| Some((at, wanted(event)?))) {
            self.seen.remove(at);
            return Ok(found);
        }
        let deadline = Instant::now() + STEP_LIMIT;
        loop {
            let event = timeout_at(deadline, self.events.recv()).await.map_err(|_| SignalError::TimedOut { what })?;
            let event = event.ok_or(SignalError::Closed)?;
            match wanted(&event) {
                Some(found) => return Ok(found),
                None => self.seen.push_back(event),
            }
        }
    }

    /// Forgets the events nobody waited for; what comes from here on belongs to what happens next.
    pub(crate) fn forget_seen(&mut self) {
        self.seen.clear();
        while self.events.try_recv().is_ok() {}
    }
}

/// Carries requests out, and replies and events in, until either side ends it.
async fn carry(
    mut socket: Socket,
    mut requests: mpsc::UnboundedReceiver<(Request, oneshot::Sender<Answer>)>,
    events: mpsc::UnboundedSender<Event>,
    camera: SharedCamera,
    lost: Lost,
) {
    let mut unanswered: HashMap<u64, oneshot::Sender<Answer>> = HashMap::new();
    let mut next_id = 1;
    loop {
        tokio::select! {
            request = requests.recv() => {
                let Some((request, answer)) = request else { break };
                let message = ClientMessage { id: next_id, request };
                let text = serde_json::to_string(&message).expect("a message of the protocol is always JSON");
                unanswered.insert(next_id, answer);
                next_id += 1;
                if socket.send(Message::text(text)).await.is_err() {
                    let _ = lost.send(());
                    return;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else {
                    // Whoever watched for it may have gone.
                    let _ = lost.send(());
                    return;
                };
                let Message::Text(text) = message else { continue };
                // A message this version does not know is for a newer client; the step that needed it will time out by name.
                let Ok(message) = serde_json::from_str(&text) else { continue };
                match message {
                    ServerMessage::Done { reply, ok } => answer(&mut unanswered, reply, Ok(ok)),
                    ServerMessage::Refused { reply, error } => answer(&mut unanswered, reply, Err(error)),
                    // Nobody listens when the client is about to be dropped.
                    ServerMessage::Event { event, .. } => {
                        heed(&camera, &event);
                        drop(events.send(event));
                    }
                }
            }
        }
    }
    // The server may have gone first; then there is nothing to close.
    let _ = socket.close(None).await;
}

fn heed(camera: &SharedCamera, event: &Event) {
    let Event::LayersWanted { call: of, track: TrackSource::Camera, active, rids } = event else { return };
    if let Some((call, camera)) = &*camera.lock().unwrap_or_else(PoisonError::into_inner)
        && call == of
    {
        camera.want(*active, rids.clone());
    }
}

fn answer(unanswered: &mut HashMap<u64, oneshot::Sender<Answer>>, id: u64, answer: Answer) {
    if let Some(waiting) = unanswered.remove(&id) {
        // Whoever asked may have stopped waiting.
        let _ = waiting.send(answer);
    }
}

fn websocket_url(base: &Url) -> Url {
    let mut url = base.clone();
    let scheme = if base.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme).expect("http and https may become ws and wss");
    url.set_path(&format!("{}/v1/ws", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signalling_is_where_the_api_is() {
        let of = |base: &str| websocket_url(&base.parse().unwrap()).to_string();
        assert_eq!(of("http://127.0.0.1:8080"), "ws://127.0.0.1:8080/v1/ws");
        assert_eq!(of("https://calls.example.org/a/"), "wss://calls.example.org/a/v1/ws");
    }
}
