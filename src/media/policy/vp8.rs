//! VP8 (RFC 7741): simulcast layers switch at keyframes; temporal layers are left out from the next frame on, and come back
//! one by one, each at a frame that depends on the lowest alone.

use str0m::rtp::Vp8Descriptor;

use super::{Choice, Part, of_another_layer, temporal_on_the_way};
use crate::target::Target;

/// Bits of the descriptor's first two octets (RFC 7741 §4.2).
const EXTENDED: u8 = 0x80;
const PARTITION_START: u8 = 0x10;
const PARTITION: u8 = 0x07;
const HAS_PICTURE_ID: u8 = 0x80;
const HAS_TL0: u8 = 0x40;
const HAS_TEMPORAL: u8 = 0x20;
const HAS_KEY_INDEX: u8 = 0x10;

/// What a payload is, and its descriptor to rewrite by; `None` when it has no valid descriptor, or no data after it.
pub(crate) fn parse(payload: &[u8]) -> Option<(Part, Vp8Descriptor)> {
    let descriptor = Vp8Descriptor::parse(payload).ok()?;
    let required = *payload.first()?;
    let extension = if required & EXTENDED == 0 { 0 } else { *payload.get(1)? };
    let mut at = if required & EXTENDED == 0 { 1 } else { 2 };
    if extension & HAS_PICTURE_ID != 0 {
        at += if payload.get(at)? & 0x80 == 0 { 1 } else { 2 };
    }
    at += usize::from(extension & HAS_TL0 != 0);
    let mut part = Part::default();
    if extension & HAS_TEMPORAL != 0 {
        let octet = *payload.get(at)?;
        (part.temporal, part.sync) = (octet >> 6, octet & 0x20 != 0);
    }
    at += usize::from(extension & (HAS_TEMPORAL | HAS_KEY_INDEX) != 0);
    let frame = payload.get(at..)?;
    let starts_frame = required & PARTITION_START != 0 && required & PARTITION == 0;
    // The inverse key frame flag (RFC 7741 §4.3).
    if starts_frame && frame.first()? & 1 == 0 {
        part.entry = true;
        part.height = height(frame);
        // Nothing can depend on less than a keyframe, whatever its descriptor says.
        (part.temporal, part.sync) = (0, true);
    }
    Some((part, descriptor))
}

/// The height in the header of a keyframe (RFC 6386 §9.1): frame tag, start code, then 14 bits each of width and height.
fn height(frame: &[u8]) -> Option<u16> {
    let &[_, _, _, 0x9d, 0x01, 0x2a, _, _, low, high, ..] = frame else { return None };
    let height = u16::from_le_bytes([low, high]) & 0x3fff;
    (height > 0).then_some(height)
}

