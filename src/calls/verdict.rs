//! When a call ends, why, and what its end does.

use switchboard_ids::{DeviceId, UserId};

use crate::board::Board;
use crate::call::Call;
use crate::stand::Stand;
use crate::{EndReason, Output, Record, RingStop, SeatState};

impl Call {
    /// Why the call has to end, if it has to.
    pub(crate) fn verdict(&self) -> Option<EndReason> {
        let present = self.devices().count();
        match (self.answered_at, present) {
            (Some(_), 2..) => None,
            (_, 1..) if self.is_open() => None,
            (None, 1..) => Some(self.unanswered()),
            _ => Some(self.last_left),
        }
    }

    /// Why a call ended that nobody answered.
    fn unanswered(&self) -> EndReason {
        let any = |state| self.seats.iter().any(|seat| matches!(seat.stand, Stand::Over(over) if over == state));
        if any(SeatState::Missed) {
            EndReason::Missed
        } else if any(SeatState::Declined) {
            EndReason::Declined
        } else if any(SeatState::Busy) {
            EndReason::Busy
        } else {
            EndReason::Unreachable
        }
    }

    /// Ends every seat, and the call; gives those who may know of it. `leaver` is the device that asked for it by leaving, or
    /// was made to leave, if one was.
    pub(crate) fn end(mut self, reason: EndReason, leaver: Option<DeviceId>, board: &mut Board) -> Vec<UserId> {
        // A seat that still rings when the server stops is a call its user should find among the missed ones.
        let (open_seats, why) = match reason {
            EndReason::ServerStopped => (SeatState::Missed, RingStop::Missed),
            _ => (SeatState::Cancelled, RingStop::Cancelled),
        };
        let to = self.devices().chain(leaver).collect();
        for seat in 0..self.seats.len() {
            if self.seats[seat].is_open() {
                self.close(seat, open_seats, None, why, board);
            } else {
                self.vacate(seat, board);
            }
            self.write_quality(seat, board);
            board.seated.remove(&(self.seats[seat].user, self.id));
        }
        let duration = self.answered_at.map(|at| board.now.saturating_since(at)).unwrap_or_default();
        board.push(Output::Ended { call: self.id, reason, duration, to });
        board.record(Record::Ended { call: self.id, at: board.now, reason });
        self.seats.iter().filter(|seat| !seat.barred).map(|seat| seat.user).collect()
    }
}
