//! A sender whose stream makes no sense is followed as far as that goes; those who look at others notice nothing.

use std::time::{Duration, Instant};

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone};
use switchboard_media::{Drop, Event, LegError, LegId};

use crate::client::{Client, Lines, PAIR};
use crate::world::{GROUP, World};

const MS: Duration = Duration::from_millis(1);
const THREE: Lines = Lines { simulcast: true, audio_slots: 2, video_slots: 2, ..PAIR };
const ODD: usize = 0;

fn call() -> World {
    let mut world = World::new();
    world.call(3, THREE, NetemConfig::new().latency(20 * MS));
    world.client(ODD).heeds_wishes = false;
    (0..3).for_each(|person| world.draw(person, &[720, 720]));
    world.run(Duration::from_secs(6));
    world
}

/// What the second and third see and hear of each other is whole.
fn assert_undisturbed(world: &mut World) {
    let now = world.now;
    for (one, other) in [(1, 2), (2, 1)] {
        let video = world.seen(one, Camera, other);
        assert!(video.is_flawless(), "{:?}", video.video.report());
        let freezes = video.freezes(video.frames_at[0], now, 250 * MS);
        assert!(freezes.is_empty(), "{freezes:?}");
        assert!(world.seen(one, Microphone, other).is_flawless());
    }
}

/// Both others see the odd one move again within a second of `since`, and go on seeing it.
fn assert_seen_again(world: &mut World, since: Instant, what: &str) {
    for person in [1, 2] {
        let shown = world.seen(person, Camera, ODD);
        let next = shown.frames_at.iter().find(|at| **at > since + 100 * MS);
        assert!(next.is_some_and(|at| *at < since + Duration::from_secs(1)), "{what}: next seen {next:?}, {since:?}");
        let frames = shown.shown_since(since + Duration::from_secs(1));
        assert!(frames >= 13, "{what}: {frames} frames in the second second");
    }
}

#[test]
fn one_who_changes_ssrc_is_seen_again_at_the_next_keyframe() {
    let mut world = call();
    for _ in 0..3 {
        let since = world.now;
        world.client(ODD).change_ssrcs(Camera);
        world.client(ODD).change_ssrcs(Microphone);
        world.run(Duration::from_secs(2));
        assert_seen_again(&mut world, since, "a change of SSRC");
        for person in [1, 2] {
            assert_eq!(world.seen(person, Camera, ODD).ssrcs.len(), 1, "a receiver sees one stream");
            assert!(world.seen(person, Microphone, ODD).is_flawless());
        }
    }
    assert_undisturbed(&mut world);
}

#[test]
fn one_who_changes_ssrc_all_the_time_is_asked_for_few_keyframes_and_disturbs_nobody() {
    let mut world = call();
    let before = world.client(ODD).keyframe_requests;
    for _ in 0..100 {
        world.client(ODD).change_ssrcs(Camera);
        world.run(50 * MS);
    }
    let asked = world.client(ODD).keyframe_requests - before;
    assert!(asked <= 3 * 18, "asked {asked} times in 5 s, of three layers");
    let since = world.now;
    world.run(Duration::from_secs(2));
    assert_seen_again(&mut world, since, "when it is done");
    assert_undisturbed(&mut world);
}

#[test]
fn one_who_never_stops_changing_ssrc_is_sent_away() {
    let mut world = call();
    let id = world.client(ODD).id;
    for _ in 0..350 {
        world.client(ODD).change_ssrcs(Camera);
        world.run(70 * MS);
    }
    let sent_away = |event: &&Event| matches!(event, Event::LegFailed { error: LegError::TooManyStreams(_), .. });
    assert!(world.events.iter().find(sent_away).is_some_and(|event| matches!(event, Event::LegFailed { leg, .. } if *leg == id)));
    assert_undisturbed(&mut world);
}

#[test]
fn one_whose_layers_change_places_is_seen_again_at_the_next_keyframe() {
    let mut world = call();
    let since = world.now;
    // What was the smallest goes on as the largest, and the other way round.
    let mut streams = world.client(ODD).streams(Camera);
    let (first, last) = (streams[0].rid, streams[2].rid);
    (streams[0].rid, streams[2].rid) = (last, first);
    let (small, large) = (streams[0].seq, streams[2].seq);
    (streams[0].seq, streams[2].seq) = (large, small);
    world.run(Duration::from_secs(3));
    assert_seen_again(&mut world, since, "a change of rid");
    assert_undisturbed(&mut world);
}

#[test]
fn one_whose_sequence_numbers_leap_forward_is_seen_again_at_the_next_keyframe() {
    let mut world = call();
    for leap in [1_500, 9_000, 30_000] {
        let since = world.now;
        world.client(ODD).streams(Camera).into_iter().for_each(|stream| stream.seq += leap);
        world.run(Duration::from_secs(2));
        assert_seen_again(&mut world, since, &format!("{leap} forward"));
        for person in [1, 2] {
            let missing = world.seen(person, Camera, ODD).video.report().missing;
            assert_eq!(missing, 0, "the hole is not passed on");
        }
    }
    assert_undisturbed(&mut world);
}

