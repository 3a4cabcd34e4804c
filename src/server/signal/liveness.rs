//! When to ask a client for a sign of life, and when to take it for gone. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// How often a client that takes part in a call is pinged.
pub(super) const PING_IN_CALL_EVERY: Duration = Duration::from_secs(2);
/// A client in a call that says nothing for so long is lost: two pings went unanswered. With the grace of its seat, 20 s,
/// it is gone from everybody's view within 25 s.
const SILENT_IN_CALL_FOR: Duration = Duration::from_millis(4_500);
/// What a client gets to answer the first of these pings, however long it was silent while it only waited.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_millis(2_500);
/// The same two for a client that only waits: there are many of those, and nobody looks at them.
const PING_EVERY: Duration = Duration::from_secs(8);
const SILENT_FOR: Duration = Duration::from_secs(20);

const _: () = assert!(2 * PING_IN_CALL_EVERY.as_millis() < SILENT_IN_CALL_FOR.as_millis());
// Who falls silent just as the call begins is not noticed later than others, though that is seen a ping later.
const _: () = assert!(PING_IN_CALL_EVERY.as_millis() + FIRST_ANSWER_WITHIN.as_millis() <= SILENT_IN_CALL_FOR.as_millis());
const _: () = assert!(2 * PING_EVERY.as_millis() < SILENT_FOR.as_millis());

/// What is known of a client's life.
#[derive(Debug)]
pub(super) struct Liveness {
    heard: Instant,
    pinged: Instant,
    /// Since when it takes part in a call, if it does.
    in_call: Option<Instant>,
}

impl Liveness {
    pub(super) fn new(now: Instant) -> Self {
        Self { heard: now, pinged: now, in_call: None }
    }

    /// The client said something.
    pub(super) fn hear(&mut self, now: Instant) {
        self.heard = now;
    }

    /// Time has passed; to be called at least every [`PING_IN_CALL_EVERY`]. Gives whether to ping.
    pub(super) fn tick(&mut self, now: Instant, in_call: bool) -> bool {
        match (in_call, self.in_call) {
            (true, None) => self.in_call = Some(now),
            (false, Some(_)) => self.in_call = None,
            _ => {}
        }
        let every = if in_call { PING_IN_CALL_EVERY } else { PING_EVERY };
        // A tick that comes a little early, as timers do, is not put off to the next one.
        let due = now + PING_IN_CALL_EVERY / 2 >= self.pinged + every;
        if due {
            self.pinged = now;
        }
        due
    }

    /// When it is to be taken for gone, unless it says something before.
    pub(super) fn gone_at(&self) -> Instant {
        match self.in_call {
            Some(since) => (self.heard + SILENT_IN_CALL_FOR).max(since + FIRST_ANSWER_WITHIN),
            None => self.heard + SILENT_FOR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks for so long without hearing anything; gives how many pings went out until it was given up, and when that was.
    fn silence(liveness: &mut Liveness, start: Instant, in_call: bool) -> (u32, Duration) {
        let mut pings = 0;
        for ticks in 1.. {
            let now = start + ticks * PING_IN_CALL_EVERY;
            if liveness.gone_at() <= now {
                break;
            }
            pings += u32::from(liveness.tick(now, in_call));
        }
        (pings, liveness.gone_at() - start)
    }

    #[test]
    fn a_silent_client_in_a_call_is_given_up_after_two_pings() {
        let start = Instant::now();
        let mut liveness = Liveness::new(start);
        liveness.tick(start, true);
        assert_eq!(silence(&mut liveness, start, true), (2, SILENT_IN_CALL_FOR));
    }

    #[test]
    fn a_client_that_waits_is_pinged_less_often_and_given_more_time() {
        let start = Instant::now();
        assert_eq!(silence(&mut Liveness::new(start), start, false), (2, SILENT_FOR));
    }

    #[test]
    fn a_client_that_goes_from_waiting_into_a_call_gets_time_to_answer() {
        let start = Instant::now();
        let mut liveness = Liveness::new(start);
        let joined = start + Duration::from_secs(7);
        assert!(liveness.tick(joined, true), "it is pinged at once");
        assert_eq!(liveness.gone_at(), joined + FIRST_ANSWER_WITHIN);
        liveness.hear(joined + Duration::from_secs(1));
        assert_eq!(liveness.gone_at(), joined + Duration::from_secs(1) + SILENT_IN_CALL_FOR);
    }

    #[test]
    fn a_client_that_leaves_its_call_waits_again() {
        let start = Instant::now();
        let mut liveness = Liveness::new(start);
        liveness.tick(start, true);
        liveness.tick(start + PING_IN_CALL_EVERY, false);
        assert_eq!(liveness.gone_at(), start + SILENT_FOR);
    }
}
