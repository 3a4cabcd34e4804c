//! Many in one call: an audience, and a crowd that all publish. How long it takes is printed, not judged: `--nocapture` shows it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Event, Sources};

use crate::client::{Lines, PAIR};
use crate::sending::{SPEAKING, Voice};
use crate::world::World;

const LISTENER: Lines = Lines { camera: false, audio_slots: 5, video_slots: 2, ..PAIR };
const NOTHING: Sources = Sources { microphone: false, camera: false, screen: false };
const SILENT: Voice = Voice { level: -127, dtx: true };

fn link() -> NetemConfig {
    NetemConfig::new().latency(Duration::from_millis(10))
}

/// Does something, and prints how long it took.
#[expect(clippy::print_stdout, reason = "the figure is for whoever asks with --nocapture")]
fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = act();
    println!("{what}: {:?}", start.elapsed());
    done
}

fn slot_changes(world: &World) -> usize {
    world.events.iter().filter(|event| matches!(event, Event::SlotChanged { .. })).count()
}

#[test]
fn two_speak_to_an_audience_of_198_and_all_hear_and_see_both() {
    const PEOPLE: usize = 200;
    let mut world = World::new();
    timed("200 join", || {
        for person in 0..PEOPLE {
            let publishes = person < 2;
            world.join(Lines { camera: publishes, ..LISTENER }, link());
            if !publishes {
                world.set_sources(person, NOTHING);
            }
            world.open_gate(person);
        }
        world.run_until("all are connected", Duration::from_secs(5), |world| world.connected() == PEOPLE);
    });
    assert_eq!(slot_changes(&world), 2 * (2 * (PEOPLE - 2) + 2), "each has the voices and faces of the others, and was told once");
    (0..2).for_each(|person| world.start(person));
    timed("1 s of two publishers to 200", || world.run(Duration::from_secs(1)));
    for person in 0..PEOPLE {
        let others = if person < 2 { 1 } else { 2 };
        for place in 0..others {
            let voice = world.client(person).slot_at(Microphone, place);
            assert!(voice.packets > 40 && voice.is_flawless(), "person {person} hears {place}: {}", voice.packets);
            let face = world.client(person).slot_at(Camera, place);
            assert!(face.frames.len() > 12 && face.is_flawless(), "person {person} sees {place}: {}", face.frames.len());
        }
    }
    world.events.clear();
    timed("one more joins", || {
        let late = world.join(LISTENER, link());
        world.set_sources(late, NOTHING);
        world.open_gate(late);
        world.run_until("it sees", Duration::from_secs(1), |world| !world.client(late).slot(Camera).frames.is_empty());
    });
    assert_eq!(slot_changes(&world), 4, "only the one who came is told of anything");
}

#[test]
fn fifty_publish_and_each_has_five_voices_and_nine_faces() {
    const PEOPLE: usize = 50;
    const CROWD: Lines = Lines { audio_slots: 5, video_slots: 9, ..PAIR };
    let mut world = World::new();
    timed("50 join", || {
        for person in 0..PEOPLE {
            world.join(CROWD, link());
            world.client(person).voice = if person < 3 { SPEAKING } else { SILENT };
            world.open_gate(person);
        }
        world.run_until("all are connected", Duration::from_secs(5), |world| world.connected() == PEOPLE);
    });
    (0..PEOPLE).for_each(|person| world.start(person));
    timed("1 s of 50 publishers to 50", || world.run(Duration::from_secs(1)));
    for person in 0..PEOPLE {
        let shown = world.all_shown(person, Camera);
        assert!(shown.iter().all(Option::is_some), "person {person}: {shown:?}");
        for place in 0..9 {
            let face = world.client(person).slot_at(Camera, place);
            assert!(face.frames.len() > 8 && face.is_flawless(), "person {person} sees {place}: {:?}", face.video.report());
        }
        for speaker in (0..3).filter(|speaker| *speaker != person) {
            let id = world.client(speaker).id;
            let heard = world.all_shown(person, Microphone).iter().position(|shown| *shown == Some(id));
            let heard = heard.unwrap_or_else(|| panic!("person {person} does not hear {speaker}"));
            let voice = world.client(person).slot_at(Microphone, heard);
            assert!(voice.packets > 30 && voice.is_flawless(), "person {person} hears {speaker}: {}", voice.packets);
        }
    }
    // The last one speaks: all hear it soon, and see it.
    let last = PEOPLE - 1;
    world.client(last).voice = SPEAKING;
    let id = world.client(last).id;
    timed("a speaker comes to 50", || {
        world.run_until("all have its voice", Duration::from_millis(300), |world| {
            (0..last).all(|person| world.all_shown(person, Microphone).contains(&Some(id)))
        });
        world.run_until("all have its face", Duration::from_millis(300), |world| {
            (0..last).all(|person| world.all_shown(person, Camera).contains(&Some(id)))
        });
    });
    timed("it leaves", || world.remove(last));
    assert!((0..last).all(|person| !world.all_shown(person, Camera).contains(&Some(id))));
}

#[test]
fn ten_who_talk_across_each_other_are_each_heard_to_the_end_of_a_word() {
    const PEOPLE: usize = 20;
    const CROWD: Lines = Lines { camera: false, audio_slots: 5, video_slots: 0, ..PAIR };
    let mut world = World::new();
    for person in 0..PEOPLE {
        world.join(CROWD, link());
        world.client(person).voice = SILENT;
        world.open_gate(person);
    }
    world.run_until("all are connected", Duration::from_secs(5), |world| world.connected() == PEOPLE);
    (0..PEOPLE).for_each(|person| world.start(person));
    world.run(Duration::from_secs(1));
    let (start, mut rng) = (world.now, fastrand::Rng::with_seed(7));
    // When each one ends the word it says, and whom each slot has given voice to since when.
    let mut silent_at = [start; PEOPLE];
    let mut heard = BTreeMap::new();
    let (mut changes, mut cut_off) = (0, 0);
    while world.now < start + Duration::from_secs(6) {
        for (person, silent_at) in silent_at.iter_mut().enumerate() {
            if *silent_at > world.now {
                continue;
            }
            let talks = rng.u8(..20) == 0;
            let word = Duration::from_millis(rng.u64(200..800));
            *silent_at = world.now + if talks { word } else { Duration::ZERO };
            world.client(person).voice = if talks { Voice { level: -rng.i8(15..50), dtx: false } } else { SILENT };
        }
        world.events.clear();
        world.run(Duration::from_millis(20));
        for event in &world.events {
            let Event::SlotChanged { leg, mid, source } = event else { continue };
            let before = heard.insert((*leg, mid.clone()), (*source, world.now));
            let Some((Some((whom, _)), since)) = before else { continue };
            let talks = silent_at[whom.0 as usize - 1] > world.now;
            cut_off += usize::from(talks && world.now - since < Duration::from_millis(1_480));
            changes += 1;
        }
    }
    let a_second = f64::from(changes) / (6 * PEOPLE) as f64;
    assert!(a_second > 1.0, "there is more to hear than slots: {a_second} changes a second");
    assert_eq!(cut_off, 0, "of {changes} changes, {a_second} a second for each");
    assert!(a_second < 3.0, "{a_second} voices a second came and went for each");
}
