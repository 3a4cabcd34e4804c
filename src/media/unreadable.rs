//! Sources of which packets come that nobody can read: their numbers went back to where they had been, which is what a replay looks like
//! (RFC 3711 §3.3.2), or they are not encrypted as they should be. The transport drops them without a word; here they are counted,
//! and what stays like that is shown to nobody.

use std::time::{Duration, Instant};

use crate::counters::Drop;
use crate::leg::{Leg, LegId};
use crate::router::Router;
use crate::source::{Source, SourceKind};
use crate::view::Sources;

/// Numbers that went back a little have caught up by then, and a picture that stood still for longer looks like a fault.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(3);
/// Refused packets further apart are not one stream of them: duplicates, or somebody's forgeries.
const IN_A_ROW: Duration = Duration::from_secs(1);

/// How long nothing of a source was readable, though packets came.
#[derive(Debug, Default)]
pub(crate) struct Unreadable {
    /// The first refused packet since the last that was read, and the newest.
    refused: Option<(Instant, Instant)>,
    given_up: bool,
}

impl Unreadable {
    /// A packet was refused. True when the source is to be given up for it.
    fn refuse(&mut self, now: Instant) -> bool {
        let since = self.refused.filter(|(_, newest)| now <= *newest + IN_A_ROW).map_or(now, |(since, _)| since);
        self.refused = Some((since, now));
        let before = self.given_up;
        self.given_up |= now >= since + GIVEN_UP_AFTER;
        self.given_up && !before
    }

    /// A packet was read. True when the source had been given up.
    pub(crate) fn read(&mut self) -> bool {
        std::mem::take(self).given_up
    }

    /// Whether it is to be treated as if it were off.
    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up
    }
}

/// The SSRC and sequence number of an RTP packet (RFC 3550 §5.1), which are not encrypted; `None` of RTCP (RFC 5761 §4).
fn of_rtp(datagram: &[u8]) -> Option<(u32, u16)> {
    match datagram {
        [128..=191, 192..=223, ..] => None,
        [128..=191, _, high, low, _, _, _, _, a, b, c, d, ..] => {
            Some((u32::from_be_bytes([*a, *b, *c, *d]), u16::from_be_bytes([*high, *low])))
        }
        _ => None,
    }
}

impl Leg {
    /// What it has switched on and can be read.
    pub(crate) fn shows(&self) -> Sources {
        let readable = |kind: SourceKind| !self.sources.iter().any(|source| source.kind == kind && source.unreadable.is_given_up());
        Sources {
            microphone: self.on.microphone && readable(SourceKind::Microphone),
            camera: self.on.camera && readable(SourceKind::Camera),
            screen: self.on.screen && readable(SourceKind::Screen),
        }
    }
}

impl Router {
    /// What of a leg can be read is different.
    pub(crate) fn readable_changed(&mut self, id: LegId) {
        let Some(group) = self.legs.get(&id).map(|leg| leg.group) else { return };
        self.publish_sources(id);
        self.rebind(group);
    }

    /// Notes a datagram that its leg's transport took and gave nothing of: if it is of a source, a packet of that was refused.
    pub(crate) fn note_refused(&mut self, id: LegId, datagram: &[u8]) {
        let Some((ssrc, seq)) = of_rtp(datagram) else { return };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let of_stream = |source: &&mut Source| source.layers.iter().any(|layer| layer.ssrc.is_some_and(|own| *own == ssrc));
        let Some(source) = leg.sources.iter_mut().find(of_stream) else { return };
        let newer = source.layers.iter().any(|layer| layer.ssrc.is_some_and(|own| *own == ssrc) && layer.is_before(seq));
        self.counters.drop(if newer { Drop::Refused } else { Drop::Replayed });
        if source.unreadable.refuse(self.now) {
            source.fall_silent();
            self.readable_changed(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_source_is_given_up_once_when_for_seconds_nothing_but_refused_packets_came() {
        let (mut source, start) = (Unreadable::default(), Instant::now());
        let given_up: Vec<u32> = (0..100).map(|step| step * 100).filter(|at| source.refuse(start + *at * MS)).collect();
        assert_eq!(given_up, [3_000]);
        assert!(source.is_given_up());
        assert!(source.read(), "until one is read");
        assert!(!source.is_given_up() && !source.read());
    }

    #[test]
    fn duplicates_among_packets_that_are_read_or_now_and_then_mean_nothing() {
        let (mut source, start) = (Unreadable::default(), Instant::now());
        for at in (0..60_000).step_by(100) {
            assert!(!source.refuse(start + at * MS));
            if at % 2_000 == 0 {
                assert!(!source.read());
            }
        }
        let mut source = Unreadable::default();
        assert!((0..60).all(|at| !source.refuse(start + at * 1_100 * MS)));
    }

    #[test]
    fn only_rtp_has_a_stream_and_a_number() {
        let rtp = [0x90, 0xe0, 1, 2, 0, 0, 0, 0, 9, 8, 7, 6, 5];
        assert_eq!(of_rtp(&rtp), Some((0x0908_0706, 0x0102)));
        let rtcp = [0x80, 200, 1, 2, 0, 0, 0, 0, 9, 8, 7, 6, 5];
        for other in [&rtcp[..], &rtp[..11], &[], &[22; 20], &[0x90]] {
            assert_eq!(of_rtp(other), None, "{other:?}");
        }
    }
}
