//! Who speaks is told, heard and seen, whoever else is there.

use std::time::{Duration, Instant};

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Event, LegId, Sources};

use crate::client::{Lines, PAIR};
use crate::sending::{SPEAKING, Voice};
use crate::world::{GROUP, World};

const SILENT: Voice = Voice { level: -127, dtx: false };
/// Silence of a codec that stops sending in it.
const NOTHING_SENT: Voice = Voice { level: -127, dtx: true };
const VOICE_ONLY: Lines = Lines { camera: false, video_slots: 0, ..PAIR };

/// People who are all there, and silent.
fn silent_call(people: usize, lines: Lines) -> World {
    let mut world = World::new();
    for _ in 0..people {
        let person = world.join(lines, NetemConfig::new().latency(Duration::from_millis(10)));
        world.open_gate(person);
        world.client(person).voice = SILENT;
        world.start(person);
    }
    world.run(Duration::from_secs(2));
    world
}

fn told(world: &World) -> Vec<Vec<LegId>> {
    let told = |event: &Event| match event {
        Event::Speakers { group, legs } => {
            assert_eq!(*group, GROUP);
            Some(legs.clone())
        }
        _ => None,
    };
    world.events.iter().filter_map(told).collect()
}

fn speaks(world: &mut World, person: usize, voice: Voice) -> Instant {
    world.client(person).voice = voice;
    world.now
}

/// One of the first `people` speaks, the others do not.
fn takes_turn(world: &mut World, speaker: usize, people: usize, silence: Voice) {
    for person in 0..people {
        world.client(person).voice = if person == speaker { SPEAKING } else { silence };
    }
}

#[test]
fn who_speaks_is_told_and_that_they_ended_whether_or_not_packets_still_come() {
    for ending in [SILENT, NOTHING_SENT] {
        let mut world = silent_call(3, VOICE_ONLY);
        assert_eq!(told(&world), Vec::<Vec<LegId>>::new(), "nobody has spoken");
        speaks(&mut world, 1, SPEAKING);
        let speaker = world.client(1).id;
        world.run_until("the speaker is told", Duration::from_millis(300), |world| told(world) == [vec![speaker]]);
        world.run(Duration::from_secs(5));
        speaks(&mut world, 1, ending);
        world.run_until("the silence is told", Duration::from_millis(1_200), |world| told(world) == [vec![speaker], vec![]]);
    }
}

#[test]
fn nothing_is_told_while_nothing_changes_and_never_more_than_once_a_second() {
    let mut world = silent_call(4, VOICE_ONLY);
    (0..4).for_each(|person| world.client(person).voice = SPEAKING);
    world.run(Duration::from_secs(3));
    let before = told(&world).len();
    world.run(Duration::from_secs(20));
    assert_eq!(told(&world).len(), before);
    for turn in 0..50 {
        takes_turn(&mut world, turn % 4, 4, SILENT);
        world.run(Duration::from_millis(200));
    }
    let told = told(&world).len() - before;
    assert!((1..=11).contains(&told), "{told} times in 10 s");
}

#[test]
fn the_loudest_is_named_first_and_no_more_than_can_be_heard() {
    let mut world = silent_call(7, VOICE_ONLY);
    for person in 0..7 {
        speaks(&mut world, person, Voice { level: -50 + 5 * person as i8, dtx: false });
    }
    world.run(Duration::from_secs(3));
    let last = told(&world).pop().unwrap();
    assert_eq!(last.len(), 5);
    let loudest = world.client(6).id;
    assert!(last[..2].contains(&loudest), "within the 6 dB that are no difference: {last:?}");
    let quietest = world.client(0).id;
    assert!(!last.contains(&quietest), "{last:?}");
}

#[test]
fn a_speaker_comes_to_the_tile_that_is_drawn_whichever_that_is() {
    for drawn in 0..2 {
        let mut world = silent_call(4, Lines { audio_slots: 2, video_slots: 2, ..PAIR });
        let mut heights = [0, 0];
        heights[drawn] = 180;
        world.draw(3, &heights);
        let before = world.all_shown(3, Camera);
        let other = (0..3).find(|person| !before.contains(&Some(world.client(*person).id))).unwrap();
        speaks(&mut world, other, SPEAKING);
        world.run(Duration::from_secs(2));
        let shown = world.all_shown(3, Camera);
        assert_eq!(shown[drawn], Some(world.client(other).id), "{before:?} to {shown:?}");
        assert_eq!(shown[1 - drawn], before[1 - drawn]);
    }
}

#[test]
fn a_muted_microphone_is_no_speaker_and_takes_no_slot() {
    let mut world = silent_call(3, VOICE_ONLY);
    world.set_sources(0, Sources { microphone: false, ..Sources::default() });
    world.client(0).on = Sources::default();
    speaks(&mut world, 0, SPEAKING);
    let heard_by: Vec<_> = (1..3).map(|person| world.shown(person, Microphone)).collect();
    assert_eq!(heard_by, [Some(world.client(2).id), Some(world.client(1).id)]);
    world.run(Duration::from_secs(3));
    assert!(told(&world).is_empty(), "what it still sends is not listened to");
    world.set_sources(0, Sources::default());
    let id = world.client(0).id;
    world.run_until("the unmuted one is told", Duration::from_millis(300), |world| told(world) == [vec![id]]);
}

