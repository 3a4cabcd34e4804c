use std::time::{Duration, Instant};

use SourceKind::{Camera, Microphone, Screen};

use super::*;

const ANNA: LegId = LegId(1);
const BORIS: LegId = LegId(2);
const VERA: LegId = LegId(3);
const DIMA: LegId = LegId(4);
const ME: LegId = LegId(9);

/// A receiver, its slots, and who is there.
struct Room {
    now: Instant,
    receiver: Receiver,
    places: Vec<Place>,
    people: Vec<Performer>,
    sounding: Vec<(LegId, bool)>,
}

impl Room {
    fn new(slots: &[SourceKind], people: &[LegId]) -> Self {
        let place = |kind: &SourceKind| Place { kind: *kind, source: None, since: None, shows: None, hidden: false };
        Self {
            now: Instant::now(),
            receiver: Receiver { me: ME, audio_slots: 5, swapped: None },
            places: slots.iter().map(place).collect(),
            people: people.iter().map(|leg| performer(*leg)).collect(),
            sounding: Vec::new(),
        }
    }

    fn person(&mut self, leg: LegId) -> &mut Performer {
        self.people.iter_mut().find(|person| person.leg == leg).unwrap()
    }

    /// These speak, the loudest first, and nobody else.
    fn speak(&mut self, legs: &[LegId]) {
        self.sounding = legs.iter().map(|leg| (*leg, true)).collect();
        for leg in legs {
            self.person(*leg).spoke = Some(self.now);
        }
    }

    /// Binds after this long; gives whom each slot shows.
    fn bind(&mut self, after_ms: u64) -> Vec<Option<LegId>> {
        self.now += Duration::from_millis(after_ms);
        let binding = bind(self.now, self.receiver, &self.places, &Stage::new(&self.people, &self.sounding));
        for (place, source) in self.places.iter_mut().zip(&binding.sources) {
            if place.source != *source {
                place.since = Some(self.now);
            }
            place.source = *source;
            assert!(source.is_none_or(|(leg, kind)| kind == place.kind && leg != ME), "{:?}", binding.sources);
        }
        if binding.swaps {
            self.receiver.swapped = Some(self.now);
        }
        let bound: Vec<_> = binding.sources.iter().flatten().collect();
        assert!(bound.iter().enumerate().all(|(at, source)| !bound[..at].contains(source)), "twice: {bound:?}");
        binding.sources.into_iter().map(|source| source.map(|(leg, _)| leg)).collect()
    }

    fn leave(&mut self, leg: LegId) {
        self.people.retain(|person| person.leg != leg);
        self.sounding.retain(|(sounding, _)| *sounding != leg);
    }
}

fn performer(leg: LegId) -> Performer {
    Performer { leg, microphone: true, camera: true, screen: None, spoke: None }
}

#[test]
fn each_kind_goes_to_slots_of_its_kind_and_nobody_gets_their_own() {
    let mut room = Room::new(&[Screen, Camera, Microphone], &[ME, ANNA]);
    room.person(ANNA).screen = Some(room.now);
    room.person(ME).screen = Some(room.now + Duration::from_secs(1));
    assert_eq!(room.bind(0), [Some(ANNA), Some(ANNA), Some(ANNA)]);
}

#[test]
fn those_who_stay_keep_their_place_when_another_leaves_and_who_comes_back_appears_where_they_were() {
    for kind in [Camera, Microphone] {
        let mut room = Room::new(&[kind; 4], &[ANNA, BORIS, VERA]);
        assert_eq!(room.bind(0), [Some(ANNA), Some(BORIS), Some(VERA), None]);
        room.leave(BORIS);
        assert_eq!(room.bind(10), [Some(ANNA), None, Some(VERA), None]);
        room.people.push(performer(DIMA));
        assert_eq!(room.bind(10), [Some(ANNA), Some(DIMA), Some(VERA), None]);
    }
}

