//! The steps in which a source's picture gets better, and what each costs: the policy of a kind of source.
//!
//! A face is worth more pixels, but only when it still moves: every step of a camera has all its frames, save the lowest. A
//! screen is read: it gets its full sharpness first, and its smoothness last.

use crate::source::SourceKind;
use crate::target::{LayerFacts, Target};

/// One step of a source's ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rung {
    pub(crate) target: Target,
    /// What it costs, bits per second on the wire; never less than the rung below.
    pub(crate) bps: u64,
    /// Height of its picture in pixels.
    pub(crate) height: u16,
    /// Whether it can be shown: its layer arrives. One that does not can only be asked for.
    pub(crate) running: bool,
    /// Whether its layer was asked for in vain: it is not counted upon.
    pub(crate) missing: bool,
}

/// What encoders of browsers spend on a picture of a height, where no packet has told yet.
const NOMINAL: [(u16, u64); 5] = [(90, 50_000), (180, 110_000), (360, 300_000), (720, 950_000), (1_080, 1_800_000)];
/// The part of a layer's rate that is in its lowest temporal layer, of a hundred: encoders give it more than its share of
/// the frames, since all others build upon it.
const BASE_SHARE: u64 = 55;

/// The rungs of a source with these layers, the lowest first. None of a voice, or without layers.
pub(crate) fn ladder(kind: SourceKind, layers: &[LayerFacts]) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = match kind {
        SourceKind::Microphone => Vec::new(),
        SourceKind::Camera => steps(layers, |place, layer| if place == 0 { base_then_all(layer) } else { vec![Target::ALL] }),
        SourceKind::Screen => {
            let top = layers.iter().rposition(|layer| layer.temporals > 0).unwrap_or(0);
            steps(layers, |place, layer| if place == top { each(layer) } else { vec![lowest(layer)] })
        }
    };
    // A rung that happens to cost less than a worse one costs that much the next moment.
    let mut floor = 0;
    for rung in &mut rungs {
        rung.bps = rung.bps.max(floor);
        floor = rung.bps;
    }
    rungs
}

fn steps(layers: &[LayerFacts], temporals: impl Fn(usize, &LayerFacts) -> Vec<u8>) -> Vec<Rung> {
    let of_layer = |(place, layer): (usize, &LayerFacts)| {
        let rung = |temporal| Rung {
            target: Target { layer: place, temporal },
            bps: rate(layer, temporal),
            height: layer.height,
            running: layer.running,
            missing: layer.temporals == 0,
        };
        temporals(place, layer).into_iter().map(rung).collect::<Vec<_>>()
    };
    layers.iter().enumerate().flat_map(of_layer).collect()
}

const fn lowest(layer: &LayerFacts) -> u8 {
    if layer.temporals > 1 { 0 } else { Target::ALL }
}

fn base_then_all(layer: &LayerFacts) -> Vec<u8> {
    if layer.temporals > 1 { vec![0, Target::ALL] } else { vec![Target::ALL] }
}

fn each(layer: &LayerFacts) -> Vec<u8> {
    (0..layer.temporals.saturating_sub(1)).chain([Target::ALL]).collect()
}

/// What a layer costs up to a temporal layer.
fn rate(layer: &LayerFacts, temporal: u8) -> u64 {
    let top = usize::from(layer.temporals.clamp(1, 4)) - 1;
    let measured = layer.bps[usize::from(temporal).min(top)];
    if measured > 0 { measured } else { usual(layer, temporal) }
}

/// What a layer costs up to a temporal layer as a rule.
pub(crate) fn usual(layer: &LayerFacts, temporal: u8) -> u64 {
    let top = usize::from(layer.temporals.clamp(1, 4)) - 1;
    let all = nominal(layer.height);
    if usize::from(temporal) >= top {
        return all;
    }
    let base = all * BASE_SHARE / 100;
    base + (all - base) * u64::from(temporal) / top as u64
}

/// What a picture of a height costs as a rule: between two known heights in proportion.
fn nominal(height: u16) -> u64 {
    let height = height.max(1);
    let above = NOMINAL.iter().position(|(known, _)| *known >= height);
    let (low, high) = match above {
        Some(0) => ((0, 0), NOMINAL[0]),
        Some(place) => (NOMINAL[place - 1], NOMINAL[place]),
        None => return NOMINAL[NOMINAL.len() - 1].1,
    };
    low.1 + (high.1 - low.1) * u64::from(height - low.0) / u64::from(high.0 - low.0)
}

