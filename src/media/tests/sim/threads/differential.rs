//! The same plan on one router and on four: the same people are shown and heard by the same people, in the same layers.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::{Camera, Microphone, Screen};
use switchboard_media::{Event, LegId, Role, SourceKind, Sources, Tile};

use super::{MS, SECOND, SILENT, link};
use crate::client::{Lines, PAIR};
use crate::pictures::Pictures;
use crate::sending::Voice;
use crate::sweep::simulate_on;
use crate::world::{World, limited};

const SEATS: usize = 8;
const LINES: Lines = Lines { simulcast: true, audio_slots: 3, video_slots: 4, screen_slots: 1, ..PAIR };

/// What everyone has at a moment.
type Scene = BTreeMap<String, String>;

/// What there is to be seen, heard and known after each act.
struct Play {
    world: World,
    /// Whose path is narrow: which of the pictures it is shown fit at a moment depends on every packet's, and is not compared.
    narrow: Option<usize>,
    present: Vec<usize>,
    scenes: Vec<(&'static str, Scene)>,
}

impl Play {
    fn speak(&mut self, levels: &[(usize, i8)]) {
        for person in self.present.clone() {
            let level = levels.iter().find(|(speaker, _)| *speaker == person).map(|(_, level)| *level);
            self.world.client(person).voice = level.map_or(SILENT, |level| Voice { level, dtx: false });
        }
    }

    fn join(&mut self, lines: Lines) -> usize {
        let person = self.world.join(lines, link());
        self.world.client(person).voice = SILENT;
        self.present.push(person);
        person
    }

    fn enter(&mut self, person: usize) {
        self.world.open_gate(person);
        self.world.start(person);
    }

    /// Lets time pass, and writes down who has what.
    fn act(&mut self, name: &'static str, time: Duration) {
        self.world.run(time);
        let mut scene = Scene::new();
        for person in self.present.clone() {
            for kind in [Microphone, Camera, Screen] {
                for (place, shown) in self.slots(person, kind).into_iter().enumerate() {
                    scene.insert(format!("{person} {kind:?} {place}"), shown);
                }
            }
        }
        for event in &self.world.events {
            match event {
                Event::LayersWanted { leg, kind, active, rids }
                    if self.narrow.is_none() && self.present.contains(&(leg.0 as usize - 1)) =>
                {
                    scene.insert(format!("{leg} {kind:?} wanted"), format!("{active} {rids:?}"));
                }
                Event::Speakers { legs, .. } => {
                    scene.insert("speakers".to_owned(), format!("{legs:?}"));
                }
                _ => {}
            }
        }
        self.scenes.push((name, scene));
    }

