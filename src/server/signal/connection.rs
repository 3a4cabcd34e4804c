//! One connection: requests in, replies and events out, and a watch that the client is alive.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::{SinkExt, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use switchboard_ids::DeviceId;
use switchboard_protocol::{ErrorCode, Failure, ServerMessage};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep_until, timeout};
use uuid::Uuid;

use super::{lookup, parse};
use crate::http::AppState;
use crate::http::auth::{Login, is_in_use};
use crate::store::{StoreError, accounts, contacts};
use crate::switchboard::{Gone, OUTBOX};

/// How often the client is pinged; browsers answer by themselves.
const PING_EVERY: Duration = Duration::from_secs(8);
/// A client that says nothing for so long is gone: two pings went unanswered.
const SILENT_FOR: Duration = Duration::from_secs(20);
/// A client that does not take a message for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Requests of one connection: a person makes few, a client that resumes makes a handful at once.
const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

/// How often an open connection counts as a use of its login: far more often than a login may be unused.
const IN_USE_EVERY: Duration = Duration::from_secs(600);

/// Why a connection ended.
enum End {
    /// The client closed it.
    ByClient,
    /// The network broke.
    Lost,
    /// The client says nothing any more.
    Silent,
    /// The client sent something that cannot be forgiven.
    Unreadable,
    /// The switchboard closed it.
    ByServer,
}

struct Connection {
    state: AppState,
    login: Login,
    device: DeviceId,
    limiter: DefaultDirectRateLimiter,
}

/// Serves a connection until it ends.
pub(super) async fn serve(state: AppState, login: Login, mut socket: WebSocket) {
    let device = DeviceId::from(Uuid::now_v7());
    let (outbox, inbox) = mpsc::channel(OUTBOX);
    match introduce(&state, login, device, outbox).await {
        Ok(true) => {
            tracing::debug!(%device, user = %login.user, "connected");
            let quota = Quota::per_second(REQUESTS_PER_SECOND).allow_burst(REQUESTS_AT_ONCE);
            let connection = Connection { state: state.clone(), login, device, limiter: RateLimiter::direct(quota) };
            let left = connection.run(socket, inbox).await;
            tracing::debug!(%device, left, "disconnected");
            return state.switchboard.gone(device, left).await;
        }
        Ok(false) => {}
        Err(error) => {
            tracing::error!(%error, "a connection could not be opened");
            let close = CloseFrame { code: close_code::AGAIN, reason: "try again".into() };
            let _ = socket.send(Message::Close(Some(close))).await;
        }
    }
    state.switchboard.gone(device, false).await;
}

/// Tells the switchboard who comes; false when it is stopping or the account is gone.
async fn introduce(state: &AppState, login: Login, device: DeviceId, outbox: mpsc::Sender<ServerMessage>) -> Result<bool, StoreError> {
    let Login { user, session } = login;
    if state.switchboard.arriving(device, user, session).await.is_err() {
        return Ok(false);
    }
    // A login that ended between the handshake and the line above was told to a switchboard that did not know this device.
    if !is_in_use(state, session).await? {
        return Ok(false);
    }
    let Some(person) = accounts::by_id(&state.store, user).await? else { return Ok(false) };
    let contacts = contacts::ids_of(&state.store, user).await?;
    Ok(state.switchboard.connected(device, person.name, contacts, outbox).await.is_ok())
}

impl Connection {
    /// Runs until the end; gives whether the client closed the connection.
    async fn run(self, socket: WebSocket, mut inbox: mpsc::Receiver<ServerMessage>) -> bool {
        let (mut sink, mut stream) = socket.split();
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut in_use = interval_at(Instant::now() + IN_USE_EVERY, IN_USE_EVERY);
        let mut heard = Instant::now();
        let end = loop {
            let out = tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => text(&message),
                    None => break End::ByServer,
                },
                received = stream.next() => {
                    heard = Instant::now();
                    match received {
                        Some(Ok(Message::Text(message))) => match self.request(message.as_str()).await {
                            Ok(None) => continue,
                            Ok(Some(refusal)) => text(&refusal),
                            Err(refusal) => {
                                let _ = timeout(WRITE_WITHIN, sink.send(text(&refusal))).await;
                                break End::Unreadable;
                            }
                        },
                        Some(Ok(Message::Binary(_))) => {
                            let unreadable = parse::binary();
                            text(&ServerMessage::Refused { reply: unreadable.id, error: unreadable.failure })
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                        Some(Ok(Message::Close(_))) => break End::ByClient,
                        Some(Err(_)) | None => break End::Lost,
                    }
                }
                _ = pings.tick() => Message::Ping(Vec::new().into()),
                _ = in_use.tick() => {
                    if let Err(error) = is_in_use(&self.state, self.login.session).await {
                        tracing::warn!(%error, "the use of a login could not be noted");
                    }
                    continue;
                }
                () = sleep_until(heard + SILENT_FOR) => break End::Silent,
            };
            if !matches!(timeout(WRITE_WITHIN, sink.send(out)).await, Ok(Ok(()))) {
                break End::Silent;
            }
        };
        // What is said here is a courtesy: the client may be gone already.
        let (code, reason) = match end {
            End::ByClient => {
                // The answer to its close frame is queued already.
                let _ = timeout(WRITE_WITHIN, sink.close()).await;
                return true;
            }
            End::Lost => return false,
            End::Silent => (close_code::POLICY, "no sign of life"),
            End::Unreadable => (close_code::SIZE, "message too large"),
            End::ByServer => (close_code::AWAY, "closed by the server"),
        };
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        let _ = timeout(WRITE_WITHIN, sink.send(close)).await;
        false
    }

    /// Carries a request to the switchboard; gives a refusal that it need not hear of, as an error if the connection ends by it.
    async fn request(&self, message: &str) -> Result<Option<ServerMessage>, ServerMessage> {
        let refused = |reply, error| ServerMessage::Refused { reply, error };
        let within_limits = self.limiter.check().is_ok();
        let message = match parse::parse(message) {
            Ok(message) => message,
            Err(unreadable) => {
                let refusal = refused(unreadable.id, unreadable.failure);
                return if unreadable.fatal { Err(refusal) } else { Ok(Some(refusal)) };
            }
        };
        let id = message.id;
        if !within_limits {
            let message = "too many requests in so short a time".to_owned();
            return Ok(Some(refused(id, Failure { code: ErrorCode::TooManyRequests, message })));
        }
        let ask = match lookup::prepare(&self.state, self.login.user, message.request).await {
            Ok(ask) => ask,
            Err(failure) => return Ok(Some(refused(id, failure))),
        };
        Ok(self.state.switchboard.ask(self.device, id, ask).await.err().map(|gone: Gone| {
            let failure = Failure { code: ErrorCode::Unavailable, message: gone.to_string() };
            refused(id, failure)
        }))
    }
}

fn text(message: &ServerMessage) -> Message {
    Message::Text(serde_json::to_string(message).expect("the protocol's messages are JSON").into())
}
