//! What follows from how a seat stands: what is written down, who is told, whether a gate is open.
//!
//! Each compares with what was said before, so that an edge only has to change the seat.

use switchboard_ids::DeviceId;

use crate::board::Board;
use crate::call::Call;
use crate::stand::Stand;
use crate::{Output, Record, SeatView};

impl Call {
    /// Writes a change of a seat down and tells it to all present but `except`.
    pub(crate) fn show(&mut self, seat: usize, except: Option<DeviceId>, board: &mut Board) {
        self.write(seat, None, board);
        self.tell(seat, except, board);
    }

    /// Writes down where a seat stands, if that is new. `by` is the device that ended it, if one did.
    pub(crate) fn write(&mut self, seat: usize, by: Option<DeviceId>, board: &mut Board) {
        let seat = &mut self.seats[seat];
        let state = seat.lasting_state(&board.lost);
        if seat.write(state) {
            let rings_until = if let Stand::Open(open) = &seat.stand { Some(open.until) } else { None };
            let (user, device) = (seat.user, seat.device().or(by));
            board.record(Record::SeatState { call: self.id, user, state, at: board.now, device, rings_until });
        }
    }

    /// Tells the devices present how a seat looks, those to whom it is new; never the device whose own command changed it,
    /// `except`: that one has its reply.
    pub(crate) fn tell(&mut self, seat: usize, except: Option<DeviceId>, board: &mut Board) {
        let [new_to_others, new_to_own] = self.seats[seat].look(&board.lost);
        let seat = &self.seats[seat];
        let (others, own) = (seat.view(&board.lost), seat.own_view(&board.lost));
        let holder = seat.device();
        let hears = |device: &DeviceId| {
            let news = if Some(*device) == holder { new_to_own && own == others } else { new_to_others };
            news && Some(*device) != except
        };
        let to: Vec<_> = self.devices().filter(hears).collect();
        if !to.is_empty() {
            board.push(Output::SeatChanged { call: self.id, seat: others, to });
        }
        if let Some(device) = holder
            && own != others
            && new_to_own
            && except != holder
        {
            board.push(Output::SeatChanged { call: self.id, seat: own, to: vec![device] });
        }
    }

    /// Opens or closes the gate of a present seat's leg, as the rule is: open while the call is answered and the seat not held.
    pub(crate) fn set_gate(&mut self, seat: usize, board: &mut Board) {
        let answered = self.answered_at.is_some();
        let Stand::Present(presence) = &mut self.seats[seat].stand else { return };
        let open = presence.leg && answered && !presence.held;
        if presence.gate != open {
            presence.gate = open;
            let (call, device) = (self.id, presence.device);
            board.push(if open { Output::OpenGate { call, device } } else { Output::CloseGate { call, device } });
        }
    }

    /// Writes down how the call was for a seat, if something is known that was not written.
    pub(crate) fn write_quality(&mut self, seat: usize, board: &mut Board) {
        let seat = &mut self.seats[seat];
        if let Some(quality) = seat.tally.take_news() {
            board.record(Record::Quality { call: self.id, user: seat.user, quality });
        }
    }

    /// The seats as the others see them, or as `device` sees them, for which its own never reconnects.
    pub(crate) fn views(&self, device: Option<DeviceId>, board: &Board) -> Vec<SeatView> {
        let view = |seat: &crate::stand::Seat| match device {
            Some(device) if seat.device() == Some(device) => seat.own_view(&board.lost),
            _ => seat.view(&board.lost),
        };
        self.seats.iter().map(view).collect()
    }
}
