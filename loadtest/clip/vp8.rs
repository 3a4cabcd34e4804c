//! What can be read off an encoded VP8 frame without decoding it (RFC 6386 §9.1).

/// The bytes that follow the frame tag of every keyframe.
const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];

/// Whether the frame is a keyframe that a decoder can start at: its tag says so and the start code is there.
pub fn is_keyframe(frame: &[u8]) -> bool {
    dimensions(frame).is_some()
}

/// Width and height in pixels of a keyframe; `None` for every other frame and for garbage.
pub fn dimensions(frame: &[u8]) -> Option<(u16, u16)> {
    let &[tag, _, _, s0, s1, s2, w0, w1, h0, h1, ..] = frame else { return None };
    if tag & 1 != 0 || [s0, s1, s2] != START_CODE {
        return None;
    }
    // The two upper bits of each are a scaling hint.
    let pixels = |low, high| u16::from_le_bytes([low, high]) & 0x3fff;
    Some((pixels(w0, w1), pixels(h0, h1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_frame_is_no_keyframe() {
        assert!(!is_keyframe(&[]));
        assert!(!is_keyframe(&[0, 0, 0, 0x9d, 0x01, 0x2a]));
    }

    #[test]
    fn a_frame_without_the_start_code_is_no_keyframe() {
        assert!(!is_keyframe(&[0, 0, 0, 1, 2, 3, 64, 1, 180, 0, 9]));
    }

    #[test]
    fn a_keyframe_tells_its_size() {
        assert_eq!(dimensions(&[0, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 180, 0]), Some((320, 180)));
    }
}
