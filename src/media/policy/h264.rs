//! H264 (RFC 6184): simulcast layers switch at keyframes; there are no temporal layers.

use super::{Choice, Part, of_another_layer};
use crate::target::Target;

/// NAL unit types (RFC 6184 §5.2, ITU-T H.264 table 7-1).
const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// What a payload is; `None` when it is not what RFC 6184 allows in packetization modes 0 and 1.
///
/// A keyframe begins with its parameter sets, or with its first slice where the sets went before or out of band.
pub(crate) fn parse(payload: &[u8]) -> Option<Part> {
    let entry = match payload.first()? & 0x1f {
        kind @ 1..=23 => matches!(kind, IDR | SPS),
        STAP_A => aggregated(&payload[1..])?.any(|kind| matches!(kind, IDR | SPS)),
        FU_A => {
            let header = *payload.get(1)?;
            header & 0x80 != 0 && header & 0x1f == IDR
        }
        _ => return None,
    };
    Some(Part { entry, ..Part::default() })
}

/// The types of the NAL units in a STAP-A (RFC 6184 §5.7.1); `None` when their sizes do not fit.
fn aggregated(payload: &[u8]) -> Option<impl Iterator<Item = u8>> {
    let units = |payload| {
        let mut rest: &[u8] = payload;
        std::iter::from_fn(move || {
            let (size, after) = rest.split_first_chunk()?;
            let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*size)))?;
            rest = after;
            unit.first().map(|header| header & 0x1f)
        })
    };
    units(payload).next()?;
    Some(units(payload))
}

/// What becomes of the frame that a packet of `layer` begins in a slot that shows `shown` and is aimed at `target`.
pub(crate) fn select(shown: Option<Target>, target: Target, layer: usize, part: Part) -> Choice {
    match shown {
        Some(shown) if shown.layer == layer => Choice::Forward { temporal: 0 },
        _ => of_another_layer(target, layer, part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Drop;

    #[test]
    fn a_keyframe_begins_with_its_parameter_sets_or_its_first_slice() {
        for (payload, entry) in [
            (&[0x67, 0x42, 0xe0, 0x1f][..], true),
            (&[0x65, 0x88], true),
            (&[0x41, 0x9a], false),
            (&[0x68, 0xce], false),
            (&[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68], true),
            (&[0x78, 0, 1, 0x41], false),
            (&[0x7c, 0x85, 0x88], true),
            (&[0x7c, 0x05, 0x88], false),
            (&[0x7c, 0x81, 0x9a], false),
        ] {
            assert_eq!(parse(payload).map(|part| part.entry), Some(entry), "{payload:02x?}");
        }
    }

    #[test]
    fn what_these_modes_do_not_have_is_refused() {
        for payload in [&[][..], &[0x60], &[0x79, 0, 0], &[0x7d, 0x85], &[0x7e], &[0x7c], &[0x78], &[0x78, 0, 9, 0x67]] {
            assert_eq!(parse(payload), None, "{payload:02x?}");
        }
    }

    #[test]
    fn layers_switch_only_at_a_keyframe_of_the_target() {
        let target = |layer| Target { layer, temporal: Target::ALL };
        let part = |entry| Part { entry, ..Part::default() };
        for (shown, layer, entry, expected) in [
            (None, 1, false, Choice::Ignore(Drop::AwaitingKeyframe)),
            (None, 1, true, Choice::Switch),
            (Some(target(0)), 1, true, Choice::Switch),
            (Some(target(0)), 0, false, Choice::Forward { temporal: 0 }),
            (Some(target(0)), 2, true, Choice::Ignore(Drop::LayerNotWanted)),
        ] {
            assert_eq!(select(shown, target(1), layer, part(entry)), expected, "{shown:?} {layer} {entry}");
        }
    }
}