#[test]
fn a_source_without_a_free_slot_waits() {
    let mut room = Room::new(&[Camera], &[ANNA, BORIS]);
    assert_eq!(room.bind(0), [Some(ANNA)]);
    room.leave(ANNA);
    assert_eq!(room.bind(0), [Some(BORIS)]);
}

#[test]
fn what_is_switched_off_takes_no_slot() {
    let mut room = Room::new(&[Camera, Microphone], &[ANNA, BORIS]);
    room.person(ANNA).camera = false;
    room.person(BORIS).microphone = false;
    assert_eq!(room.bind(0), [Some(BORIS), Some(ANNA)]);
    room.person(BORIS).camera = false;
    room.person(ANNA).microphone = false;
    assert_eq!(room.bind(0), [None, None]);
}

mod voices {
    use super::*;

    const TENURE_MS: u64 = audio::TENURE.as_millis() as u64;

    #[test]
    fn with_a_slot_for_everyone_nobody_moves_whoever_speaks() {
        let mut room = Room::new(&[Microphone; 3], &[ANNA, BORIS, VERA]);
        room.bind(0);
        for speaking in [&[VERA][..], &[BORIS, VERA], &[], &[VERA, BORIS, ANNA]] {
            room.speak(speaking);
            assert_eq!(room.bind(100), [Some(ANNA), Some(BORIS), Some(VERA)]);
        }
    }

    #[test]
    fn no_more_than_the_router_allows_are_heard() {
        let mut room = Room::new(&[Microphone; 4], &[ANNA, BORIS, VERA, DIMA]);
        room.receiver.audio_slots = 2;
        assert_eq!(room.bind(0).into_iter().flatten().count(), 2);
        room.speak(&[DIMA, VERA]);
        let heard = room.bind(0);
        assert_eq!(heard.iter().flatten().count(), 2);
        assert!(heard.contains(&Some(DIMA)) && heard.contains(&Some(VERA)));
    }

    #[test]
    fn who_begins_to_sound_takes_the_slot_of_one_who_spoke_longest_ago() {
        let mut room = Room::new(&[Microphone; 2], &[ANNA, BORIS, VERA]);
        room.speak(&[ANNA, BORIS]);
        assert_eq!(room.bind(0), [Some(ANNA), Some(BORIS)]);
        room.now += Duration::from_secs(5);
        room.speak(&[BORIS]);
        room.bind(0);
        room.sounding.push((VERA, false));
        assert_eq!(room.bind(60), [Some(VERA), Some(BORIS)], "before it is known to be speech");
    }

    #[test]
    fn one_more_than_can_be_heard_is_heard_only_when_louder() {
        let mut room = Room::new(&[Microphone; 2], &[ANNA, BORIS, VERA]);
        room.speak(&[ANNA, BORIS, VERA]);
        assert_eq!(room.bind(0), [Some(ANNA), Some(BORIS)]);
        room.speak(&[ANNA, VERA, BORIS]);
        assert_eq!(room.bind(TENURE_MS), [Some(ANNA), Some(VERA)], "and Anna is not moved");
    }

    #[test]
    fn one_who_sounds_is_heard_for_a_while_before_a_louder_one_comes_and_one_who_is_silent_makes_room_at_once() {
        let mut room = Room::new(&[Microphone; 2], &[ANNA, BORIS, VERA, DIMA]);
        room.bind(0);
        room.speak(&[VERA, DIMA]);
        let (vera, dima) = (Some(VERA), Some(DIMA));
        assert_eq!(room.bind(100), [dima, vera], "nobody is kept who is silent, however new");
        room.speak(&[ANNA, VERA, DIMA]);
        assert_eq!(room.bind(100), [dima, vera]);
        let again = bind(room.now, room.receiver, &room.places, &Stage::new(&room.people, &room.sounding)).again;
        assert_eq!(again, Some(room.now + audio::TENURE - Duration::from_millis(100)));
        assert_eq!(room.bind(TENURE_MS - 101), [dima, vera]);
        assert_eq!(room.bind(1), [Some(ANNA), vera]);
        room.speak(&[DIMA, VERA, ANNA]);
        assert_eq!(room.bind(100), [Some(ANNA), vera]);
        room.sounding.pop();
        assert_eq!(room.bind(100), [dima, vera], "who falls silent is not kept to the end of that");
    }

