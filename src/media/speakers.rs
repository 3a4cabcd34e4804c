//! Who is heard in a group, the loudest first, and who of them is told to be speaking.
//!
//! Pure: voices and times in, an order out. The order changes only where one is clearly louder than the one before, so that two
//! who are equally loud do not change places with every word.

use std::time::{Duration, Instant};

use crate::leg::LegId;
use crate::voice::Voice;

/// So much louder, in decibels, goes before: twice as loud as sound pressure goes.
const CLEARLY_LOUDER: f32 = 6.0;
/// How often those who sound are looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often at most it is told who speaks.
pub(crate) const TELL_EVERY: Duration = Duration::from_secs(1);

/// The voices of a group that sound.
#[derive(Debug)]
pub(crate) struct Speakers {
    /// The loudest first, and whether it is speech.
    order: Vec<(LegId, bool)>,
    /// Who was told to be speaking; `None` where others told it until now.
    told: Option<Vec<LegId>>,
    told_at: Option<Instant>,
}

impl Default for Speakers {
    fn default() -> Self {
        Self { order: Vec::new(), told: Some(Vec::new()), told_at: None }
    }
}

impl Speakers {
    /// Takes in a voice that has begun to sound.
    pub(crate) fn begin(&mut self, leg: LegId) {
        if !self.order.iter().any(|(known, _)| *known == leg) {
            self.order.push((leg, false));
        }
    }

    /// Takes out a leg that has left.
    pub(crate) fn remove(&mut self, leg: LegId) {
        self.order.retain(|(known, _)| *known != leg);
    }