#[test]
fn a_newcomer_to_the_talk_is_heard_within_a_third_of_a_second() {
    let mut world = silent_call(8, Lines { audio_slots: 5, ..VOICE_ONLY });
    for newcomer in [7, 6, 5, 0] {
        let began = speaks(&mut world, newcomer, SPEAKING);
        let id = world.client(newcomer).id;
        let listener = if newcomer == 1 { 2 } else { 1 };
        world.run_until("the newcomer has a slot", Duration::from_millis(300), |world| {
            world.all_shown(listener, Microphone).contains(&Some(id))
        });
        let slot = world.all_shown(listener, Microphone).iter().position(|shown| *shown == Some(id)).unwrap();
        let before = world.client(listener).slot_at(Microphone, slot).packets;
        world.run_until("the newcomer is heard", began + Duration::from_millis(300) - world.now, |world| {
            world.client(listener).slot_at(Microphone, slot).packets > before
        });
        world.run(Duration::from_secs(2));
        assert!(world.all_shown(listener, Microphone)[slot] == Some(id), "and is not moved while it speaks");
        speaks(&mut world, newcomer, SILENT);
        world.run(Duration::from_secs(1));
    }
    for place in 0..5 {
        assert!(world.client(1).slot_at(Microphone, place).audio.report().is_flawless(), "each slot stays one stream");
    }
}

#[test]
fn a_speaker_comes_to_the_stage_within_a_second_and_a_cough_does_not() {
    let mut world = silent_call(4, Lines { audio_slots: 3, ..PAIR });
    let viewer = 3;
    let seen = world.shown(viewer, Camera).unwrap();
    let other = (0..3).find(|person| world.client(*person).id != seen).unwrap();
    speaks(&mut world, other, Voice { level: -15, dtx: false });
    world.run(Duration::from_millis(100));
    speaks(&mut world, other, SILENT);
    world.run(Duration::from_secs(2));
    assert_eq!(world.shown(viewer, Camera), Some(seen), "a cough");
    let began = speaks(&mut world, other, SPEAKING);
    let id = world.client(other).id;
    world.run_until("the speaker is on stage", Duration::from_millis(400), |world| world.shown(viewer, Camera) == Some(id));
    let on_stage = world.now;
    world.run_until("the speaker is seen", began + Duration::from_secs(1) - on_stage, |world| {
        // What was on its way before is there within two frames.
        world.client(viewer).slot(Camera).shown_since(on_stage) > 2
    });
    speaks(&mut world, other, NOTHING_SENT);
    world.run(Duration::from_secs(10));
    assert_eq!(world.shown(viewer, Camera), Some(id), "and stays when it falls silent, while nobody else speaks");
    assert!(world.client(viewer).frames_follow_each_other(Camera));
}

#[test]
fn of_two_who_begin_at_once_the_second_comes_to_the_stage_a_second_after_the_first() {
    let mut world = silent_call(5, Lines { audio_slots: 4, video_slots: 2, ..PAIR });
    let shown = world.all_shown(4, Camera);
    let others: Vec<usize> = (0..4).filter(|person| !shown.contains(&Some(world.client(*person).id))).collect();
    let ids: Vec<_> = others.iter().map(|person| Some(world.client(*person).id)).collect();
    others.iter().for_each(|person| world.client(*person).voice = SPEAKING);
    let seen = |world: &World| ids.iter().filter(|id| world.all_shown(4, Camera).contains(id)).count();
    world.run_until("the first is on stage", Duration::from_millis(400), |world| seen(world) == 1);
    world.run(Duration::from_millis(950));
    assert_eq!(seen(&world), 1);
    world.run_until("the second is on stage", Duration::from_millis(200), |world| seen(world) == 2);
}

#[test]
fn with_a_tile_for_everyone_nobody_moves() {
    let mut world = silent_call(4, Lines { audio_slots: 3, video_slots: 3, ..PAIR });
    let before: Vec<_> = (0..4).map(|person| (world.all_shown(person, Camera), world.all_shown(person, Microphone))).collect();
    for turn in 0..20 {
        takes_turn(&mut world, turn % 4, 4, SILENT);
        world.run(Duration::from_millis(500));
    }
    let after: Vec<_> = (0..4).map(|person| (world.all_shown(person, Camera), world.all_shown(person, Microphone))).collect();
    assert_eq!(before, after);
}

#[test]
fn when_the_speaker_changes_every_200_ms_all_that_is_shown_can_be_decoded_and_no_tile_flickers() {
    let mut world = silent_call(6, Lines { audio_slots: 2, video_slots: 2, ..PAIR });
    world.events.clear();
    for turn in 0..100 {
        takes_turn(&mut world, turn % 5, 6, NOTHING_SENT);
        world.run(Duration::from_millis(200));
    }
    for person in 0..6 {
        let id = world.client(person).id;
        for place in 0..2 {
            let received = world.client(person).slot_at(Camera, place);
            let report = received.video.report();
            assert!(report.is_flawless() && received.ssrcs.len() == 1, "person {person}: {report:?}");
            assert!(report.frames_decodable > 15 * 18, "person {person} sees something all the time: {report:?}");
            assert!(world.client(person).slot_at(Microphone, place).audio.report().is_flawless());
        }
        let mids: Vec<String> =
            world.client(person).mids(switchboard_media::Role::Slot(Camera)).iter().map(|mid| mid.to_string()).collect();
        let changes = |event: &&Event| matches!(event, Event::SlotChanged { leg, mid, .. } if *leg == id && mids.contains(mid));
        let changes = world.events.iter().filter(changes).count();
        assert!((1..=21).contains(&changes), "person {person}: {changes} tiles changed in 20 s");
    }
}
