//! How a device's media fares at the moment, for whoever wants to know why it looks as it does.

use std::collections::BTreeMap;

use switchboard_calls::{Endpoint, SeatError};
use switchboard_ids::{CallId, DeviceId};
use switchboard_protocol::{ErrorCode, Failure, Reply, SlotSource, SlotStats};

use super::actor::Actor;
use super::translate;
use crate::media_driver::{LegId, LegStats};

/// A request for which the media thread is asked.
#[derive(Debug)]
struct Inspection {
    device: DeviceId,
    call: CallId,
    /// The request.
    id: u64,
}

/// The requests under way, by the leg they ask about: one of a device at most.
#[derive(Debug, Default)]
pub(super) struct Inspections(BTreeMap<LegId, Inspection>);

impl Actor {
    pub(super) fn stats(&mut self, who: Endpoint, id: u64, call: CallId) {
        let Endpoint { device, .. } = who;
        let leg = match self.own_leg(who, call) {
            Ok(leg) => leg,
            Err(failure) => return self.refuse(device, id, failure),
        };
        if self.inspections.0.values().any(|inspection| inspection.device == device) {
            let message = "the statistics asked for before are still being gathered".to_owned();
            return self.refuse(device, id, Failure { code: ErrorCode::TooManyRequests, message });
        }
        self.inspections.0.insert(leg, Inspection { device, call, id });
        self.media.inspect(leg);
    }

    pub(super) fn handle_inspected(&mut self, leg: LegId, stats: Option<LegStats>) {
        let Some(Inspection { device, call, id }) = self.inspections.0.remove(&leg) else { return };
        let Some(LegStats { estimate_bps, rtt, loss, slots }) = stats else {
            return self.refuse(device, id, translate::seat_error(SeatError::WrongState));
        };
        let slot = |slot: crate::media_driver::SlotStats| {
            let (from, kind) = slot.source;
            // Somebody who has just left is in no slot a moment later.
            let source = SlotSource { user: self.legs.get(from)?.user, track: translate::source(kind) };
            let (rid, temporal, bitrate_bps, paused) = (slot.rid, slot.temporal, slot.bitrate_bps, slot.paused);
            Some(SlotStats { mid: slot.mid, source, rid, temporal, bitrate_bps, paused })
        };
        let slots = slots.into_iter().filter_map(slot).collect();
        let (rtt_ms, loss) = (rtt.map(|rtt| rtt.as_secs_f64() * 1e3), loss.map(f64::from));
        self.reply(device, id, Reply::Stats { call, estimate_bps, rtt_ms, loss, slots });
    }
}
