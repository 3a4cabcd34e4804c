//! Putting back the calls of an earlier run.

use std::collections::BTreeSet;
use std::time::Duration;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::board::Grace;
use crate::call::{CALLER, Call};
use crate::stand::{Presence, Seat, Stand};
use crate::{CallKind, Calls, EndReason, Output, Record, SeatState, Timestamp};

/// A call as its records tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The call.
    pub call: CallId,
    /// What it was placed as.
    pub kind: CallKind,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it was answered first, if it was.
    pub answered_at: Option<Timestamp>,
    /// Its seats in the order they were made, the caller's first.
    pub seats: Vec<RestoredSeat>,
}

/// A seat as its last record tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoredSeat {
    /// Whose it is.
    pub user: UserId,
    /// Where it stood.
    pub state: SeatState,
    /// The device that held it, where one did.
    pub device: Option<DeviceId>,
    /// When it would be missed, where it was open.
    pub rings_until: Option<Timestamp>,
    /// Whether its user may not know of the call.
    pub barred: bool,
}

impl Calls {
    /// Puts calls of an earlier run back, before anything else is done with the machine.
    ///
    /// Who was in a call has [`crate::Config::grace`] to come back to it, on the same device, whose connection counts as
    /// lost, or on another by [`Calls::join`]; no device has a leg before its own join. Open seats ring on the devices that
    /// appear before their deadline. Calls that cannot go on end. Only what changes by this is recorded.
    pub fn restore(&mut self, now: Timestamp, calls: Vec<Restored>) {
        self.board.set_clock(now);
        let ids: Vec<_> = calls.into_iter().filter_map(|call| self.put_back(call)).collect();
        for id in ids {
            self.with_call(id, Call::resettle);
            self.settle(id, None);
        }
        self.expire();
    }

    fn put_back(&mut self, restored: Restored) -> Option<CallId> {
        let Restored { call: id, kind, placed_at, answered_at, seats } = restored;
        if self.calls.contains_key(&id) || self.tombstones.contains(id) {
            return None;
        }
        if seats.is_empty() {
            let reason = EndReason::ServerStopped;
            self.board.push(Output::Ended { call: id, reason, duration: Duration::ZERO, to: Vec::new() });
            self.board.record(Record::Ended { call: id, at: self.board.now, reason });
            return None;
        }
        let mut call = Call { id, kind, placed_at, answered_at, seats: Vec::new(), last_left: EndReason::ServerStopped };
        let mut users = BTreeSet::new();
        for seat in seats.into_iter().filter(|seat| users.insert(seat.user)) {
            self.put_seat_back(&mut call, seat);
        }
        self.calls.insert(id, call);
        Some(id)
    }

    fn put_seat_back(&mut self, call: &mut Call, restored: RestoredSeat) {
        let RestoredSeat { user, state, device, rings_until, barred } = restored;
        let board = &mut self.board;
        let seat = call.seats.len();
        board.seated.insert((user, call.id));
        // History may lack a line: whoever cannot have been in the call has left it.
        let device = device.filter(|device| board.present_on(*device).all(|(other, owner)| owner == user && other != call.id));
        let mut restored = Seat::new(user, Stand::Over(if state.is_over() { state } else { SeatState::Left }), barred);
        restored.set_written(state, device.filter(|_| state.is_present()));
        call.seats.push(restored);
        match (state, device) {
            (state, _) if state.is_open() => call.open(seat, rings_until.unwrap_or(board.now), false, &[], board),
            (state, Some(device)) if state.is_present() => {
                let held = state == SeatState::Held || board.active.contains_key(&user);
                call.sit(seat, Presence { device, held, leg: false, gate: false }, Default::default(), board);
                board.lose(device, Grace { until: board.now.saturating_add(self.config.grace), restored: true });
            }
            _ => {}
        }
    }
}

impl Call {
    /// What the seats of a restored call make of each other, once all calls are back.
    fn resettle(&mut self, board: &mut crate::board::Board) {
        if self.answered_at.is_none() && self.seats.iter().skip(CALLER + 1).any(|seat| seat.device().is_some()) {
            self.answered_at = Some(board.now);
            board.record(Record::Answered { call: self.id, at: board.now });
        }
        for index in 0..self.seats.len() {
            let seat = &mut self.seats[index];
            if let Stand::Open(open) = &mut seat.stand {
                // A seat that rang for someone in another call was one that may wait.
                open.waiting = board.active.contains_key(&seat.user);
            }
            seat.look(&board.lost);
            self.write(index, None, board);
        }
    }
}
