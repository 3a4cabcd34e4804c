//! What passes of media, and what is asked for again, as plain numbers.

use str0m::Rtc;
use str0m::media::{Mid, Rid};
use str0m::stats::{MediaEgressStats, MediaIngressStats};

use crate::source::SourceKind;

/// Packets, and the bytes of their payloads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// Packets.
    pub packets: u64,
    /// Bytes of RTP payload.
    pub bytes: u64,
}

/// RTP one way, by what it is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic([Flow; SourceKind::ALL.len()]);

/// Feedback one way (RFC 4585, RFC 5104): how often something was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Feedback {
    /// Requests to send lost packets again.
    pub nacks: u64,
    /// Requests for a keyframe after a loss.
    pub plis: u64,
    /// Requests for a keyframe whatever the reason.
    pub firs: u64,
}

impl Traffic {
    /// What there was of this kind.
    pub fn of(&self, kind: SourceKind) -> Flow {
        self.0[kind as usize]
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = Flow { packets: sum.packets + more.packets, bytes: sum.bytes + more.bytes };
        }
        self
    }

    pub(crate) fn add(&mut self, kind: SourceKind, payload: usize) {
        let flow = &mut self.0[kind as usize];
        flow.packets += 1;
        flow.bytes += payload as u64;
    }
}

impl Feedback {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { nacks: self.nacks + other.nacks, plis: self.plis + other.plis, firs: self.firs + other.firs }
    }

    /// What came after `before`. A stream that begins anew counts anew.
    fn since(self, before: Self) -> Self {
        let since = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        let Self { nacks, plis, firs } = before;
        Self { nacks: since(self.nacks, nacks), plis: since(self.plis, plis), firs: since(self.firs, firs) }
    }
}

/// The payload types by which a leg repeats packets (RTX, RFC 4588), a bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RepeatTypes(u128);

impl RepeatTypes {
    pub(crate) fn of(rtc: &Rtc) -> Self {
        let types = rtc.codec_config().iter().filter_map(|codec| codec.resend());
        Self(types.fold(0, |types, pt| types | 1 << (*pt & 0x7f)))
    }

    /// How many repeats a datagram is: one or none. Its payload type is readable though the payload is not (RFC 3711 §3.1).
    pub(crate) fn count(self, datagram: &[u8]) -> u64 {
        match datagram {
            [128..=191, pt, ..] => (self.0 >> (pt & 0x7f) & 1) as u64,
            _ => 0,
        }
    }
}

/// What str0m had counted of a leg's streams when it told last. Those of which nothing was ever asked, nearly all, are not held.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<(Stream, Feedback)>);

/// A stream of a leg; true of those it sends.
type Stream = (bool, Mid, Option<Rid>);

impl Told {
    /// What was asked of us since.
    pub(crate) fn received(&mut self, stats: &MediaEgressStats) -> Feedback {
        let &MediaEgressStats { mid, rid, nacks, plis, firs, .. } = stats;
        self.news((false, mid, rid), Feedback { nacks, plis, firs })
    }

    /// What we asked for since.
    pub(crate) fn sent(&mut self, stats: &MediaIngressStats) -> Feedback {
        let &MediaIngressStats { mid, rid, nacks, plis, firs, .. } = stats;
        self.news((true, mid, rid), Feedback { nacks, plis, firs })
    }

    fn news(&mut self, of: Stream, feedback: Feedback) -> Feedback {
        if feedback == Feedback::default() {
            return feedback;
        }
        match self.0.iter_mut().find(|(stream, _)| *stream == of) {
            Some((_, told)) => feedback.since(std::mem::replace(told, feedback)),
            None => {
                self.0.push((of, feedback));
                feedback
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_counted_once_and_a_stream_that_begins_anew_is_counted_anew() {
        let mut told = Told::default();
        let of = (false, Mid::from("0"), None);
        let mut total = Feedback::default();
        for nacks in [0, 3, 3, 5, 2] {
            total = total.plus(told.news(of, Feedback { nacks, plis: 1, firs: 0 }));
        }
        assert_eq!(total, Feedback { nacks: 7, plis: 1, firs: 0 });
        assert_eq!(
            told.news((true, Mid::from("0"), None), Feedback { nacks: 4, ..Feedback::default() }).nacks,
            4,
            "the other way is apart"
        );
    }

    #[test]
    fn only_rtp_of_a_payload_type_for_repeats_is_a_repeat() {
        let types = RepeatTypes(1 << 97);
        let counts = [[128, 97, 0], [144, 0x80 | 97, 0], [128, 96, 0], [22, 97, 0], [128, 201, 0]].map(|datagram| types.count(&datagram));
        assert_eq!((counts, types.count(&[])), ([1, 1, 0, 0, 0], 0));
    }

    #[test]
    fn each_kind_of_source_has_a_flow_of_its_own() {
        let mut traffic = Traffic::default();
        for (times, kind) in SourceKind::ALL.into_iter().enumerate() {
            (0..=times).for_each(|_| traffic.add(kind, 100));
        }
        let twice = traffic.plus(traffic);
        assert_eq!(SourceKind::ALL.map(|kind| twice.of(kind)), [2, 4, 6].map(|packets| Flow { packets, bytes: packets * 100 }));
    }
}
