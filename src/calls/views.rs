//! What can be asked of the machine without changing it.

use std::time::Duration;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::call::Call;
use crate::stand::Stand;
use crate::{CallKind, Calls, SeatState, SeatView, Timestamp};

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

impl Calls {
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

    /// All running calls as they stand.
    pub fn all(&self) -> impl Iterator<Item = CallView> {
        self.calls.keys().filter_map(|call| self.call(*call))
    }

    /// The seats of a call, the caller's first; `None` once it is over.
    pub fn seats(&self, call: CallId) -> Option<Vec<SeatView>> {
        self.calls.get(&call).map(|call| call.views(None, &self.board))
    }

    /// The seats of a call as this device sees them.
    pub(crate) fn seats_for(&self, call: CallId, device: DeviceId) -> Vec<SeatView> {
        self.calls.get(&call).map(|call| call.views(Some(device), &self.board)).unwrap_or_default()
    }

    /// The calls in which this device holds a seat: active, held or reconnecting.
    pub fn calls_of_device(&self, device: DeviceId) -> Vec<CallId> {
        self.board.present_on(device).map(|(call, _)| call).collect()
    }

    /// The call in which this device holds a seat that is not held: where its user talks, or has placed a call.
    pub fn active_call_of(&self, device: DeviceId) -> Option<CallId> {
        let active = |&(call, user): &(CallId, UserId)| self.board.active.get(&user) == Some(&call);
        self.board.present_on(device).find(active).map(|(call, _)| call)
    }

    /// Whose seats this device holds, if it holds any.
    pub fn holder(&self, device: DeviceId) -> Option<UserId> {
        self.board.present_on(device).next().map(|(_, user)| user)
    }

    /// The calls that ring on this device, and for how long they will.
    pub fn rings_of_device(&self, device: DeviceId) -> Vec<(CallId, Duration)> {
        let left = |id| {
            let seat = self.calls.get(&id)?.seats.iter().find(|seat| seat.rings_on(device))?;
            let Stand::Open(open) = &seat.stand else { return None };
            Some((id, open.until.saturating_since(self.board.now)))
        };
        self.board.rings_on(device).into_iter().filter_map(left).collect()
    }

    /// The running calls in which this user has a seat that is not open, and that they may know of, the oldest first: where
    /// it stands, and on which device.
    pub fn calls_of_user(&self, user: UserId) -> Vec<(CallId, SeatState, Option<DeviceId>)> {
        let seat = |id| {
            let (call, seat) = self.find(id, user).ok()?;
            let view = call.seats[seat].view(&self.board.lost);
            (!view.state.is_open()).then_some((call.placed_at, (id, view.state, view.device)))
        };
        let mut calls: Vec<_> = self.board.seats_of(user).filter_map(seat).collect();
        calls.sort_by_key(|&(placed_at, (id, ..))| (placed_at, id));
        calls.into_iter().map(|(_, call)| call).collect()
    }

    /// How many calls somebody has answered.
    pub fn active_calls(&self) -> usize {
        self.calls.values().filter(|call| is_answered(call)).count()
    }

    /// How many calls nobody has answered yet.
    pub fn ringing_calls(&self) -> usize {
        self.calls.len() - self.active_calls()
    }

    /// There is no call, and nothing left to perform. Devices may still be lost.
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty() && self.board.outputs.is_empty()
    }
}

fn is_answered(call: &Call) -> bool {
    call.answered_at.is_some()
}