    /// Whom the slots of a kind show, in which layer.
    fn slots(&mut self, person: usize, kind: SourceKind) -> Vec<String> {
        let stats = self.world.router.inspect(LegId(person as u64 + 1)).expect("the leg is there").slots;
        let mids = self.world.client(person).mids(Role::Slot(kind));
        let found = |mid: str0m::media::Mid| stats.iter().find(|slot| slot.mid == mid.to_string());
        let whom = |mid| found(mid).map(|slot| slot.source.0);
        let how = |mid| found(mid).map(|slot| (slot.rid.clone(), slot.temporal, slot.paused, slot.bitrate_bps > 0));
        let how = |mid| how(mid).filter(|_| self.narrow != Some(person));
        mids.into_iter().map(|mid| format!("{:?} {:?}", whom(mid), how(mid))).collect()
    }
}

fn play(routers: usize) -> Vec<(&'static str, Scene)> {
    let mut play = Play { world: World::on(routers, 2, 7), narrow: None, present: Vec::new(), scenes: Vec::new() };
    for seat in 0..SEATS {
        let person = play.join(Lines { screen: seat >= 6, ..LINES });
        let screen_off = Sources { screen: false, ..Sources::default() };
        play.world.set_sources(person, screen_off);
        play.enter(person);
    }
    play.speak(&[(1, -20), (6, -40)]);
    play.act("all are there", 8 * SECOND);

    play.speak(&[(0, -35), (7, -20)]);
    play.act("two others speak", 5 * SECOND);

    // One draws tiles of all sizes, one turns the page, one chooses.
    play.world.draw(0, &[720, 90, 0, 360]);
    let mids = play.world.client(5).mids(Role::Slot(Camera));
    let chosen =
        |(mid, whom): (&str0m::media::Mid, u64)| Tile { mid: mid.to_string(), height: 180, shows: Some(LegId(whom)), pinned: whom == 8 };
    let tiles = mids.iter().zip([8, 1, 4, 3]).map(chosen).collect();
    play.world.view(5, tiles);
    play.act("they look at others", 6 * SECOND);

    play.world.set_sources(6, Sources::default());
    play.act("one shares a screen", 5 * SECOND);
    play.world.set_sources(7, Sources::default());
    play.act("another takes over", 5 * SECOND);
    play.world.set_sources(7, Sources { screen: false, camera: false, microphone: true });
    play.act("and ends it, with the camera", 5 * SECOND);

    // Two of one router leave, and so does one of another; two come.
    for person in [2, 3, 4] {
        play.world.remove(person);
        play.present.retain(|present| *present != person);
    }
    play.act("three leave", 5 * SECOND);
    for _ in 0..2 {
        let person = play.join(LINES);
        play.world.run(300 * MS);
        play.enter(person);
    }
    play.speak(&[(9, -25)]);
    play.act("two come", 8 * SECOND);

    play.world.set_link(1, link(), limited(400_000, 20 * MS));
    play.narrow = Some(1);
    play.act("one path is narrow", 20 * SECOND);
    play.world.close_gate(5);
    play.act("one is held", 3 * SECOND);
    play.world.open_gate(5);
    play.act("and comes back", 8 * SECOND);

    let pictures = Pictures::new();
    for person in play.present.clone() {
        for (mid, slot) in &play.world.client(person).received {
            assert_eq!(pictures.first_undecodable(&slot.frames), None, "each picture can be decoded in slot {mid} of {person}");
            // The narrow path loses what it does.
            if person != 1 {
                let (video, voice) = (slot.video.report(), slot.audio.report());
                assert_eq!((voice.missing, voice.late), (0, 0), "each voice is whole in slot {mid} of {person}");
                assert_eq!((video.missing, video.late), (0, 0), "nothing is missing in slot {mid} of {person}: {video:?}");
            }
        }
    }
    play.scenes
}

#[test]
fn a_call_on_four_routers_goes_as_on_one() {
    let [one, four] = [1, 4].map(|routers| thread::spawn(move || play(routers)).join().unwrap());
    for ((act, one), (_, four)) in one.iter().zip(&four) {
        let differs = |key: &&String| one.get(*key) != four.get(*key);
        let different: Vec<_> = one.keys().chain(four.keys()).filter(differs).map(|key| (key, one.get(key), four.get(key))).collect();
        assert!(different.is_empty(), "when {act}, on one and on four: {different:#?}");
    }
}

#[test]
fn the_laws_hold_on_several_routers_too() {
    for (seed, routers) in [(1, 2), (2, 4), (3, 7), (4, 4), (1_795_277_895_092, 4)] {
        thread::spawn(move || simulate_on(routers, seed)).join().unwrap_or_else(|_| panic!("seed {seed} on {routers} routers"));
    }
}

#[test]
fn a_call_on_several_routers_goes_the_same_way_each_time() {
    let call = || {
        let mut world = World::on(3, 1, 5);
        let lossy = NetemConfig::new().latency(30 * MS).loss(str0m_netem::RandomLoss::new(str0m_netem::Probability::new(0.03)));
        world.call(3, Lines { simulcast: true, audio_slots: 2, video_slots: 2, ..PAIR }, lossy);
        world.run(5 * SECOND);
        ((0..3).map(|person| world.sent_to(person)).collect::<Vec<_>>(), format!("{:?}", world.events))
    };
    let [one, same] = [(); 2].map(|()| thread::spawn(call).join().unwrap());
    assert_eq!(one, same);
}
