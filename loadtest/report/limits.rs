//! Limits that a run may be given: what is over one fails the run.

use clap::Args;
use serde::Serialize;

use super::load::LoadReport;
use crate::measure::Bound;

/// The flags.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits: the exit status is 1 when one does not hold")]
pub(crate) struct Limits {
    /// Most packets that may be missing, as a share from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) max_loss: Option<f64>,
    /// Longest one-way latency of audio and of video at the 99th percentile, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = amount)]
    pub(crate) max_p99_ms: Option<f64>,
    /// The same of audio alone.
    #[arg(long, value_name = "MS", value_parser = amount)]
    pub(crate) max_audio_p99_ms: Option<f64>,
    /// Longest time from an accept to the first frame at the 95th percentile, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = amount)]
    pub(crate) max_first_frame_ms: Option<f64>,
    /// Longest time to connect media at the 95th percentile, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = amount)]
    pub(crate) max_join_ms: Option<f64>,
    /// Most freezes of a picture in all.
    #[arg(long, value_name = "N", value_parser = amount)]
    pub(crate) max_freezes: Option<f64>,
    /// Fewest frames a second that anyone who has room for pictures is shown in each, on average: that of the worst served counts, of those
    /// who are there the whole time.
    #[arg(long, value_name = "FPS", value_parser = amount)]
    pub(crate) min_fps: Option<f64>,
    /// Most CPU time of the server for a packet that a peer received, in microseconds.
    #[arg(long, value_name = "US", value_parser = amount)]
    pub(crate) max_cpu_us: Option<f64>,
}

/// A limit, and how it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Limit {
    /// The flag.
    pub(crate) name: &'static str,
    pub(crate) limit: f64,
    /// `None` when it was not measured, which no limit takes for good.
    pub(crate) measured: Option<f64>,
    pub(crate) held: bool,
}

impl Limits {
    /// Holds them against what was measured.
    pub(crate) fn judge(&self, report: &LoadReport) -> Vec<Limit> {
        let p99 = |spread: &Option<crate::measure::Spread>| spread.map(|spread| spread.p99);
        let (audio, video) = (p99(&report.audio.latency_ms), p99(&report.video.latency_ms));
        let either = audio.into_iter().chain(video).reduce(f64::max);
        let p95 = |spread: Option<crate::measure::Spread>| spread.map(|spread| spread.p95);
        let known = |value: f64| report.window_s.map(|_| value);
        let all = [
            ("--max-loss", self.max_loss, known(report.loss)),
            ("--max-p99-ms", self.max_p99_ms, either),
            ("--max-audio-p99-ms", self.max_audio_p99_ms, audio),
            ("--max-first-frame-ms", self.max_first_frame_ms, p95(report.accept_to_first_frame_ms)),
            ("--max-join-ms", self.max_join_ms, p95(report.join_ms)),
            ("--max-freezes", self.max_freezes, known(report.video.freezes as f64)),
            ("--max-cpu-us", self.max_cpu_us, report.server.as_ref().and_then(|server| server.cpu_us_per_packet)),
        ];
        let most = all.into_iter().filter_map(|(name, limit, measured)| Some(Limit::of(&Bound { name, limit: limit?, measured })));
        let worst = report.receivers.frames_per_s.map(|[worst, ..]| worst);
        let least = self.min_fps.map(|limit| Limit::at_least("--min-fps", limit, worst));
        most.chain(least).collect()
    }
}

impl Limit {
    /// What a scenario holds itself to.
    pub(super) fn of(bound: &Bound) -> Self {
        let Bound { name, limit, measured } = *bound;
        Self { name, limit, measured, held: measured.is_some_and(|measured| measured <= limit) }
    }

    /// What has to be reached.
    fn at_least(name: &'static str, limit: f64, measured: Option<f64>) -> Self {
        Self { name, limit, measured, held: measured.is_some_and(|measured| measured >= limit) }
    }

    /// The line that names a limit which did not hold.
    pub(crate) fn complaint(&self) -> String {
        match self.measured {
            Some(measured) => format!("{} {} did not hold: it was {measured:.3}", self.name, self.limit),
            None => format!("{} {} did not hold: it was not measured", self.name, self.limit),
        }
    }
}

pub(crate) fn share(text: &str) -> Result<f64, String> {
    amount(text).ok().filter(|share| *share <= 1.0).ok_or_else(|| "give a share from 0 to 1, such as 0.01".to_owned())
}

pub(crate) fn amount(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|amount: &f64| amount.is_finite() && *amount >= 0.0)
        .ok_or_else(|| "give a number that is not negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_reached_does_not_hold_below_it_nor_unmeasured() {
        let fps = |measured| Limit::at_least("--min-fps", 25.0, measured);
        assert!(fps(Some(25.0)).held && fps(Some(30.0)).held);
        assert!(!fps(None).held);
        assert_eq!(fps(Some(24.0)).complaint(), "--min-fps 25 did not hold: it was 24.000");
    }
}
