//! Holding a call and going on with it.

use switchboard_ids::CallId;

use crate::stand::Presence;
use crate::{Calls, Current, Endpoint, HoldError, Timestamp};

impl Calls {
    /// Holds an answered call on the device that is active in it: the seat is kept, nothing flows.
    ///
    /// # Errors
    /// See [`HoldError`].
    pub fn hold(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), HoldError> {
        self.advance(now);
        let (seat, presence) = self.answered_seat(call, who)?;
        if presence.held {
            return Err(HoldError::WrongState);
        }
        if self.holds_many(who.user, call) {
            return Err(HoldError::TooManyHeld);
        }
        self.with_call(call, |call, board| call.set_held(seat, true, who.device, board));
        Ok(())
    }

    /// Goes on with a call on the device that holds it. `current` says what becomes of the call the user is active in.
    ///
    /// # Errors
    /// See [`HoldError`].
    pub fn unhold(&mut self, now: Timestamp, call: CallId, who: Endpoint, current: Option<Current>) -> Result<(), HoldError> {
        self.advance(now);
        let (seat, presence) = self.answered_seat(call, who)?;
        if !presence.held {
            return Err(HoldError::WrongState);
        }
        let other = self.other_call(who.user, call, current)?;
        self.put_aside(who, other);
        self.with_call(call, |call, board| call.set_held(seat, false, who.device, board));
        self.refuse_others(who.user);
        Ok(())
    }

    fn answered_seat(&self, call: CallId, who: Endpoint) -> Result<(usize, Presence), HoldError> {
        let (found, seat) = self.find(call, who.user)?;
        match found.seats[seat].presence_on(who.device) {
            Some(presence) if found.answered_at.is_some() => Ok((seat, *presence)),
            None if found.seats[seat].is_over() => Err(HoldError::CallOver),
            _ => Err(HoldError::WrongState),
        }
    }
}
