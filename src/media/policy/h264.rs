//! H264 (RFC 6184): simulcast layers switch at keyframes; there are no temporal layers.

use super::{Choice, Part, of_another_layer, sps};
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
    let mut part = Part::default();
    match unit_type(payload)? {
        1..=23 => part.learn(payload),
        STAP_A => aggregated(&payload[1..])?.for_each(|unit| part.learn(unit)),
        FU_A => {
            let header = *payload.get(1)?;
            part.entry = header & 0x80 != 0 && header & 0x1f == IDR;
        }
        _ => return None,
    }
    Some(part)
}

impl Part {
    fn learn(&mut self, unit: &[u8]) {
        let kind = unit_type(unit);
        self.entry |= matches!(kind, Some(IDR | SPS));
        if kind == Some(SPS) {
            self.height = sps::height(unit);
        }
    }
}

fn unit_type(unit: &[u8]) -> Option<u8> {
    unit.first().map(|header| header & 0x1f)
}

/// The NAL units in a STAP-A (RFC 6184 §5.7.1), as far as their sizes fit; `None` when that of the first does not.
fn aggregated(payload: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let mut rest = payload;
    let mut units = std::iter::from_fn(move || {
        let (size, after) = rest.split_first_chunk()?;
        let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*size)))?;
        rest = after;
        Some(unit).filter(|unit| !unit.is_empty())
    })
    .peekable();
    units.peek()?;
    Some(units)
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
    fn parameter_sets_tell_the_height_of_the_picture_alone_or_with_others() {
        const HIGH_720: &[u8] =
            &[0x67, 0x64, 0, 0x1f, 0xac, 0xd9, 0x40, 0x50, 5, 0xbb, 1, 0x10, 0, 0, 3, 0, 0x10, 0, 0, 3, 1, 0xe0, 0xf1, 0x83, 0x19, 0x60];
        let together = [&[0x78, 0, HIGH_720.len() as u8][..], HIGH_720, &[0, 2, 0x68, 0xce]].concat();
        for payload in [HIGH_720, &together] {
            assert_eq!(parse(payload), Some(Part { entry: true, height: Some(720), ..Part::default() }), "{payload:02x?}");
        }
        assert_eq!(parse(&[0x65, 0x88]).unwrap().height, None);
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
