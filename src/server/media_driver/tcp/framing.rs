//! Packets in a stream of bytes (RFC 4571 §2): each behind its length in two bytes, so none is larger than 65,535 bytes.

/// The bytes of a length.
const PREFIX: usize = 2;

/// How many bytes at the front are whole frames.
pub(super) fn whole(bytes: &[u8]) -> usize {
    let mut end = 0;
    while let Some(next) = end_of(bytes, end) {
        end = next;
    }
    end
}

/// The packets in whole frames. Those without content say nothing (§2) and are left out.
pub(super) fn packets(frames: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    let all = std::iter::from_fn(move || {
        let end = end_of(frames, at)?;
        let packet = &frames[at + PREFIX..end];
        at = end;
        Some(packet)
    });
    all.filter(|packet| !packet.is_empty())
}

/// What stands before a packet of this length; `None` when no frame can hold it.
pub(super) fn prefix(length: usize) -> Option<[u8; PREFIX]> {
    Some(u16::try_from(length).ok()?.to_be_bytes())
}

/// Where the frame that begins at `at` ends, if it is there as a whole.
fn end_of(bytes: &[u8], at: usize) -> Option<usize> {
    let [high, low] = *bytes.get(at..)?.first_chunk::<PREFIX>()?;
    let end = at + PREFIX + usize::from(u16::from_be_bytes([high, low]));
    (end <= bytes.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(packets: &[&[u8]]) -> Vec<u8> {
        packets.iter().flat_map(|packet| [&prefix(packet.len()).unwrap()[..], packet].concat()).collect()
    }

    #[test]
    fn packets_are_the_same_wherever_the_stream_is_split() {
        let large = vec![7; 65_535];
        let sent: [&[u8]; 4] = [b"one", b"two and more", &large, b"x"];
        let stream = framed(&sent);
        for step in [1, 2, 3, 5, 1_000, 65_537, stream.len()] {
            let (mut buffer, mut heard) = (Vec::new(), Vec::new());
            for part in stream.chunks(step) {
                buffer.extend_from_slice(part);
                let rest = buffer.split_off(whole(&buffer));
                heard.extend(packets(&std::mem::replace(&mut buffer, rest)).map(<[u8]>::to_vec));
                assert!(buffer.len() < PREFIX + 65_535, "no more waits than one frame");
            }
            assert!(heard == sent && buffer.is_empty(), "in steps of {step}");
        }
    }

    #[test]
    fn half_a_frame_is_none_yet() {
        for part in [&[][..], &[0], &[0, 3], &[0, 3, 1, 2]] {
            assert_eq!((whole(part), packets(part).count()), (0, 0), "{part:?}");
        }
    }

    #[test]
    fn empty_packets_are_left_out() {
        let stream = framed(&[b"", b"a", b"", b""]);
        assert_eq!(whole(&stream), stream.len());
        assert_eq!(packets(&stream).collect::<Vec<_>>(), [b"a"]);
    }

    #[test]
    fn any_bytes_end_somewhere() {
        for seed in 0..=255_u8 {
            let noise: Vec<u8> =
                (0..3_000_u32).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed) ^ seed.rotate_left(at % 8)).collect();
            let end = whole(&noise);
            assert!(end <= noise.len());
            assert_eq!(packets(&noise[..end]).map(|packet| packet.len() + PREFIX).sum::<usize>() + PREFIX * empty(&noise[..end]), end);
        }
    }

    fn empty(frames: &[u8]) -> usize {
        let (mut at, mut count) = (0, 0);
        while let Some(end) = end_of(frames, at) {
            count += usize::from(end == at + PREFIX);
            at = end;
        }
        count
    }

    #[test]
    fn what_no_frame_can_hold_is_not_framed() {
        assert_eq!(prefix(65_535), Some([0xff, 0xff]));
        assert_eq!(prefix(65_536), None);
    }
}
