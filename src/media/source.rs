//! What a participant sends: a source is one m-line the client sends on.

use std::time::{Duration, Instant};

use str0m::media::{Mid, Pt, Rid};

use crate::absence::Look;
use crate::flow::Flow;
use crate::format::Format;
use crate::layer::Layer;
use crate::leg::LegId;
use crate::peaks::Peaks;
use crate::relay::RelayId;
use crate::target::LayerFacts;
use crate::unreadable::Unreadable;
use crate::wanted::{Layers, Wanted};

/// What a source shows or sounds, and what a slot takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A voice.
    Microphone,
    /// A face.
    Camera,
    /// A shared screen.
    Screen,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    /// Whether it is video.
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Camera | Self::Screen)
    }

    /// RTP ticks per second: 48 kHz for Opus (RFC 7587 §4.1), 90 kHz for video (RFC 7741 §4.1, RFC 6184 §8.1).
    pub(crate) const fn clock_rate(self) -> u32 {
        if self.is_video() { 90_000 } else { 48_000 }
    }
}

/// The most simulcast layers of a source that are forwarded.
pub(crate) const MAX_LAYERS: usize = 3;
/// A source of which nothing came for this long does not run, whatever its pace.
const RUNS_FOR: Duration = Duration::from_secs(4);
/// What is asked of a sender that is not heard for this long may not have reached it.
const IS_THERE: Duration = Duration::from_secs(1);

/// A source of a leg, with everyone it is forwarded to.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) kind: SourceKind,
    pub(crate) mid: Mid,
    /// What its payload types carry on this leg.
    formats: Vec<(Format, Pt)>,
    /// How much it may send.
    pub(crate) flow: Flow,
    /// The smallest picture first; one without simulcast.
    pub(crate) layers: Vec<Layer>,
    /// The slots that show it: a leg and the place of the slot in it.
    pub(crate) subscribers: Vec<(LegId, usize)>,
    /// The other routers that take it, and the layers of it that are wanted there.
    pub(crate) relays: Vec<(RelayId, Layers)>,
    /// What its sender knows of who wants its layers.
    pub(crate) wanted: Wanted,
    pub(crate) peaks: Peaks,
    pub(crate) unreadable: Unreadable,
}

impl Source {
    /// A source with simulcast layers of the names `rids`, the smallest first; without names it has none.
    pub(crate) fn new(kind: SourceKind, mid: Mid, formats: Vec<(Format, Pt)>, rids: &[Rid]) -> Self {
        let mut layers: Vec<Layer> = rids.iter().take(MAX_LAYERS).map(|rid| Layer::new(Some(*rid))).collect();
        if layers.is_empty() {
            layers.push(Layer::new(None));
        }
        Self {
            kind,
            mid,
            formats,
            flow: Flow::new(kind),
            layers,
            subscribers: Vec::new(),
            relays: Vec::new(),
            wanted: Wanted::default(),
            peaks: Peaks::default(),
            unreadable: Unreadable::default(),
        }
    }

    /// What a payload type carries here.
    pub(crate) fn format(&self, pt: Pt) -> Option<Format> {
        self.formats.iter().find(|(_, own)| *own == pt).map(|(format, _)| *format)
    }

    /// The payload type of what RED is made of here.
    pub(crate) fn opus(&self) -> Option<Pt> {
        self.formats.iter().find(|(format, _)| *format == Format::Opus).map(|(_, pt)| *pt)
    }

    /// What is known of its layers, the smallest first, and what of them is missing from this look on.
    pub(crate) fn facts(&mut self, now: Instant) -> Vec<LayerFacts> {
        let running = running(&self.layers, now);
        let is_there = self.heard().is_some_and(|heard| now.saturating_duration_since(heard) < IS_THERE);
        let (count, wanted) = (self.layers.len(), &self.wanted);
        let facts = self.layers.iter_mut().enumerate().map(|(place, layer)| {
            // One that never came is asked for when it has been missed: only so is it known whether it can come.
            let known = layer.heard.is_some();
            let asked = is_there && (wanted.asks(place) || !known);
            layer.absence.look(now, Look { runs: running.has(place), known, asked });
            let guess = if count == 1 { 720 } else { [180, 360, 720][place.min(2)] };
            layer.facts(now, running.has(place), guess)
        });
        facts.collect()
    }

    /// When it was heard last.
    pub(crate) fn heard(&self) -> Option<Instant> {
        self.layers.iter().filter_map(|layer| layer.heard).max()
    }

    /// Whether the picture of a layer, as far as is known, is not larger than that of the layer below it.
    pub(crate) fn is_not_larger_than_below(&self, layer: usize) -> bool {
        let below = layer.checked_sub(1).and_then(|below| self.layers[below].height);
        below.zip(self.layers[layer].height).is_some_and(|(below, own)| own <= below)
    }

    /// Nothing of it counts as heard any more: like one that never sent, it may begin at any moment.
    pub(crate) fn fall_silent(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.heard = None);
    }

    /// Forgets what came in the last moment.
    pub(crate) fn forget_recent(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.recent.clear());
    }
}

/// Which layers of a source run: a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Running(u8);

impl Running {
    pub(crate) const fn has(self, layer: usize) -> bool {
        self.0 >> layer & 1 == 1
    }

