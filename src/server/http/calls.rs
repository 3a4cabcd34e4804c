//! The history of calls.

#![expect(unused_qualifications, reason = "the macro that describes query parameters writes them")]

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::Event;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::auth::Login;
use super::extract::UrlQuery;
use super::people::PersonView;
use super::problem::{Error, Problem};
use crate::store::calls::{self, PastCall, PastSeat, QualityRow};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(history)).routes(routes!(seen))
}

/// Which part of the history: what comes after a call of the page before, by its `placed_ms` and `id`; the latest when absent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Calls placed before this time, UTC ms.
    before_ms: Option<i64>,
    /// A call placed at `before_ms`: calls placed in the same millisecond that come after it in the list are meant too.
    #[param(value_type = Option<String>)]
    before: Option<CallId>,
    /// At most this many: 50 when absent, never more than 200.
    limit: Option<u32>,
}

/// A part of the history.
#[derive(Serialize, ToSchema)]
struct History {
    /// The latest first.
    calls: Vec<CallView>,
    /// How many missed calls one has not seen yet, in the whole history.
    missed: i64,
}

/// A call as one of its people remembers it.
#[derive(Serialize, ToSchema)]
struct CallView {
    /// The call.
    #[schema(value_type = String, format = "uuid")]
    id: CallId,
    /// `audio` or `video`.
    kind: String,
    /// Who called whom.
    direction: Direction,
    /// UTC ms.
    placed_ms: i64,
    /// UTC ms of the first accept; `null` when nobody accepted.
    answered_ms: Option<i64>,
    /// UTC ms; `null` while the call runs.
    ended_ms: Option<i64>,
    /// Why it ended, as in the event `call_ended`; `null` while the call runs.
    reason: Option<String>,
    /// Milliseconds between the first accept and the end; 0 when nobody accepted, `null` while the call runs.
    duration_ms: Option<i64>,
    /// Where one's own seat stands, as in the event `seat`.
    my_state: String,
    /// Whether others called, and one neither was in the call nor declined it.
    missed: bool,
    /// Who placed it.
    caller: PersonView,
    /// Everyone's seats, one's own too: the caller's first, then in the order they were asked in.
    seats: Vec<SeatView>,
}

/// Who called whom.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    /// Others called me.
    Incoming,
    /// I called others.
    Outgoing,
}

/// Somebody's part in a call.
#[derive(Serialize, ToSchema)]
struct SeatView {
    /// Whose it is.
    person: PersonView,
    /// Where it stands, as in the event `seat`.
    state: String,
    /// When it was taken first, UTC ms; `null` when it never was.
    joined_ms: Option<i64>,
    /// When it was left last, UTC ms; `null` when it never was, or is taken.
    left_ms: Option<i64>,
    /// How they heard and saw the call; `null` when nothing was reported.
    quality: Option<QualityView>,
}

/// How somebody heard and saw a call.
#[derive(Serialize, ToSchema)]
struct QualityView {
    /// The share of packets that did not come, 0 to 1.
    loss: f64,
    /// Mean round trip to the server, milliseconds.
    rtt_ms: f64,
    /// Mean interarrival jitter of the audio (RFC 3550 §6.4.1), milliseconds.
    jitter_ms: f64,
    /// Mean opinion score by the E-model (ITU-T G.107), 1 to 4.5.
    mos: f64,
    /// For how long video stood still, milliseconds.
    frozen_ms: i64,
    /// When it was worst, UTC ms.
    worst_at_ms: i64,
    /// The mean opinion score then.
    worst_mos: f64,
}

/// One's calls, the latest first.
#[utoipa::path(get, path = "/v1/calls", tag = "calls", params(Page), security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = History),
    (status = 400, body = Problem, description = "`bad_request`; `before` without `before_ms` too"),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn history(State(state): State<AppState>, login: Login, UrlQuery(page): UrlQuery<Page>) -> Result<axum::Json<History>, Error> {
    if page.before.is_some() && page.before_ms.is_none() {
        return Err(Error::BadRequest("`before` needs `before_ms`, the time that call was placed".to_owned()));
    }
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let calls = calls::history(&state.store, login.user, page.before_ms.unwrap_or(i64::MAX), page.before, limit).await?;
    let missed = calls::missed(&state.store, login.user).await?;
    Ok(axum::Json(History { calls: calls.into_iter().map(|call| view(call, login.user)).collect(), missed }))
}

/// Note that one has seen which calls were missed so far.
#[utoipa::path(post, path = "/v1/calls/seen", tag = "calls", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 204, description = "`missed` is 0 until another call is missed."),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn seen(State(state): State<AppState>, login: Login) -> Result<StatusCode, Error> {
    if calls::see(&state.store, login.user).await? > 0 {
        state.switchboard.tell(vec![login.user], Event::HistoryChanged).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn view(call: PastCall, me: UserId) -> CallView {
    CallView {
        id: call.id,
        kind: call.kind,
        direction: if call.caller.0 == me { Direction::Outgoing } else { Direction::Incoming },
        placed_ms: call.placed_ms,
        answered_ms: call.answered_ms,
        ended_ms: call.ended_ms,
        reason: call.reason,
        duration_ms: call.ended_ms.map(|ended| call.answered_ms.map_or(0, |answered| (ended - answered).max(0))),
        my_state: call.my_state,
        missed: call.missed,
        caller: call.caller.into(),
        seats: call.seats.into_iter().map(SeatView::from).collect(),
    }
}

impl From<PastSeat> for SeatView {
    fn from(PastSeat { user, name, state, joined_ms, left_ms, quality }: PastSeat) -> Self {
        Self { person: (user, name).into(), state, joined_ms, left_ms, quality: quality.map(QualityView::from) }
    }
}

impl From<QualityRow> for QualityView {
    fn from(row: QualityRow) -> Self {
        let QualityRow { loss, rtt_ms, jitter_ms, mos, frozen_ms, worst_at_ms, worst_mos } = row;
        Self { loss, rtt_ms, jitter_ms, mos, frozen_ms, worst_at_ms, worst_mos }
    }
}
