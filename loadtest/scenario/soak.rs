//! Calls that come and go for a long time, and what the server holds before and after, when nobody is in a call: nothing may
//! be left of what has ended.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use reqwest::Url;
use serde::Serialize;

use super::churn::{Churn, ChurnRate, Tally};
use crate::cli::{LoadArgs, amount, seconds};
use crate::measure::{Bound, Found, Metrics, Recorder, Standing};
use crate::progress::Progress;
use crate::target::Target;
use crate::target::switchboard::Switchboard;

/// The flags of `soak`.
#[derive(Debug, Args)]
pub(crate) struct SoakArgs {
    #[command(flatten)]
    pub(crate) churn: ChurnRate,
    /// How long calls come and go before the first look at the server, in seconds: until its pools and caches are full.
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) settle: Duration,
    /// Most that resident memory may grow from the first look to the last, in per cent.
    #[arg(long, default_value = "5", value_name = "PERCENT", value_parser = amount)]
    pub(crate) max_rss_growth: f64,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// What is played.
#[derive(Debug)]
pub(crate) struct Soak {
    churn: Churn,
    rate: ChurnRate,
    settle: Duration,
    measured: Duration,
    max_rss_growth: f64,
    page: Option<Url>,
    insecure: bool,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
struct Soaked {
    calls: Tally,
    /// The server at rest, before and after.
    before: Standing,
    after: Option<Standing>,
    /// After against before: 0.01 is one per cent more.
    rss_growth: Option<f64>,
}

impl Soak {
    pub(crate) fn new(args: &SoakArgs) -> Self {
        let churn = Churn::new(&args.churn, &args.load, args.settle);
        let (rate, page, insecure) = (args.churn.clone(), args.load.metrics_url.clone(), args.load.target.insecure);
        Self { churn, rate, settle: args.settle, measured: args.load.seconds, max_rss_growth: args.max_rss_growth, page, insecure }
    }

    /// It in words.
    pub(crate) fn definition(&self) -> String {
        format!(
            "{}; after {} s of that the server is looked at when nobody is in a call, and again when the measuring has ended",
            self.rate.definition(),
            self.settle.as_secs_f64()
        )
    }

    /// Plays it.
    pub(crate) async fn play(&self, target: &Switchboard, recorder: &Recorder, progress: &Progress) -> Result<()> {
        let page =
            self.page.clone().or_else(|| target.metrics_page()).context("it is not known where the server's metrics are: --metrics-url")?;
        let metrics = Metrics::at(page, self.insecure)?;
        // What cannot be read at the end is known at the beginning.
        metrics.look().await?;
        progress.phase("registering");
        target.populate(self.churn.people()).await?;
        recorder.note_empty();
        self.churn.come_and_go(target, recorder, progress, "settling", self.settle, &mut |_| ()).await;
        progress.phase("at rest");
        let before = metrics.at_rest().await?;
        recorder.open().await;
        let mut told = |tally: &Tally| recorder.note_found(self.found(tally, before, None));
        let tally = self.churn.come_and_go(target, recorder, progress, "measuring", self.measured, &mut told).await;
        recorder.close().await;
        progress.phase("at rest");
        let after = metrics.at_rest().await.context("after the calls")?;
        recorder.note_found(self.found(&tally, before, Some(after)));
        Ok(())
    }

    fn found(&self, calls: &Tally, before: Standing, after: Option<Standing>) -> Found {
        let rss_growth = after.map(|after| after.rss_bytes / before.rss_bytes - 1.0);
        let mut lines = calls.lines();
        if let (Some(after), Some(growth)) = (after, rss_growth) {
            let megabytes = |bytes: f64| format!("{:.1} MB", bytes / 1e6);
            let memory = format!("{} → {} ({:+.1} %)", megabytes(before.rss_bytes), megabytes(after.rss_bytes), growth * 100.0);
            lines.push(("server at rest: memory", memory));
            let rows = [("legs", before.legs, after.legs), ("tasks", before.tasks, after.tasks), ("files", before.fds, after.fds)];
            lines.push(("server at rest: what it holds", rows.map(|(name, from, to)| format!("{name} {from} → {to}")).join(", ")));
        }
        let left = |of: fn(&Standing) -> f64| after.map(|after| of(&after) - of(&before));
        let none = |name, measured| Bound { name, limit: 0.0, measured };
        let bounds = vec![
            calls.bound(&self.rate),
            Bound { name: "--max-rss-growth", limit: self.max_rss_growth, measured: rss_growth.map(|growth| growth * 100.0) },
            none("legs left", after.map(|after| after.legs)),
            none("tasks left", left(|of| of.tasks)),
            none("open files left", left(|of| of.fds)),
        ];
        let details = Soaked { calls: calls.clone(), before, after, rss_growth };
        Found { lines, bounds, ..Found::new(&details) }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn soak() -> Soak {
        let Command::Soak(args) = Cli::try_parse_from(["loadtest", "soak"]).unwrap().command else { panic!("soak was asked for") };
        Soak::new(&args)
    }

    fn broken(before: Standing, after: Standing) -> Vec<&'static str> {
        let found = soak().found(&Tally::default(), before, Some(after));
        let over = found.bounds.into_iter().filter(|bound| bound.measured.is_none_or(|measured| measured > bound.limit));
        over.map(|bound| bound.name).collect()
    }

    #[test]
    fn what_is_left_behind_fails_the_run_and_what_is_given_back_does_not() {
        let rest = Standing { rss_bytes: 50e6, legs: 0.0, calls: 0.0, tasks: 30.0, fds: 40.0 };
        assert_eq!(broken(rest, rest), [""; 0]);
        assert_eq!(broken(rest, Standing { rss_bytes: 52e6, tasks: 29.0, fds: 38.0, ..rest }), [""; 0]);
        assert_eq!(broken(rest, Standing { rss_bytes: 53e6, ..rest }), ["--max-rss-growth"]);
        assert_eq!(broken(rest, Standing { legs: 1.0, tasks: 31.0, fds: 41.0, ..rest }), ["legs left", "tasks left", "open files left"]);
    }

    #[test]
    fn a_run_that_ended_before_its_last_look_has_not_held_its_bounds() {
        let rest = Standing { rss_bytes: 50e6, legs: 0.0, calls: 0.0, tasks: 30.0, fds: 40.0 };
        let found = soak().found(&Tally::default(), rest, None);
        assert!(found.bounds.iter().any(|bound| bound.name == "legs left" && bound.measured.is_none()));
    }
}
