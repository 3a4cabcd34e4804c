//! Placing a call.

use std::collections::BTreeSet;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::call::Call;
use crate::{Calls, Endpoint, MediaState, PlaceError, Record, SeatState, SeatView, Timestamp};

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

/// Someone who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callee {
    /// Who.
    pub user: UserId,
    /// Their connected devices: all of them ring.
    pub devices: Vec<DeviceId>,
    /// Whether the caller may ring them. One who may not is shown as unreachable whatever they do, so that a blocked
    /// caller learns nothing.
    pub allowed: bool,
}

impl Calls {
    /// Places a call and rings its callees, and returns its seats as they stand before anything else happens.
    ///
    /// A callee who is in another call is busy, one without a device is unreachable; where that goes for all, the call
    /// ends at once, and the caller is told by [`crate::Output::Ended`]. Otherwise the caller is active in it, and busy for
    /// any call that rings them.
    ///
    /// # Errors
    /// See [`PlaceError`]; nothing is recorded of a call that was not placed.
    pub fn place(&mut self, now: Timestamp, place: Place) -> Result<Vec<SeatView>, PlaceError> {
        self.advance(now);
        self.check(&place)?;
        let Place { call: id, kind, caller, media, callees } = place;

        let at = self.board.now;
        let callee_ids = callees.iter().map(|callee| callee.user).collect();
        self.board.record(Record::Placed { call: id, kind, at, caller: caller.user, callees: callee_ids });
        let mut call = Call::new(id, kind, at.saturating_add(self.config.ring_for), caller, media, &mut self.board);
        for Callee { user, devices, allowed } in callees {
            if !allowed || devices.is_empty() {
                call.seat_over(user, SeatState::Unreachable, &mut self.board);
            } else if self.board.users.contains_key(&user) {
                call.seat_over(user, SeatState::Busy, &mut self.board);
            } else {
                call.seat_open(user, &devices, &mut self.board);
            }
        }

        let seats = call.views();
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
    /// [`PlaceError::Stopped`] and [`PlaceError::InAnotherCall`].
    pub fn may_place(&self, caller: UserId) -> Result<(), PlaceError> {
        if self.stopped {
            Err(PlaceError::Stopped)
        } else if self.board.users.contains_key(&caller) {
            Err(PlaceError::InAnotherCall)
        } else {
            Ok(())
        }
    }

    fn check(&self, place: &Place) -> Result<(), PlaceError> {
        let max = self.config.max_callees;
        if place.callees.is_empty() {
            return Err(PlaceError::NoCallees);
        }
        if place.callees.len() > max {
            return Err(PlaceError::TooManyCallees { max });
        }
        let mut seen = BTreeSet::new();
        for callee in &place.callees {
            if callee.user == place.caller.user {
                return Err(PlaceError::CallsOneself);
            }
            if !seen.insert(callee.user) {
                return Err(PlaceError::CalledTwice);
            }
        }
        if self.calls.contains_key(&place.call) || self.tombstones.contains(place.call) {
            return Err(PlaceError::IdInUse);
        }
        self.may_place(place.caller.user)
    }
}
