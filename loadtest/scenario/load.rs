//! What the scenarios that load a server share: its people come, are connected, media flows, and for a while all is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::turnover;
use crate::cli::LoadArgs;
use crate::measure::{Recorder, steps};
use crate::peer::Plan;
use crate::progress::Progress;
use crate::target::{Seat, Target};

/// How long the last seat may take to its first picture. Far longer than any healthy server needs; it bounds a broken one.
const PICTURE_LIMIT: Duration = Duration::from_secs(20);

/// Calls that are set up at once: setting up more would measure how the load tester waits for itself.
const CALLS_AT_ONCE: usize = 16;

/// Calls that go on from beginning to end.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// The people of each call.
    pub(crate) calls: Vec<Vec<Plan>>,
    /// How long media flows before anything is measured.
    pub(crate) warm_up: Duration,
    /// How long is measured.
    pub(crate) measured: Duration,
    /// How many people leave a second, and others come in their place.
    pub(crate) turnover: Option<f64>,
}

impl Load {
    /// These calls, for as long as the flags say.
    pub(super) fn of(args: &LoadArgs, mut calls: Vec<Vec<Plan>>) -> Self {
        args.network.spoil(0, calls.iter_mut().flatten());
        Self { calls, warm_up: args.warm_up, measured: args.seconds, turnover: None }
    }

    /// The flags a server needs for it, if it is started for the test.
    pub(crate) fn server_flags(&self) -> Vec<String> {
        let seats = self.calls.iter().map(Vec::len).max().unwrap_or_default();
        let voices = self.calls.iter().flatten().map(|plan| plan.audio_slots).max().unwrap_or_default();
        let raised = |flag, wanted: usize, default: usize| (wanted > default).then(|| format!("{flag}={wanted}"));
        [raised("--max-seats", seats, 200), raised("--audio-slots", voices, 5)].into_iter().flatten().collect()
    }

    /// Everyone there is.
    pub(crate) fn people(&self) -> usize {
        self.calls.iter().map(Vec::len).sum()
    }

    /// Plays it.
    pub(crate) async fn play<T: Target>(&self, target: &T, recorder: &Recorder, progress: &Progress) -> Result<()> {
        recorder.expect_pictures(self.calls.iter().flatten().map(|plan| plan.video_slots).sum());
        progress.phase("registering");
        target.populate(self.people()).await?;
        recorder.note_empty();

        progress.phase("connecting");
        let preparing = stream::iter(&self.calls).map(|plans| target.prepare(plans.clone())).buffer_unordered(CALLS_AT_ONCE);
        let mut calls: Vec<T::Call> = preparing.try_collect().await?;
        recorder.note_idle();

        progress.phase("accepting");
        for begun in join_all(calls.iter_mut().map(|call| target.begin(call))).await {
            begun?;
        }
        let seats: Vec<&mut Seat> = calls.iter_mut().flat_map(|call| target.seats(call)).collect();
        pictures(seats, recorder).await?;

        progress.phase("warming up");
        tokio::time::sleep(self.warm_up).await;
        progress.phase("measuring");
        recorder.open().await;
        match self.turnover {
            None => tokio::time::sleep(self.measured).await,
            Some(rate) => turnover::play(rate, self.measured, target, &mut calls, recorder).await?,
        }
        recorder.close().await;

        progress.phase("hanging up");
        for ended in join_all(calls.into_iter().map(|call| target.end(call))).await {
            ended?;
        }
        Ok(())
    }
}

/// Waits until everyone who has room for a picture shows one, records how long each took, and says how many do.
pub(crate) async fn pictures(seats: Vec<&mut Seat>, recorder: &Recorder) -> Result<usize> {
    let showing = seats.into_iter().filter(|seat| seat.plan.video_slots > 0).map(|seat| async {
        let accepted_at = seat.accepted_at.context("nobody has accepted for this seat")?;
        let mut first: Option<Instant> = None;
        for peer in &mut seat.peers {
            // One that only sends would be waited for in vain; it comes after those that receive.
            first = peer.shows_within(PICTURE_LIMIT).await;
            if first.is_some() {
                break;
            }
        }
        let shown = first.map(|at| at.saturating_duration_since(accepted_at));
        if let Some(shown) = shown {
            recorder.timings.record(steps::ACCEPT_TO_FIRST_FRAME, shown);
        }
        anyhow::Ok(shown.is_some())
    });
    let mut shown = 0;
    let mut wanted = 0;
    for seat in join_all(showing).await {
        wanted += 1;
        shown += usize::from(seat?);
    }
    ensure!(wanted == 0 || shown > 0, "none of {wanted} people saw a picture within {} s", PICTURE_LIMIT.as_secs());
    Ok(shown)
}
