//! Voices: the loudest. With no more of them than slots everyone has a slot and keeps it; else whoever begins to sound takes the
//! slot of somebody who is not among the loudest, and nobody is moved from one slot to another. One who is silent makes room at
//! once, one who sounds has been heard for a while before.

use std::time::{Duration, Instant};

use super::{Stage, Tiles};
use crate::leg::LegId;
use crate::source::SourceKind::Microphone;

/// Where more sound at once than can be heard, the loudest are others with every word; each is heard for a sentence or a part of it.
pub(super) const TENURE: Duration = Duration::from_millis(1_500);

/// Gives when one of the loudest who waits for a slot may have it.
pub(super) fn bind(tiles: &mut Tiles<'_>, most: usize, stage: &Stage) -> Option<Instant> {
    let me = tiles.me;
    let most = most.min(tiles.automatic(Microphone).count());
    tiles.keep(Microphone, |source| stage.has(source));
    let used = tiles.sources.iter().flatten().filter(|source| source.1 == Microphone).count();
    tiles.fill(Microphone, most.saturating_sub(used), stage.microphones());
    let loudest: Vec<LegId> = stage.microphones().iter().copied().filter(|leg| *leg != me).take(most).collect();
    for leg in loudest.iter().copied().filter(|leg| stage.sounds(*leg)) {
        if tiles.has((leg, Microphone)) {
            continue;
        }
        match yielding(tiles, &loudest, stage) {
            Ok(at) => tiles.sources[at] = Some((leg, Microphone)),
            Err(again) => return again,
        }
    }
    None
}

/// The slot of one who makes room, else when one will.
fn yielding(tiles: &Tiles<'_>, loudest: &[LegId], stage: &Stage) -> Result<usize, Option<Instant>> {
    let bound = tiles.automatic(Microphone).filter_map(|at| Some((at, tiles.sources[at]?.0)));
    let others: Vec<(usize, LegId)> = bound.filter(|(_, leg)| !loudest.contains(leg)).collect();
    let stays = |&(at, leg): &(usize, LegId)| {
        let until = tiles.places[at].since.filter(|_| stage.sounds(leg))? + TENURE;
        (until > tiles.now).then_some(until)
    };
    let quietest = others.iter().filter(|other| stays(other).is_none()).max_by_key(|(_, leg)| stage.rank(*leg));
    quietest.map(|(at, _)| *at).ok_or_else(|| others.iter().filter_map(stays).min())
}
