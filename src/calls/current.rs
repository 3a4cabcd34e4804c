//! What becomes of the call someone is active in when they take another.

use switchboard_ids::{CallId, UserId};

use crate::stand::{Presence, Stand};
use crate::{AcceptError, Calls, EndReason, Endpoint, HoldError, JoinError, Output, PutOut};

/// What becomes of the call one is active in when one takes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Current {
    /// It is held: the seat is kept, nothing flows.
    Hold,
    /// It is left; an unanswered call of one's own is taken back.
    Leave,
}

/// Why nothing can become of it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CurrentError {
    /// Nobody said what.
    InAnotherCall,
    /// A call that nobody answered cannot be held.
    WrongState,
    TooManyHeld,
}

macro_rules! from_current_error {
    ($($error:ident),*) => {$(
        impl From<CurrentError> for $error {
            fn from(error: CurrentError) -> Self {
                match error {
                    CurrentError::InAnotherCall => Self::InAnotherCall,
                    CurrentError::WrongState => Self::WrongState,
                    CurrentError::TooManyHeld => Self::TooManyHeld,
                }
            }
        }
    )*};
}

from_current_error!(AcceptError, JoinError, HoldError);

impl Calls {
    /// The other call that has to be put aside before `user` is active in `call`, and how.
    pub(crate) fn other_call(
        &self,
        user: UserId,
        call: CallId,
        current: Option<Current>,
    ) -> Result<Option<(CallId, Current)>, CurrentError> {
        let Some(&other) = self.board.active.get(&user).filter(|other| **other != call) else { return Ok(None) };
        let current = current.ok_or(CurrentError::InAnotherCall)?;
        if current == Current::Hold {
            if self.calls.get(&other).is_none_or(|other| other.answered_at.is_none()) {
                return Err(CurrentError::WrongState);
            }
            if self.holds_many(user, call) {
                return Err(CurrentError::TooManyHeld);
            }
        }
        Ok(Some((other, current)))
    }

    /// Whether this user holds as many calls as one may; `call`, which they are about to go on with, is not counted.
    pub(crate) fn holds_many(&self, user: UserId, call: CallId) -> bool {
        let holds = |id: &CallId| {
            self.find(*id, user).is_ok_and(|(call, seat)| matches!(call.seats[seat].stand, Stand::Present(Presence { held: true, .. })))
        };
        self.board.seats_of(user).filter(|id| *id != call && holds(id)).count() >= self.config.max_held
    }

    /// Does to the other call what [`Calls::other_call`] found may be done, by the wish of the device `who`.
    pub(crate) fn put_aside(&mut self, who: Endpoint, other: Option<(CallId, Current)>) {
        let Some((id, current)) = other else { return };
        let Some((seat, device)) = self.calls.get(&id).and_then(|call| {
            let seat = call.seat_of(who.user)?;
            Some((seat, call.seats[seat].device()?))
        }) else {
            return;
        };
        match current {
            Current::Hold => self.with_call(id, |call, board| call.set_held(seat, true, who.device, board)),
            Current::Leave if self.calls.get(&id).is_some_and(|call| call.answered_at.is_none()) => {
                self.end(id, EndReason::Cancelled, None);
            }
            Current::Leave => {
                self.with_call(id, |call, board| call.leave(seat, EndReason::HungUp, board));
                self.settle(id, Some(device));
                if device != who.device && self.calls.contains_key(&id) {
                    self.board.push(Output::PutOut { call: id, device, why: PutOut::TookAnother { on: who.device } });
                }
            }
        }
    }
}
