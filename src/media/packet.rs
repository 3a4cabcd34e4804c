//! A source's packet, parsed once for all its receivers.

use std::sync::Arc;
use std::time::Instant;

use str0m::media::Pt;
use str0m::rtp::{ExtensionValues, RtpWrite, Vp8Descriptor, Vp8Patch};

use crate::format::Format;
use crate::policy::Part;
use crate::red::{Redundancy, Word};
use crate::rewrite::Position;

#[derive(Debug, Clone)]
pub(crate) struct Packet {
    /// The place of its layer in the source, and which of the layer's streams it is of.
    pub(crate) layer: usize,
    pub(crate) epoch: u32,
    pub(crate) format: Format,
    pub(crate) position: Position,
    pub(crate) marker: bool,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) ext_vals: ExtensionValues,
    pub(crate) wallclock: Instant,
    pub(crate) vp8: Option<Vp8Descriptor>,
    pub(crate) part: Part,
    /// Of a voice, what those who take RED get with it.
    pub(crate) redundancy: Option<Redundancy>,
}

impl Packet {
    /// The same with what was lost of a voice before it.
    pub(crate) fn restored(&self, word: Word) -> Self {
        let position = Position { seq: word.seq, time: word.time, ..self.position };
        Self { position, payload: word.payload, redundancy: None, ..self.clone() }
    }

    /// Without payload it is padding, which the sender probes the path with.
    pub(crate) fn is_padding(&self) -> bool {
        self.payload.is_empty()
    }
}

/// A packet as it goes to one receiver.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing<'a> {
    pub(crate) pt: Pt,
    pub(crate) position: Position,
    pub(crate) marker: bool,
    pub(crate) payload: Arc<[u8]>,
    /// Whether the receiver may ask for it again.
    pub(crate) nackable: bool,
    /// What is written over the payload's VP8 descriptor.
    pub(crate) patch: Option<Vp8Patch>,
    /// What it was made of.
    pub(crate) packet: &'a Packet,
}

impl From<Outgoing<'_>> for RtpWrite {
    fn from(out: Outgoing<'_>) -> Self {
        let Position { seq, time, .. } = out.position;
        let rtp = Self::new(out.pt, seq.into(), time, out.packet.wallclock, out.payload);
        let rtp = rtp.marker(out.marker).ext_vals(out.packet.ext_vals.clone()).nackable(out.nackable);
        if let Some(patch) = out.patch { rtp.vp8_patch(patch) } else { rtp }
    }
}

/// A packet of a VP8 frame with the keyframe bit and the start bit as given (RFC 7741 §4.2, §4.3).
#[cfg(test)]
pub(crate) fn video_packet(seq: u64, keyframe: bool, start: bool) -> Packet {
    let payload: Arc<[u8]> = vec![if start { 0x90 } else { 0x80 }, 0x80, 0x80 | 1, 2, u8::from(!keyframe), 0].into();
    let (part, vp8) = crate::policy::vp8::parse(&payload).unwrap();
    let position = Position { seq, time: 3_000, picture_id: vp8.picture_id(), tl0: None };
    Packet {
        layer: 0,
        epoch: 0,
        format: Format::Vp8,
        position,
        marker: false,
        payload,
        ext_vals: ExtensionValues::default(),
        wallclock: Instant::now(),
        vp8: Some(vp8),
        part,
        redundancy: None,
    }
}
