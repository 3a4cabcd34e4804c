//! One connection: who comes is introduced to the switchboard or resumed, then requests go in, messages go out, and a watch
//! is kept that the client is alive. The same for every kind of [`Link`].

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use switchboard_ids::{DeviceId, SessionId};
use switchboard_protocol::{ErrorCode, Failure, ServerMessage};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep_until, timeout};
use uuid::Uuid;

use super::link::{Goodbye, Incoming, Link, Outgoing};
use super::liveness::{Liveness, PING_IN_CALL_EVERY};
use super::resumption::Cursor;
use super::{lookup, parse};
use crate::http::AppState;
use crate::http::auth::{Login, is_in_use};
use crate::store::StoreError;
use crate::switchboard::{Ask, Gone, Inbox, Letter, Line, LineId, Resumption};

/// A client that does not take a message for so long is gone: as long as one in a call may be silent.
const WRITE_WITHIN: Duration = Duration::from_millis(4_500);
/// Requests of one connection: a person makes few, a client that resumes makes a handful at once.
const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

/// How often an open connection counts as a use of its login: far more often than a login may be unused.
const IN_USE_EVERY: Duration = Duration::from_secs(600);

/// Who is at the other end, and what they may do.
struct Client {
    state: AppState,
    login: Login,
    device: DeviceId,
    line: LineId,
    limiter: DefaultDirectRateLimiter,
}

/// Serves a connection until it ends.
pub(super) async fn serve<L: Link>(state: AppState, login: Login, cursor: Cursor, mut link: L) {
    let _counted = state.metrics.connected(L::KIND);
    let (line, inbox) = Line::new();
    let id = line.id;
    let device = match resume(&state, login, cursor, line.clone()).await {
        Err(gone) => return farewell(link, NotOpened::from(gone).goodbye()).await,
        Ok(Ok(device)) => device,
        Ok(Err(refused)) => {
            let device = match refused {
                Resumption::Anew(device) => device,
                _ => DeviceId::from(Uuid::now_v7()),
            };
            if cursor.0.is_some() && !send(&mut link, Outgoing::Message(&cannot_resume())).await {
                return;
            }
            if let Err(why) = introduce(&state, login, device, line).await {
                farewell(link, why.goodbye()).await;
                return state.switchboard.gone(device, id, false).await;
            }
            device
        }
    };
    tracing::debug!(%device, user = %login.user, "connected");
    link.opened(device);
    let limiter = RateLimiter::direct(Quota::per_second(REQUESTS_PER_SECOND).allow_burst(REQUESTS_AT_ONCE));
    let client = Client { state: state.clone(), login, device, line: id, limiter };
    let (link, goodbye) = client.talk(link, inbox).await;
    let left = goodbye == Some(Goodbye::Answer);
    tracing::debug!(%device, left, "disconnected");
    state.switchboard.gone(device, id, left).await;
    if let Some(goodbye) = goodbye {
        farewell(link, goodbye).await;
    }
}

/// Goes on with a device where the client left off, if that can be done.
async fn resume(state: &AppState, login: Login, cursor: Cursor, line: Line) -> Result<Result<DeviceId, Resumption>, Gone> {
    let Cursor(Some((device, after))) = cursor else { return Ok(Err(Resumption::Unknown)) };
    Ok(match state.switchboard.resume(device, after, login.user, login.session, line).await? {
        Resumption::Resumed => Ok(device),
        refused => Err(refused),
    })
}

fn cannot_resume() -> ServerMessage {
    let message = "what was missed cannot be told any more, or the device is not one of this login".to_owned();
    ServerMessage::Refused { reply: 0, error: Failure { code: ErrorCode::CannotResume, message } }
}

/// Why a connection is not opened.
enum NotOpened {
    /// The login or the account has ended.
    Ended,
    /// The switchboard cannot be spoken to.
    Gone(Gone),
    /// The database cannot be used.
    Store(StoreError),
}

impl NotOpened {
    fn goodbye(self) -> Goodbye {
        match self {
            Self::Ended | Self::Gone(Gone::Stopped) => Goodbye::ByServer,
            Self::Gone(Gone::Vacant) => Goodbye::TryAgain,
            Self::Store(error) => {
                tracing::error!(%error, "a connection could not be opened");
                Goodbye::TryAgain
            }
        }
    }
}

impl From<Gone> for NotOpened {
    fn from(gone: Gone) -> Self {
        Self::Gone(gone)
    }
}

