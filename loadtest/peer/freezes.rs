//! When a picture stands still, as the statistics of browsers define it (W3C webrtc-stats, `freezeCount`): a frame that is
//! shown later after the one before than three times the usual, and at least 150 ms later than usual.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::blanks::Blanks;

/// The usual is the average over this many frames.
const FRAMES: usize = 30;
const MARGIN: Duration = Duration::from_millis(150);

/// Watches one picture.
#[derive(Debug, Default)]
pub(super) struct Freezes {
    last: Option<Instant>,
    gaps: VecDeque<Duration>,
    sum: Duration,
    pub(super) count: u64,
    pub(super) lasted: Duration,
    pub(super) blanks: Blanks,
}

impl Freezes {
    /// Of a picture that is to be expected from this time on.
    pub(super) fn expecting(since: Option<Instant>) -> Self {
        Self { blanks: Blanks::expecting(since), ..Self::default() }
    }

    /// A frame is shown.
    pub(super) fn shown(&mut self, now: Instant) {
        self.blanks.shown(now);
        let Some(last) = self.last.replace(now) else { return };
        let gap = now.saturating_duration_since(last);
        if let Some(usual) = self.sum.checked_div(self.gaps.len() as u32)
            && gap > (usual * 3).max(usual + MARGIN)
        {
            self.count += 1;
            self.lasted += gap;
        }
        self.gaps.push_back(gap);
        self.sum += gap;
        if self.gaps.len() > FRAMES {
            self.sum -= self.gaps.pop_front().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(gaps_ms: &[u64]) -> Freezes {
        let (mut freezes, mut now) = (Freezes::default(), Instant::now());
        freezes.shown(now);
        for gap in gaps_ms {
            now += Duration::from_millis(*gap);
            freezes.shown(now);
        }
        freezes
    }

    #[test]
    fn a_steady_picture_never_freezes_and_one_that_stands_still_does() {
        assert_eq!(watched(&[33; 100]).count, 0);
        let mut gaps = vec![33; 40];
        gaps.push(400);
        gaps.extend([33; 40]);
        let freezes = watched(&gaps);
        assert_eq!((freezes.count, freezes.lasted), (1, Duration::from_millis(400)));
    }

    #[test]
    fn a_frame_a_little_late_is_no_freeze() {
        let mut gaps = vec![33; 40];
        gaps.extend([182, 33]);
        assert_eq!(watched(&gaps).count, 0);
    }
}
