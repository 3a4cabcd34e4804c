//! What holds in every call.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use str0m::media::Mid;
use switchboard_media::SourceKind::{Camera, Microphone, Screen};
use switchboard_media::{Event, LegId, Role, SourceKind};

use crate::pictures::Pictures;
use crate::sweep::plan::Plan;
use crate::world::World;

type Bindings = BTreeMap<(LegId, String), (LegId, SourceKind)>;
/// Audio packets that came, and those that were missing, in each slot; and datagrams that were sent to each person.
#[derive(Default)]
pub(super) struct Heard {
    slots: BTreeMap<(usize, Mid), (u64, u64)>,
    datagrams: Vec<u64>,
}
/// More datagrams in a second than the voices and pictures of a few people are, with what looks for room.
const FLOOD: f64 = 1_000.0;

#[derive(Default)]
pub(super) struct Laws {
    seen_events: usize,
    bound: Bindings,
}

impl Laws {
    /// At any moment.
    pub(super) fn hold(&mut self, world: &mut World, plan: &Plan) {
        self.learn(world);
        let present = |leg: LegId| plan.people.get(leg.0 as usize - 1).is_some_and(|person| person.present);
        self.bound.retain(|(receiver, _), _| present(*receiver));
        let mut shown = BTreeSet::new();
        for ((receiver, mid), (leg, kind)) in &self.bound {
            assert!(present(*leg), "{receiver} is shown {leg}, who is gone");
            assert_ne!(receiver, leg, "{receiver} is shown itself");
            assert!(shown.insert((receiver, leg, kind)), "{receiver} is shown the {kind:?} of {leg} twice, also in {mid}");
            let on = plan.people[leg.0 as usize - 1].on;
            assert!(on.has(*kind), "{receiver} is shown the {kind:?} of {leg}, which is off");
        }
        assert_eq!(world.router.legs(), plan.people.iter().filter(|person| person.present).count());
        let pictures = Pictures::new();
        for (person, _) in plan.people.iter().enumerate().filter(|(_, person)| person.present) {
            for (mid, received) in &world.client(person).received {
                let at = format!("in slot {mid} of person {person}");
                let (video, audio) = (received.video.report(), received.audio.report());
                assert_eq!(video.timestamp_regressions, 0, "time runs back {at}: {video:?}");
                assert_eq!((video.picture_id_breaks, video.tl0_picidx_breaks), (0, 0), "picture ids leap {at}: {video:?}");
                assert_eq!(video.malformed, 0, "no VP8 {at}: {video:?}");
                assert_eq!(audio.timestamp_regressions, 0, "time runs back {at}: {audio:?}");
                let corrupt = pictures.first_undecodable(&received.frames);
                let until = corrupt.map_or(0, |corrupt| corrupt + 1);
                let places: Vec<_> = received.frames[until.saturating_sub(12)..until].iter().map(|frame| pictures.place(frame)).collect();
                assert_eq!(corrupt, None, "a frame without its references {at}, the last of (clip, frame) {places:?}: {video:?}");
                if plan.clean {
                    let undecodable = video.frames_complete - video.frames_decodable;
                    assert_eq!((video.missing, video.late, undecodable), (0, 0, 0), "on clean links, {at}: {video:?}");
                    assert_eq!((audio.missing, audio.late), (0, 0), "on clean links, {at}: {audio:?}");
                }
            }
        }
    }

    fn learn(&mut self, world: &World) {
        for event in &world.events[self.seen_events..] {
            match event {
                Event::SlotChanged { leg, mid, source: Some(source) } => {
                    self.bound.insert((*leg, mid.clone()), *source);
                }
                Event::SlotChanged { leg, mid, source: None } => {
                    self.bound.remove(&(*leg, mid.clone()));
                }
                Event::LegFailed { leg, error } => panic!("{leg} failed: {error}"),
                _ => {}
            }
        }
        self.seen_events = world.events.len();
    }

    /// What was heard until here.
    pub(super) fn heard(&self, world: &mut World, plan: &Plan) -> Heard {
        let mut heard = Heard::default();
        for person in 0..plan.people.len() {
            heard.datagrams.push(world.datagrams_to(person));
            for (mid, received) in &world.client(person).received {
                let report = received.audio.report();
                heard.slots.insert((person, *mid), (report.packets, report.missing + report.late));
            }
        }
        heard
    }

    /// After some time in which all was well: everyone sees and hears whom they have room for, without a break.
    pub(super) fn hold_in_calm(&mut self, world: &mut World, plan: &Plan, looked_at: Duration, before: &Heard) {
        let (now, since) = (world.now, world.now - looked_at);
        let after = self.heard(world, plan);
        for (person, own) in plan.people.iter().enumerate().filter(|(_, person)| person.present) {
            let stats = world.router.inspect(LegId(person as u64 + 1));
            let datagrams = (after.datagrams[person] - before.datagrams[person]) as f64 / looked_at.as_secs_f64();
            assert!(datagrams < FLOOD, "{datagrams} datagrams in a second to person {person}: {stats:?}");
            let others = || plan.people.iter().enumerate().filter(|(other, own)| *other != person && own.present);
            let sources = [
                (Microphone, own.lines.audio_slots, others().count()),
                (Camera, own.lines.video_slots, others().filter(|(_, other)| other.lines.camera).count()),
                (Screen, own.lines.screen_slots, others().filter(|(_, other)| other.lines.screen).count()),
            ];
            for (kind, slots, sources) in sources {
                let bound = |mid: &Mid| self.bound.contains_key(&(LegId(person as u64 + 1), mid.to_string()));
                let mids: Vec<Mid> = world.client(person).mids(Role::Slot(kind)).into_iter().filter(bound).collect();
                assert_eq!(mids.len(), slots.min(sources), "person {person} is shown as many ({kind:?}) as there are and fit");
                for mid in mids {
                    let at = format!("in slot {mid} ({kind:?}) of person {person}");
                    if kind == Microphone {
                        let count = |heard: &Heard| heard.slots.get(&(person, mid)).copied().unwrap_or_default();
                        let ((packets, missing), (packets_before, missing_before)) = (count(&after), count(before));
                        assert!(packets - packets_before > 150, "{} packets in {looked_at:?} {at}: {stats:?}", packets - packets_before);
                        assert_eq!(missing, missing_before, "lost on good links {at}");
                    } else {
                        let received = &world.client(person).received[&mid];
                        let frames = received.shown_since(since);
                        assert!(frames >= 12, "{frames} frames in {looked_at:?} {at}: {:?}, {stats:?}", received.video.report());
                        let freezes = received.freezes(since, now, Duration::from_secs(1));
                        assert!(freezes.is_empty(), "{at}: {freezes:?}");
                    }
                }
            }
        }
    }
}
