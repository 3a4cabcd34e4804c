//! What a connection and its requests need from the database before the switchboard can carry them out.

use switchboard_ids::{SessionId, UserId};
use switchboard_protocol::{ErrorCode, Failure, Request};

use crate::http::AppState;
use crate::store::callees::{self, Called};
use crate::store::{StoreError, accounts, blocks, contacts, sessions};
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
async fn find(state: &AppState, user: UserId, wanted: &[UserId]) -> Result<Vec<Callee>, Failure> {
    if wanted.len() > MAX_CALLEES {
        return Err(Failure { code: ErrorCode::BadCallees, message: format!("more than {MAX_CALLEES} people are called") });
    }
    if wanted.contains(&user) {
        return Err(Failure { code: ErrorCode::BadCallees, message: "the caller calls themselves".to_owned() });
    }
    let unavailable = |error: StoreError| {
        tracing::error!(%error, "contacts could not be read");
        Failure { code: ErrorCode::Unavailable, message: "contacts cannot be read at the moment".to_owned() }
    };
    let known = callees::among_contacts(&state.store, user, wanted).await.map_err(unavailable)?;
    let called: Option<Vec<_>> = wanted.iter().map(|callee| Some((*callee, known.get(callee)?))).collect();
    let Some(called) = called else {
        return Err(Failure { code: ErrorCode::NotAContact, message: "only contacts can be called".to_owned() });
    };
    if called.iter().any(|(_, of)| of.blocked) {
        return Err(Failure { code: ErrorCode::Blocked, message: "a callee is blocked by the caller".to_owned() });
    }
    let callee = |(user, of): (UserId, &Called)| Callee { user, name: of.name.clone(), allowed: !of.blocks, waiting: of.call_waiting };
    Ok(called.into_iter().map(callee).collect())
}
