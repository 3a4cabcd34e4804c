//! Devices that came back to their seat without media, after a restart or because it broke meanwhile: they bring an offer, or
//! the seat is left. Else somebody would stay in the call for ever whom nobody hears or sees.

use std::collections::BTreeMap;
use std::time::Duration;

use switchboard_calls::{Endpoint, SeatState, Timestamp};
use switchboard_ids::{CallId, DeviceId};

use super::actor::Actor;

/// As long as media may be silent before it counts as broken.
const OFFER_WITHIN: Duration = Duration::from_secs(15);

/// Until when each of them has time; at most one entry for a seat.
#[derive(Debug, Default)]
pub(super) struct WithoutMedia(BTreeMap<(CallId, DeviceId), Timestamp>);

impl WithoutMedia {
    /// When to call [`Actor::give_up_without_media`] next.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.0.values().min().copied()
    }
}

impl Actor {
    /// A device is back: its seats that have no media have time to get some.
    pub(super) fn await_media(&mut self, device: DeviceId) {
        let until = self.clock.now().saturating_add(OFFER_WITHIN);
        for call in self.calls.calls_of_device(device) {
            if self.legs.of(call, device).is_none() {
                self.without_media.0.entry((call, device)).or_insert(until);
            }
        }
    }

    /// Seats whose time is over are left as those of a device whose media broke.
    pub(super) fn give_up_without_media(&mut self) {
        let now = self.clock.now();
        let due: Vec<_> = self.without_media.0.iter().filter(|(_, until)| **until <= now).map(|(seat, _)| *seat).collect();
        for (call, device) in due {
            self.without_media.0.remove(&(call, device));
            let Some(user) = self.calls.holder(device) else { continue };
            let seats = self.calls.seats(call).unwrap_or_default();
            // A held seat needs no media until it goes on, and a lost one has its own time.
            let silent = seats.iter().any(|seat| seat.device == Some(device) && seat.state == SeatState::Active);
            if silent && self.legs.of(call, device).is_none() {
                tracing::warn!(%call, %device, "back without media");
                // The device holds the seat, so this is not refused.
                let _ = self.calls.media_lost(now, call, Endpoint { user, device });
                self.perform_all();
            }
        }
    }
}
