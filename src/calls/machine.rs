//! The machine: its configuration and how time moves it.

use std::collections::BTreeMap;
use std::time::Duration;

use switchboard_ids::{CallId, UserId};

use crate::board::{Board, Deadline};
use crate::call::Call;
use crate::error::NoSeat;
use crate::stand::{Open, Stand};
use crate::tombstones::Tombstones;
use crate::{EndReason, Output, RingStop, SeatState, Timestamp};

/// The limits the machine keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// How long a seat rings before it is missed.
    pub ring_for: Duration,
    /// How long the seat of a lost device is kept.
    pub grace: Duration,
    /// How many people one request may call.
    pub max_callees: usize,
    /// How many seats a call may have.
    pub max_seats: usize,
    /// How many calls a user may hold.
    pub max_held: usize,
    /// How many ended calls are remembered, so that a late accept is told that the call is over.
    pub remembered: usize,
}

impl Default for Config {
    /// 45 s of ringing, 20 s of grace, 32 callees, 200 seats, 4 held calls. 4096 ended calls outlive any answer still on its
    /// way, in less than 16 MB at the most seats.
    fn default() -> Self {
        Self {
            ring_for: Duration::from_secs(45),
            grace: Duration::from_secs(20),
            max_callees: 32,
            max_seats: 200,
            max_held: 4,
            remembered: 4096,
        }
    }
}

/// All calls of one server.
///
/// A time that is earlier than one told before counts as that one. A command first does what is due by its time, so what it
/// does never depends on whether [`Calls::handle_timeout`] was called just before or after.
#[derive(Debug)]
pub struct Calls {
    pub(crate) config: Config,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) board: Board,
    pub(crate) tombstones: Tombstones,
}

impl Calls {
    /// A machine without calls.
    pub fn new(config: Config) -> Self {
        Self { config, calls: BTreeMap::new(), board: Board::default(), tombstones: Tombstones::new(config.remembered) }
    }

    /// The next thing to perform. Drain it after every command and timeout, once the command was replied to. Call
    /// [`Calls::handle_timeout`] and drain before each command: what time has ended is told before that reply then, and a leg
    /// that went with a ring is removed before the same device joins with another.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.board.outputs.pop_front()
    }

    /// When to call [`Calls::handle_timeout`], if nothing comes before; `None` while nothing rings and nobody is lost.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.board.deadlines.first().map(|&(at, _)| at)
    }

    /// Does what is due: seats whose ringing is over are missed, devices whose grace is over are gone.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
    }

    /// Moves time, and does what is due.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.board.set_clock(now);
        self.expire();
    }

    /// Does what is due.
    pub(crate) fn expire(&mut self) {
        while let Some(&(at, deadline)) = self.board.deadlines.first()
            && at <= self.board.now
        {
            self.board.deadlines.pop_first();
            match deadline {
                Deadline::Ring(id, user) => self.refuse(id, user, SeatState::Missed, RingStop::Missed),
                Deadline::Grace(device) => self.give_up(device),
            }
        }
    }

    /// The call and where `user` sits in it, if they may know of it.
    pub(crate) fn find(&self, call: CallId, user: UserId) -> Result<(&Call, usize), NoSeat> {
        match self.calls.get(&call) {
            Some(call) => {
                let seat = call.seat_of(user).filter(|seat| !call.seats[*seat].barred);
                seat.map(|seat| (call, seat)).ok_or(NoSeat::Unknown)
            }
            None if self.tombstones.had_seat(call, user) => Err(NoSeat::Over),
            None => Err(NoSeat::Unknown),
        }
    }

    /// Does something to a call, if it is there.
    pub(crate) fn with_call<T>(&mut self, id: CallId, act: impl FnOnce(&mut Call, &mut Board) -> T) {
        if let Some(call) = self.calls.get_mut(&id) {
            act(call, &mut self.board);
        }
    }

    /// Ends the call if a change left it nothing to go on for. `leaver` is the device that left by that change, if one did.
    pub(crate) fn settle(&mut self, id: CallId, leaver: Option<switchboard_ids::DeviceId>) {
        if let Some(reason) = self.calls.get(&id).and_then(Call::verdict) {
            self.end(id, reason, leaver);
        }
    }

    pub(crate) fn end(&mut self, id: CallId, reason: EndReason, leaver: Option<switchboard_ids::DeviceId>) {
        if let Some(call) = self.calls.remove(&id) {
            let seated = call.end(reason, leaver, &mut self.board);
            self.tombstones.bury(id, seated);
        }
    }

    /// A user who came to be active in a call is busy for every other call that asks for them and may not wait.
    pub(crate) fn refuse_others(&mut self, user: UserId) {
        let waits = |stand: &Stand| matches!(stand, Stand::Open(Open { waiting: true, .. }));
        for id in self.board.open_seats(user) {
            if self.find(id, user).is_ok_and(|(call, seat)| !waits(&call.seats[seat].stand)) {
                self.refuse(id, user, SeatState::Busy, RingStop::Ended);
            }
        }
    }

    /// Ends an open seat that no device answered.
    fn refuse(&mut self, id: CallId, user: UserId, state: SeatState, why: RingStop) {
        self.with_call(id, |call, board| {
            if let Some(seat) = call.seat_of(user) {
                call.close(seat, state, None, why, board);
                call.tell(seat, None, board);
            }
        });
        self.settle(id, None);
    }
}