impl From<StoreError> for NotOpened {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Tells the switchboard who comes.
async fn introduce(state: &AppState, login: Login, device: DeviceId, line: Line) -> Result<(), NotOpened> {
    let Login { user, session } = login;
    state.switchboard.arriving(device, user, session, line.id).await?;
    // A login that ended between the handshake and the line above was told to a switchboard that did not know this device.
    if !is_in_use(state, session).await? {
        return Err(NotOpened::Ended);
    }
    let newcomer = lookup::newcomer(state, user, session).await?.ok_or(NotOpened::Ended)?;
    Ok(state.switchboard.connected(device, newcomer, line).await?)
}

async fn note_use(state: AppState, session: SessionId) {
    if let Err(error) = is_in_use(&state, session).await {
        tracing::warn!(%error, "the use of a login could not be noted");
    }
}

async fn send<L: Link>(link: &mut L, outgoing: Outgoing<'_>) -> bool {
    matches!(timeout(WRITE_WITHIN, link.send(outgoing)).await, Ok(Ok(())))
}

async fn farewell<L: Link>(link: L, goodbye: Goodbye) {
    let _ = timeout(WRITE_WITHIN, link.close(goodbye)).await;
}

impl Client {
    /// Carries messages both ways until the end; gives the link back, and what is left to say.
    async fn talk<L: Link>(self, mut link: L, mut inbox: Inbox) -> (L, Option<Goodbye>) {
        let mut ticks = interval(PING_IN_CALL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut in_use = interval_at(Instant::now() + IN_USE_EVERY, IN_USE_EVERY);
        let mut liveness = Liveness::new(Instant::now());
        let goodbye = loop {
            let incoming = tokio::select! {
                letter = inbox.recv() => match letter {
                    Some(Letter::Message(message)) if send(&mut link, Outgoing::Message(&message)).await => continue,
                    Some(Letter::Message(_)) => break Some(Goodbye::Silent),
                    Some(Letter::Posted(text)) => Incoming::Text(text),
                    None if inbox.is_replaced() => break Some(Goodbye::Replaced),
                    None => break Some(Goodbye::ByServer),
                },
                incoming = link.receive() => incoming,
                _ = ticks.tick() => {
                    let ping = liveness.tick(Instant::now(), inbox.is_in_call());
                    if ping && !send(&mut link, Outgoing::Ping).await {
                        break Some(Goodbye::Silent);
                    }
                    continue;
                }
                _ = in_use.tick() => {
                    // A database that does not answer holds up no message.
                    tokio::spawn(note_use(self.state.clone(), self.login.session));
                    continue;
                }
                () = sleep_until(liveness.gone_at()) => break Some(Goodbye::Silent),
            };
            liveness.hear(Instant::now());
            let refusal = match incoming {
                Incoming::Text(text) => self.request(&text).await,
                Incoming::Binary => Err(parse::binary()),
                Incoming::Alive => continue,
                Incoming::Closed => break Some(Goodbye::Answer),
                Incoming::Lost => break None,
            };
            // What came while the request was looked into waits to be read.
            liveness.hear(Instant::now());
            let Err(refused) = refusal else { continue };
            let message = ServerMessage::Refused { reply: refused.id, error: refused.failure };
            if !send(&mut link, Outgoing::Message(&message)).await {
                break Some(Goodbye::Silent);
            }
            if refused.fatal {
                break Some(Goodbye::TooLarge);
            }
        };
        (link, goodbye)
    }

    /// Carries a request to the switchboard; gives a refusal that it need not hear of.
    async fn request(&self, text: &str) -> Result<(), parse::Unreadable> {
        let within_limits = self.limiter.check().is_ok();
        let message = parse::parse(text)?;
        let id = message.id;
        let refused = |failure| parse::Unreadable { id, failure, fatal: false };
        if !within_limits {
            let message = "too many requests in so short a time".to_owned();
            return Err(refused(Failure { code: ErrorCode::TooManyRequests, message }));
        }
        // A refusal goes by the switchboard too: it knows whether the request was carried out before, by another connection.
        let ask = lookup::prepare(&self.state, self.login.user, message.request).await.unwrap_or_else(Ask::Refuse);
        self.state
            .switchboard
            .ask(self.device, self.line, id, ask)
            .await
            .map_err(|gone| refused(Failure { code: ErrorCode::Unavailable, message: gone.to_string() }))
    }
}
