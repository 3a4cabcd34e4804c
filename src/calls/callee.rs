//! Those who are called: what may be asked, and what it makes of their seats.

use std::collections::BTreeSet;

use switchboard_ids::{DeviceId, UserId};

use crate::board::Board;
use crate::call::Call;
use crate::{RingStop, SeatState, Timestamp};

/// Someone who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callee {
    /// Who.
    pub user: UserId,
    /// Their devices, those with a lost connection too: all of them ring.
    pub devices: Vec<DeviceId>,
    /// Whether the one who calls may ring them. One who may not is shown as unreachable whatever they do, so that a blocked
    /// caller learns nothing; and they may not know of the call.
    pub allowed: bool,
    /// Whether they may be offered a call while they are active in another.
    pub waiting: bool,
}

/// What is wrong with a list of callees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ListError {
    None,
    TooMany { max: usize },
    Oneself,
    Twice,
}

/// Holds a list of callees to what one request may ask.
pub(crate) fn check(callees: &[Callee], by: UserId, max: usize) -> Result<(), ListError> {
    if callees.is_empty() {
        return Err(ListError::None);
    }
    if callees.len() > max {
        return Err(ListError::TooMany { max });
    }
    let mut seen = BTreeSet::new();
    for callee in callees {
        if callee.user == by {
            return Err(ListError::Oneself);
        }
        if !seen.insert(callee.user) {
            return Err(ListError::Twice);
        }
    }
    Ok(())
}

impl Call {
    /// Calls someone who has no seat in the call, or one that is over. `except` learns it from its reply.
    pub(crate) fn call_up(&mut self, callee: &Callee, by: UserId, until: Timestamp, except: Option<DeviceId>, board: &mut Board) {
        let Callee { user, devices, allowed, waiting } = callee;
        let seat = self.seat(*user, by, *allowed, board);
        if !allowed || devices.is_empty() {
            self.close(seat, SeatState::Unreachable, None, RingStop::Ended, board);
        } else if board.active.contains_key(user) && !waiting {
            self.close(seat, SeatState::Busy, None, RingStop::Ended, board);
        } else {
            self.open(seat, until, *waiting, devices, board);
        }
        self.show(seat, except, board);
    }
}
