//! Faces: those the client chose, each in the slot it chose. The other slots show everyone while there are no more cameras than
//! slots; beyond that, those who spoke last, with patience: whoever spoke longest ago makes room for one who speaks, one tile a
//! second, and one who speaks is never taken away.

use std::time::{Duration, Instant};

use super::{Stage, Tiles};
use crate::leg::LegId;
use crate::source::SourceKind::Camera;

/// A tile that changes its face more often than this is not looked at but watched flicker.
pub(super) const SWAP_EVERY: Duration = Duration::from_secs(1);

/// Gives whether a speaker takes the tile of somebody silent, and when the next may.
pub(super) fn bind(tiles: &mut Tiles<'_>, swapped: Option<Instant>, stage: &Stage) -> (bool, Option<Instant>) {
    tiles.bind_chosen(Camera, stage);
    tiles.keep(Camera, |source| stage.has(source));
    tiles.fill(Camera, usize::MAX, stage.cameras());
    let Some((at, speaker)) = swap(tiles, stage) else { return (false, None) };
    let patient_until = swapped.map(|swapped| swapped + SWAP_EVERY).filter(|until| *until > tiles.now);
    if patient_until.is_some() {
        return (false, patient_until);
    }
    tiles.sources[at] = Some((speaker, Camera));
    (true, swap(tiles, stage).map(|_| tiles.now + SWAP_EVERY))
}

/// The loudest speaker who is not shown, and the tile that is to be theirs: among those that are drawn, that of whoever spoke longest
/// ago.
fn swap(tiles: &Tiles<'_>, stage: &Stage) -> Option<(usize, LegId)> {
    let mut speakers = stage.seen_speakers().iter().filter(|leg| **leg != tiles.me);
    let speaker = speakers.find(|leg| !tiles.has((**leg, Camera)))?;
    let drawn = tiles.automatic(Camera).filter(|&at| !tiles.places[at].hidden);
    let silent = drawn.filter_map(|at| Some((at, tiles.sources[at]?.0))).filter(|(_, leg)| !stage.speaks(*leg));
    let (at, _) = silent.max_by_key(|(_, leg)| stage.rank(*leg))?;
    Some((at, *speaker))
}