#[cfg(test)]
mod tests {
    use SourceKind::{Camera, Microphone, Screen};

    use super::*;

    fn layer(height: u16, temporals: u8, bps: [u64; 4]) -> LayerFacts {
        LayerFacts { running: true, height, temporals, bps }
    }

    /// The layers of our client's camera, before a packet was measured.
    fn three(temporals: u8) -> Vec<LayerFacts> {
        [180, 360, 720].map(|height| layer(height, temporals, [0; 4])).to_vec()
    }

    fn shape(rungs: &[Rung]) -> Vec<(usize, u8, u64)> {
        rungs.iter().map(|rung| (rung.target.layer, rung.target.temporal, rung.bps)).collect()
    }

    const ALL: u8 = Target::ALL;

    #[test]
    fn a_camera_gains_frames_then_pixels() {
        let rungs = ladder(Camera, &three(3));
        assert_eq!(shape(&rungs), [(0, 0, 60_500), (0, ALL, 110_000), (1, ALL, 300_000), (2, ALL, 950_000)]);
    }

    #[test]
    fn a_camera_without_temporal_layers_has_a_rung_for_each_layer() {
        assert_eq!(shape(&ladder(Camera, &three(1))), [(0, ALL, 110_000), (1, ALL, 300_000), (2, ALL, 950_000)]);
        assert_eq!(shape(&ladder(Camera, &three(1)[..1])), [(0, ALL, 110_000)]);
    }

    #[test]
    fn a_screen_gains_pixels_then_frames() {
        let rungs = ladder(Screen, &[layer(360, 2, [0; 4]), layer(720, 3, [500_000, 700_000, 900_000, 0])]);
        assert_eq!(shape(&rungs), [(0, 0, 165_000), (1, 0, 500_000), (1, 1, 700_000), (1, ALL, 900_000)]);
    }

    #[test]
    fn a_screen_without_layers_is_shown_with_fewer_frames_before_it_is_not() {
        assert_eq!(shape(&ladder(Screen, &[layer(720, 2, [400_000, 900_000, 0, 0])])), [(0, 0, 400_000), (0, ALL, 900_000)]);
    }

    #[test]
    fn what_was_measured_counts_more_than_what_is_usual() {
        assert_eq!(shape(&ladder(Camera, &[layer(180, 3, [70_000, 80_000, 90_000, 0])])), [(0, 0, 70_000), (0, ALL, 90_000)]);
        assert_eq!(shape(&ladder(Camera, &[layer(180, 4, [1, 2, 3, 44_000])])), [(0, 0, 1), (0, ALL, 44_000)]);
    }

    #[test]
    fn a_better_rung_never_seems_cheaper() {
        let rungs = ladder(Camera, &[layer(180, 1, [110_000, 0, 0, 0]), layer(360, 1, [20_000, 0, 0, 0])]);
        assert_eq!(shape(&rungs), [(0, ALL, 110_000), (1, ALL, 110_000)]);
    }

    #[test]
    fn a_layer_that_does_not_arrive_is_a_rung_to_ask_for() {
        let mut layers = three(1);
        layers[2].running = false;
        assert_eq!(ladder(Camera, &layers).iter().map(|rung| rung.running).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_layer_asked_for_in_vain_is_a_rung_that_is_not_counted_upon() {
        let missing = |layers: &[LayerFacts], kind| ladder(kind, layers).iter().map(|rung| rung.missing).collect::<Vec<_>>();
        let mut layers = three(3);
        layers[2].temporals = 0;
        assert_eq!(missing(&layers, Camera), [false, false, false, true]);
        assert_eq!(missing(&layers, Screen), [false, false, false, false, true], "the best that comes has its frames step by step");
        layers[1].temporals = 0;
        assert_eq!(missing(&layers, Camera), [false, false, true, true]);
        let all = [0; 3].map(|temporals| layer(180, temporals, [0; 4]));
        assert_eq!(missing(&all, Screen), [true, true, true]);
    }

    #[test]
    fn a_voice_has_no_ladder() {
        assert!(ladder(Microphone, &three(1)).is_empty());
        assert!(ladder(Camera, &[]).is_empty());
    }

    #[test]
    fn usual_rates_grow_with_the_picture() {
        let rates = [0, 45, 90, 135, 180, 360, 540, 720, 1_080, 4_000].map(nominal);
        assert_eq!(rates, [555, 25_000, 50_000, 80_000, 110_000, 300_000, 625_000, 950_000, 1_800_000, 1_800_000]);
    }
}
