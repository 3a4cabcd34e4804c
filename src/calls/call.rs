//! One call: its seats, and the edges between their states.
//!
//! Each edge changes a seat, keeps the [`Board`] in step and says what has to be performed. Whether an edge is allowed is
//! decided by the commands; whether the call goes on after it, by [`Call::verdict`].

use std::mem;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::board::Board;
use crate::seat::Seat;
use crate::{CallKind, EndReason, Endpoint, MediaState, Output, Record, RingStop, SeatState, SeatView, Timestamp};

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) kind: CallKind,
    pub(crate) placed_at: Timestamp,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) rings_until: Timestamp,
    /// The caller's first, then the callees' in the order they were called.
    pub(crate) seats: Vec<Seat>,
    /// How the last active seat that was left was left; read only once one was.
    last_left: EndReason,
}

/// The caller's seat.
const CALLER: usize = 0;

impl Call {
    /// A call nobody is called by yet, its caller active.
    pub(crate) fn new(id: CallId, kind: CallKind, rings_until: Timestamp, caller: Endpoint, media: MediaState, board: &mut Board) -> Self {
        let seats = vec![Seat::new(caller.user)];
        let mut call = Self { id, kind, placed_at: board.now, answered_at: None, rings_until, seats, last_left: EndReason::HungUp };
        call.activate(CALLER, caller.device, media, board);
        call
    }

    pub(crate) fn caller(&self) -> UserId {
        self.seats[CALLER].user
    }

    pub(crate) fn seat_of(&self, user: UserId) -> Option<usize> {
        self.seats.iter().position(|seat| seat.user == user)
    }

    pub(crate) fn seat_held_by(&self, device: DeviceId) -> Option<usize> {
        self.seats.iter().position(|seat| seat.device == Some(device))
    }

    pub(crate) fn views(&self) -> Vec<SeatView> {
        self.seats.iter().map(Seat::view).collect()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.seats.iter().any(|seat| seat.state.is_open())
    }

    fn active_devices(&self) -> impl Iterator<Item = DeviceId> {
        self.seats.iter().filter_map(|seat| seat.device)
    }

    /// Gives `user` a seat that rings on `devices`.
    pub(crate) fn seat_open(&mut self, user: UserId, devices: &[DeviceId], board: &mut Board) {
        self.seats.push(Seat::new(user));
        board.open.insert((user, self.id));
        board.deadlines.insert((self.rings_until, self.id));
        for &device in devices {
            self.ring(self.seats.len() - 1, device, board);
        }
    }

    /// Gives `user` a seat that is over from the start.
    pub(crate) fn seat_over(&mut self, user: UserId, state: SeatState, board: &mut Board) {
        self.seats.push(Seat::new(user));
        self.enter(self.seats.len() - 1, state, None, board);
    }

    /// An open seat rings on one more device. True when that made an invited seat a ringing one.
    pub(crate) fn ring(&mut self, seat: usize, device: DeviceId, board: &mut Board) -> bool {
        if !self.seats[seat].rings.insert(device) {
            return false;
        }
        board.rings.insert((device, self.id));
        board.push(Output::Ring { call: self.id, device, rings_for: self.rings_until.saturating_since(board.now) });
        let first = self.seats[seat].state == SeatState::Invited;
        if first {
            self.enter(seat, SeatState::Ringing, None, board);
        }
        first
    }

    /// A ringing device disconnected. A seat that has no other goes back to invited.
    pub(crate) fn unring(&mut self, device: DeviceId, board: &mut Board) {
        board.rings.remove(&(device, self.id));
        let Some(seat) = self.seats.iter().position(|seat| seat.rings.contains(&device)) else { return };
        self.seats[seat].rings.remove(&device);
        if self.seats[seat].rings.is_empty() {
            self.enter(seat, SeatState::Invited, None, board);
            self.tell(seat, board);
        }
    }

    /// An open seat is taken on `device`, which its reply tells.
    pub(crate) fn take(&mut self, seat: usize, device: DeviceId, media: MediaState, board: &mut Board) {
        self.silence(seat, Some(device), RingStop::AnsweredElsewhere, board);
        self.activate(seat, device, media, board);
        if self.answered_at.is_none() {
            self.answered_at = Some(board.now);
            board.record(Record::Answered { call: self.id, at: board.now });
            if let Some(device) = self.seats[CALLER].device {
                board.push(Output::OpenGate { call: self.id, device });
            }
        }
        board.push(Output::OpenGate { call: self.id, device });
        self.tell(seat, board);
    }

