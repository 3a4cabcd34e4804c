//! What the router tells of a leg's slots.

use crate::leg::Leg;
use crate::router::Router;
use crate::stats::SlotStats;

impl Router {
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
