//! Keeps what a run has seen, whatever becomes of it: a sample each second, and two marks between which everything is measured.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::found::Found;
use super::meter::Meter;
use super::packet_path::{PacketPath, PathReport};
use super::process::{ProcessUse, ServerProcess};
use super::standing::Metrics;
use super::timings::{Spread, Timings};
use crate::engine::{Engine, Sample};
use crate::peer::Counts;

/// Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    engine: Engine,
    pub(crate) timings: Timings,
    server: Option<Meter>,
    /// Where the server says how it went about its work.
    page: Option<Arc<Metrics>>,
    kept: Arc<Mutex<Kept>>,
}

/// What was kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(crate) seconds: Vec<Second>,
    /// Room for pictures that everyone has together, where that does not change.
    pub(crate) picture_slots: Option<usize>,
    /// Memory of the server when its people were there and in no call, and when their media was connected and nothing flowed.
    pub(crate) rss_empty: Option<u64>,
    pub(crate) rss_idle: Option<u64>,
    pub(crate) opened: Option<Mark>,
    pub(crate) closed: Option<Mark>,
    /// How the server went about what was measured.
    pub(crate) path: Option<PathReport>,
    path_opened: Option<PacketPath>,
    /// What the scenario found beyond that.
    pub(crate) found: Option<Found>,
    before: Option<(Instant, Counts, Option<ProcessUse>, ProcessUse)>,
}

/// How it stood at a moment.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) at: Instant,
    pub(crate) sample: Sample,
    pub(crate) server: Option<ProcessUse>,
    pub(crate) tester: ProcessUse,
}

/// What happened in about a second.
#[derive(Debug, Clone)]
pub(crate) struct Second {
    /// Its end, since the engine was started.
    pub(crate) at: Duration,
    pub(crate) lasted: Duration,
    pub(crate) phase: &'static str,
    pub(crate) peers: usize,
    pub(crate) counts: Counts,
    pub(crate) audio: Option<Spread>,
    pub(crate) video: Option<Spread>,
    /// CPU time in it: 1 is a core.
    pub(crate) server_cpu: Option<f64>,
    pub(crate) tester_cpu: f64,
    pub(crate) server_rss_bytes: Option<u64>,
}

impl Recorder {
    pub(crate) fn new(engine: Engine, timings: Timings, server: Option<Meter>, page: Option<Metrics>) -> Self {
        Self { engine, timings, server, page: page.map(Arc::new), kept: Arc::default() }
    }

    /// Takes the sample of a second.
    pub(crate) async fn second(&self, phase: &'static str) -> Second {
        let mark = self.mark(false).await;
        let mut kept = self.kept();
        let counts = mark.sample.counts.clone();
        let (at, before, server_before, tester_before) = kept
            .before
            .replace((mark.at, counts.clone(), mark.server, mark.tester))
            .unwrap_or((mark.at, counts.clone(), mark.server, mark.tester));
        let lasted = mark.at.saturating_duration_since(at);
        let cores = |now: ProcessUse, before: ProcessUse| {
            let seconds = lasted.as_secs_f64();
            if seconds > 0.0 { now.cpu.saturating_sub(before.cpu).as_secs_f64() / seconds } else { 0.0 }
        };
        let second = Second {
            at: self.engine.since_start(mark.at),
            lasted,
            phase,
            peers: mark.sample.peers,
            counts: counts.since(&before),
            audio: Spread::of(&mark.sample.recent.audio),
            video: Spread::of(&mark.sample.recent.video),
            server_cpu: mark.server.zip(server_before).map(|(now, before)| cores(now, before)),
            tester_cpu: cores(mark.tester, tester_before),
            server_rss_bytes: mark.server.map(|of| of.rss_bytes),
        };
        kept.seconds.push(second.clone());
        second
    }

    /// So much room for pictures everyone has together, all of which should be filled.
    pub(crate) fn expect_pictures(&self, slots: usize) {
        self.kept().picture_slots = Some(slots);
    }

    /// The server's people are there, and in no call.
    pub(crate) fn note_empty(&self) {
        self.kept().rss_empty = self.server_memory();
    }

    /// Their media is connected, and nothing flows.
    pub(crate) fn note_idle(&self) {
        self.kept().rss_idle = self.server_memory();
    }

    /// What is measured begins here.
    pub(crate) async fn open(&self) {
        let path = self.packet_path().await;
        let mark = self.mark(true).await;
        let mut kept = self.kept();
        (kept.path_opened, kept.opened) = (path, Some(mark));
    }

    /// And ends here, if it has begun and not yet ended.
    pub(crate) async fn close(&self) {
        let open = {
            let kept = self.kept();
            kept.opened.is_some() && kept.closed.is_none()
        };
        if open {
            let mark = self.mark(false).await;
            let path = self.packet_path().await;
            let mut kept = self.kept();
            kept.closed = Some(mark);
            kept.path = path.zip(kept.path_opened).and_then(|(now, before)| now.since(before));
        }
    }

    /// What was measured is what lies between these.
    pub(crate) fn set_window(&self, opened: Mark, closed: Mark) {
        let mut kept = self.kept();
        (kept.opened, kept.closed) = (Some(opened), Some(closed));
    }

    /// What the scenario has found so far, in place of what it had before.
    pub(crate) fn note_found(&self, found: Found) {
        self.kept().found = Some(found);
    }

    /// All of it.
    pub(crate) fn take(&self) -> Kept {
        self.kept().clone()
    }

    /// How it stands. With `restart` the latencies begin anew.
    pub(crate) async fn mark(&self, restart: bool) -> Mark {
        let server = match &self.server {
            Some(meter) => meter.usage().await,
            None => None,
        };
        let sample = self.engine.sample(restart).await;
        Mark { at: Instant::now(), sample, server, tester: ServerProcess::this().usage().unwrap_or_default() }
    }

    async fn packet_path(&self) -> Option<PacketPath> {
        self.page.as_ref()?.packet_path().await
    }

    /// As it is, or, where that takes asking, as it was when it was asked last.
    fn server_memory(&self) -> Option<u64> {
        match &self.server {
            Some(Meter::Process(process)) => process.usage().ok().map(|of| of.rss_bytes),
            _ => self.kept().seconds.last().and_then(|second| second.server_rss_bytes),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
