//! What a group has to show and sound, in the order in which it is worth it: worked out once for all its receivers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;

use crate::binding::SourceRef;
use crate::leg::LegId;
use crate::source::SourceKind;

/// A member of the group whose sources may be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Performer {
    pub(crate) leg: LegId,
    pub(crate) microphone: bool,
    pub(crate) camera: bool,
    /// Since when its screen is shared; `None` when it is not.
    pub(crate) screen: Option<Instant>,
    /// When it last spoke.
    pub(crate) spoke: Option<Instant>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    rank: usize,
    sounds: bool,
    speaks: bool,
    camera: bool,
    microphone: bool,
    screen: bool,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    standing: BTreeMap<LegId, Standing>,
    microphones: Vec<LegId>,
    cameras: Vec<LegId>,
    screens: Vec<LegId>,
    /// Those who speak and have a camera, the loudest first.
    seen_speakers: Vec<LegId>,
}

impl Stage {
    /// The performers in the order they joined, and those who sound, the loudest first, with whether they speak.
    pub(crate) fn new(performers: &[Performer], sounding: &[(LegId, bool)]) -> Self {
        let loud: BTreeMap<LegId, (usize, bool)> =
            sounding.iter().enumerate().map(|(place, (leg, speaks))| (*leg, (place, *speaks))).collect();
        let mut ranked: Vec<&Performer> = performers.iter().collect();
        // Who sounds by loudness, then who spoke by how lately, then the rest as they came: the sort is stable.
        ranked.sort_by_key(|performer| {
            let place = loud.get(&performer.leg).map_or(usize::MAX, |(place, _)| *place);
            (place, Reverse(performer.spoke))
        });
        let mut stage = Self::default();
        for (rank, performer) in ranked.iter().enumerate() {
            let sounds = loud.get(&performer.leg);
            let standing = Standing {
                rank,
                sounds: sounds.is_some(),
                speaks: sounds.is_some_and(|(_, speaks)| *speaks),
                camera: performer.camera,
                microphone: performer.microphone,
                screen: performer.screen.is_some(),
            };
            stage.standing.insert(performer.leg, standing);
            stage.microphones.extend(performer.microphone.then_some(performer.leg));
            stage.cameras.extend(performer.camera.then_some(performer.leg));
            stage.seen_speakers.extend((performer.camera && standing.speaks).then_some(performer.leg));
        }
        let mut sharing: Vec<(Instant, LegId)> =
            performers.iter().filter_map(|performer| Some((performer.screen?, performer.leg))).collect();
        sharing.sort_by_key(|share| Reverse(*share));
        stage.screens = sharing.into_iter().map(|(_, leg)| leg).collect();
        stage
    }

    /// Whether a source is there to be shown.
    pub(crate) fn has(&self, (leg, kind): SourceRef) -> bool {
        self.standing.get(&leg).is_some_and(|standing| match kind {
            SourceKind::Microphone => standing.microphone,
            SourceKind::Camera => standing.camera,
            SourceKind::Screen => standing.screen,
        })
    }

    /// The microphones, the most worth hearing first.
    pub(super) fn microphones(&self) -> &[LegId] {
        &self.microphones
    }

    /// The cameras, the most worth seeing first.
    pub(super) fn cameras(&self) -> &[LegId] {
        &self.cameras
    }

    /// The screens, the one shared last first.
    pub(super) fn screens(&self) -> &[LegId] {
        &self.screens
    }

    /// Those who speak and have a camera, the loudest first.
    pub(super) fn seen_speakers(&self) -> &[LegId] {
        &self.seen_speakers
    }

    pub(super) fn sounds(&self, leg: LegId) -> bool {
        self.standing.get(&leg).is_some_and(|standing| standing.sounds)
    }

    pub(super) fn speaks(&self, leg: LegId) -> bool {
        self.standing.get(&leg).is_some_and(|standing| standing.speaks)
    }

    /// Its place among all; the last for one who is not there.
    pub(super) fn rank(&self, leg: LegId) -> usize {
        self.standing.get(&leg).map_or(usize::MAX, |standing| standing.rank)
    }
}
