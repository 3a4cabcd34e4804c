//! The machine: its configuration, what can be asked of it, and how time moves it.

use std::collections::BTreeMap;
use std::time::Duration;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::board::Board;
use crate::call::Call;
use crate::error::NoSeat;
use crate::tombstones::Tombstones;
use crate::{CallKind, EndReason, Output, RingStop, SeatState, SeatView, Timestamp};

/// The limits the machine keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// How long a call rings before it is missed.
    pub ring_for: Duration,
    /// How many people one call may be placed to.
    pub max_callees: usize,
    /// How many ended calls are remembered, so that a late accept is told that the call is over.
    pub remembered: usize,
}

impl Default for Config {
    /// 45 s and 32 callees. 4096 ended calls outlive any answer still on its way, in less than 4 MB at the most callees.
    fn default() -> Self {
        Self { ring_for: Duration::from_secs(45), max_callees: 32, remembered: 4096 }
    }
}

/// A call as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallView {
    /// The call.
    pub id: CallId,
    /// What it was placed as.
    pub kind: CallKind,
    /// Who placed it.
    pub caller: UserId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When the first callee accepted.
    pub answered_at: Option<Timestamp>,
}

/// All calls of one server.
///
/// A time that is earlier than one told before counts as that one. A command first ends the rings whose deadline its time
/// has reached, so what it does never depends on whether [`Calls::handle_timeout`] was called just before or after.
#[derive(Debug)]
pub struct Calls {
    pub(crate) config: Config,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) board: Board,
    pub(crate) tombstones: Tombstones,
    pub(crate) stopped: bool,
}

impl Calls {
    /// A machine without calls.
    pub fn new(config: Config) -> Self {
        Self { config, calls: BTreeMap::new(), board: Board::default(), tombstones: Tombstones::new(config.remembered), stopped: false }
    }

    /// The next thing to perform. Drain it after every command and timeout, once the command was replied to. Who calls
    /// [`Calls::handle_timeout`] and drains before a command, tells what time has ended before that reply.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.board.outputs.pop_front()
    }

    /// When to call [`Calls::handle_timeout`], if nothing comes before; `None` while no seat can be taken.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.board.deadlines.first().map(|&(at, _)| at)
    }

    /// Ends the rings whose deadline is reached: their seats are missed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
    }

    /// The call as it stands; `None` once it is over.
    pub fn call(&self, call: CallId) -> Option<CallView> {
        self.calls.get(&call).map(|call| CallView {
            id: call.id,
            kind: call.kind,
            caller: call.caller(),
            placed_at: call.placed_at,
            answered_at: call.answered_at,
        })
    }

    /// The seats of a call, the caller's first; `None` once it is over.
    pub fn seats(&self, call: CallId) -> Option<Vec<SeatView>> {
        self.calls.get(&call).map(Call::views)
    }

    /// The call this device is active in, or has placed.
    pub fn call_of_device(&self, device: DeviceId) -> Option<CallId> {
        self.board.devices.get(&device).copied()
    }

    /// How many calls somebody has answered.
    pub fn active_calls(&self) -> usize {
        self.calls.values().filter(|call| call.answered_at.is_some()).count()
    }

    /// How many calls nobody has answered yet.
    pub fn ringing_calls(&self) -> usize {
        self.calls.len() - self.active_calls()
    }

    /// There is no call, and nothing left to perform.
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty() && self.board.outputs.is_empty()
    }

    /// Moves time, which ends rings.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.board.set_clock(now);
        self.expire();
    }

    /// Ends the rings whose time is over.
    pub(crate) fn expire(&mut self) {
        while let Some(&(at, id)) = self.board.deadlines.first()
            && at <= self.board.now
        {
            self.board.deadlines.pop_first();
            self.with_call(id, |call, board| {
                for seat in 0..call.seats.len() {
                    if call.seats[seat].state.is_open() {
                        call.close(seat, SeatState::Missed, None, RingStop::Missed, board);
                    }
                }
            });
            self.settle(id, None);
        }
    }

    /// The call and where `user` sits in it.
    pub(crate) fn find(&self, call: CallId, user: UserId) -> Result<(&Call, usize), NoSeat> {
        match self.calls.get(&call) {
            Some(call) => call.seat_of(user).map(|seat| (call, seat)).ok_or(NoSeat::Unknown),
            None if self.tombstones.had_seat(call, user) => Err(NoSeat::Over),
            None => Err(NoSeat::Unknown),
        }
    }

    /// Does something to a call, if it is there.
    pub(crate) fn with_call(&mut self, id: CallId, act: impl FnOnce(&mut Call, &mut Board)) {
        if let Some(call) = self.calls.get_mut(&id) {
            act(call, &mut self.board);
        }
    }

    /// Ends the call if a change left it nothing to go on for. `leaver` is the device that left by its own wish, if one did.
    pub(crate) fn settle(&mut self, id: CallId, leaver: Option<DeviceId>) {
        let Some(call) = self.calls.get(&id) else { return };
        if let Some(reason) = call.verdict() {
            self.end(id, reason, leaver);
        } else if !call.is_open() {
            self.board.deadlines.remove(&(call.rings_until, id));
        }
    }

    pub(crate) fn end(&mut self, id: CallId, reason: EndReason, leaver: Option<DeviceId>) {
        if let Some(call) = self.calls.remove(&id) {
            let seated = call.end(reason, leaver, &mut self.board);
            self.tombstones.bury(id, seated);
        }
    }

    /// A user who came to be active in a call is busy for every other call that asks for them.
    pub(crate) fn refuse_others(&mut self, user: UserId) {
        for id in self.board.open_seats(user) {
            self.with_call(id, |call, board| {
                if let Some(seat) = call.seat_of(user) {
                    call.close(seat, SeatState::Busy, None, RingStop::Ended, board);
                }
            });
            self.settle(id, None);
        }
    }
}
