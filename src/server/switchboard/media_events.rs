//! What the media driver tells of legs.

use switchboard_calls::Endpoint;
use switchboard_protocol::{EndReason, Event, SlotSource};

use super::actor::Actor;
use super::legs::Leg;
use super::translate::{self, millis};
use crate::media_driver::{DriverEvent, LegError, LegEvent, LegId};

impl Actor {
    pub(super) fn handle_media(&mut self, event: DriverEvent) {
        match event {
            DriverEvent::Answered { leg, answer } => self.handle_answer(leg, answer),
            DriverEvent::Inspected { leg, stats } => self.handle_inspected(leg, stats),
            DriverEvent::Leg(LegEvent::LegConnected { leg }) => {
                self.tally.connected(leg);
                self.traces.connected(leg, self.clock);
                if let Some(Leg { call, device, .. }) = self.legs.get(leg).copied() {
                    tracing::info!(%call, %device, "media connected");
                    self.tell(device, Event::MediaConnected { call });
                }
            }
            DriverEvent::Leg(LegEvent::SlotChanged { leg, mid, source }) => {
                let Some(Leg { call, device, .. }) = self.legs.get(leg).copied() else { return };
                let source = source.and_then(|(from, kind)| {
                    self.legs.get(from).map(|from| SlotSource { user: from.user, track: translate::source(kind) })
                });
                self.tell(device, Event::Slot { call, mid, source });
            }
            DriverEvent::Leg(LegEvent::SlotPaused { leg, mid, paused }) => {
                if let Some(Leg { call, device, .. }) = self.legs.get(leg).copied() {
                    self.tell(device, Event::SlotPaused { call, mid, paused });
                }
            }
            DriverEvent::Leg(LegEvent::LayersWanted { leg, kind, active, rids }) => {
                if let Some(Leg { call, device, .. }) = self.legs.get(leg).copied() {
                    self.tell(device, Event::LayersWanted { call, track: translate::source(kind), active, rids });
                }
            }
            DriverEvent::Leg(LegEvent::Speakers { group, legs }) => self.hear_speakers(group, legs),
            DriverEvent::Leg(LegEvent::Quality { group, changes }) => self.hear_quality(group, changes),
            DriverEvent::Leg(LegEvent::LegFailed { leg, error }) => {
                self.tally.failed(&error);
                self.traces.failed(leg, &error, self.clock);
                self.handle_failed_leg(leg, &error);
            }
        }
    }

    /// A device's media ended without its call. A peer that closed it has hung up; one whose media broke has lost the call,
    /// though the device is still there to be told, and to be rung. A device that is lost altogether keeps its seat: it brings
    /// an offer with it when it comes back.
    fn handle_failed_leg(&mut self, id: LegId, error: &LegError) {
        let Some(leg) = self.legs.remove(id) else { return };
        let Leg { call, device, user, .. } = leg;
        self.leg_gone(id);
        self.changed.insert(call);
        let (now, who) = (self.clock.now(), Endpoint { user, device });
        self.calls.handle_timeout(now);
        self.perform_all();
        if !self.presence.is_connected(device) || self.calls.is_warm(call, device) {
            tracing::debug!(%call, %device, %error, "media of a device that waits ended");
            return;
        }
        if *error == LegError::Closed {
            tracing::info!(%call, %device, "media closed by the peer");
            let duration = self.calls.call(call).and_then(|view| view.answered_at).map(|at| now.saturating_since(at));
            let left = self.calls.hang_up(now, call, who);
            if left.is_ok() && self.calls.call(call).is_some() {
                self.perform_all();
                let duration_ms = duration.map(millis).unwrap_or_default();
                self.tell(device, Event::CallEnded { call, reason: EndReason::HungUp, duration_ms });
            }
        } else {
            tracing::warn!(%call, %device, %error, "media failed");
            // Refused where the seat is another device's by now.
            let _ = self.calls.media_lost(now, call, who);
        }
    }
}
