//! A call over several routers: nobody in it notices.

mod demand;
mod differential;
mod leaving;
mod overflow;
mod telling;

use std::time::Duration;

use str0m_netem::NetemConfig;

use crate::client::{Lines, PAIR};
use crate::pictures::Pictures;
use crate::sending::Voice;
use crate::world::World;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const SILENT: Voice = Voice { level: -127, dtx: false };
/// Three layers, and room for three others.
const FOUR: Lines = Lines { simulcast: true, audio_slots: 3, video_slots: 3, ..PAIR };

fn link() -> NetemConfig {
    NetemConfig::new().latency(20 * MS)
}

impl World {
    /// Whether what a person was sent in all their slots is whole: no packet missing or late, every picture to be decoded.
    fn is_whole(&mut self, person: usize) -> bool {
        let pictures = Pictures::new();
        let mut slots = self.client(person).received.values();
        slots.all(|slot| slot.is_flawless() && pictures.first_undecodable(&slot.frames).is_none())
    }
}
