//! Whether what a VP8 frame refers to was there, as far as descriptors tell (RFC 7741 §4.2).

use crate::descriptor::Descriptor;

/// What a decoder has got of a stream.
///
/// Without temporal layers each frame needs the one before. With them, a frame of layer 0 needs the one of layer 0 before it,
/// which TL0PICIDX tells also where the frames between them are left out; a frame that says it depends on layer 0 alone needs that
/// one; any other needs one of every layer below its own since then, as in the pattern that WebRTC's encoders use.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct References {
    /// TL0PICIDX of the last frame of layer 0, if that was decodable.
    base: Option<u8>,
    /// Whether a decodable frame of each layer came since the last of layer 0, that one included.
    since_base: [bool; 4],
    /// Without temporal layers: everything since the last keyframe was there.
    unbroken: bool,
}

impl References {
    /// Frames are missing before the next.
    pub(crate) fn lost(&mut self) {
        self.unbroken = false;
    }

    /// Takes the next frame that is there; says whether it can be decoded.
    pub(crate) fn admit(&mut self, keyframe: bool, descriptor: &Descriptor) -> bool {
        let (Some(tl0), Some((layer, sync))) = (descriptor.tl0_picidx, descriptor.temporal) else {
            self.unbroken |= keyframe;
            self.base = None;
            return self.unbroken;
        };
        let layer = usize::from(layer & 3);
        if keyframe || layer == 0 {
            let decodable = keyframe || self.base.is_some_and(|base| base.wrapping_add(1) == tl0);
            self.base = decodable.then_some(tl0);
            self.since_base = [decodable, false, false, false];
            self.unbroken = decodable;
            return decodable;
        }
        let below = if sync { 1 } else { layer };
        let decodable = self.base == Some(tl0) && self.since_base[..below].iter().all(|there| *there);
        self.since_base[layer] = decodable;
        self.unbroken &= decodable;
        decodable
    }
}

#[cfg(test)]
mod tests {
    use crate::{Clip, Vp8Checker, Vp8Packetizer, Vp8Report};

    /// What is left of a layered clip, played twice, after a router dropped frames and closed the ids up.
    fn forwarded(keep: impl Fn(usize, u8) -> bool) -> Vp8Report {
        let clip = &Clip::layers()[0];
        let mut packetizer = Vp8Packetizer::new(0x7ff0).with_tl0_picidx(250);
        let mut checker = Vp8Checker::new();
        let mut seq = 0;
        for at in 0..2 * clip.frames().len() {
            let frame = clip.looped(at as u64);
            let temporal = frame.temporal.unwrap();
            if !keep(at, temporal.0) {
                continue;
            }
            for payload in packetizer.packetize_layer(&frame.data, temporal) {
                checker.handle_rtp(seq, at as u32 * clip.timestamp_step(), payload.marker, &payload.data);
                seq += 1;
            }
        }
        checker.finish();
        checker.report()
    }

    #[test]
    fn streams_without_their_upper_temporal_layers_are_flawless() {
        for (layers, frames) in [(1, 16), (2, 32), (3, 64)] {
            let report = forwarded(|_, layer| layer < layers);
            assert!(report.is_flawless(), "{report:?}");
            assert_eq!((report.frames_decodable, report.keyframes), (frames, 2));
        }
    }

    #[test]
    fn a_step_up_in_the_middle_is_seen_as_what_it_is() {
        // Frame 7 refers to frame 6, which is of layer 1. Frames 5 and 6 refer to layer 0 alone.
        for (up, undecodable) in [(4, 0), (5, 0), (6, 0), (7, 1), (8, 0)] {
            let report = forwarded(|at, layer| layer == 0 || at >= up);
            assert_eq!(report.frames_complete - report.frames_decodable, undecodable, "up at frame {up}: {report:?}");
        }
    }

    #[test]
    fn without_a_frame_of_layer_1_the_one_that_refers_to_it_cannot_be_decoded_and_what_follows_can() {
        let report = forwarded(|at, _| at != 10);
        assert_eq!((report.frames_complete, report.frames_decodable), (63, 62));
    }

    /// The frames that could not be shown when all packets of these are lost on the way, with holes in every number.
    fn undecodable_without(lost: usize) -> Vec<u64> {
        let clip = &Clip::layers()[0];
        let mut packetizer = Vp8Packetizer::new(5).with_tl0_picidx(5);
        let mut checker = Vp8Checker::new();
        let mut seq = 0;
        for (at, frame) in clip.frames().iter().enumerate() {
            for payload in packetizer.packetize_layer(&frame.data, frame.temporal.unwrap()) {
                if at != lost {
                    checker.handle_rtp(seq, at as u32 * clip.timestamp_step(), payload.marker, &payload.data);
                }
                seq += 1;
            }
        }
        checker.finish();
        std::iter::from_fn(|| checker.poll_frame())
            .filter(|frame| !frame.decodable)
            .map(|frame| u64::from(frame.timestamp / 6_000))
            .collect()
    }

    #[test]
    fn a_lost_frame_costs_what_refers_to_it() {
        assert_eq!(undecodable_without(9), [0; 0]);
        assert_eq!(undecodable_without(10), [11]);
        assert_eq!(undecodable_without(8), (9..32).collect::<Vec<_>>());
    }
}
