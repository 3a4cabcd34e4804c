//! Devices that come, are lost, come back and go.

use switchboard_ids::{CallId, DeviceId};

use crate::board::Grace;
use crate::{Calls, EndReason, Endpoint, Output, Timestamp};

impl Calls {
    /// A device connected: every call that still asks for its user rings on it too, for what is left of the time. One that
    /// was lost is resumed first.
    pub fn device_appeared(&mut self, now: Timestamp, who: Endpoint) {
        self.device_resumed(now, who.device);
        for id in self.board.open_seats(who.user) {
            self.with_call(id, |call, board| {
                if let Some(seat) = call.seat_of(who.user) {
                    call.ring(seat, who.device, board);
                    call.show(seat, None, board);
                }
            });
        }
    }

    /// A device lost its connection: its seats are kept for [`crate::Config::grace`] and shown as reconnecting, its rings
    /// wait. It goes on being told what it would be told, for its owner to keep. One that is lost already gets no more time.
    pub fn device_lost(&mut self, now: Timestamp, device: DeviceId) {
        self.advance(now);
        let until = self.board.now.saturating_add(self.config.grace);
        if self.board.lose(device, Grace { until, restored: false }) {
            self.show_device(device);
        }
    }

    /// A lost device is back within its grace: everything is as it was.
    pub fn device_resumed(&mut self, now: Timestamp, device: DeviceId) {
        self.advance(now);
        if self.board.find(device).is_some() {
            self.show_device(device);
        }
    }

    /// A device is gone for good, connected before or lost: it rings no more, and the seats it holds are left at once.
    /// Nothing is told to it any more.
    pub fn device_gone(&mut self, now: Timestamp, device: DeviceId) {
        // Rings whose time is over end after this: their end would be told to a device that hears nothing.
        self.board.set_clock(now);
        self.board.find(device);
        self.depart(device, EndReason::ConnectionLost);
        self.expire();
    }

    /// The grace of a lost device is over.
    pub(crate) fn give_up(&mut self, device: DeviceId) {
        let restored = self.board.grace_of(device).is_some_and(|grace| grace.restored);
        self.depart(device, if restored { EndReason::ServerStopped } else { EndReason::ConnectionLost });
        self.board.find(device);
        self.board.push(Output::DeviceExpired { device });
    }

    fn depart(&mut self, device: DeviceId, reason: EndReason) {
        for id in self.board.rings_on(device) {
            self.with_call(id, |call, board| call.unring(device, board));
        }
        for id in self.calls_of_device(device) {
            self.with_call(id, |call, board| {
                if let Some(seat) = call.seats.iter().position(|seat| seat.device() == Some(device)) {
                    call.leave(seat, reason, board);
                }
            });
            self.settle(id, None);
        }
    }

    /// Shows the seats that this device holds or rings for, in every call, as its connection makes them look.
    fn show_device(&mut self, device: DeviceId) {
        let calls: Vec<CallId> = self.calls_of_device(device).into_iter().chain(self.board.rings_on(device)).collect();
        for id in calls {
            self.with_call(id, |call, board| {
                if let Some(seat) = call.seats.iter().position(|seat| seat.device() == Some(device) || seat.rings_on(device)) {
                    call.show(seat, None, board);
                }
            });
        }
    }
}
