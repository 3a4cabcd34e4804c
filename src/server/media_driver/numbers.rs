//! What a media thread has done, as others may read it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use switchboard_media::{Counters, Drop, Feedback, Traffic};

use super::paths::Paths;
use super::tcp::TcpNumbers;
use crate::observe::{Histogram, Micros, Sizes};

/// Running totals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Media connections at the moment.
    pub legs: u64,
    /// Datagrams received.
    pub datagrams_in: u64,
    /// Datagrams sent.
    pub datagrams_out: u64,
    /// RTP packets that came from sources.
    pub packets_in: u64,
    /// RTP packets written to slots, one for each receiver.
    pub packets_forwarded: u64,
    /// Inputs given to legs.
    pub legs_polled: u64,
    /// Keyframe requests sent.
    pub keyframes_asked: u64,
    /// Keyframe requests of receivers that asked too often.
    pub keyframes_refused: u64,
    /// Moves of a slot from one simulcast layer to another.
    pub layer_switches: u64,
    /// Keyframes of simulcast layers of the wrong size.
    pub wrong_dimensions: u64,
    /// Packets of voices brought back by RED.
    pub words_restored: u64,
    /// Copies of packets given to other media threads.
    pub packets_relayed: u64,
    /// Copies of packets that another media thread had no room for.
    pub relay_full: u64,
    /// Bytes of datagrams received.
    pub bytes_in: u64,
    /// Bytes of datagrams sent.
    pub bytes_out: u64,
    /// RTP read from sources.
    pub received: Traffic,
    /// RTP written to slots.
    pub sent: Traffic,
    /// Packets repeated by sources.
    pub repeats_received: u64,
    /// Packets repeated to receivers.
    pub repeats_sent: u64,
    /// Feedback of receivers.
    pub feedback_received: Feedback,
    /// Feedback sent to sources.
    pub feedback_sent: Feedback,
    /// The longest that a deadline waited lately.
    pub lag: Duration,
    /// Datagrams not sent because the socket was full.
    pub socket_full: u64,
    /// Datagrams not sent because the operating system refused them.
    pub unsendable: u64,
    /// What the threads did beside the routers.
    pub work: Work,
    /// What became of TCP connections.
    pub tcp: TcpNumbers,
    pub(super) dropped: [u64; Drop::ALL.len()],
}

/// What a thread does around its router.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    /// Rounds of its loop: something came or was due, was dealt with, and what that caused was sent.
    pub turns: u64,
    /// Commands obeyed.
    pub commands: u64,
    /// How often the kernel did not give what has come.
    pub receive_failed: u64,
    /// Datagrams that each call to the kernel brought.
    pub received: Sizes,
    /// Datagrams that each call to the kernel was given, whether it took them or not.
    pub runs: Sizes,
    /// From reading a batch to all being sent that is to be sent because of it.
    pub forwarding: Histogram<Micros>,
    /// How the paths fare.
    pub paths: Paths,
}

impl Work {
    fn plus(self, other: Self) -> Self {
        Self {
            turns: self.turns + other.turns,
            commands: self.commands + other.commands,
            receive_failed: self.receive_failed + other.receive_failed,
            received: self.received.plus(other.received),
            runs: self.runs.plus(other.runs),
            forwarding: self.forwarding.plus(other.forwarding),
            paths: self.paths.plus(other.paths),
        }
    }
}

impl Totals {
    pub(super) fn new(legs: usize, lag: Duration, counters: &Counters) -> Self {
        Self {
            legs: legs as u64,
            datagrams_in: counters.datagrams_in,
            bytes_in: counters.bytes_in,
            bytes_out: counters.bytes_out,
            received: counters.received,
            sent: counters.sent,
            repeats_received: counters.repeats_received,
            repeats_sent: counters.repeats_sent,
            feedback_received: counters.feedback_received,
            feedback_sent: counters.feedback_sent,
            lag,
            datagrams_out: counters.datagrams_out,
            packets_in: counters.packets_in,
            packets_forwarded: counters.packets_forwarded,
            packets_relayed: counters.packets_relayed,
            legs_polled: counters.legs_polled,
            keyframes_asked: counters.keyframes_asked,
            keyframes_refused: counters.keyframes_refused,
            layer_switches: counters.layer_switches,
            wrong_dimensions: counters.wrong_dimensions,
            words_restored: counters.words_restored,
            dropped: Drop::ALL.map(|why| counters.dropped(why)),
            ..Self::default()
        }
    }

