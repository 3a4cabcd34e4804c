//! The VP8 payload descriptor (RFC 7741 §4.2): the few bytes before the VP8 data of every RTP payload.
//!
//! ```text
//!      0 1 2 3 4 5 6 7
//!     |X|R|N|S|R| PID |  required
//! X:  |I|L|T|K|  RSV  |
//! I:  |M| PictureID   |  7 bits, or 15 when M
//! L:  |   TL0PICIDX   |
//! T/K:|TID|Y| KEYIDX  |
//! ```

use thiserror::Error;

/// What the descriptor says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// The payload begins a partition; with partition 0, a frame.
    pub partition_start: bool,
    /// The partition the payload belongs to, 0 to 7.
    pub partition: u8,
    /// No other frame refers to this one.
    pub non_reference: bool,
    /// Counts frames.
    pub picture_id: Option<PictureId>,
    /// Counts the frames of the lowest temporal layer.
    pub tl0_picidx: Option<u8>,
    /// The temporal layer, 0 to 3, and whether the frame depends on the lowest layer alone.
    pub temporal: Option<(u8, bool)>,
    /// Index of the keyframe the frame refers to, 0 to 31.
    pub key_index: Option<u8>,
}

/// A picture id, in the form it has on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureId {
    /// Of 7 bits.
    Short(u8),
    /// Of 15 bits.
    Long(u16),
}

impl PictureId {
    /// The number.
    pub fn value(self) -> u16 {
        match self {
            Self::Short(id) => u16::from(id),
            Self::Long(id) => id,
        }
    }

    /// The id of the next frame, in the same form.
    pub fn next(self) -> Self {
        match self {
            Self::Short(id) => Self::Short(id.wrapping_add(1) & 0x7f),
            Self::Long(id) => Self::Long(id.wrapping_add(1) & 0x7fff),
        }
    }
}

/// Why a payload has no valid descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DescriptorError {
    /// It ends inside the descriptor.
    #[error("the payload ends inside its VP8 descriptor")]
    Truncated,
    /// Nothing follows the descriptor.
    #[error("no VP8 data follows the descriptor")]
    NoData,
}

impl Descriptor {
    /// Whether the payload begins a frame.
    pub fn starts_frame(&self) -> bool {
        self.partition_start && self.partition == 0
    }

    /// Splits a payload into its descriptor and its VP8 data, which is not empty.
    ///
    /// # Errors
    /// The payload is too short for what its own bits announce.
    pub fn parse(payload: &[u8]) -> Result<(Self, &[u8]), DescriptorError> {
        let mut rest = payload;
        let mut take = || {
            let (&first, after) = rest.split_first().ok_or(DescriptorError::Truncated)?;
            rest = after;
            Ok(first)
        };
        let required = take()?;
        let mut descriptor = Self {
            partition_start: required & 0x10 != 0,
            partition: required & 0x07,
            non_reference: required & 0x20 != 0,
            ..Self::default()
        };
        let extended = if required & 0x80 != 0 { take()? } else { 0 };
        if extended & 0x80 != 0 {
            let high = take()?;
            descriptor.picture_id = Some(match high & 0x80 {
                0 => PictureId::Short(high),
                _ => PictureId::Long(u16::from_be_bytes([high & 0x7f, take()?])),
            });
        }
        if extended & 0x40 != 0 {
            descriptor.tl0_picidx = Some(take()?);
        }
        if extended & 0x30 != 0 {
            let layer = take()?;
            descriptor.temporal = (extended & 0x20 != 0).then_some((layer >> 6, layer & 0x20 != 0));
            descriptor.key_index = (extended & 0x10 != 0).then_some(layer & 0x1f);
        }
        if rest.is_empty() { Err(DescriptorError::NoData) } else { Ok((descriptor, rest)) }
    }

    /// Appends the descriptor in its shortest form.
    pub fn write(&self, out: &mut Vec<u8>) {
        let flag = |bit: u8, set: bool| if set { bit } else { 0 };
        let extended = flag(0x80, self.picture_id.is_some())
            | flag(0x40, self.tl0_picidx.is_some())
            | flag(0x20, self.temporal.is_some())
            | flag(0x10, self.key_index.is_some());
        out.push(flag(0x80, extended != 0) | flag(0x20, self.non_reference) | flag(0x10, self.partition_start) | self.partition & 0x07);
        if extended != 0 {
            out.push(extended);
        }
        match self.picture_id {
            Some(PictureId::Short(id)) => out.push(id & 0x7f),
            Some(PictureId::Long(id)) => out.extend_from_slice(&(id | 0x8000).to_be_bytes()),
            None => {}
        }
        out.extend(self.tl0_picidx);
        if self.temporal.is_some() || self.key_index.is_some() {
            let (layer, sync) = self.temporal.unwrap_or_default();
            out.push(layer << 6 | flag(0x20, sync) | self.key_index.unwrap_or(0) & 0x1f);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::garbage::Garbage;

    #[test]
    fn the_examples_of_the_rfc_parse() {
        // RFC 7741 §4.4: a frame in one packet with a long picture id; and one with a short id in the middle of a frame.
        let (start, data) = Descriptor::parse(&[0x90, 0x80, 0x92, 0x34, 1, 2]).unwrap();
        assert!(start.starts_frame());
        assert_eq!((start.picture_id, data), (Some(PictureId::Long(0x1234)), &[1, 2][..]));
        let (middle, _) = Descriptor::parse(&[0x80, 0x80, 0x11, 9]).unwrap();
        assert!(!middle.starts_frame());
        assert_eq!(middle.picture_id, Some(PictureId::Short(0x11)));
    }

    #[test]
    fn what_was_written_is_read_back() {
        let full = Descriptor {
            partition_start: true,
            partition: 3,
            non_reference: true,
            picture_id: Some(PictureId::Long(0x7fff)),
            tl0_picidx: Some(200),
            temporal: Some((2, true)),
            key_index: Some(31),
        };
        let none = Descriptor::default();
        let only_key = Descriptor { key_index: Some(1), picture_id: Some(PictureId::Short(127)), ..none };
        for descriptor in [full, none, only_key] {
            let mut payload = Vec::new();
            descriptor.write(&mut payload);
            payload.push(42);
            assert_eq!(Descriptor::parse(&payload), Ok((descriptor, &[42][..])));
        }
    }

    #[test]
    fn a_payload_that_ends_too_early_is_refused() {
        assert_eq!(Descriptor::parse(&[]), Err(DescriptorError::Truncated));
        assert_eq!(Descriptor::parse(&[0x90, 0xf0, 0x81, 0x00, 7]), Err(DescriptorError::Truncated));
        assert_eq!(Descriptor::parse(&[0x10]), Err(DescriptorError::NoData));
    }

    #[test]
    fn picture_ids_wrap_at_their_width() {
        assert_eq!(PictureId::Short(127).next(), PictureId::Short(0));
        assert_eq!(PictureId::Long(0x7fff).next(), PictureId::Long(0));
    }

    #[test]
    fn garbage_never_panics_and_what_parses_survives_rewriting() {
        let mut garbage = Garbage::seeded(3);
        for _ in 0..20_000 {
            let payload = garbage.bytes(12);
            if let Ok((descriptor, data)) = Descriptor::parse(&payload) {
                let mut rewritten = Vec::new();
                descriptor.write(&mut rewritten);
                rewritten.extend_from_slice(data);
                assert_eq!(Descriptor::parse(&rewritten), Ok((descriptor, data)));
            }
        }
    }
}