    #[test]
    fn silence_changes_nothing() {
        let mut room = Room::new(&[Microphone; 2], &[ANNA, BORIS, VERA]);
        room.speak(&[VERA]);
        let before = room.bind(0);
        room.speak(&[]);
        assert_eq!(room.bind(60_000), before);
    }
}

mod faces {
    use super::*;

    #[test]
    fn with_a_tile_for_everyone_nobody_moves_whoever_speaks() {
        let mut room = Room::new(&[Camera; 3], &[ANNA, BORIS, VERA, ME]);
        room.bind(0);
        for speaking in [&[VERA][..], &[BORIS, VERA], &[], &[VERA, BORIS, ANNA]] {
            room.speak(speaking);
            assert_eq!(room.bind(2_000), [Some(ANNA), Some(BORIS), Some(VERA)]);
        }
    }

    #[test]
    fn a_speaker_takes_the_tile_of_one_who_spoke_longest_ago() {
        let mut room = Room::new(&[Camera; 2], &[ANNA, BORIS, VERA]);
        room.speak(&[ANNA]);
        room.bind(0);
        room.now += Duration::from_secs(3);
        room.speak(&[BORIS]);
        assert_eq!(room.bind(0), [Some(ANNA), Some(BORIS)]);
        room.now += Duration::from_secs(3);
        room.speak(&[VERA]);
        assert_eq!(room.bind(0), [Some(VERA), Some(BORIS)]);
        room.speak(&[]);
        assert_eq!(room.bind(60_000), [Some(VERA), Some(BORIS)], "and keeps it when silent");
    }

    #[test]
    fn one_who_speaks_is_never_taken_away() {
        let mut room = Room::new(&[Camera; 2], &[ANNA, BORIS, VERA]);
        room.speak(&[ANNA, BORIS]);
        room.bind(0);
        room.speak(&[VERA, ANNA, BORIS]);
        assert_eq!(room.bind(5_000), [Some(ANNA), Some(BORIS)]);
    }

    #[test]
    fn one_tile_changes_a_second_and_the_next_speaker_is_not_forgotten() {
        let mut room = Room::new(&[Camera; 2], &[ANNA, BORIS, VERA, DIMA]);
        room.bind(0);
        room.speak(&[VERA, DIMA]);
        let again = |room: &Room| bind(room.now, room.receiver, &room.places, &Stage::new(&room.people, &room.sounding)).again;
        assert_eq!(again(&room), Some(room.now + video::SWAP_EVERY), "known when the first comes");
        assert_eq!(room.bind(0), [Some(ANNA), Some(VERA)]);
        assert_eq!(again(&room), Some(room.now + video::SWAP_EVERY), "and after");
        assert_eq!(room.bind(999), [Some(ANNA), Some(VERA)]);
        assert_eq!(room.bind(1), [Some(DIMA), Some(VERA)]);
        assert_eq!(again(&room), None);
    }

    #[test]
    fn a_sound_that_is_no_speech_takes_no_tile() {
        let mut room = Room::new(&[Camera], &[ANNA, BORIS]);
        room.bind(0);
        room.sounding = vec![(BORIS, false)];
        assert_eq!(room.bind(5_000), [Some(ANNA)]);
    }

    #[test]
    fn whom_the_client_chose_is_in_that_very_slot_and_in_no_other() {
        let mut room = Room::new(&[Camera; 3], &[ANNA, BORIS, VERA]);
        assert_eq!(room.bind(0), [Some(ANNA), Some(BORIS), Some(VERA)]);
        room.places[2].shows = Some(ANNA);
        assert_eq!(room.bind(0), [Some(VERA), Some(BORIS), Some(ANNA)]);
        room.places[0].shows = Some(ANNA);
        assert_eq!(room.bind(0)[1..], [Some(BORIS), None], "the first of two that want the same");
        room.places.iter_mut().for_each(|place| place.shows = None);
        assert_eq!(room.bind(0), [Some(ANNA), Some(BORIS), Some(VERA)]);
    }

