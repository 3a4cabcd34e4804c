//! What a receiver is sent over the path it has: one sender with three layers (about 110, 300 and 950 kbit/s), and receivers that
//! differ in their links.

mod begins;
mod busy;
mod changing;
mod dear;
mod fixed;
mod lossy;
mod off;
mod wanted;

use std::time::Duration;

use str0m_netem::NetemConfig;
use switchboard_media::SourceKind::Microphone;
use switchboard_media::{Event, LegId, SlotStats};

use crate::client::{Lines, PAIR};
use crate::seeds;
use crate::world::{World, limited};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
const KBIT: u64 = 1_000;
const LATENCY: Duration = Duration::from_millis(20);
/// The one who is watched; receivers follow.
const SENDER: usize = 0;
const RECEIVER: usize = 1;

fn good() -> NetemConfig {
    NetemConfig::new().latency(LATENCY)
}

fn kbit(kbit: u64) -> NetemConfig {
    limited(kbit * KBIT, LATENCY)
}

/// The same law is looked at in several calls, which differ in what links lose and in when frames come.
fn in_every_call(law: impl Fn(u64) + Copy + Send + 'static) {
    seeds::hold(&[1, 2, 3], law);
}

/// A sender on a good link and receivers behind these, each showing one large tile. All talk.
fn watched_over(links: &[NetemConfig]) -> World {
    watched_over_seeded(1, links)
}

/// The same call as it goes another time: links lose other packets, the sender's frames come at other moments.
fn watched_over_seeded(seed: u64, links: &[NetemConfig]) -> World {
    let mut world = World::seeded(seed);
    let sender = world.join(Lines { simulcast: true, ..PAIR }, good());
    let receivers: Vec<usize> = links.iter().map(|link| world.join_over(Lines { camera: false, ..PAIR }, good(), *link)).collect();
    for person in std::iter::once(sender).chain(receivers) {
        if person != sender {
            world.draw(person, &[720]);
        }
        world.open_gate(person);
        world.client(person).sends = true;
        world.run((seed * 37 % 101) as u32 * MS);
    }
    world
}

impl World {
    fn picture(&mut self, person: usize) -> Option<SlotStats> {
        let stats = self.router.inspect(LegId(person as u64 + 1))?;
        stats.slots.into_iter().find(|slot| slot.source.1.is_video())
    }

    /// The layer a person is sent; none while nothing is sent.
    fn layer(&mut self, person: usize) -> Option<String> {
        self.picture(person)?.rid
    }

    /// The layers a person is sent in all its slots for video.
    fn all_layers(&mut self, person: usize) -> Vec<String> {
        let slots = self.router.inspect(LegId(person as u64 + 1)).map_or_else(Vec::new, |stats| stats.slots);
        slots.into_iter().filter(|slot| slot.source.1.is_video()).map(|slot| slot.rid.unwrap_or_default()).collect()
    }

    /// How often a picture was paused.
    fn pauses(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::SlotPaused { paused: true, .. })).count()
    }

    /// The layers a person is sent in the coming time, looked at ten times a second.
    fn layers_for(&mut self, person: usize, time: Duration) -> Vec<Option<String>> {
        let looks = time.as_millis() / 100;
        (0..looks)
            .map(|_| {
                self.run(100 * MS);
                self.layer(person)
            })
            .collect()
    }

    /// How many of the words spoken to a person did not arrive, in thousandths, and how many did since `before`.
    fn words(&mut self, person: usize, before: (u64, u64)) -> (u64, u64) {
        let (heard, missing) = self.words_so_far(person);
        let (heard, missing) = (heard - before.0, missing.saturating_sub(before.1));
        (missing * 1_000 / (heard + missing).max(1), heard)
    }

    fn words_so_far(&mut self, person: usize) -> (u64, u64) {
        let audio = self.client(person).slot(Microphone).audio.report();
        (audio.packets, audio.missing)
    }
}

fn changes(layers: &[Option<String>]) -> usize {
    layers.windows(2).filter(|pair| pair[0] != pair[1]).count()
}
