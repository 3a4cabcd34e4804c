//! Which packets of a layered source a slot takes: one policy a codec, each a pure function of what the slot shows, what it is
//! aimed at, and the packet. What they share is here.

pub(crate) mod h264;
mod sps;
pub(crate) mod vp8;

use crate::counters::Drop;
use crate::target::Target;

/// What a packet is within its stream, as far as the codec shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// The first packet of a keyframe: decoding can begin here.
    pub(crate) entry: bool,
    /// The temporal layer of its frame, from 0.
    pub(crate) temporal: u8,
    /// Its frame depends on the lowest temporal layer alone.
    pub(crate) sync: bool,
    /// Height of the picture in pixels, where the packet tells it.
    pub(crate) height: Option<u16>,
}

/// What becomes of the frame a packet begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It goes on, and the slot shows the temporal layers up to this.
    Forward { temporal: u8 },
    /// It is left out of the stream, and the slot shows the temporal layers up to this.
    LeaveOut { temporal: u8 },
    /// The slot moves to its layer here.
    Switch,
    /// It is no part of what the slot shows, or can show yet.
    Ignore(Drop),
}

/// The temporal layers to show of `shown` on the way to `target`: all while a larger picture is awaited, only the lowest while
/// a smaller one is, for the path cannot carry what is shown.
fn temporal_on_the_way(shown: Target, target: Target) -> u8 {
    match shown.layer.cmp(&target.layer) {
        std::cmp::Ordering::Less => Target::ALL,
        std::cmp::Ordering::Equal => target.temporal,
        std::cmp::Ordering::Greater => 0,
    }
}

/// The choice where the packet is of another layer than the one shown.
fn of_another_layer(target: Target, layer: usize, part: Part) -> Choice {
    match (layer == target.layer, part.entry) {
        (true, true) => Choice::Switch,
        // Should it belong to a keyframe whose beginning is still to come, it is among the recent ones then.
        (true, false) => Choice::Ignore(Drop::AwaitingKeyframe),
        (false, _) => Choice::Ignore(Drop::LayerNotWanted),
    }
}
