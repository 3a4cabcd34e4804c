//! VP8 frames into RTP payloads (RFC 7741), as a browser would send them.

use crate::descriptor::{Descriptor, PictureId};

/// The largest payload made, descriptor included: with RTP header, extensions, SRTP, UDP and IPv6 it stays under 1,200 bytes
/// and so under the path MTU that WebRTC assumes.
pub const MAX_PAYLOAD_BYTES: usize = 1_100;

/// One RTP payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Descriptor and VP8 data.
    pub data: Vec<u8>,
    /// The RTP marker bit: set on the last payload of a frame.
    pub marker: bool,
}

/// Splits frames into payloads of even size, and numbers them with 15-bit picture ids.
#[derive(Debug, Clone)]
pub struct Vp8Packetizer {
    picture_id: PictureId,
    tl0_picidx: Option<u8>,
}

impl Vp8Packetizer {
    /// The first frame gets the picture id `first_picture_id`, modulo 2^15.
    pub fn new(first_picture_id: u16) -> Self {
        Self { picture_id: PictureId::Long(first_picture_id & 0x7fff), tl0_picidx: None }
    }

    /// Also writes temporal layers and TL0PICIDX, the latter from `first` on. What is not said to be of another layer is of layer 0.
    pub fn with_tl0_picidx(self, first: u8) -> Self {
        Self { tl0_picidx: Some(first), ..self }
    }

    /// The picture id the next frame will get.
    pub fn picture_id(&self) -> u16 {
        self.picture_id.value()
    }

    /// The payloads of one frame of temporal layer 0, in order. An empty frame has none, and uses up no picture id.
    pub fn packetize(&mut self, frame: &[u8]) -> Vec<Payload> {
        self.packetize_layer(frame, (0, false))
    }

    /// The payloads of one frame of a temporal layer, which without [`Vp8Packetizer::with_tl0_picidx`] is not told: the layer, and
    /// whether the frame depends on layer 0 alone. A frame of layer 2 is taken to be referred to by none.
    pub fn packetize_layer(&mut self, frame: &[u8], (layer, sync): (u8, bool)) -> Vec<Payload> {
        if frame.is_empty() {
            return Vec::new();
        }
        let base = layer == 0;
        let mut descriptor = Descriptor {
            partition_start: true,
            picture_id: Some(self.picture_id),
            // RFC 7741 §4.2: frames of the upper layers repeat the index of the base frame before them.
            tl0_picidx: self.tl0_picidx.map(|next| next.wrapping_sub(u8::from(!base))),
            // RFC 7741 §4.2: with TL0PICIDX the temporal layer must be there too.
            temporal: self.tl0_picidx.map(|_| (layer, sync)),
            non_reference: self.tl0_picidx.is_some() && layer == 2,
            ..Descriptor::default()
        };
        self.picture_id = self.picture_id.next();
        self.tl0_picidx = self.tl0_picidx.map(|next| next.wrapping_add(u8::from(base)));

        let mut header = Vec::new();
        descriptor.write(&mut header);
        let count = frame.len().div_ceil(MAX_PAYLOAD_BYTES - header.len());
        let chunks = frame.chunks(frame.len().div_ceil(count));
        let last = chunks.len() - 1;
        chunks
            .enumerate()
            .map(|(at, chunk)| {
                let mut data = Vec::with_capacity(header.len() + chunk.len());
                descriptor.partition_start = at == 0;
                descriptor.write(&mut data);
                data.extend_from_slice(chunk);
                Payload { data, marker: at == last }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(payloads: &[Payload]) -> Vec<(Descriptor, &[u8])> {
        payloads.iter().map(|payload| Descriptor::parse(&payload.data).unwrap()).collect()
    }

    #[test]
    fn a_frame_is_split_into_payloads_that_fit_and_join_to_the_same_bytes() {
        for size in [1, 1_095, 1_096, 1_097, 2_192, 2_193, 60_000] {
            let frame: Vec<u8> = (0..size).map(|at| at as u8).collect();
            let payloads = Vp8Packetizer::new(7).with_tl0_picidx(9).packetize(&frame);
            assert!(payloads.iter().all(|payload| payload.data.len() <= MAX_PAYLOAD_BYTES));
            let joined: Vec<u8> = parsed(&payloads).iter().flat_map(|(_, data)| data.to_vec()).collect();
            assert_eq!(joined, frame);
        }
    }

    #[test]
    fn the_first_payload_starts_the_frame_and_the_last_has_the_marker() {
        let payloads = Vp8Packetizer::new(7).packetize(&[1; 3_000]);
        assert_eq!(payloads.iter().map(|payload| payload.marker).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(parsed(&payloads).iter().map(|(d, _)| d.starts_frame()).collect::<Vec<_>>(), [true, false, false]);
        assert!(parsed(&payloads).iter().all(|(d, _)| d.picture_id == Some(PictureId::Long(7)) && d.tl0_picidx.is_none()));
    }

    #[test]
    fn ids_run_on_from_frame_to_frame_and_wrap() {
        let mut packetizer = Vp8Packetizer::new(0x7fff).with_tl0_picidx(255);
        let first = packetizer.packetize(&[1]);
        let second = packetizer.packetize(&[2]);
        let ids = |payloads: &[Payload]| {
            let descriptor = parsed(payloads)[0].0;
            (descriptor.picture_id, descriptor.tl0_picidx, descriptor.temporal)
        };
        assert_eq!(ids(&first), (Some(PictureId::Long(0x7fff)), Some(255), Some((0, false))));
        assert_eq!(ids(&second), (Some(PictureId::Long(0)), Some(0), Some((0, false))));
        assert_eq!(packetizer.picture_id(), 1);
    }

    #[test]
    fn the_frames_of_upper_layers_repeat_the_index_of_their_base_frame() {
        let mut packetizer = Vp8Packetizer::new(1).with_tl0_picidx(255);
        let layers = [(0, true), (2, true), (1, true), (2, false), (0, false), (2, true)];
        let descriptors = layers.map(|layer| parsed(&packetizer.packetize_layer(&[7], layer))[0].0);
        assert_eq!(descriptors.map(|descriptor| descriptor.tl0_picidx.unwrap()), [255, 255, 255, 255, 0, 0]);
        assert_eq!(descriptors.map(|descriptor| descriptor.temporal.unwrap()), layers);
        assert_eq!(descriptors.map(|descriptor| descriptor.non_reference), [false, true, false, true, false, true]);
        assert_eq!(descriptors.map(|descriptor| descriptor.picture_id.unwrap().value()), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn an_empty_frame_makes_nothing() {
        let mut packetizer = Vp8Packetizer::new(5);
        assert!(packetizer.packetize(&[]).is_empty());
        assert_eq!(packetizer.picture_id(), 5);
    }
}
