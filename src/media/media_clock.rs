//! When a source's media was captured, from RTP time and arrival.

use std::time::{Duration, Instant};

/// Turns RTP time into wallclock by the fastest packet seen: queues and retransmissions only ever delay, so the earliest
/// arrival is nearest the truth. Sender reports built on it keep audio and video of one person together (RFC 3550 §6.4.1).
#[derive(Debug, Default)]
pub(crate) struct MediaClock {
    anchor: Option<(Instant, u32)>,
}

/// Each packet moves the anchor toward its own arrival by this part of the distance, so that a sender whose clock is slow (by
/// 50 millionths, say) is followed at a distance of a millisecond, and a queue that empties still counts at once.
const FORGET: u32 = 1_024;
/// Beyond this the sender has restarted its timestamps, and the old anchor says nothing.
const LEAP: Duration = Duration::from_secs(5);

impl MediaClock {
    /// When a packet was captured; `newest` if none came that was sent after it.
    pub(crate) fn wallclock(&mut self, arrived: Instant, time: u32, clock_rate: u32, newest: bool) -> Instant {
        let predicted = self.anchor.and_then(|(instant, anchor)| offset(instant, time.wrapping_sub(anchor) as i32, clock_rate));
        match predicted {
            Some(predicted) if predicted <= arrived && arrived - predicted < LEAP => {
                if let Some((instant, _)) = &mut self.anchor {
                    *instant += (arrived - predicted) / FORGET;
                }
                predicted
            }
            // One that was long in coming says nothing of the clock.
            Some(predicted) if predicted <= arrived && !newest => predicted,
            _ => {
                self.anchor = Some((arrived, time));
                arrived
            }
        }
    }
}

fn offset(from: Instant, ticks: i32, clock_rate: u32) -> Option<Instant> {
    let distance = Duration::from_nanos(u64::from(ticks.unsigned_abs()) * 1_000_000_000 / u64::from(clock_rate));
    if ticks >= 0 { from.checked_add(distance) } else { from.checked_sub(distance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_late_packet_is_placed_where_it_was_captured() {
        let (mut clock, start) = (MediaClock::default(), Instant::now());
        assert_eq!(clock.wallclock(start, 900, 90_000, true), start);
        assert_eq!(clock.wallclock(start + 250 * MS, 900 + 9_000, 90_000, true), start + 100 * MS);
    }

    #[test]
    fn one_that_is_resent_after_an_outage_moves_nothing() {
        let (mut clock, start) = (MediaClock::default(), Instant::now());
        clock.wallclock(start, 0, 90_000, true);
        assert_eq!(clock.wallclock(start + 6_000 * MS, 90_000 * 6, 90_000, true), start + 6_000 * MS);
        assert_eq!(clock.wallclock(start + 6_100 * MS, 90_000, 90_000, false), start + 1_000 * MS);
        assert_eq!(clock.wallclock(start + 6_500 * MS, 90_000 * 6 + 9_000, 90_000, true), start + 6_100 * MS);
    }

    #[test]
    fn a_faster_packet_moves_the_anchor() {
        let (mut clock, start) = (MediaClock::default(), Instant::now());
        clock.wallclock(start + 50 * MS, 0, 90_000, true);
        assert_eq!(clock.wallclock(start + 60 * MS, 9_000, 90_000, true), start + 60 * MS);
        assert_eq!(clock.wallclock(start + 190 * MS, 18_000, 90_000, true), start + 160 * MS);
    }

    #[test]
    fn a_slow_clock_is_followed() {
        let (mut clock, start) = (MediaClock::default(), Instant::now());
        let mut lag = Duration::ZERO;
        for packet in 0..180_000_u32 {
            // An hour of audio from a clock that loses 50 µs a second.
            let arrived = start + packet * Duration::from_millis(20) + packet * Duration::from_micros(1);
            lag = arrived - clock.wallclock(arrived, packet.wrapping_mul(960), 48_000, true);
        }
        assert!(lag < 2 * MS, "{lag:?}");
    }

    #[test]
    fn a_leap_of_the_sender_starts_anew() {
        let (mut clock, start) = (MediaClock::default(), Instant::now());
        clock.wallclock(start, 0, 90_000, true);
        assert_eq!(clock.wallclock(start + 20 * MS, 4_000_000_000, 90_000, true), start + 20 * MS);
    }

    #[test]
    fn time_runs_on_over_the_wrap() {
        let (mut clock, start) = (MediaClock::default(), Instant::now());
        clock.wallclock(start, u32::MAX - 4_499, 90_000, true);
        assert_eq!(clock.wallclock(start + 100 * MS, 4_500, 90_000, true), start + 100 * MS);
    }
}
