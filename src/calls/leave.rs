//! What those in a call do: take it back, leave it, switch their sources, say how it is.

use switchboard_ids::CallId;

use crate::{Calls, EndReason, Endpoint, MediaState, Output, PutOut, Report, SeatError, Timestamp};

impl Calls {
    /// The caller takes the call back before anybody answered.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn cancel(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.advance(now);
        let (found, seat) = self.find(call, who.user)?;
        if found.seats[seat].is_over() {
            return Err(SeatError::CallOver);
        }
        if found.caller() != who.user || found.seats[seat].device() != Some(who.device) || found.answered_at.is_some() {
            return Err(SeatError::WrongState);
        }
        self.end(call, EndReason::Cancelled, None);
        Ok(())
    }

    /// Leaves the call on the device that is in it or holds it. A caller who hangs up before anybody answered cancels the call.
    ///
    /// Where fewer than two are left the call ends, unless one is left and somebody still rings.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn hang_up(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.seat_on(call, who)?;
        if self.call(call).is_some_and(|view| view.answered_at.is_none()) {
            self.end(call, EndReason::Cancelled, None);
            return Ok(());
        }
        self.with_call(call, |call, board| call.leave(seat, EndReason::HungUp, board));
        self.settle(call, Some(who.device));
        Ok(())
    }

    /// The media of the device that is in the call broke, while the device itself is still there: its seat is left as if the
    /// connection were lost, and it can be rung again at once. The device is told, whether the call goes on or not.
    ///
    /// # Errors
    /// See [`SeatError`]. [`SeatError::WrongState`] for a device whose connection is lost too: its seat waits for it anyway.
    pub fn media_lost(&mut self, now: Timestamp, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.seat_on(call, who)?;
        if self.board.lost.contains(who.device) {
            return Err(SeatError::WrongState);
        }
        self.with_call(call, |call, board| call.leave(seat, EndReason::ConnectionLost, board));
        self.settle(call, Some(who.device));
        if self.calls.contains_key(&call) {
            self.board.push(Output::PutOut { call, device: who.device, why: PutOut::MediaLost });
        }
        Ok(())
    }

    /// Tells the others what this device sends. One screen at a time is shared in a call: with [`MediaState::screen`] this
    /// device takes it over from whoever shares theirs; one that lost its own like that is heard again after it has said that
    /// it shares none.
    ///
    /// # Errors
    /// See [`SeatError`]. [`SeatError::WrongState`] for a screen in a call that is held: nobody would see it.
    pub fn set_media(&mut self, now: Timestamp, call: CallId, who: Endpoint, media: MediaState) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.seat_on(call, who)?;
        if media.screen && self.find(call, who.user)?.0.seats[seat].presence_on(who.device).is_none_or(|presence| presence.held) {
            return Err(SeatError::WrongState);
        }
        self.with_call(call, |call, board| call.set_media(seat, media, who.device, board));
        Ok(())
    }

    /// Takes down how the call was on this device since the report before. A report that cannot be true is passed over.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn report(&mut self, now: Timestamp, call: CallId, who: Endpoint, report: Report) -> Result<(), SeatError> {
        self.advance(now);
        let seat = self.seat_on(call, who)?;
        self.with_call(call, |call, board| call.seats[seat].tally.add(report, board.now));
        Ok(())
    }

    /// Whether this device holds its user's seat in the call. Time does not move.
    ///
    /// # Errors
    /// See [`SeatError`].
    pub fn holds_seat(&self, call: CallId, who: Endpoint) -> Result<(), SeatError> {
        self.seat_on(call, who).map(drop)
    }

    /// The seat that this device holds.
    fn seat_on(&self, call: CallId, who: Endpoint) -> Result<usize, SeatError> {
        let (found, seat) = self.find(call, who.user)?;
        match found.seats[seat].presence_on(who.device) {
            Some(_) => Ok(seat),
            None if found.seats[seat].is_over() => Err(SeatError::CallOver),
            None => Err(SeatError::WrongState),
        }
    }
}
