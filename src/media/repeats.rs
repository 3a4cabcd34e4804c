//! For how long what was sent is kept, in case its receiver asks for it again (RFC 4585 §6.2.1): it is most of what a receiver costs.

use std::time::Duration;

use str0m::rtp::StreamTx;

use crate::leg::Leg;
use crate::source::SourceKind;

/// A packet's repeat may be lost too. A receiver asks again when a round trip has brought nothing; it is answered so many times.
const ANSWERS: u32 = 2;
/// What asking takes beside the way: the next frame shows that something is missing, and receivers look a few times a second.
const NOTICED_WITHIN: Duration = Duration::from_millis(100);
/// The times things are kept for. They are few because str0m forgets all it has when that changes. What comes later than the last
/// is of no use to anybody who talks.
const TIMES: [Duration; 3] = [Duration::from_millis(300), Duration::from_millis(600), Duration::from_millis(1_200)];
/// Less is kept again when so many round trips in a row, about one a second, were short: long ones had been a queue, as when hundreds
/// join at once.
const SHORT_IN_A_ROW: u8 = 8;
/// So many packets a second, 2.4 Mbit/s, are kept for that time; of a smaller stream all for the longest, for str0m pads its probes
/// with what is kept. A packet kept costs half a kilobyte; what it carries is shared by all who receive it.
const PACKETS_A_SECOND: u32 = 270;
/// A keyframe of a screen, up to 300 kB, is kept whole for as long, lest what is lost of it cost another.
const PACKETS_OF_A_SCREEN: usize = 256;
/// The part of what is sent that may be repeats: a path that loses more is too narrow, and repeats would fill it.
const MOST_REPEATED: f32 = 0.15;

/// How long what is sent to a leg is kept.
#[derive(Debug)]
pub(crate) struct Repeats {
    kept_for: Duration,
    /// The round trip as it was measured last.
    rtt: Option<Duration>,
    /// How many round trips in a row asked for less.
    short: u8,
}

impl Default for Repeats {
    fn default() -> Self {
        Self { kept_for: TIMES[0], rtt: None, short: 0 }
    }
}

impl Repeats {
    /// Takes in a round trip; gives the time from now on if that is another than before. One long round trip is a queue that passes, and
    /// a short one may be luck.
    fn measured(&mut self, rtt: Duration) -> Option<Duration> {
        let lasting = self.rtt.replace(rtt)?.min(rtt);
        let wanted = ANSWERS * lasting + NOTICED_WITHIN;
        let time = TIMES.into_iter().find(|time| *time >= wanted).unwrap_or(TIMES[TIMES.len() - 1]);
        self.short = if time < self.kept_for { self.short + 1 } else { 0 };
        if time <= self.kept_for && self.short < SHORT_IN_A_ROW {
            return None;
        }
        (self.short, self.kept_for) = (0, time);
        Some(time)
    }
}

/// Keeps what is sent on a stream for pictures for as long as it does at first.
pub(crate) fn keep_video(stream: &mut StreamTx, kind: SourceKind) {
    keep(stream, kind, TIMES[0]);
}

fn keep(stream: &mut StreamTx, kind: SourceKind, time: Duration) {
    let packets = (time.as_secs_f32() * PACKETS_A_SECOND as f32) as usize;
    let packets = if kind == SourceKind::Screen { packets + PACKETS_OF_A_SCREEN } else { packets };
    stream.set_rtx_cache(packets, TIMES[TIMES.len() - 1], Some(MOST_REPEATED));
}

/// Keeps nothing of a voice: it would come too late, and has [`crate::red`].
pub(crate) fn keep_no_audio(stream: &mut StreamTx) {
    stream.set_rtx_cache(0, Duration::ZERO, None);
}

impl Leg {
    /// Keeps what is sent to it for long enough, given the round trip that a receiver's report has told.
    pub(crate) fn keep_for(&mut self, rtt: Duration) {
        let Some(time) = self.repeats.measured(rtt) else { return };
        for slot in self.slots.iter().filter(|slot| slot.kind.is_video()) {
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(slot.mid, None) {
                keep(stream, slot.kind, time);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn what_was_sent_is_kept_until_two_requests_for_it_had_time_to_come() {
        for (rtt, kept) in [(1, 300), (100, 300), (101, 600), (250, 600), (251, 1_200), (550, 1_200), (5_000, 1_200)] {
            let mut repeats = Repeats::default();
            repeats.measured(rtt * MS);
            repeats.measured(rtt * MS);
            assert_eq!(repeats.kept_for, kept * MS, "{rtt} ms");
        }
    }

    #[test]
    fn a_queue_that_passes_changes_nothing_and_a_path_that_was_long_counts_as_long_for_a_while() {
        let mut repeats = Repeats::default();
        let times: Vec<_> = [20, 900, 20, 900, 20, 150, 300, 300, 20, 20].map(|rtt| repeats.measured(rtt * MS)).into();
        assert_eq!(times.iter().flatten().collect::<Vec<_>>(), [&(600 * MS), &(1_200 * MS)], "{times:?}");
        assert!((0..SHORT_IN_A_ROW - 3).all(|_| repeats.measured(20 * MS).is_none()), "not yet");
        assert_eq!(repeats.measured(20 * MS), Some(300 * MS));
        assert_eq!(repeats.measured(20 * MS), None, "once");
    }
}