/// What becomes of the frame that a packet of `layer` begins in a slot that shows `shown` and is aimed at `target`.
pub(crate) fn select(shown: Option<Target>, target: Target, layer: usize, part: Part) -> Choice {
    let Some(shown) = shown.filter(|shown| shown.layer == layer) else {
        return of_another_layer(target, layer, part);
    };
    let wished = temporal_on_the_way(shown, target);
    // Down at once. Up to the next layer where its frame does not need what was left out before; a keyframe needs nothing.
    let next = shown.temporal.saturating_add(1);
    let temporal = if part.entry {
        wished
    } else if wished > shown.temporal && part.sync && part.temporal == next {
        next
    } else {
        shown.temporal.min(wished)
    };
    if part.temporal <= temporal { Choice::Forward { temporal } } else { Choice::LeaveOut { temporal } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Drop;

    const fn target(layer: usize, temporal: u8) -> Target {
        Target { layer, temporal }
    }

    const fn frame(temporal: u8, sync: bool) -> Part {
        Part { entry: false, temporal, sync, height: None }
    }

    const KEYFRAME: Part = Part { entry: true, temporal: 0, sync: true, height: None };

    #[test]
    fn a_keyframe_shows_its_height_and_a_delta_frame_its_temporal_layer() {
        let keyframe = [0x90, 0xe0, 0x92, 0x34, 7, 0x20, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x40, 0];
        let (part, descriptor) = parse(&keyframe).unwrap();
        assert_eq!(part, Part { entry: true, temporal: 0, sync: true, height: Some(180) });
        assert_eq!((descriptor.picture_id(), descriptor.tl0_pic_idx()), (Some(0x1234), Some(7)));
        for (octet, temporal, sync) in [(0x00, 0, false), (0x40, 1, false), (0x60, 1, true), (0x80, 2, false), (0xa0, 2, true)] {
            let (part, _) = parse(&[0x90, 0xe0, 0x12, 7, octet, 0x11]).unwrap();
            assert_eq!(part, frame(temporal, sync), "{octet:#x}");
        }
        assert_eq!(parse(&[0x10, 0x11]).unwrap().0, frame(0, false), "without an extension there is one layer");
        assert!(!parse(&[0x00, 0x10]).unwrap().0.entry, "the middle of a frame begins nothing");
    }

    #[test]
    fn what_is_cut_short_is_no_packet() {
        let whole = [0x90, 0xf0, 0x92, 0x34, 7, 0x20, 0x11];
        assert!(parse(&whole).is_some());
        for end in 0..whole.len() {
            assert_eq!(parse(&whole[..end]).map(|(part, _)| part), None, "cut at {end}");
        }
        assert_eq!(parse(&[0x90, 0x80, 0x12, 0x10, 0, 0, 0x9d, 0x01]).unwrap().0.height, None, "a keyframe without its header");
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut rng = fastrand::Rng::with_seed(5);
        for _ in 0..50_000 {
            let bytes: Vec<u8> = (0..rng.usize(0..24)).map(|_| rng.u8(..)).collect();
            let _ = parse(&bytes);
        }
    }

    #[test]
    fn layers_switch_only_at_a_keyframe_of_the_target() {
        for (shown, layer, part, expected) in [
            (None, 1, frame(0, false), Choice::Ignore(Drop::AwaitingKeyframe)),
            (None, 1, KEYFRAME, Choice::Switch),
            (None, 0, KEYFRAME, Choice::Ignore(Drop::LayerNotWanted)),
            (Some(target(0, 2)), 1, frame(0, true), Choice::Ignore(Drop::AwaitingKeyframe)),
            (Some(target(0, 2)), 1, KEYFRAME, Choice::Switch),
            (Some(target(0, 2)), 2, KEYFRAME, Choice::Ignore(Drop::LayerNotWanted)),
        ] {
            assert_eq!(select(shown, target(1, Target::ALL), layer, part), expected, "{shown:?} {layer} {part:?}");
        }
    }

    #[test]
    fn temporal_layers_go_at_once_and_come_back_where_nothing_is_missing() {
        let forward = |temporal| Choice::Forward { temporal };
        let leave_out = |temporal| Choice::LeaveOut { temporal };
        for (shown, wished, part, expected) in [
            (2, 2, frame(2, false), forward(2)),
            (2, 1, frame(2, true), leave_out(1)),
            (2, 0, frame(1, true), leave_out(0)),
            (2, 0, frame(0, false), forward(0)),
            (0, 2, frame(0, false), forward(0)),
            (0, 2, frame(1, false), leave_out(0)),
            (0, 2, frame(1, true), forward(1)),
            // It may depend on the layer between, of which nothing came.
            (0, 2, frame(2, true), leave_out(0)),
            (1, 2, frame(2, true), forward(2)),
            (1, 2, frame(2, false), leave_out(1)),
            (0, 2, KEYFRAME, forward(2)),
        ] {
            assert_eq!(select(Some(target(0, shown)), target(0, wished), 0, part), expected, "{shown} to {wished}: {part:?}");
        }
    }

    #[test]
    fn while_a_smaller_picture_is_awaited_only_the_lowest_temporal_layer_is_shown() {
        let shown = Some(target(2, 2));
        assert_eq!(select(shown, target(1, Target::ALL), 2, frame(2, false)), Choice::LeaveOut { temporal: 0 });
        assert_eq!(select(shown, target(1, Target::ALL), 2, frame(0, false)), Choice::Forward { temporal: 0 });
        assert_eq!(select(Some(target(0, 2)), target(1, 0), 0, frame(2, false)), Choice::Forward { temporal: 2 }, "not for a larger one");
    }
}