    /// An open seat ends. The device that `asked`, if one did, learns it from its reply; the others stop ringing.
    pub(crate) fn close(&mut self, seat: usize, state: SeatState, asked: Option<DeviceId>, why: RingStop, board: &mut Board) {
        self.silence(seat, asked, why, board);
        self.enter(seat, state, asked, board);
        self.tell(seat, board);
    }

    /// An active seat is left.
    pub(crate) fn leave(&mut self, seat: usize, reason: EndReason, board: &mut Board) {
        self.last_left = reason;
        self.vacate(seat, board);
        self.tell(seat, board);
    }

    /// An active seat sends something else.
    pub(crate) fn set_media(&mut self, seat: usize, media: MediaState, board: &mut Board) {
        if mem::replace(&mut self.seats[seat].media, media) != media {
            self.tell(seat, board);
        }
    }

    /// Why the call has to end, if it has to.
    pub(crate) fn verdict(&self) -> Option<EndReason> {
        let active = self.active_devices().count();
        match (self.answered_at, active) {
            (Some(_), 2..) => None,
            (_, 1) if self.is_open() => None,
            (None, 1..) => Some(self.unanswered()),
            _ => Some(self.last_left),
        }
    }

    /// Why a call ended that nobody answered.
    fn unanswered(&self) -> EndReason {
        let any = |state| self.seats.iter().any(|seat| seat.state == state);
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

    /// Ends every seat, and the call. `leaver` is the device that asked for it by leaving, if one did.
    pub(crate) fn end(mut self, reason: EndReason, leaver: Option<DeviceId>, board: &mut Board) -> Vec<UserId> {
        // A seat that still rings when the server stops is a call its user should find among the missed ones.
        let (open_seats, why) = match reason {
            EndReason::ServerStopped => (SeatState::Missed, RingStop::Missed),
            _ => (SeatState::Cancelled, RingStop::Cancelled),
        };
        let to = self.active_devices().chain(leaver).collect();
        for seat in 0..self.seats.len() {
            if self.seats[seat].state.is_open() {
                self.silence(seat, None, why, board);
                self.enter(seat, open_seats, None, board);
            } else if self.seats[seat].state == SeatState::Active {
                self.vacate(seat, board);
            }
        }
        board.deadlines.remove(&(self.rings_until, self.id));
        let duration = self.answered_at.map(|at| board.now.saturating_since(at)).unwrap_or_default();
        board.push(Output::Ended { call: self.id, reason, duration, to });
        board.record(Record::Ended { call: self.id, at: board.now, reason });
        self.seats.iter().map(|seat| seat.user).collect()
    }

    fn activate(&mut self, seat: usize, device: DeviceId, media: MediaState, board: &mut Board) {
        let user = self.seats[seat].user;
        self.seats[seat].device = Some(device);
        self.seats[seat].media = media;
        board.users.insert(user, self.id);
        board.devices.insert(device, self.id);
        self.enter(seat, SeatState::Active, Some(device), board);
    }

    fn vacate(&mut self, seat: usize, board: &mut Board) {
        let device = self.seats[seat].device.take();
        self.seats[seat].media = MediaState::default();
        board.users.remove(&self.seats[seat].user);
        self.enter(seat, SeatState::Left, device, board);
        if let Some(device) = device {
            board.devices.remove(&device);
            board.push(Output::RemoveLeg { call: self.id, device });
        }
    }

    /// Ends the rings of an open seat and takes it off the board.
    fn silence(&mut self, seat: usize, asked: Option<DeviceId>, why: RingStop, board: &mut Board) {
        board.open.remove(&(self.seats[seat].user, self.id));
        for device in mem::take(&mut self.seats[seat].rings) {
            board.rings.remove(&(device, self.id));
            if asked != Some(device) {
                board.push(Output::StopRinging { call: self.id, device, why });
            }
        }
    }

    fn enter(&mut self, seat: usize, state: SeatState, device: Option<DeviceId>, board: &mut Board) {
        self.seats[seat].state = state;
        board.record(Record::SeatState { call: self.id, user: self.seats[seat].user, state, at: board.now, device });
    }

    /// Tells the active devices how a seat stands, except the one that holds it: that one made the change.
    pub(crate) fn tell(&self, seat: usize, board: &mut Board) {
        let seat = self.seats[seat].view();
        let to: Vec<_> = self.active_devices().filter(|&device| seat.device != Some(device)).collect();
        if !to.is_empty() {
            board.push(Output::SeatChanged { call: self.id, seat, to });
        }
    }
}
