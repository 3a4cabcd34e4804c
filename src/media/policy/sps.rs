//! The height of the pictures that follow an H264 sequence parameter set (ITU-T H.264 §7.3.2.1.1). What else it says is passed over.

/// Profiles that say how their colours are sampled; all others sample them at half the height (§7.3.2.1.1).
const SAYS_COLOURS: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// The longest there is has twelve scaling lists, of which an entry takes 17 bits at most.
const LONGEST: usize = 2_048;
const MACROBLOCK: u32 = 16;

/// The height in pixels of what is shown, from the NAL unit of a parameter set, its header included; `None` when it is cut short or says
/// what cannot be.
pub(crate) fn height(unit: &[u8]) -> Option<u16> {
    let mut bits = Bits::of(unit.get(1..)?);
    let profile = bits.number(8)? as u8;
    bits.number(16)?;
    bits.golomb()?;
    let mut half_height_colours = true;
    if SAYS_COLOURS.contains(&profile) {
        let sampling = bits.golomb()?;
        let apart = sampling == 3 && bits.flag()?;
        half_height_colours = sampling == 1 && !apart;
        // The depths of both kinds of samples, and whether some are bypassed.
        bits.golomb()?;
        bits.golomb()?;
        bits.flag()?;
        if bits.flag()? {
            for list in 0..if sampling == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    bits.skip_scaling_list(if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.golomb()?;
    bits.skip_picture_order()?;
    bits.golomb()?;
    bits.flag()?;
    bits.golomb()?;
    let units = bits.golomb()?.checked_add(1)?;
    let whole_frames = bits.flag()?;
    if !whole_frames {
        bits.flag()?;
    }
    bits.flag()?;
    let fields = if whole_frames { 1 } else { 2 };
    let mut cropped = 0;
    if bits.flag()? {
        bits.golomb()?;
        bits.golomb()?;
        let unit = if half_height_colours { 2 * fields } else { fields };
        cropped = bits.golomb()?.checked_add(bits.golomb()?)?.checked_mul(unit)?;
    }
    let height = units.checked_mul(MACROBLOCK * fields)?.checked_sub(cropped)?;
    u16::try_from(height).ok().filter(|height| *height > 0)
}

struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    /// The bits of a NAL unit, without the bytes that keep it from looking like a start code (§7.4.1: the 3 of 0, 0, 3).
    fn of(unit: &[u8]) -> Self {
        let mut zeros = 0;
        let kept = unit.iter().take(LONGEST).copied().filter(|byte| {
            let guard = zeros >= 2 && *byte == 3;
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            !guard
        });
        Self { bytes: kept.collect(), at: 0 }
    }

    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// So many bits, at most 32, the highest first.
    fn number(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    /// An Exp-Golomb number (§9.1).
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        if zeros > 31 {
            return None;
        }
        Some((1 << zeros) - 1 + self.number(zeros)?)
    }

    /// The same with a sign (§9.1.1).
    fn signed_golomb(&mut self) -> Option<i64> {
        let number = i64::from(self.golomb()?);
        Some(if number % 2 == 1 { (number + 1) / 2 } else { -number / 2 })
    }

    /// A scaling list of so many entries ends where the next entry would be 0 (§7.3.2.1.1.1).
    fn skip_scaling_list(&mut self, entries: usize) -> Option<()> {
        let mut last = 8;
        for _ in 0..entries {
            last = (last + self.signed_golomb()?).rem_euclid(256);
            if last == 0 {
                break;
            }
        }
        Some(())
    }

    /// How pictures are put in order, in one of three ways.
    fn skip_picture_order(&mut self) -> Option<()> {
        match self.golomb()? {
            0 => {
                self.golomb()?;
            }
            1 => {
                self.flag()?;
                self.golomb()?;
                self.golomb()?;
                let count = self.golomb()?.min(255);
                for _ in 0..count {
                    self.golomb()?;
                }
            }
            _ => {}
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// Parameter sets that x264 made, and the height of their pictures.
    const MADE: [(&str, u16); 7] = [
        // Baseline, 320x180, the last row of macroblocks cropped.
        ("6742c00cd901419f9f0110000003001000000301e0f142a480", 180),
        // Main, 640x360.
        ("674d4016eca05017fcb80880000003008000000f078b16cb", 360),
        // High, 1280x720 and 1920x1080.
        ("6764001facd9405005bb0110000003001000000301e0f1831960", 720),
        ("67640028acd940780227e5c044000003000400000300783c60c658", 1_080),
        // Colours at their full height: 4:2:2 of 640x360, 4:4:4 of 320x180.
        ("677a0016bcd940a02ff89c0440000003004000000783c58b6580", 360),
        ("67f4000c919b282833f1b80880000003008000000f078a14cb", 180),
        // Main, 720x576 in fields.
        ("674d401eeca05a126c0440000003004000000c87c50a6580", 576),
    ];

    /// A parameter set as it is written bit by bit.
    #[derive(Default)]
    struct Written(Vec<bool>);

    impl Written {
        fn number(mut self, bits: u32, number: u32) -> Self {
            self.0.extend((0..bits).rev().map(|bit| number >> bit & 1 == 1));
            self
        }

        fn golomb(self, number: u32) -> Self {
            let bits = (number + 1).ilog2();
            self.number(bits, 0).number(bits + 1, number + 1)
        }

        /// Width and height in macroblocks, less two samples of colour at the bottom.
        fn size(self, width: u32, height: u32) -> Self {
            let size = self.golomb(1).number(1, 0).golomb(width - 1).golomb(height - 1).number(1, 1).number(1, 1);
            size.number(1, 1).golomb(0).golomb(0).golomb(0).golomb(2)
        }

        fn unit(self) -> Vec<u8> {
            let byte = |bits: &[bool]| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at));
            std::iter::once(0x67).chain(self.0.chunks(8).map(byte)).collect()
        }
    }

    fn beginning(profile: u32) -> Written {
        Written::default().number(8, profile).number(16, 0x001f).golomb(0)
    }

    #[test]
    fn the_height_is_that_of_what_is_shown() {
        for (hex, expected) in MADE {
            assert_eq!(height(&bytes(hex)), Some(expected), "{hex}");
        }
    }

    #[test]
    fn scaling_lists_and_orders_of_pictures_are_passed_over() {
        // Two lists: one of 16 entries that the second ends (8 + 1 - 9 = 0), one of 64 in full.
        let mut lists = beginning(100).golomb(1).golomb(0).golomb(0).number(1, 0).number(1, 1);
        lists = lists.number(1, 1).golomb(1).golomb(18).number(5, 0).number(1, 1);
        lists = (0..64).fold(lists, |lists, _| lists.golomb(1)).number(1, 0);
        assert_eq!(height(&lists.golomb(0).golomb(2).size(40, 23).unit()), Some(364));
        // Order of the second kind: a cycle of three.
        let cycle = beginning(66).golomb(0).golomb(1).number(1, 0).golomb(3).golomb(4).golomb(3).golomb(1).golomb(2).golomb(900);
        assert_eq!(height(&cycle.size(40, 23).unit()), Some(364));
        assert_eq!(height(&beginning(66).golomb(0).golomb(0).golomb(4).size(40, 23).unit()), Some(364));
    }

    #[test]
    fn what_is_cut_short_or_cannot_be_has_no_height() {
        let unit = bytes(MADE[0].0);
        for end in 0..9 {
            assert_eq!(height(&unit[..end]), None, "cut at {end}");
        }
        let sized = |macroblocks| beginning(66).golomb(0).golomb(2).size(40, macroblocks).unit();
        assert_eq!(height(&sized(4_000)), Some(63_996));
        assert_eq!(height(&sized(5_000)), None);
        let all_cropped = beginning(66).golomb(0).golomb(2).golomb(1).number(1, 0).golomb(0).golomb(0).number(2, 3);
        assert_eq!(height(&all_cropped.number(1, 1).golomb(0).golomb(0).golomb(4).golomb(4).unit()), None);
        assert_eq!(height(&[0x67, 66, 0, 31, 0, 0, 0, 0, 0, 0, 0, 1]), None, "a number of more bits than there are");
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut rng = fastrand::Rng::with_seed(5);
        for _ in 0..50_000 {
            let mut bytes: Vec<u8> = (0..rng.usize(0..60)).map(|_| rng.u8(..)).collect();
            if let Some(profile) = bytes.get_mut(1).filter(|_| rng.bool()) {
                *profile = 100;
            }
            let _ = height(&bytes);
        }
    }
}
