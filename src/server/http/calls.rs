//! The history of calls.

#![expect(unused_qualifications, reason = "the macro that describes query parameters writes them")]

use axum::extract::State;
use serde::{Deserialize, Serialize};
use switchboard_ids::{CallId, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::auth::Login;
use super::extract::UrlQuery;
use super::problem::{Error, Problem};
use crate::store::calls::{self, PastCall};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(history))
}

/// Which part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Calls placed before this time, UTC ms; all when absent.
    before_ms: Option<i64>,
    /// At most this many: 50 when absent, never more than 200.
    limit: Option<u32>,
}

/// A part of the history.
#[derive(Serialize, ToSchema)]
struct History {
    /// The latest first.
    calls: Vec<CallView>,
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
    /// Everyone else with a seat.
    others: Vec<Other>,
    /// UTC ms.
    placed_ms: i64,
    /// UTC ms of the first accept; `null` when nobody accepted.
    answered_ms: Option<i64>,
    /// UTC ms; `null` while the call runs.
    ended_ms: Option<i64>,
    /// Why it ended, as in the event `call_ended`; `null` while the call runs.
    reason: Option<String>,
    /// Where one's own seat stands, as in the event `seat`.
    my_state: String,
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

/// Someone else in a call.
#[derive(Serialize, ToSchema)]
struct Other {
    /// The account.
    #[schema(value_type = String, format = "uuid")]
    id: UserId,
    /// The display name.
    name: String,
}

/// One's calls, the latest first.
#[utoipa::path(get, path = "/v1/calls", tag = "calls", params(Page), security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, body = History),
    (status = 401, body = Problem, description = "`unauthenticated`"),
))]
async fn history(State(state): State<AppState>, login: Login, UrlQuery(page): UrlQuery<Page>) -> Result<axum::Json<History>, Error> {
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let calls = calls::history(&state.store, login.user, page.before_ms.unwrap_or(i64::MAX), limit).await?;
    Ok(axum::Json(History { calls: calls.into_iter().map(|call| view(call, login.user)).collect() }))
}

fn view(call: PastCall, me: UserId) -> CallView {
    CallView {
        id: call.id,
        kind: call.kind,
        direction: if call.caller == me { Direction::Outgoing } else { Direction::Incoming },
        others: call.others.into_iter().map(|(id, name)| Other { id, name }).collect(),
        placed_ms: call.placed_ms,
        answered_ms: call.answered_ms,
        ended_ms: call.ended_ms,
        reason: call.reason,
        my_state: call.my_state,
    }
}