    /// The layer to take for `wished`: itself if it runs, or none does; else the nearest below that does, or above.
    pub(crate) fn instead_of(self, wished: usize) -> usize {
        let below = (0..=wished).rev().find(|layer| self.has(*layer));
        below.or_else(|| (wished..8).find(|layer| self.has(*layer))).unwrap_or(wished)
    }
}

/// Which layers run at `now`: a layer is left when others go on without it. Of a source that is silent as a whole, those that ran
/// last.
pub(crate) fn running(layers: &[Layer], now: Instant) -> Running {
    let heard = layers.iter().filter_map(|layer| layer.heard).max();
    let Some(heard) = heard.filter(|heard| now.saturating_duration_since(*heard) < RUNS_FOR) else { return Running(0) };
    let bits = layers.iter().enumerate().filter(|(_, layer)| layer.runs(heard)).map(|(place, _)| 1 << place);
    Running(bits.fold(0, |bits, bit: u8| bits | bit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wanted::Layers;

    const MS: Duration = Duration::from_millis(1);

    fn three_layers(heard: [Option<Instant>; 3]) -> Source {
        let mut source = Source::new(SourceKind::Camera, "v".into(), Vec::new(), &["q".into(), "h".into(), "f".into()]);
        for (layer, at) in source.layers.iter_mut().zip(heard) {
            if let Some(at) = at {
                layer.follow(at, 1.into(), 1, None);
            }
        }
        source
    }

    #[test]
    fn a_layer_that_stops_while_others_go_on_does_not_run() {
        let now = Instant::now() + 10_000 * MS;
        let mut source = three_layers([Some(now), Some(now - 300 * MS), None]);
        let facts = source.facts(now);
        assert_eq!(facts.iter().map(|layer| layer.running).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(facts.iter().map(|layer| layer.height).collect::<Vec<_>>(), [180, 360, 720]);
    }

    #[test]
    fn in_an_outage_of_the_whole_source_its_layers_are_not_left() {
        let now = Instant::now() + 10_000 * MS;
        let before = Some(now - 2_000 * MS);
        let mut source = three_layers([before, before, before]);
        assert!(source.facts(now).iter().all(|layer| layer.running));
        assert!(!source.facts(now + RUNS_FOR).iter().any(|layer| layer.running));
    }

    /// How many temporal layers each layer is said to have when, for so many seconds, those came that are named.
    fn temporals_after(source: &mut Source, from: Instant, seconds: u32, come: &[usize]) -> Vec<u8> {
        for step in 0..seconds * 5 {
            let now = from + 200 * step * MS;
            for place in come {
                source.layers[*place].follow(now, (*place as u32 + 1).into(), u64::from(step), None);
            }
            source.facts(now);
        }
        source.facts(from + seconds * 1_000 * MS).iter().map(|layer| layer.temporals).collect()
    }

    #[test]
    fn a_layer_that_does_not_come_is_missing_after_a_few_seconds_and_there_at_its_first_packet() {
        let (mut source, start) = (three_layers([None; 3]), Instant::now());
        assert_eq!(temporals_after(&mut source, start, 3, &[0, 1]), [1, 1, 1]);
        assert_eq!(temporals_after(&mut source, start + 3_000 * MS, 2, &[0, 1]), [1, 1, 0]);
        assert_eq!(temporals_after(&mut source, start + 5_000 * MS, 1, &[0, 1, 2]), [1, 1, 1]);
    }

    #[test]
    fn a_layer_that_never_came_is_missing_whether_or_not_anyone_wanted_it() {
        let (mut source, start) = (three_layers([None; 3]), Instant::now());
        tell_only_the_smallest(&mut source, start);
        assert_eq!(temporals_after(&mut source, start, 6, &[0]), [1, 0, 0]);
    }

    fn tell_only_the_smallest(source: &mut Source, now: Instant) {
        let (all, smallest) = (Layers::first(3), Layers::first(1));
        source.wanted.update(now - 1_000 * MS, all, smallest);
        assert_eq!(source.wanted.update(now, all, smallest), Some(smallest));
    }

    #[test]
    fn of_a_source_that_is_silent_as_a_whole_or_was_told_to_stop_layers_none_is_missing() {
        let start = Instant::now();
        let mut source = three_layers([Some(start); 3]);
        assert_eq!(temporals_after(&mut source, start, 60, &[]), [1, 1, 1]);
        let later = start + 100_000 * MS;
        tell_only_the_smallest(&mut source, later);
        assert_eq!(temporals_after(&mut source, later, 60, &[0]), [1, 1, 1]);
    }

    #[test]
    fn the_nearest_layer_that_runs_is_taken_below_first() {
        for (bits, wished, taken) in [(0b111, 2, 2), (0b011, 2, 1), (0b001, 2, 0), (0b110, 0, 1), (0b100, 0, 2), (0b101, 1, 0), (0, 1, 1)] {
            assert_eq!(Running(bits).instead_of(wished), taken, "{bits:03b} {wished}");
        }
    }

    #[test]
    fn no_more_than_three_layers_are_kept() {
        let rids: Vec<Rid> = (0..100).map(|rid| Rid::from(format!("r{rid}").as_str())).collect();
        assert_eq!(Source::new(SourceKind::Camera, "v".into(), Vec::new(), &rids).layers.len(), 3);
        assert_eq!(Source::new(SourceKind::Camera, "v".into(), Vec::new(), &[]).layers.len(), 1);
    }
}
