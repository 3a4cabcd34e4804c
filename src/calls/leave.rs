//! What those in a call do: take it back, leave it, switch their sources; and the end of all calls.

use switchboard_ids::CallId;

use crate::{Calls, EndReason, Endpoint, MediaState, SeatError, SeatState, Timestamp};

impl Calls {
    /// The caller takes the call back before anybody answered.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn cancel(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.advance(now);
        let (found, index) = self.find(call, who.user)?;
        if found.seats[index].state.is_over() {
            return Err(SeatError::CallOver);
        }
        if found.caller() != who.user || found.seats[index].device != Some(who.device) || found.answered_at.is_some() {
            return Err(SeatError::WrongState);
        }
        self.end(call, EndReason::Cancelled, None);
        Ok(())
    }

    /// Leaves the call on the device that is in it. A caller who hangs up before anybody answered cancels the call.
    ///
    /// Where fewer than two are left the call ends, unless one is left and somebody still rings.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn hang_up(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.held(call, who)?;
        if self.call(call).is_some_and(|view| view.answered_at.is_none()) {
            self.end(call, EndReason::Cancelled, None);
            return Ok(());
        }
        self.with_call(call, |call, board| call.leave(seat, EndReason::HungUp, board));
        self.settle(call, Some(who.device));
        Ok(())
    }

    /// The media of the device that is in the call broke, while the device itself is still there: its seat is left as if the
    /// connection were lost, and it can be rung again at once.
    ///
    /// Where the call ends by that, the device is told with the others; where it goes on, its owner tells the device.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn media_lost(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.held(call, who)?;
        self.with_call(call, |call, board| call.leave(seat, EndReason::ConnectionLost, board));
        self.settle(call, Some(who.device));
        Ok(())
    }

    /// Tells the others what this device sends.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn set_media(&mut self, now: Timestamp, call: CallId, who: Endpoint, media: MediaState) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.held(call, who)?;
        self.with_call(call, |call, board| call.set_media(seat, media, board));
        Ok(())
    }

    /// Ends all calls because the server stops; no more are placed.
    pub fn stop(&mut self, now: Timestamp) {
        self.advance(now);
        self.stopped = true;
        while let Some((&id, _)) = self.calls.first_key_value() {
            self.end(id, EndReason::ServerStopped, None);
        }
    }

    /// The active seat that this device holds.
    fn held(&self, call: CallId, who: Endpoint) -> Result<usize, SeatError> {
        let (found, index) = self.find(call, who.user)?;
        match found.seats[index].state {
            SeatState::Active if found.seats[index].device == Some(who.device) => Ok(index),
            state if state.is_over() => Err(SeatError::CallOver),
            _ => Err(SeatError::WrongState),
        }
    }
}
