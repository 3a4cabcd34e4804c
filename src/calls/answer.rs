//! Answering a ring: accept and decline.

use switchboard_ids::CallId;

use crate::{AcceptError, Calls, DeclineError, Endpoint, MediaState, RingStop, SeatState, SeatView, Timestamp};

impl Calls {
    /// Takes the seat that rings on this device, stops the user's other devices, and returns everyone's seats.
    ///
    /// The first accept opens the caller's gate too. Other calls that ring this user find them busy.
    ///
    /// # Errors
    /// See [`AcceptError`].
    pub fn accept(&mut self, now: Timestamp, call: CallId, who: Endpoint, media: MediaState) -> Result<Vec<SeatView>, AcceptError> {
        self.advance(now);
        let seat = self.acceptable(call, who)?;
        self.with_call(call, |call, board| call.take(seat, who.device, media, board));
        self.settle(call, None);
        self.refuse_others(who.user);
        Ok(self.seats(call).unwrap_or_default())
    }

    /// Whether [`Calls::accept`] would succeed, told before anything is spent on it. Time does not move.
    ///
    /// # Errors
    /// Those of [`Calls::accept`].
    pub fn may_accept(&self, call: CallId, who: Endpoint) -> Result<(), AcceptError> {
        self.acceptable(call, who).map(drop)
    }

    /// Refuses the call on all of the user's devices.
    ///
    /// # Errors
    /// See [`DeclineError`].
    pub fn decline(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), DeclineError> {
        self.advance(now);
        let (found, index) = self.find(call, who.user)?;
        let seat = &found.seats[index];
        match seat.state {
            SeatState::Ringing if seat.rings.contains(&who.device) => {}
            SeatState::Active if who.user != found.caller() && seat.device != Some(who.device) => {
                return Err(DeclineError::AnsweredElsewhere);
            }
            SeatState::Invited | SeatState::Ringing | SeatState::Active => return Err(DeclineError::WrongState),
            _ => return Err(DeclineError::CallOver),
        }
        self.with_call(call, |call, board| {
            call.close(index, SeatState::Declined, Some(who.device), RingStop::DeclinedElsewhere, board);
        });
        self.settle(call, None);
        Ok(())
    }

    fn acceptable(&self, call: CallId, who: Endpoint) -> Result<usize, AcceptError> {
        let (found, index) = self.find(call, who.user)?;
        let seat = &found.seats[index];
        match seat.state {
            SeatState::Ringing if seat.rings.contains(&who.device) => Ok(index),
            SeatState::Active if who.user != found.caller() && seat.device != Some(who.device) => Err(AcceptError::AnsweredElsewhere),
            SeatState::Invited | SeatState::Ringing | SeatState::Active => Err(AcceptError::WrongState),
            SeatState::Busy if self.board.users.contains_key(&who.user) => Err(AcceptError::InAnotherCall),
            _ => Err(AcceptError::CallOver),
        }
    }
}