    /// What else the threads did and noticed, by a label.
    pub fn noticed(&self) -> [(&'static str, u64); 8] {
        [
            ("command", self.work.commands),
            ("keyframe_request_refused", self.keyframes_refused),
            ("layer_switched", self.layer_switches),
            ("leg_polled", self.legs_polled),
            ("receive_failed", self.work.receive_failed),
            ("turn", self.work.turns),
            ("voice_restored", self.words_restored),
            ("wrong_dimensions", self.wrong_dimensions),
        ]
    }

    /// What was dropped, by a label for the reason.
    pub fn dropped(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Drop::ALL.into_iter().zip(self.dropped).map(|(why, count)| (why.label(), count))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let mut dropped = self.dropped;
        for (sum, more) in dropped.iter_mut().zip(other.dropped) {
            *sum += more;
        }
        Self {
            legs: self.legs + other.legs,
            datagrams_in: self.datagrams_in + other.datagrams_in,
            bytes_in: self.bytes_in + other.bytes_in,
            bytes_out: self.bytes_out + other.bytes_out,
            received: self.received.plus(other.received),
            sent: self.sent.plus(other.sent),
            repeats_received: self.repeats_received + other.repeats_received,
            repeats_sent: self.repeats_sent + other.repeats_sent,
            feedback_received: self.feedback_received.plus(other.feedback_received),
            feedback_sent: self.feedback_sent.plus(other.feedback_sent),
            lag: self.lag.max(other.lag),
            datagrams_out: self.datagrams_out + other.datagrams_out,
            packets_in: self.packets_in + other.packets_in,
            packets_forwarded: self.packets_forwarded + other.packets_forwarded,
            packets_relayed: self.packets_relayed + other.packets_relayed,
            relay_full: self.relay_full + other.relay_full,
            legs_polled: self.legs_polled + other.legs_polled,
            keyframes_asked: self.keyframes_asked + other.keyframes_asked,
            keyframes_refused: self.keyframes_refused + other.keyframes_refused,
            layer_switches: self.layer_switches + other.layer_switches,
            wrong_dimensions: self.wrong_dimensions + other.wrong_dimensions,
            words_restored: self.words_restored + other.words_restored,
            socket_full: self.socket_full + other.socket_full,
            unsendable: self.unsendable + other.unsendable,
            work: self.work.plus(other.work),
            tcp: self.tcp.plus(other.tcp),
            dropped,
        }
    }
}

/// What a thread was busy with a while ago says nothing: one without work publishes nothing.
const STALE: Duration = Duration::from_secs(1);

/// Where a media thread leaves its totals from time to time, never on the way of a packet.
#[derive(Debug, Default)]
pub(super) struct Numbers(Mutex<Published>);

#[derive(Debug, Clone, Copy, Default)]
struct Published {
    totals: Totals,
    /// The part of its time the thread was at work, and when it said so.
    busy: f32,
    at: Option<Instant>,
}

impl Numbers {
    pub(super) fn write(&self, now: Instant, totals: Totals, busy: f32) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Published { totals, busy, at: Some(now) };
    }

    pub(super) fn read(&self) -> Totals {
        self.published().totals
    }

    /// The part of its time that the thread is at work, 0 to 1.
    pub(super) fn busy(&self, now: Instant) -> f32 {
        let Published { busy, at, .. } = self.published();
        at.filter(|at| now.saturating_duration_since(*at) < STALE).map_or(0.0, |_| busy)
    }

    fn published(&self) -> Published {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of its time a thread is at work, by the processor's count of it.
#[derive(Debug)]
pub(super) struct Workload {
    at: Instant,
    worked: Duration,
}

impl Workload {
    /// Of the thread it is called on, from here on.
    pub(super) fn begin(now: Instant) -> Self {
        Self { at: now, worked: worked() }
    }

    /// The part of the time since this was asked last, 0 to 1.
    pub(super) fn since_last(&mut self, now: Instant) -> f32 {
        let before = std::mem::replace(self, Self::begin(now));
        let passed = now.saturating_duration_since(before.at).as_secs_f32();
        if passed == 0.0 { 0.0 } else { (self.worked.saturating_sub(before.worked).as_secs_f32() / passed).min(1.0) }
    }
}

/// Processor time of this thread.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_works_is_busy_until_its_word_is_old() {
        let (start, numbers) = (Instant::now(), Numbers::default());
        let mut workload = Workload::begin(start);
        let mut now = start;
        while now < start + Duration::from_millis(50) {
            now = Instant::now();
        }
        let busy = workload.since_last(now);
        assert!(busy > 0.0 && busy <= 1.0, "{busy}");
        assert_eq!(numbers.busy(now), 0.0, "nothing was said yet");
        numbers.write(now, Totals { legs: 3, ..Totals::default() }, busy);
        assert_eq!((numbers.busy(now), numbers.read().legs), (busy, 3));
        assert_eq!(numbers.busy(now + STALE), 0.0);
    }
}