    #[test]
    fn a_page_is_turned_at_once_whoever_speaks() {
        let mut room = Room::new(&[Camera; 2], &[ANNA, BORIS, VERA, DIMA]);
        room.speak(&[ANNA, BORIS]);
        room.bind(0);
        (room.places[0].shows, room.places[1].shows) = (Some(VERA), Some(DIMA));
        assert_eq!(room.bind(0), [Some(VERA), Some(DIMA)]);
        (room.places[0].shows, room.places[1].shows) = (Some(DIMA), Some(VERA));
        assert_eq!(room.bind(0), [Some(DIMA), Some(VERA)]);
    }

    #[test]
    fn the_slot_of_one_who_is_not_there_is_empty_until_they_come() {
        let mut room = Room::new(&[Camera; 2], &[ANNA, BORIS]);
        room.places[0].shows = Some(VERA);
        assert_eq!(room.bind(0), [None, Some(ANNA)]);
        room.people.push(performer(VERA));
        assert_eq!(room.bind(0), [Some(VERA), Some(ANNA)]);
        room.person(VERA).camera = false;
        assert_eq!(room.bind(0), [None, Some(ANNA)]);
        room.places[0].shows = Some(ME);
        assert_eq!(room.bind(0), [None, Some(ANNA)], "nobody sees themselves");
    }

    #[test]
    fn a_hidden_tile_keeps_its_face_and_speakers_come_to_those_that_are_drawn() {
        let mut room = Room::new(&[Camera; 2], &[ANNA, BORIS, VERA]);
        room.bind(0);
        room.places[0].hidden = true;
        room.person(BORIS).spoke = Some(room.now);
        room.speak(&[VERA]);
        assert_eq!(room.bind(5_000), [Some(ANNA), Some(VERA)]);
    }
}

mod screens {
    use super::*;

    fn sharing(slots: usize, order: &[LegId]) -> Room {
        let mut room = Room::new(&vec![Screen; slots], order);
        for leg in order {
            room.now += Duration::from_secs(1);
            room.person(*leg).screen = Some(room.now);
        }
        room
    }

    #[test]
    fn the_newest_takes_over_and_the_one_before_comes_back_after_it() {
        let mut room = sharing(1, &[ANNA]);
        assert_eq!(room.bind(0), [Some(ANNA)]);
        room.people.push(Performer { screen: Some(room.now + Duration::from_secs(1)), ..performer(BORIS) });
        assert_eq!(room.bind(1_000), [Some(BORIS)]);
        room.person(BORIS).screen = None;
        assert_eq!(room.bind(0), [Some(ANNA)]);
        room.person(ANNA).screen = None;
        assert_eq!(room.bind(0), [None]);
    }

    #[test]
    fn several_slots_take_the_newest_and_those_who_stay_do_not_move() {
        let mut room = sharing(2, &[ANNA, BORIS]);
        assert_eq!(room.bind(0), [Some(BORIS), Some(ANNA)]);
        room.people.push(Performer { screen: Some(room.now + Duration::from_secs(1)), ..performer(VERA) });
        assert_eq!(room.bind(1_000), [Some(BORIS), Some(VERA)]);
    }

    #[test]
    fn a_chosen_screen_is_shown_where_it_was_chosen() {
        let mut room = sharing(2, &[ANNA, BORIS, VERA]);
        room.places[0].shows = Some(ANNA);
        assert_eq!(room.bind(0), [Some(ANNA), Some(VERA)]);
        room.places[0].shows = Some(DIMA);
        assert_eq!(room.bind(0), [None, Some(VERA)]);
    }
}
