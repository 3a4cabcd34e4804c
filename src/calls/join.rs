//! Taking one's seat in a running call without a ring.

use switchboard_ids::CallId;

use crate::stand::Stand;
use crate::{Calls, Current, Endpoint, JoinError, MediaState, SeatView, Timestamp};

impl Calls {
    /// Takes the user's seat on this device and returns everyone's seats. Nobody rings, and the device has a new leg.
    ///
    /// A seat that is over is taken again, in a call that was answered; `current` says what becomes of the call the user is
    /// active in. A seat that another device holds is moved here, and one that this device holds gets new media: both stay
    /// held if they are.
    ///
    /// # Errors
    /// See [`JoinError`].
    pub fn join(
        &mut self,
        now: Timestamp,
        call: CallId,
        who: Endpoint,
        media: MediaState,
        current: Option<Current>,
    ) -> Result<Vec<SeatView>, JoinError> {
        self.advance(now);
        match self.joinable(call, who, current)? {
            Join::Moves { seat } => self.with_call(call, |call, board| call.move_to(seat, who.device, media, board)),
            Join::Returns { seat, other } => {
                self.put_aside(who, other);
                self.with_call(call, |call, board| call.take(seat, who.device, media, board));
                self.refuse_others(who.user);
            }
        }
        Ok(self.seats_for(call, who.device))
    }

    /// Whether [`Calls::join`] would succeed, told before anything is spent on it. Time does not move.
    ///
    /// # Errors
    /// Those of [`Calls::join`].
    pub fn may_join(&self, call: CallId, who: Endpoint, current: Option<Current>) -> Result<(), JoinError> {
        self.joinable(call, who, current).map(drop)
    }

    fn joinable(&self, call: CallId, who: Endpoint, current: Option<Current>) -> Result<Join, JoinError> {
        let (found, seat) = self.find(call, who.user)?;
        match &found.seats[seat].stand {
            Stand::Present(_) => Ok(Join::Moves { seat }),
            Stand::Over(_) if found.answered_at.is_some() => Ok(Join::Returns { seat, other: self.other_call(who.user, call, current)? }),
            Stand::Open(_) | Stand::Over(_) => Err(JoinError::WrongState),
        }
    }
}

/// How a seat is taken without a ring.
enum Join {
    /// From the device that holds it, which may be the same.
    Moves { seat: usize },
    /// Anew, after another call was put aside.
    Returns { seat: usize, other: Option<(CallId, Current)> },
}
