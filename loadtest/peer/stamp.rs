//! The stamp at the end of every payload that a peer sends: when it left, of how many packets its frame is, and a check of
//! what is before it. It is taken off before anything is judged as media.
//!
//! The end of a payload is the one place that every router leaves alone: it rewrites headers and the VP8 descriptor, and
//! looks at no more than the first bytes of a frame.

use std::time::{Duration, Instant};

use switchboard_clip::descriptor::Descriptor;

/// Of a stamp, in bytes.
pub(crate) const BYTES: usize = 16;

const MARK: [u8; 4] = *b"swld";

/// What a stamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// When the payload was sent, since the clock's origin, to the microsecond.
    pub(crate) sent: Duration,
    /// Of how many packets its frame is.
    pub(crate) packets: u16,
    /// Whether the payload is what was sent.
    pub(crate) intact: bool,
}

/// The clock of a run: all peers of a process share its origin, so that a stamp of one means something to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn starting(origin: Instant) -> Self {
        Self(origin)
    }

    /// Time since the origin.
    pub(crate) fn since_origin(self, now: Instant) -> Duration {
        now.saturating_duration_since(self.0)
    }
}

/// Puts a stamp behind a payload.
pub(crate) fn put(payload: &mut Vec<u8>, is_video: bool, sent: Duration, packets: u16) {
    let check = check(content(is_video, payload));
    payload.extend_from_slice(&(sent.as_micros() as u64).to_be_bytes());
    payload.extend_from_slice(&packets.to_be_bytes());
    payload.extend_from_slice(&check.to_be_bytes());
    payload.extend_from_slice(&MARK);
}

/// Reads the stamp of a payload, and gives what is before it; `None` where there is none.
pub(crate) fn take(payload: &[u8], is_video: bool) -> Option<(Stamp, &[u8])> {
    let (media, stamp) = payload.split_last_chunk::<BYTES>()?;
    let [s0, s1, s2, s3, s4, s5, s6, s7, p0, p1, c0, c1, mark @ ..] = *stamp;
    let sent = Duration::from_micros(u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]));
    let intact = check(content(is_video, media)) == u16::from_be_bytes([c0, c1]);
    (mark == MARK).then_some((Stamp { sent, packets: u16::from_be_bytes([p0, p1]), intact }, media))
}

/// The part of a payload that routers leave as it is: all but the VP8 descriptor.
fn content(is_video: bool, payload: &[u8]) -> &[u8] {
    if !is_video {
        return payload;
    }
    Descriptor::parse(payload).map_or(payload, |(_, data)| data)
}

/// FNV-1a over the length and at most this many bytes, folded: enough to tell one packet of a clip from another, and cheap at
/// a hundred thousand packets a second.
const CHECKED: usize = 48;

fn check(content: &[u8]) -> u16 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    let hash = (content.len() as u32).to_be_bytes().iter().chain(content.iter().rev().take(CHECKED)).fold(0x811c_9dc5, step);
    (hash ^ (hash >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(payload: &[u8], is_video: bool) -> Vec<u8> {
        let mut payload = payload.to_vec();
        put(&mut payload, is_video, Duration::from_micros(1_234_567), 9);
        payload
    }

    #[test]
    fn a_stamp_says_what_was_put_and_leaves_the_media_as_it_was() {
        let payload = stamped(b"some opus", false);
        assert_eq!(payload.len(), 9 + BYTES);
        let (stamp, media) = take(&payload, false).unwrap();
        assert_eq!(stamp, Stamp { sent: Duration::from_micros(1_234_567), packets: 9, intact: true });
        assert_eq!(media, b"some opus");
    }

    #[test]
    fn a_rewritten_descriptor_is_no_damage_and_a_changed_frame_is() {
        let mut payload = stamped(&[0x90, 0x80, 0x80, 1, 7, 7, 7], true);
        payload[3] = 99;
        assert!(take(&payload, true).unwrap().0.intact);
        payload[5] = 8;
        assert!(!take(&payload, true).unwrap().0.intact);
    }

    #[test]
    fn what_nobody_stamped_has_no_stamp() {
        assert_eq!(take(b"", false), None);
        assert_eq!(take(&[0; 400], true), None);
    }
}
