//! Placing a call.

use switchboard_ids::{CallId, UserId};

use crate::call::{CALLER, Call};
use crate::callee::{self, ListError};
use crate::{Callee, Calls, Endpoint, MediaState, PlaceError, SeatView, Timestamp};

/// What a call was placed as. Either kind may turn cameras on or off at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// Placed with the microphone alone.
    Audio,
    /// Placed with camera and microphone.
    Video,
}

/// A call to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A new id for it.
    pub call: CallId,
    /// What the callees' devices announce.
    pub kind: CallKind,
    /// Who calls, from which device.
    pub caller: Endpoint,
    /// What the caller's device sends.
    pub media: MediaState,
    /// Who is called.
    pub callees: Vec<Callee>,
}

impl Calls {
    /// Places a call and rings its callees, and returns its seats as they stand before anything else happens.
    ///
    /// A callee who is active in another call is busy unless they may be offered one while in a call; one without a device
    /// is unreachable; where no seat is open, the call ends at once, and the caller is told by [`crate::Output::Ended`].
    /// Otherwise the caller is active in it, and busy for the calls that ring them and may not wait.
    ///
    /// # Errors
    /// See [`PlaceError`]; nothing is recorded of a call that was not placed.
    pub fn place(&mut self, now: Timestamp, place: Place) -> Result<Vec<SeatView>, PlaceError> {
        self.advance(now);
        self.check(&place)?;
        let Place { call: id, kind, caller, media, callees } = place;

        let until = self.board.now.saturating_add(self.config.ring_for);
        let mut call = Call::new(id, kind, caller, media, &mut self.board);
        call.show(CALLER, Some(caller.device), &mut self.board);
        for callee in &callees {
            call.call_up(callee, caller.user, until, Some(caller.device), &mut self.board);
        }

        let seats = call.views(Some(caller.device), &self.board);
        let rings = call.is_open();
        self.calls.insert(id, call);
        self.settle(id, None);
        if rings {
            self.refuse_others(caller.user);
        }
        Ok(seats)
    }

    /// Whether this user may place a call at all, told before anything is spent on it.
    ///
    /// # Errors
    /// [`PlaceError::InAnotherCall`] while they are active in a call; those they hold do not matter.
    pub fn may_place(&self, caller: UserId) -> Result<(), PlaceError> {
        if self.board.active.contains_key(&caller) { Err(PlaceError::InAnotherCall) } else { Ok(()) }
    }

    /// The call by which the one callee calls this caller at this moment, and nobody else: to be accepted in place of one
    /// that would be placed.
    pub fn glare(&self, caller: UserId, callees: &[UserId]) -> Option<CallId> {
        let [callee] = callees else { return None };
        let call = self.calls.get(self.board.active.get(callee)?)?;
        let [theirs, mine] = call.seats.as_slice() else { return None };
        let calls_back = theirs.user == *callee && mine.user == caller && mine.is_open() && call.answered_at.is_none();
        calls_back.then_some(call.id)
    }

    fn check(&self, place: &Place) -> Result<(), PlaceError> {
        // The caller has a seat too.
        let max = self.config.max_callees.min(self.config.max_seats.saturating_sub(1));
        callee::check(&place.callees, place.caller.user, max)?;
        if self.calls.contains_key(&place.call) || self.tombstones.contains(place.call) {
            return Err(PlaceError::IdInUse);
        }
        self.may_place(place.caller.user)?;
        let callees: Vec<_> = place.callees.iter().map(|callee| callee.user).collect();
        match self.glare(place.caller.user, &callees) {
            Some(call) => Err(PlaceError::Glare { call }),
            None => Ok(()),
        }
    }
}

impl From<ListError> for PlaceError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::None => Self::NoCallees,
            ListError::TooMany { max } => Self::TooManyCallees { max },
            ListError::Oneself => Self::CallsOneself,
            ListError::Twice => Self::CalledTwice,
        }
    }
}
