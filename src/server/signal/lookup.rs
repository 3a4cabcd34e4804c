//! What a connection and its requests need from the database before the switchboard can carry them out.

use switchboard_ids::{SessionId, UserId};
use switchboard_protocol::{ErrorCode, Failure, Request};

use crate::http::AppState;
use crate::store::{StoreError, accounts, blocks, contacts, sessions, settings};
use crate::switchboard::{Ask, Callee, Newcomer};

/// Checking more people than a call may have would be work for nothing; the call machine names the exact limit.
const MAX_CALLEES: usize = 64;

/// What the switchboard has to know of someone who connects; `None` when the account is gone.
pub(super) async fn newcomer(state: &AppState, user: UserId, session: SessionId) -> Result<Option<Newcomer>, StoreError> {
    let Some(person) = accounts::by_id(&state.store, user).await? else { return Ok(None) };
    Ok(Some(Newcomer {
        name: person.name,
        label: sessions::device_name(&state.store, session).await?.unwrap_or_default(),
        contacts: contacts::ids_of(&state.store, user).await?,
        blocked: blocks::blocked_by(&state.store, user).await?,
    }))
}

/// Makes a request ready for the switchboard.
pub(super) async fn prepare(state: &AppState, user: UserId, request: Request) -> Result<Ask, Failure> {
    Ok(match request {
        Request::Place { callees, kind, offer } => Ask::Place { callees: find(state, user, &callees).await?, kind, offer },
        Request::Invite { call, callees } => Ask::Invite { call, callees: find(state, user, &callees).await? },
        Request::Warm { call, offer } => Ask::Warm { call, offer },
        Request::Accept { call, offer, current } => Ask::Accept { call, offer, current },
        Request::Join { call, offer, current } => Ask::Join { call, offer, current },
        Request::Decline { call } => Ask::Decline(call),
        Request::Cancel { call } => Ask::Cancel(call),
        Request::HangUp { call } => Ask::HangUp(call),
        Request::Hold { call } => Ask::Hold(call),
        Request::Unhold { call, current } => Ask::Unhold(call, current),
        Request::SetMedia { call, media } => Ask::SetMedia(call, media),
        Request::Report { call, quality } => Ask::Report(call, quality),
        Request::View { call, tiles } => Ask::View(call, tiles),
        Request::Stats { call } => Ask::Stats(call),
        Request::Ping => Ask::Ping,
    })
}

/// The callees by name, if all of them are the caller's contacts and none is blocked by the caller. That a callee has blocked
/// the caller is no error: it must not be told.
async fn find(state: &AppState, user: UserId, callees: &[UserId]) -> Result<Vec<Callee>, Failure> {
    if callees.len() > MAX_CALLEES {
        return Err(Failure { code: ErrorCode::BadCallees, message: format!("more than {MAX_CALLEES} people are called") });
    }
    if callees.contains(&user) {
        return Err(Failure { code: ErrorCode::BadCallees, message: "the caller calls themselves".to_owned() });
    }
    let unavailable = |error: StoreError| {
        tracing::error!(%error, "contacts could not be read");
        Failure { code: ErrorCode::Unavailable, message: "contacts cannot be read at the moment".to_owned() }
    };
    let store = &state.store;
    if !contacts::are_contacts(store, user, callees).await.map_err(unavailable)? {
        return Err(Failure { code: ErrorCode::NotAContact, message: "only contacts can be called".to_owned() });
    }
    let blocked = blocks::blocked_by(store, user).await.map_err(unavailable)?;
    if callees.iter().any(|callee| blocked.contains(callee)) {
        return Err(Failure { code: ErrorCode::Blocked, message: "a callee is blocked by the caller".to_owned() });
    }
    let blockers = blocks::blockers_of(store, user, callees).await.map_err(unavailable)?;
    let waiting = settings::call_waiting(store, callees).await.map_err(unavailable)?;
    let names = accounts::names(store, callees).await.map_err(unavailable)?;
    Ok(callees
        .iter()
        .map(|callee| Callee {
            user: *callee,
            name: names.get(callee).cloned().unwrap_or_default(),
            allowed: !blockers.contains(callee),
            waiting: waiting.get(callee).copied().unwrap_or(true),
        })
        .collect())
}