    /// Looks at everyone's voice. True when the order, or who speaks, is another than before.
    pub(crate) fn look<'a>(&mut self, now: Instant, voice: impl Fn(LegId) -> Option<&'a Voice>) -> bool {
        let before = self.order.clone();
        let mut loudness: Vec<(LegId, bool, f32)> = Vec::with_capacity(before.len());
        for (leg, _) in &before {
            let Some(voice) = voice(*leg).filter(|voice| voice.sounds()) else { continue };
            let loud = voice.loudness_at(now);
            let place = loudness.iter().position(|(_, _, other)| loud > other + CLEARLY_LOUDER);
            loudness.insert(place.unwrap_or(loudness.len()), (*leg, voice.speaks(), loud));
        }
        self.order = loudness.into_iter().map(|(leg, speaks, _)| (leg, speaks)).collect();
        self.order != before
    }

    /// Everyone who sounds, the loudest first, and whether it is speech.
    pub(crate) fn order(&self) -> &[(LegId, bool)] {
        &self.order
    }

    /// Who speaks, at most `most`, where that is to be told at `now`.
    pub(crate) fn tell(&mut self, now: Instant, most: usize) -> Option<Vec<LegId>> {
        if !self.differs(most) || self.told_at.is_some_and(|at| now < at + TELL_EVERY) {
            return None;
        }
        self.told = Some(self.speaking(most).collect());
        self.told_at = Some(now);
        self.told.clone()
    }

    /// Others tell who speaks; should that end, everything is told anew.
    pub(crate) fn told_elsewhere(&mut self) {
        (self.told, self.told_at) = (None, None);
    }

    /// Everyone who sounds, the loudest first.
    pub(crate) fn legs(&self) -> impl Iterator<Item = LegId> {
        self.order.iter().map(|(leg, _)| *leg)
    }

    /// When to look again; `None` until a voice begins to sound.
    pub(crate) fn due(&self, now: Instant, most: usize) -> Option<Instant> {
        let look = (!self.order.is_empty()).then(|| now + LOOK_EVERY);
        let tell = self.told_at.filter(|_| self.differs(most)).map(|at| at + TELL_EVERY);
        look.into_iter().chain(tell).min()
    }

    fn differs(&self, most: usize) -> bool {
        self.told.as_ref().is_none_or(|told| !self.speaking(most).eq(told.iter().copied()))
    }

    fn speaking(&self, most: usize) -> impl Iterator<Item = LegId> {
        self.order.iter().filter(|(_, speaks)| *speaks).map(|(leg, _)| *leg).take(most)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const ANNA: LegId = LegId(1);
    const BORIS: LegId = LegId(2);
    const VERA: LegId = LegId(3);

    /// A group in steps of 20 ms.
    struct Room {
        now: Instant,
        voices: BTreeMap<LegId, Voice>,
        speakers: Speakers,
        changes: usize,
        told: Vec<Vec<LegId>>,
    }

    impl Room {
        fn new() -> Self {
            Self { now: Instant::now(), voices: BTreeMap::new(), speakers: Speakers::default(), changes: 0, told: Vec::new() }
        }

        /// For some time these send packets of these levels, varied by `vary(step)`; the others send nothing.
        fn sound(&mut self, time: Duration, levels: &[(LegId, i8)], vary: impl Fn(u32) -> i8) {
            for step in 0..(time.as_millis() / 20) as u32 {
                self.now += 20 * MS;
                for (place, (leg, level)) in levels.iter().enumerate() {
                    let level = if place == 0 { level + vary(step) } else { level - vary(step) };
                    if self.voices.entry(*leg).or_default().hear(self.now, Some(level), 80) {
                        self.speakers.begin(*leg);
                    }
                }
                self.voices.values_mut().for_each(|voice| voice.fade(self.now));
                let voices = &self.voices;
                self.changes += usize::from(self.speakers.look(self.now, |leg| voices.get(&leg)));
                self.told.extend(self.speakers.tell(self.now, 5));
            }
        }

        fn order(&self) -> Vec<LegId> {
            self.speakers.order().iter().map(|(leg, _)| *leg).collect()
        }
    }

    #[test]
    fn the_loudest_goes_first() {
        let mut room = Room::new();
        room.sound(500 * MS, &[(ANNA, -45), (BORIS, -35), (VERA, -25)], |_| 0);
        assert_eq!(room.order(), [VERA, BORIS, ANNA]);
    }

    #[test]
    fn many_small_steps_do_not_keep_the_loudest_from_the_front() {
        let mut room = Room::new();
        let levels: Vec<(LegId, i8)> = (1..8).map(|leg| (LegId(leg), -55 + 5 * leg as i8)).collect();
        room.sound(2_000 * MS, &levels, |_| 0);
        let order = room.order();
        assert!(order[..2].contains(&LegId(7)) && order[5..].contains(&ANNA), "{order:?}");
    }

    #[test]
    fn two_who_are_equally_loud_do_not_change_places() {
        let mut room = Room::new();
        room.sound(500 * MS, &[(ANNA, -30), (BORIS, -30)], |_| 0);
        let (before, order) = (room.changes, room.order());
        // Words of a third of a second, up and down by 5 dB, against each other.
        room.sound(20_000 * MS, &[(ANNA, -30), (BORIS, -30)], |step| if step / 16 % 2 == 0 { 5 } else { -5 });
        assert_eq!((room.changes, room.order()), (before, order));
    }

    #[test]
    fn one_who_falls_silent_leaves_the_list_though_nothing_more_is_sent() {
        let mut room = Room::new();
        room.sound(1_000 * MS, &[(ANNA, -30)], |_| 0);
        assert_eq!(room.order(), [ANNA]);
        room.sound(3_000 * MS, &[], |_| 0);
        assert!(room.order().is_empty());
        assert_eq!(room.told, [vec![ANNA], vec![]]);
    }

    #[test]
    fn it_is_told_once_a_second_at_most_and_on_change_only() {
        let mut room = Room::new();
        for _ in 0..20 {
            room.sound(300 * MS, &[(ANNA, -30)], |_| 0);
            room.sound(1_000 * MS, &[(BORIS, -30)], |_| 0);
        }
        let told = room.told.len();
        assert!((10..=26).contains(&told), "{told} times in 26 s");
        assert!(room.told.windows(2).all(|pair| pair[0] != pair[1]));
        room.sound(1_500 * MS, &[(BORIS, -30)], |_| 0);
        let told = room.told.len();
        room.sound(10_000 * MS, &[(BORIS, -30)], |_| 0);
        assert_eq!(room.told.len(), told);
    }

    #[test]
    fn a_cough_is_not_told() {
        let mut room = Room::new();
        room.sound(100 * MS, &[(ANNA, -15)], |_| 0);
        room.sound(2_000 * MS, &[(ANNA, -70)], |_| 0);
        assert!(room.told.is_empty());
    }

    #[test]
    fn there_is_nothing_to_look_at_while_nobody_sounds() {
        let mut room = Room::new();
        assert_eq!(room.speakers.due(room.now, 5), None);
        room.sound(500 * MS, &[(ANNA, -30)], |_| 0);
        assert_eq!(room.speakers.due(room.now, 5), Some(room.now + LOOK_EVERY));
        room.sound(3_000 * MS, &[], |_| 0);
        assert_eq!(room.speakers.due(room.now, 5), None);
    }
}
