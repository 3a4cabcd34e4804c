//! Shared screens: those the client chose, then the newest. One that is taken over is shown again when the newer one ends.

use super::{Stage, Tiles};
use crate::source::SourceKind::Screen;

pub(super) fn bind(tiles: &mut Tiles<'_>, stage: &Stage) {
    tiles.bind_chosen(Screen, stage);
    let me = tiles.me;
    let chosen: Vec<_> = tiles.sources.iter().flatten().filter(|source| source.1 == Screen).map(|source| source.0).collect();
    let slots = tiles.automatic(Screen).count();
    let others = stage.screens().iter().copied().filter(|leg| *leg != me && !chosen.contains(leg));
    let newest: Vec<_> = others.take(slots).collect();
    tiles.keep(Screen, |source| newest.contains(&source.0));
    tiles.fill(Screen, slots, &newest);
}
