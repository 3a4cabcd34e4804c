//! Calls that come and go: placed at a rate, answered, talked in for a while, hung up.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;

use super::load::pictures;
use crate::cli::{LoadArgs, rate, seconds};
use crate::measure::{Bound, Found, Recorder};
use crate::network::Network;
use crate::peer::{AudioSource, Plan, VideoSource};
use crate::progress::Progress;
use crate::target::Target;

/// Beyond the talking, what a call may take from being placed to being over, when the server is slow, before people run short.
const SLACK: Duration = Duration::from_secs(5);

/// Different faults that are told word for word.
const FAULTS_TOLD: usize = 5;

/// How calls come and go.
#[derive(Debug, Clone, Args)]
pub(crate) struct ChurnRate {
    /// Calls placed a second.
    #[arg(long, default_value = "2", value_name = "CALLS", value_parser = rate)]
    pub(crate) rate: f64,
    /// How long is talked in each, in seconds, once both see the other.
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) talk: Duration,
    /// Most calls that may fail, or find nobody free to be placed by.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) max_failed: u64,
}

/// The flags of `churn`.
#[derive(Debug, Args)]
pub(crate) struct ChurnArgs {
    #[command(flatten)]
    pub(crate) churn: ChurnRate,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// What is played.
#[derive(Debug, Clone)]
pub(crate) struct Churn {
    rate: ChurnRate,
    plan: Plan,
    network: Network,
    warm_up: Duration,
    measured: Duration,
}

/// How the calls went that were placed while it was measured.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) placed: u64,
    pub(crate) ended: u64,
    pub(crate) failed: u64,
    /// Calls that nobody was free to place: those before took too long.
    pub(crate) not_placed: u64,
    /// How often which fault, of the first few.
    pub(crate) faults: BTreeMap<String, u64>,
}

impl ChurnRate {
    /// It in words.
    pub(crate) fn definition(&self) -> String {
        format!(
            "{} calls placed a second, each answered, talked in for {} s and hung up; each side sends VP8 in three simulcast layers of 15 frames a second and Opus",
            self.rate,
            self.talk.as_secs_f64()
        )
    }

    /// How many calls there may be at once.
    fn most(&self) -> usize {
        (self.rate * (self.talk + SLACK).as_secs_f64()).ceil() as usize
    }
}

impl Churn {
    pub(crate) fn new(rate: &ChurnRate, load: &LoadArgs, warm_up: Duration) -> Self {
        let plan =
            Plan { audio: Some(AudioSource::Clip), video: Some(VideoSource::Simulcast), audio_slots: 1, video_slots: 1, ..Plan::default() };
        Self { rate: rate.clone(), plan, network: load.network.clone(), warm_up, measured: load.seconds }
    }

    /// Everyone there is.
    pub(crate) fn people(&self) -> usize {
        self.rate.most() * 2
    }

    /// Plays it.
    pub(crate) async fn play<T: Target>(&self, target: &T, recorder: &Recorder, progress: &Progress) -> Result<()> {
        progress.phase("registering");
        target.populate(self.people()).await?;
        recorder.note_empty();
        self.come_and_go(target, recorder, progress, "warming up", self.warm_up, &mut |_| ()).await;
        recorder.open().await;
        let mut told = |tally: &Tally| recorder.note_found(self.found(tally));
        self.come_and_go(target, recorder, progress, "measuring", self.measured, &mut told).await;
        recorder.close().await;
        Ok(())
    }

    /// Places calls for a time, at the moments that are due whatever became of those before, and waits for the last to end.
    pub(super) async fn come_and_go<T: Target>(
        &self,
        target: &T,
        recorder: &Recorder,
        progress: &Progress,
        phase: &'static str,
        lasts: Duration,
        told: &mut impl FnMut(&Tally),
    ) -> Tally {
        progress.phase(phase);
        let mut tally = Tally::default();
        let mut running = FuturesUnordered::new();
        let mut due = tokio::time::interval(Duration::from_secs_f64(1.0 / self.rate.rate));
        let end = tokio::time::sleep(lasts);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end, if !end.is_elapsed() => {}
                _ = due.tick(), if !end.is_elapsed() => {
                    if running.len() < self.rate.most() {
                        running.push(self.call(target, recorder, tally.placed));
                        tally.placed += 1;
                    } else {
                        tally.not_placed += 1;
                    }
                }
                Some(ended) = running.next(), if !running.is_empty() => tally.count(ended),
            }
            told(&tally);
            if end.is_elapsed() && running.is_empty() {
                return tally;
            }
        }
    }

    async fn call<T: Target>(&self, target: &T, recorder: &Recorder, number: u64) -> Result<()> {
        let mut plans = vec![self.plan.clone(); 2];
        self.network.spoil(number as usize * 2, &mut plans);
        let mut call = target.prepare(plans).await?;
        target.begin(&mut call).await?;
        let seats: Vec<_> = target.seats(&mut call).iter_mut().collect();
        let (wanted, shown) = (seats.len(), pictures(seats, recorder).await?);
        ensure!(shown == wanted, "{shown} of {wanted} people saw a picture");
        tokio::time::sleep(self.rate.talk).await;
        let ending_at = Instant::now();
        target.end(call).await?;
        recorder.timings.record("end", ending_at.elapsed());
        Ok(())
    }

    fn found(&self, tally: &Tally) -> Found {
        Found { lines: tally.lines(), bounds: vec![tally.bound(&self.rate)], ..Found::new(tally) }
    }
}

impl Tally {
    fn count(&mut self, ended: Result<()>) {
        let Err(error) = ended else {
            self.ended += 1;
            return;
        };
        self.failed += 1;
        let fault = crate::one_line(&error);
        if self.faults.len() < FAULTS_TOLD || self.faults.contains_key(&fault) {
            *self.faults.entry(fault).or_default() += 1;
        }
    }

    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let Self { placed, ended, failed, not_placed, .. } = self;
        let calls = format!("{placed} placed, {ended} ended as they should, {failed} failed, {not_placed} not placed for want of people");
        let faults = self.faults.iter().map(|(fault, count)| ("fault", format!("{count} × {fault}")));
        [("calls", calls)].into_iter().chain(faults).collect()
    }

    pub(super) fn bound(&self, rate: &ChurnRate) -> Bound {
        Bound { name: "--max-failed", limit: rate.max_failed as f64, measured: Some((self.failed + self.not_placed) as f64) }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn faults_are_counted_by_what_they_are_and_only_a_few_are_told() {
        let mut tally = Tally::default();
        (0..20).for_each(|number| tally.count(Err(anyhow!("fault {number}"))));
        tally.count(Err(anyhow!("fault 0")));
        tally.count(Ok(()));
        assert_eq!((tally.failed, tally.ended, tally.faults.len()), (21, 1, FAULTS_TOLD));
        assert_eq!(tally.faults["fault 0"], 2);
    }
}
