//! What the router tells of its legs, and of itself.

use std::time::Duration;

use crate::leg::Leg;
use crate::router::Router;
use crate::stats::{PathStats, SlotStats};

impl Router {
    /// How the paths of all connected legs fare.
    pub fn paths(&self) -> impl Iterator<Item = PathStats> {
        self.legs.values().filter(|leg| leg.connected).map(|leg| {
            let measured = leg.health.measured();
            PathStats {
                estimate_bps: leg.congestion.estimate(),
                rtt: measured.rtt,
                loss_down: measured.loss_down,
                loss_up: measured.loss_up,
                jitter: Some(measured.jitter).filter(|jitter| !jitter.is_zero()),
            }
        })
    }

    /// The longest that a deadline waited in the last seconds before it was served.
    pub fn lag(&self) -> Duration {
        if self.legs.is_empty() { Duration::ZERO } else { self.lag.worst() }
    }

    pub(crate) fn slot_stats(&self, leg: &Leg) -> Vec<SlotStats> {
        let bound = leg.slots.iter().filter_map(|slot| Some((slot, slot.source?)));
        let stats = bound.map(|(slot, source)| {
            let own = self.sources_of(source.0).and_then(|own| own.iter().find(|own| own.kind == source.1));
            let layers = own.map(|own| &own.layers);
            let showing = slot.showing().filter(|_| slot.kind.is_video());
            let layer = showing.zip(layers).and_then(|(showing, layers)| layers.get(showing.layer));
            SlotStats {
                mid: slot.mid.to_string(),
                source,
                rid: layer.and_then(|layer| layer.rid).map(|rid| rid.to_string()),
                temporal: showing.zip(layer).map(|(showing, layer)| showing.temporal.min(layer.temporals() - 1)),
                bitrate_bps: slot.bitrate(self.now),
                paused: slot.paused,
            }
        });
        stats.collect()
    }
}
