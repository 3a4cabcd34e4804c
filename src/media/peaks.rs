//! What the layers of a source cost, as the allocator is to see it: what they cost at their worst, not a moment ago.

use std::time::{Duration, Instant};

use crate::ladder::usual;
use crate::target::{LayerFacts, Target};

/// A peak loses this part of itself, of a hundred, in a second of less: a picture that comes to rest is trusted to stay so
/// after a few.
const FADES: f64 = 12.0;
/// What is so many times more than expected is believed at once.
const FLOOD: f64 = 2.0;
/// Longer gaps count as this one.
const LONGEST_GAP: Duration = Duration::from_secs(5);

/// The recent peaks of the rates of a source's layers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peaks {
    at: Option<Instant>,
    bps: Vec<[f64; 4]>,
}

impl Peaks {
    /// Puts the peaks in place of the measured rates. What was not yet heard is taken to be as usual.
    pub(crate) fn apply(&mut self, now: Instant, facts: &mut [LayerFacts]) {
        let gap = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at)).min(LONGEST_GAP);
        self.at = Some(now);
        let kept = (1.0 - FADES / 100.0).powf(gap.as_secs_f64());
        let risen = gap.as_secs_f64().min(1.0);
        for (place, layer) in facts.iter_mut().enumerate() {
            if self.bps.len() == place {
                self.bps.push([0; 4].map(|_: u64| 0.0));
            }
            for (temporal, peak) in self.bps[place].iter_mut().enumerate() {
                let measured = layer.bps[temporal] as f64;
                let top = temporal + 1 >= usize::from(layer.temporals);
                let usual = usual(layer, if top { Target::ALL } else { temporal as u8 }) as f64;
                if *peak == 0.0 {
                    *peak = usual;
                }
                let faded = *peak * kept;
                if measured == 0.0 {
                    // What was too dear once is asked for again, or it would be paused for good. It is not taken to be a bargain.
                    *peak = faded.max(peak.min(usual));
                } else {
                    *peak = if measured > *peak * FLOOD {
                        measured
                    } else if measured > *peak {
                        *peak + (measured - *peak) * risen
                    } else {
                        faded.max(measured)
                    };
                }
                layer.bps[temporal] = *peak as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peaks: &mut Peaks, now: Instant, bps: u64) -> u64 {
        let mut facts = [LayerFacts { running: bps > 0, height: 360, temporals: 1, bps: [bps, 0, 0, 0] }];
        peaks.apply(now, &mut facts);
        facts[0].bps[0]
    }

    #[test]
    fn a_peak_is_seen_within_a_second_and_forgotten_slowly() {
        let (mut peaks, now) = (Peaks::default(), Instant::now());
        assert_eq!(seen(&mut peaks, now, 500_000), 300_000, "a keyframe in one moment is no rate");
        assert_eq!(seen(&mut peaks, now + Duration::from_millis(200), 500_000), 340_000);
        assert_eq!(seen(&mut peaks, now + Duration::from_secs(1), 500_000), 468_000);
        assert_eq!(seen(&mut peaks, now + Duration::from_secs(2), 200_000), 411_840);
        let mut last = 0;
        for second in 3..30 {
            last = seen(&mut peaks, now + Duration::from_secs(second), 200_000);
        }
        assert_eq!(last, 200_000);
    }

    #[test]
    fn before_anything_is_known_it_costs_what_is_usual() {
        assert_eq!(seen(&mut Peaks::default(), Instant::now(), 0), 300_000);
        assert_eq!(seen(&mut Peaks::default(), Instant::now(), 5_000), 300_000, "the first packets say little");
    }

    #[test]
    fn a_layer_that_is_stopped_keeps_its_price_for_a_while_and_no_less_than_is_usual() {
        let (mut peaks, now) = (Peaks::default(), Instant::now());
        seen(&mut peaks, now, 3_000_000);
        assert_eq!(seen(&mut peaks, now + Duration::from_secs(1), 3_000_000), 3_000_000, "what one busy moment cost");
        assert_eq!(seen(&mut peaks, now + Duration::from_secs(2), 0), 2_640_000, "it is not shown as long as it may cost that");
        let mut last = 0;
        for second in 3..60 {
            last = seen(&mut peaks, now + Duration::from_secs(second), 0);
        }
        assert_eq!(last, 300_000, "and is not locked out for good");
    }
}
