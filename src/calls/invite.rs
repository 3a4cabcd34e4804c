//! Asking more people into a call.

use switchboard_ids::CallId;

use crate::callee::{self, ListError};
use crate::{Callee, Calls, Endpoint, InviteError, Timestamp};

impl Calls {
    /// Asks people into a call, answered or not, from a device that holds a seat in it. Those whose seat is over are rung
    /// again; all present are told of each seat that changed by it, the asking device too, whose reply says nothing of them.
    ///
    /// # Errors
    /// See [`InviteError`]; nobody is asked where one of them may not be.
    pub fn invite(&mut self, now: Timestamp, call: CallId, who: Endpoint, callees: Vec<Callee>) -> Result<(), InviteError> {
        self.advance(now);
        let (found, seat) = self.find(call, who.user)?;
        if found.seats[seat].presence_on(who.device).is_none() {
            return Err(if found.seats[seat].is_over() { InviteError::CallOver } else { InviteError::WrongState });
        }
        callee::check(&callees, who.user, self.config.max_callees)?;
        let seat_of = |callee: &Callee| found.seat_of(callee.user).map(|seat| &found.seats[seat]);
        if callees.iter().filter_map(seat_of).any(|seat| !seat.is_over()) {
            return Err(InviteError::AlreadyIn);
        }
        let added = callees.iter().filter(|callee| seat_of(callee).is_none()).count();
        if found.seats.len() + added > self.config.max_seats {
            return Err(InviteError::TooManySeats { max: self.config.max_seats });
        }
        let until = self.board.now.saturating_add(self.config.ring_for);
        self.with_call(call, |call, board| {
            for callee in &callees {
                call.call_up(callee, who.user, until, None, board);
            }
        });
        Ok(())
    }
}

impl From<ListError> for InviteError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::None => Self::NoCallees,
            ListError::TooMany { max } => Self::TooManyCallees { max },
            ListError::Oneself => Self::CallsOneself,
            ListError::Twice => Self::CalledTwice,
        }
    }
}
