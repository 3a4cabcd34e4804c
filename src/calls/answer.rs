//! Answering a ring: warm up, accept and decline.

use switchboard_ids::CallId;

use crate::stand::Stand;
use crate::{AcceptError, Calls, Current, DeclineError, Endpoint, MediaState, RingStop, SeatState, SeatView, Timestamp};

impl Calls {
    /// The device on which the call rings has a leg of it from here on. What ends the ring, if not this device's own accept,
    /// removes that leg.
    ///
    /// # Errors
    /// Those of [`Calls::may_warm`].
    pub fn warm(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), AcceptError> {
        self.advance(now);
        let seat = self.acceptable(call, who)?;
        self.with_call(call, |call, _| {
            if let Stand::Open(open) = &mut call.seats[seat].stand {
                open.warm.insert(who.device);
            }
        });
        Ok(())
    }

    /// Whether [`Calls::warm`] would succeed, told before anything is spent on it. Time does not move.
    ///
    /// # Errors
    /// See [`AcceptError`]; whether the user is in another call does not matter.
    pub fn may_warm(&self, call: CallId, who: Endpoint) -> Result<(), AcceptError> {
        self.acceptable(call, who).map(drop)
    }

    /// Whether this device has a leg of a call that rings on it.
    pub fn is_warm(&self, call: CallId, device: switchboard_ids::DeviceId) -> bool {
        let warm = |stand: &Stand| matches!(stand, Stand::Open(open) if open.warm.contains(&device));
        self.calls.get(&call).is_some_and(|call| call.seats.iter().any(|seat| warm(&seat.stand)))
    }

    /// Takes the seat that rings on this device, stops the user's other devices, and returns everyone's seats.
    ///
    /// The first accept opens the caller's gate too. Other calls that ring this user find them busy, those apart that they
    /// may be offered while in a call. `current` says what becomes of the call the user is active in.
    ///
    /// # Errors
    /// See [`AcceptError`].
    pub fn accept(
        &mut self,
        now: Timestamp,
        call: CallId,
        who: Endpoint,
        media: MediaState,
        current: Option<Current>,
    ) -> Result<Vec<SeatView>, AcceptError> {
        self.advance(now);
        let seat = self.acceptable(call, who)?;
        let other = self.other_call(who.user, call, current)?;
        self.put_aside(who, other);
        self.with_call(call, |call, board| call.take(seat, who.device, media, board));
        self.refuse_others(who.user);
        Ok(self.seats_for(call, who.device))
    }

    /// Whether [`Calls::accept`] would succeed, told before anything is spent on it. Time does not move.
    ///
    /// # Errors
    /// Those of [`Calls::accept`].
    pub fn may_accept(&self, call: CallId, who: Endpoint, current: Option<Current>) -> Result<(), AcceptError> {
        self.acceptable(call, who)?;
        self.other_call(who.user, call, current)?;
        Ok(())
    }

    /// Refuses the call on all of the user's devices.
    ///
    /// # Errors
    /// See [`DeclineError`].
    pub fn decline(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), DeclineError> {
        self.advance(now);
        let (found, seat) = self.find(call, who.user)?;
        match &found.seats[seat].stand {
            Stand::Open(open) if open.rings.contains(&who.device) => {}
            Stand::Present(presence) if who.user != found.caller() && presence.device != who.device => {
                return Err(DeclineError::AnsweredElsewhere);
            }
            Stand::Open(_) | Stand::Present(_) => return Err(DeclineError::WrongState),
            Stand::Over(_) => return Err(DeclineError::CallOver),
        }
        self.with_call(call, |call, board| {
            call.close(seat, SeatState::Declined, Some(who.device), RingStop::DeclinedElsewhere, board);
            call.tell(seat, None, board);
        });
        self.settle(call, None);
        Ok(())
    }

    fn acceptable(&self, call: CallId, who: Endpoint) -> Result<usize, AcceptError> {
        let (found, seat) = self.find(call, who.user)?;
        match &found.seats[seat].stand {
            Stand::Open(open) if open.rings.contains(&who.device) => Ok(seat),
            Stand::Present(presence) if who.user != found.caller() && presence.device != who.device => Err(AcceptError::AnsweredElsewhere),
            Stand::Open(_) | Stand::Present(_) => Err(AcceptError::WrongState),
            Stand::Over(SeatState::Busy) if self.board.active.contains_key(&who.user) => Err(AcceptError::InAnotherCall),
            Stand::Over(_) => Err(AcceptError::CallOver),
        }
    }
}
