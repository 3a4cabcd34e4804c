//! Live progress: a line that moves on a terminal, a line a second elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::measure::{Recorder, Second};

/// Seconds in a row without any connection after which all are taken to be lost; people who come and go may leave none for one.
const LOST_SECONDS: u32 = 3;

/// What is being done, and how it is shown. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    phase: Arc<Mutex<&'static str>>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// On standard error, so that reports can be piped.
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {elapsed:>4} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::new_spinner().with_style(style)
        });
        Self { phase: Arc::new(Mutex::new("starting")), bar }
    }

    /// What is being done from here on.
    pub(crate) fn phase(&self, name: &'static str) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    /// Takes a sample each second and shows it, until this is dropped, or every connection there was is lost.
    pub(crate) async fn watch(&self, recorder: &Recorder) {
        let (mut connected, mut without) = (false, 0);
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            let phase = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
            let second = recorder.second(phase).await;
            self.show(&line(&second));
            connected |= second.counts.connected > 0;
            let lost = connected && second.counts.connected == 0 && second.peers > 0;
            without = if lost { without + 1 } else { 0 };
            if without == LOST_SECONDS {
                return;
            }
        }
    }

    /// Takes the moving line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self, line: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(line.to_owned());
                bar.tick();
            }
            // There is nowhere left to say that standard error is closed.
            None => drop(writeln!(std::io::stderr(), "{line}")),
        }
    }
}

fn line(second: &Second) -> String {
    let counts = &second.counts;
    let mut line =
        format!("{:>5.0} s {:11} {:>5} peers, {:>5} connected", second.at.as_secs_f64(), second.phase, second.peers, counts.connected);
    let per_second = counts.packets_received() as f64 / second.lasted.as_secs_f64().max(0.001);
    if counts.packets_received() > 0 {
        line += &format!(", {per_second:>7.0} packets/s, {} missing", counts.audio.missing + counts.video.missing);
    }
    if let (Some(audio), Some(video)) = (second.audio, second.video) {
        line += &format!(", p99 audio {:.1} video {:.1} ms", audio.p99, video.p99);
    }
    if let Some(cores) = second.server_cpu {
        line += &format!(", CPU server {:.0} % tester {:.0} %", cores * 100.0, second.tester_cpu * 100.0);
    }
    line
}
