//! Devices that come and go.

use switchboard_ids::DeviceId;

use crate::{Calls, EndReason, Endpoint, Timestamp};

impl Calls {
    /// A device connected: every call that still asks for its user rings on it too, for what is left of the time.
    pub fn device_appeared(&mut self, now: Timestamp, who: Endpoint) {
        self.advance(now);
        for id in self.board.open_seats(who.user) {
            self.with_call(id, |call, board| {
                if let Some(seat) = call.seat_of(who.user)
                    && call.ring(seat, who.device, board)
                {
                    call.tell(seat, board);
                }
            });
        }
    }

    /// A device disconnected: it rings no more, and the seat it holds is left at once. Nothing is told to it any more.
    pub fn device_gone(&mut self, now: Timestamp, device: DeviceId) {
        // Rings whose time is over end after this: their end would be told to a device that hears nothing.
        self.board.set_clock(now);
        for id in self.board.rings_on(device) {
            self.with_call(id, |call, board| call.unring(device, board));
        }
        if let Some(id) = self.call_of_device(device) {
            self.with_call(id, |call, board| {
                if let Some(seat) = call.seat_held_by(device) {
                    call.leave(seat, EndReason::ConnectionLost, board);
                }
            });
            self.settle(id, None);
        }
        self.expire();
    }
}