#[test]
fn one_whose_sequence_numbers_leap_back_is_a_replay_until_they_have_caught_up_and_disturbs_nobody() {
    let mut world = call();
    world.client(ODD).streams(Camera).into_iter().for_each(|stream| stream.seq -= 300);
    world.run(Duration::from_secs(1));
    world.client(ODD).streams(Camera).into_iter().for_each(|stream| stream.seq += 300);
    let since = world.now;
    world.run(Duration::from_secs(2));
    assert_seen_again(&mut world, since, "caught up");
    assert_undisturbed(&mut world);
}

/// Whom a person is shown and hears.
fn performers(world: &World, person: usize) -> Vec<LegId> {
    [Camera, Microphone].into_iter().flat_map(|kind| world.all_shown(person, kind)).flatten().collect()
}

#[test]
fn one_whose_sequence_numbers_leap_back_for_good_is_counted_and_shown_as_one_whose_camera_stopped_until_it_begins_anew() {
    for leap in [3_000, 40_000] {
        let mut world = call();
        world.client(ODD).heeds_wishes = true;
        let odd = world.client(ODD).id;
        let counted = |world: &World| [Drop::Replayed, Drop::Refused].map(|why| world.router.counters().dropped(why));
        let before = counted(&world);
        world.client(ODD).streams(Camera).into_iter().for_each(|stream| stream.seq -= leap);
        world.run(Duration::from_secs(2));
        let [replayed, refused] = counted(&world);
        let kinds = (replayed - before[0], refused - before[1]);
        // Back by more than half of all numbers looks like forward, and cannot be decrypted.
        assert!(if leap < 1 << 15 { kinds.0 > 100 && kinds.1 == 0 } else { kinds.1 > 100 }, "{kinds:?}");
        assert_eq!(performers(&world, 1).iter().filter(|shown| **shown == odd).count(), 2, "a moment is no end");
        world.run(Duration::from_secs(2));
        for person in [1, 2] {
            assert!(!world.all_shown(person, Camera).contains(&Some(odd)), "the picture that stood still is gone");
            assert!(performers(&world, person).contains(&odd), "the voice is not");
        }
        world.run(Duration::from_secs(5));
        let since = world.now;
        world.client(ODD).change_ssrcs(Camera);
        world.run(Duration::from_secs(2));
        assert_seen_again(&mut world, since, "under another SSRC");
        assert_undisturbed(&mut world);
    }
}

#[test]
fn a_voice_whose_sequence_numbers_leap_back_for_good_leaves_its_slot_until_they_have_caught_up() {
    let mut world = call();
    let odd = world.client(ODD).id;
    world.client(ODD).streams(Microphone)[0].seq -= 300;
    world.run(Duration::from_secs(4));
    assert!((1..3).all(|person| !world.all_shown(person, Microphone).contains(&Some(odd))));
    assert!((1..3).all(|person| world.all_shown(person, Camera).contains(&Some(odd))), "the picture goes on");
    world.run(Duration::from_secs(4));
    assert!((1..3).all(|person| world.all_shown(person, Microphone).contains(&Some(odd))));
    assert_undisturbed(&mut world);
}

#[test]
fn one_whose_timestamps_leap_goes_on_as_if_they_had_not() {
    let mut world = call();
    for leap in [1 << 31, 90_000 * 5_000, 90_000 * 3, 0_u32.wrapping_sub(90_000 * 3), 0_u32.wrapping_sub(90_000 * 4_000)] {
        let since = world.now;
        for stream in world.client(ODD).streams(Camera) {
            stream.time = stream.time.wrapping_add(leap);
        }
        world.run(Duration::from_secs(2));
        for person in [1, 2] {
            let shown = world.seen(person, Camera, ODD);
            assert_eq!(shown.video.report().timestamp_regressions, 0, "a leap of {leap}");
            let frames = shown.shown_since(since);
            assert!(frames >= 28, "a leap of {leap}: {frames} frames in 2 s");
            let steps: Vec<u32> = shown.times.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
            assert!(steps.iter().all(|step| *step < 90_000), "a leap of {leap} is passed on: {steps:?}");
        }
    }
    assert_undisturbed(&mut world);
}

#[test]
fn of_a_hundred_layers_the_offer_is_answered_and_three_are_taken() {
    let mut world = World::new();
    let mut client = Client::new(world.now, 1);
    let mut offer = client.offer(world.now, THREE);
    let names: Vec<String> = (0..100).map(|layer| format!("r{layer}")).collect();
    let lines: String = names.iter().map(|name| format!("a=rid:{name} send\r\n")).collect();
    let plain: String = offer.sdp.lines().filter(|line| !line.starts_with("a=rid:")).map(|line| format!("{line}\r\n")).collect();
    offer.sdp = plain.replace("a=simulcast:send q;h;f\r\n", &format!("{lines}a=simulcast:send {}\r\n", names.join(";")));
    assert!(offer.sdp.contains("r0;r1;r2"), "{}", offer.sdp);
    let answer = world.router.add_leg(world.now, client.id, GROUP, &offer).unwrap();
    assert!(answer.len() < 3 * offer.sdp.len());
    let taken = answer.lines().filter(|line| line.starts_with("a=rid:") && line.contains("recv")).count();
    assert!(taken <= 3, "{taken} layers are taken");
    assert_eq!(world.router.counters().dropped(Drop::OtherLayer), 0);
}
