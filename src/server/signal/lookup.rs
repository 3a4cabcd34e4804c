//! What a request needs from the database before the switchboard can carry it out.

use switchboard_ids::UserId;
use switchboard_protocol::{ErrorCode, Failure, Request};

use crate::http::AppState;
use crate::store::{accounts, contacts};
use crate::switchboard::{Ask, Callee};

/// Checking more people than a call may have would be work for nothing; the call machine names the exact limit.
const MAX_CALLEES: usize = 64;

/// Makes a request ready for the switchboard.
pub(super) async fn prepare(state: &AppState, user: UserId, request: Request) -> Result<Ask, Failure> {
    Ok(match request {
        Request::Place { callees, kind, offer } => Ask::Place { callees: find(state, user, &callees).await?, kind, offer },
        Request::Accept { call, offer } => Ask::Accept { call, offer },
        Request::Decline { call } => Ask::Decline(call),
        Request::Cancel { call } => Ask::Cancel(call),
        Request::HangUp { call } => Ask::HangUp(call),
        Request::SetMedia { call, media } => Ask::SetMedia(call, media),
        Request::Ping => Ask::Ping,
    })
}

/// The callees by name, if all of them are the caller's contacts.
async fn find(state: &AppState, user: UserId, callees: &[UserId]) -> Result<Vec<Callee>, Failure> {
    if callees.len() > MAX_CALLEES {
        return Err(Failure { code: ErrorCode::BadCallees, message: format!("more than {MAX_CALLEES} people are called") });
    }
    if callees.contains(&user) {
        return Err(Failure { code: ErrorCode::BadCallees, message: "the caller calls themselves".to_owned() });
    }
    let unavailable = |error: crate::store::StoreError| {
        tracing::error!(%error, "contacts could not be read");
        Failure { code: ErrorCode::Unavailable, message: "contacts cannot be read at the moment".to_owned() }
    };
    if !contacts::are_contacts(&state.store, user, callees).await.map_err(unavailable)? {
        return Err(Failure { code: ErrorCode::NotAContact, message: "only contacts can be called".to_owned() });
    }
    let names = accounts::names(&state.store, callees).await.map_err(unavailable)?;
    let name = |user: &UserId| names.get(user).cloned().unwrap_or_default();
    Ok(callees.iter().map(|user| Callee { user: *user, name: name(user) }).collect())
}
