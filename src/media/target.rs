//! Which part of a source a slot gets: what the allocator aims a slot at, and the slot then switches to.

/// A simulcast layer and the highest temporal layer of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    /// The place of the layer among the source's, the smallest picture first; 0 without simulcast.
    pub(crate) layer: usize,
    /// The highest temporal layer, from 0; [`Target::ALL`] takes all there are.
    pub(crate) temporal: u8,
}

impl Target {
    /// More temporal layers than any codec has.
    pub(crate) const ALL: u8 = u8::MAX;
}

/// What is known of a layer of a source, as the allocator needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerFacts {
    /// Whether packets of it arrive: it has not fallen silent.
    pub(crate) running: bool,
    /// Height of its picture in pixels as its last keyframe said; before the first, a guess by its place.
    pub(crate) height: u16,
    /// How many temporal layers it was seen to have: 1 where the codec shows none, and 0 when it was asked for in vain.
    pub(crate) temporals: u8,
    /// Measured rate with the temporal layers up to each, bits per second on the wire (RTP header and payload); 0 while unknown.
    pub(crate) bps: [u64; 4],
}
