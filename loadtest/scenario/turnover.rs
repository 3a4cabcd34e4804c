//! People who leave calls that go on, and others who come in their place.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::load::pictures;
use crate::measure::{Found, Recorder};
use crate::target::Target;

/// How they came and went while it was measured.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Turnover {
    left: u64,
    joined: u64,
    /// Of those who joined, the ones who saw no picture.
    unseeing: u64,
}

/// Lets somebody leave and another join, in one call after the other, so often a second for this long. When that takes longer, it is
/// less often, which the count tells.
pub(super) async fn play<T: Target>(rate: f64, lasts: Duration, target: &T, calls: &mut [T::Call], recorder: &Recorder) -> Result<()> {
    let mut turnover = Turnover::default();
    let mut due = interval(Duration::from_secs_f64(1.0 / rate));
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    due.tick().await;
    let end = sleep(lasts);
    tokio::pin!(end);
    for turn in (0..calls.len()).cycle() {
        recorder.note_found(turnover.found());
        tokio::select! {
            () = &mut end => break,
            _ = due.tick() => {}
        }
        let call = &mut calls[turn];
        let Some(plan) = target.seats(call).last().map(|seat| seat.plan.clone()) else { continue };
        target.leave(call).await?;
        turnover.left += 1;
        target.join(call, vec![plan]).await?;
        turnover.joined += 1;
        let newest = target.seats(call).iter_mut().next_back().into_iter().collect();
        // That somebody sees nothing is a finding, and no reason to end.
        turnover.unseeing += u64::from(pictures(newest, recorder).await.is_err());
    }
    Ok(())
}

impl Turnover {
    fn found(&self) -> Found {
        let Self { left, joined, unseeing } = self;
        let line = format!("{left} left, {joined} joined, {unseeing} of whom saw no picture");
        Found { lines: vec![("came and went", line)], ..Found::new(self) }
    }
}
