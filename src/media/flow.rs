//! How much a source may send: more than any encoder of its kind makes, and so little that a flood from one harms nobody else.

use std::time::{Duration, Instant};

use crate::source::SourceKind;

/// Three simulcast layers of 1080p with retransmissions stay well below; 4K is sent with more by nobody who wants to be seen.
const VIDEO_BPS: u64 = 12_000_000;
/// Opus ends at 510 kbit/s (RFC 6716 §2.1.1), and RED doubles it.
const VOICE_BPS: u64 = 1_100_000;
/// A packet costs time however small it is: what each of its receivers is written is encrypted, remembered and sent on its own. A
/// camera's are nearly full, so that few are charged more than they hold, and 7,500 a second are more than any picture takes.
const VIDEO_PACKET: usize = 200;
/// A frame of speech in 20 ms with its headers. Frames of 2.5 ms, the shortest of Opus (RFC 6716 §2.1.4), are 400 a second, of 1,375.
const VOICE_PACKET: usize = 100;
/// What a link held back comes all at once, and a large keyframe too.
const BURST: Duration = Duration::from_millis(200);

/// A token bucket, in bytes.
#[derive(Debug)]
pub(crate) struct Flow {
    bytes_per_second: u64,
    /// What a packet is charged at least.
    least: usize,
    /// Bytes times a million, so that no fraction is lost from packet to packet.
    room: u64,
    filled: Option<Instant>,
}

impl Flow {
    pub(crate) fn new(kind: SourceKind) -> Self {
        let (bps, least) = if kind.is_video() { (VIDEO_BPS, VIDEO_PACKET) } else { (VOICE_BPS, VOICE_PACKET) };
        let bytes_per_second = bps / 8;
        Self { bytes_per_second, least, room: Self::most(bytes_per_second), filled: None }
    }

    /// Whether a packet of so many bytes may pass.
    pub(crate) fn admits(&mut self, now: Instant, bytes: usize) -> bool {
        let since = now.saturating_duration_since(self.filled.unwrap_or(now)).min(BURST);
        self.filled = Some(self.filled.map_or(now, |filled| filled.max(now)));
        let gained = since.as_micros() as u64 * self.bytes_per_second;
        self.room = (self.room + gained).min(Self::most(self.bytes_per_second));
        let needed = bytes.max(self.least) as u64 * 1_000_000;
        let admitted = needed <= self.room;
        if admitted {
            self.room -= needed;
        }
        admitted
    }

    fn most(bytes_per_second: u64) -> u64 {
        bytes_per_second * BURST.as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits per second that pass of a second's packets of a rate, after a second of it.
    fn passing(kind: SourceKind, bps: u64, bytes: usize) -> u64 {
        let (mut flow, start) = (Flow::new(kind), Instant::now());
        let gap = Duration::from_secs(1) * bytes as u32 * 8 / bps as u32;
        let mut at = Duration::ZERO;
        let mut passed = 0;
        while at < Duration::from_secs(2) {
            let admitted = flow.admits(start + at, bytes);
            passed += u64::from(admitted && at >= Duration::from_secs(1)) * bytes as u64 * 8;
            at += gap;
        }
        passed
    }

    #[test]
    fn what_encoders_make_passes_whole_and_a_flood_at_the_bound() {
        let close = |bps: u64, to: u64| bps.abs_diff(to) * 100 <= to;
        assert!(close(passing(SourceKind::Camera, 8_000_000, 1_200), 8_000_000));
        assert!(close(passing(SourceKind::Camera, 50_000_000, 1_200), VIDEO_BPS));
        assert!(close(passing(SourceKind::Screen, 50_000_000, 1_200), VIDEO_BPS));
        assert!(close(passing(SourceKind::Microphone, 64_000, 160), 64_000));
        assert!(close(passing(SourceKind::Microphone, 5_000_000, 1_000), VOICE_BPS));
    }

    #[test]
    fn tiny_packets_are_bounded_by_their_number_and_short_frames_of_a_voice_pass_whole() {
        let passing = |kind, packets: u32| {
            let (mut flow, start) = (Flow::new(kind), Instant::now());
            let at = |packet| Duration::from_secs(1) * packet / packets;
            (0..2 * packets).filter(|packet| flow.admits(start + at(*packet), 27) && *packet >= packets).count()
        };
        for (kind, packets, expected) in [
            (SourceKind::Camera, 62_500, 7_500),
            (SourceKind::Screen, 62_500, 7_500),
            (SourceKind::Camera, 5_000, 5_000),
            (SourceKind::Microphone, 20_000, 1_375),
            (SourceKind::Microphone, 400, 400),
        ] {
            let passed = passing(kind, packets);
            assert!(passed.abs_diff(expected) <= 1, "{kind:?}: {passed} of {packets}");
        }
    }

    #[test]
    fn what_a_link_held_back_passes_at_once_and_no_more() {
        let (mut flow, start) = (Flow::new(SourceKind::Camera), Instant::now());
        let burst = |flow: &mut Flow, at| (0..2_000).filter(|_| flow.admits(at, 1_000)).count();
        assert_eq!(burst(&mut flow, start), 300);
        assert_eq!(burst(&mut flow, start), 0);
        assert_eq!(burst(&mut flow, start + 2 * BURST), 300, "a pause saves up one burst");
    }
}
