//! What happens in a random call: everything is drawn from its seed.

use std::time::Duration;

use str0m_netem::{NetemConfig, Probability, RandomLoss};
use switchboard_media::SourceKind::{Camera, Microphone, Screen};
use switchboard_media::{LegId, Role, Sources, Tile};

use crate::client::{Lines, VideoCodecs};
use crate::sending::{SPEAKING, Voice};
use crate::world::{World, limited};

const MS: Duration = Duration::from_millis(1);

pub(super) struct Plan {
    rng: fastrand::Rng,
    pub(super) steps: usize,
    pub(super) people: Vec<Person>,
    /// Whether nothing is ever lost in this call, nor limited.
    pub(super) clean: bool,
}

pub(super) struct Person {
    pub(super) lines: Lines,
    pub(super) present: bool,
    pub(super) on: Sources,
}

impl Plan {
    /// Two to five people join.
    pub(super) fn new(seed: u64, world: &mut World) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut plan = Self { steps: rng.usize(6..14), people: Vec::new(), clean: rng.u8(..4) == 0, rng };
        for _ in 0..plan.rng.usize(2..6) {
            plan.join(world);
        }
        world.run(1_000 * MS);
        plan
    }

    /// Something happens, and time passes.
    pub(super) fn step(&mut self, world: &mut World) {
        let person = self.rng.usize(..self.people.len());
        if self.people[person].present {
            match self.rng.u8(..16) {
                0 => self.leave(world, person),
                1 if self.people.len() < 7 => self.join(world),
                2..=4 => self.relink(world, person),
                5 if !self.clean => self.outage(world, person),
                6..=8 => self.look(world, person),
                9..=10 => self.switch(world, person),
                11..=12 => self.speak(world),
                13 => self.stop_layers(world, person),
                14 => world.client(person).ask_keyframe(Camera),
                _ => self.blink(world, person),
            }
        }
        world.run(self.rng.u32(100..2_500) * MS);
    }

    /// From here on nothing is lost or limited, everyone has everything on, sees all, and speaks.
    pub(super) fn calm(&mut self, world: &mut World) {
        for (person, now) in self.people.iter_mut().enumerate().filter(|(_, person)| person.present) {
            let good = NetemConfig::new().latency(20 * MS);
            world.set_link(person, good, good);
            now.on = Sources::default();
            world.set_sources(person, now.on);
            world.view(person, Vec::new());
            world.client(person).voice = SPEAKING;
            let rids = ["q", "h", "f"].map(String::from);
            world.client(person).want_layers(Camera, true, &rids);
        }
    }

    fn join(&mut self, world: &mut World) {
        let rng = &mut self.rng;
        let lines = Lines {
            camera: rng.u8(..8) > 0,
            screen: rng.u8(..4) == 0,
            simulcast: rng.u8(..3) > 0,
            red: rng.bool(),
            video: VideoCodecs::Vp8,
            audio_slots: rng.usize(1..5),
            video_slots: rng.usize(1..5),
            screen_slots: rng.usize(..2),
        };
        let (up, down) = (self.link(), self.link());
        let person = world.join_over(lines, up, down);
        // As browsers do: were all lost until the numbers wrap, SRTP would never find its rollover counter (RFC 3711 §3.3.1).
        for kind in [Microphone, Camera, Screen] {
            world.client(person).streams(kind).into_iter().for_each(|stream| stream.seq &= 0x7fff);
        }
        world.client(person).sends_red = lines.red && self.rng.bool();
        world.open_gate(person);
        world.start(person);
        self.people.push(Person { lines, present: true, on: Sources::default() });
    }

    fn leave(&mut self, world: &mut World, person: usize) {
        if self.people.iter().filter(|person| person.present).count() > 2 {
            world.remove(person);
            self.people[person].present = false;
        }
    }

    fn link(&mut self) -> NetemConfig {
        let latency = self.rng.u32(1..150) * MS;
        let good = NetemConfig::new().latency(latency);
        if self.clean {
            return good;
        }
        let rng = &mut self.rng;
        match rng.u8(..6) {
            0 | 1 => good,
            2 => good.loss(RandomLoss::new(Probability::new(rng.f32() * 0.08))),
            3 => good.jitter(latency / 3).reorder_gap(rng.u32(3..20)),
            _ => limited(rng.u64(150_000..6_000_000), latency),
        }
    }

    fn relink(&mut self, world: &mut World, person: usize) {
        let (up, down) = (self.link(), self.link());
        world.set_link(person, up, down);
    }

    /// Nothing passes for a moment, either way.
    fn outage(&mut self, world: &mut World, person: usize) {
        world.cut(person);
        world.run(self.rng.u32(50..4_000) * MS);
        self.relink(world, person);
    }

    /// Another page, other sizes.
    fn look(&mut self, world: &mut World, person: usize) {
        let mut mids = world.client(person).mids(Role::Slot(Camera));
        mids.extend(world.client(person).mids(Role::Slot(Screen)));
        let mut tiles = Vec::new();
        for mid in mids {
            if self.rng.u8(..4) == 0 {
                continue;
            }
            let height = [0, 90, 180, 360, 540, 720, 1_080][self.rng.usize(..7)];
            let whom = LegId(self.rng.u64(1..=self.people.len() as u64));
            let shows = (self.rng.bool()).then_some(whom);
            tiles.push(Tile { mid: mid.to_string(), height, shows, pinned: self.rng.u8(..5) == 0 });
        }
        world.view(person, tiles);
    }

    fn switch(&mut self, world: &mut World, person: usize) {
        let rng = &mut self.rng;
        let on = Sources { microphone: rng.u8(..3) > 0, camera: rng.u8(..3) > 0, screen: rng.bool() };
        self.people[person].on = on;
        world.set_sources(person, on);
    }

    /// Others speak, some of them silent to the last bit.
    fn speak(&mut self, world: &mut World) {
        for person in 0..self.people.len() {
            let dtx = self.rng.u8(..3) == 0;
            let level = if dtx { -127 } else { self.rng.i8(-90..-15) };
            world.client(person).voice = Voice { level, dtx };
        }
    }

    /// The encoder drops layers by itself, as it does when its uplink is bad or the machine is busy.
    fn stop_layers(&mut self, world: &mut World, person: usize) {
        let some = ["q", "h", "f"].into_iter().filter(|_| self.rng.bool());
        let rids: Vec<String> = some.map(String::from).collect();
        world.client(person).want_layers(Camera, !rids.is_empty(), &rids);
    }

    /// The gate closes for a moment, as when a call is held.
    fn blink(&mut self, world: &mut World, person: usize) {
        world.close_gate(person);
        world.run(self.rng.u32(10..1_000) * MS);
        world.open_gate(person);
    }
}
