//! Signalling alone: many people on line, and calls that ring and are declined, at a rate.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::cli::{LoadArgs, amount, count, rate, seconds};
use crate::measure::{Bound, Found, Recorder, Spread, steps};
use crate::peer::{AudioSource, Plan, VideoSource};
use crate::progress::Progress;
use crate::target::switchboard::{Pair, Switchboard};

/// The flags of `ring-storm`.
#[derive(Debug, Args)]
pub(crate) struct RingStormArgs {
    /// People on line.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = count(2, 60_000))]
    pub(crate) users: usize,
    /// Calls placed a second.
    #[arg(long, default_value = "20", value_name = "CALLS", value_parser = rate)]
    pub(crate) rate: f64,
    /// How long each rings before it is declined, in seconds.
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) ring: Duration,
    /// Longest time from placing a call until it rings at the 99th percentile, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = amount)]
    pub(crate) max_ring_p99_ms: Option<f64>,
    /// Most calls that may fail, or find nobody free to be placed by.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) max_failed: u64,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// What was found while it was measured.
#[derive(Debug, Clone, Default, Serialize)]
struct Storm {
    users: usize,
    placed: u64,
    declined: u64,
    failed: u64,
    /// Calls that no two people were free for.
    not_placed: u64,
    /// From placing a call until it rings.
    ring_ms: Option<Spread>,
    /// The first fault there was.
    fault: Option<String>,
}

/// What it is, in a sentence for the report.
pub(crate) fn definition(args: &RingStormArgs) -> String {
    format!(
        "{} people on line in pairs, {} calls placed a second: each with an offer of a camera, a microphone and a slot for each, which the server \
         answers; each rings for {} s and is declined; no media is connected",
        args.users,
        args.rate,
        args.ring.as_secs_f64()
    )
}

/// Plays it.
pub(crate) async fn play(args: &RingStormArgs, target: &Switchboard, recorder: &Recorder, progress: &Progress) -> Result<()> {
    progress.phase("registering");
    let mut storm = Raging { args, target, idle: target.pairs(args.users / 2).await?.into(), running: JoinSet::new() };
    recorder.note_empty();
    let plan =
        Plan { audio: Some(AudioSource::Clip), video: Some(VideoSource::Simulcast), audio_slots: 1, video_slots: 1, ..Plan::default() };
    let offer = target.offer(plan).await?;
    progress.phase("warming up");
    storm.rage(&offer, args.load.warm_up, &mut |_, _| ()).await?;
    progress.phase("measuring");
    recorder.open().await;
    let mut told = |storm: &Storm, rang: Option<Duration>| {
        if let Some(rang) = rang {
            recorder.timings.record(steps::RING, rang);
        }
        let storm = Storm { ring_ms: recorder.timings.spread(steps::RING), ..storm.clone() };
        recorder.note_found(found(args, &storm));
    };
    storm.rage(&offer, args.load.seconds, &mut told).await?;
    recorder.close().await;
    Ok(())
}

struct Raging<'a> {
    args: &'a RingStormArgs,
    target: &'a Switchboard,
    /// Who has waited longest comes first.
    idle: VecDeque<Pair>,
    running: JoinSet<Result<(Pair, Duration)>>,
}

impl Raging<'_> {
    /// Places calls for a time, at the moments that are due whatever became of those before, and waits for the last to end.
    async fn rage(
        &mut self,
        offer: &switchboard_protocol::Offer,
        lasts: Duration,
        told: &mut impl FnMut(&Storm, Option<Duration>),
    ) -> Result<()> {
        let mut storm = Storm { users: self.args.users, ..Storm::default() };
        let mut due = tokio::time::interval(Duration::from_secs_f64(1.0 / self.args.rate));
        let end = Instant::now() + lasts;
        loop {
            let over = Instant::now() >= end;
            if over && self.running.is_empty() {
                return Ok(());
            }
            tokio::select! {
                _ = due.tick(), if !over => match self.idle.pop_front() {
                    Some(pair) => {
                        storm.placed += 1;
                        let (offer, rings_for) = (offer.clone(), self.args.ring);
                        self.running.spawn(async move { pair.ring(offer, rings_for).await });
                    }
                    None => storm.not_placed += 1,
                },
                Some(rung) = self.running.join_next(), if !self.running.is_empty() => match rung.context("a call of the storm")? {
                    Ok((pair, rang)) => {
                        storm.declined += 1;
                        self.idle.push_back(pair);
                        told(&storm, Some(rang));
                    }
                    Err(error) => {
                        storm.failed += 1;
                        storm.fault.get_or_insert_with(|| crate::one_line(&error));
                        // Two others take the place of the two: what state these are in is not known.
                        self.idle.extend(self.target.pairs(1).await?);
                        told(&storm, None);
                    }
                },
            }
        }
    }
}

fn found(args: &RingStormArgs, storm: &Storm) -> Found {
    let Storm { placed, declined, failed, not_placed, ring_ms, fault, .. } = storm;
    let calls = format!("{placed} placed, {declined} rang and were declined, {failed} failed, {not_placed} not placed for want of people");
    let mut lines = vec![("calls", calls)];
    lines.extend(fault.iter().map(|fault| ("first fault", fault.clone())));
    let mut bounds = vec![Bound { name: "--max-failed", limit: args.max_failed as f64, measured: Some((failed + not_placed) as f64) }];
    let p99 = ring_ms.map(|spread| spread.p99);
    bounds.extend(args.max_ring_p99_ms.map(|limit| Bound { name: "--max-ring-p99-ms", limit, measured: p99 }));
    Found { lines, bounds, ..Found::new(storm) }
}
