//! Adds receivers to one sender, step by step, until something gives: the knee is the last step at which all held.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::livestream;
use super::load::pictures;
use crate::cli::{LoadArgs, amount, count, share};
use crate::measure::{Found, Mark, Recorder, Spread};
use crate::network::Network;
use crate::peer::{BLANK, Plan};
use crate::progress::Progress;
use crate::target::Target;

/// A core that has less left than this is full.
const FULL: f64 = 0.95;

/// When something has given.
#[derive(Debug, Clone, Args)]
pub(crate) struct Until {
    /// Share of packets missing in a step that ends it.
    #[arg(long, default_value_t = 0.01, value_name = "SHARE", value_parser = share)]
    pub(crate) until_loss: f64,
    /// One-way latency of audio or video at the 99th percentile in a step that ends it, in milliseconds.
    #[arg(long, default_value_t = 100.0, value_name = "MS", value_parser = amount)]
    pub(crate) until_p99_ms: f64,
    /// Share of receivers without a picture for more than 2 s in a step that ends it.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = share)]
    pub(crate) until_without_picture: f64,
    /// CPU time in a step that ends it; 1 is a core [default: 0.95 of the cores there are].
    #[arg(long, value_name = "CORES", value_parser = amount)]
    pub(crate) until_cores: Option<f64>,
}

/// How it goes up.
#[derive(Debug, Clone, Args)]
pub(crate) struct Stairs {
    /// Receivers at the start.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = count(1, 4_095))]
    pub(crate) from: usize,
    /// Receivers that join at each step.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = count(1, 4_095))]
    pub(crate) step: usize,
    /// Most receivers.
    #[arg(long, default_value_t = 400, value_name = "N", value_parser = count(1, 4_095))]
    pub(crate) most: usize,
}

/// The flags of `ramp`. `--seconds` is of each step, and so is `--warm-up`.
#[derive(Debug, Args)]
pub(crate) struct RampArgs {
    #[command(flatten)]
    pub(crate) stairs: Stairs,
    #[command(flatten)]
    pub(crate) until: Until,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
}

/// What is played.
#[derive(Debug, Clone)]
pub(crate) struct Ramp {
    pub(super) stairs: Stairs,
    pub(super) until: Until,
    pub(super) cores: f64,
    pub(super) network: Network,
    pub(super) settle: Duration,
    pub(super) measured: Duration,
}

/// A step that was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Step {
    pub(crate) receivers: usize,
    pub(crate) sent_per_s: f64,
    pub(crate) received_per_s: f64,
    pub(crate) loss: f64,
    pub(crate) audio_ms: Option<Spread>,
    pub(crate) video_ms: Option<Spread>,
    /// Receivers that were without a picture for more than two seconds at a time.
    pub(crate) without_picture: usize,
    /// CPU time of what is watched; 1 is a core.
    pub(crate) cores: BTreeMap<&'static str, f64>,
    /// What gave.
    pub(crate) over: Vec<String>,
}

/// The last step that held, and all there were.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Climb {
    pub(crate) knee: Option<Step>,
    pub(crate) steps: Vec<Step>,
    /// Why there was no further step.
    pub(crate) ended: Option<String>,
}

/// CPU time that was used, by whom.
pub(super) type Used = BTreeMap<&'static str, Duration>;

impl Ramp {
    pub(crate) fn new(args: &RampArgs) -> Self {
        let load = &args.load;
        let there = load.pin_server.as_ref().map_or_else(crate::cores::here, crate::cores::Cores::count);
        Self {
            stairs: args.stairs.clone(),
            until: args.until.clone(),
            cores: there as f64,
            network: load.network.clone(),
            settle: load.warm_up,
            measured: load.seconds,
        }
    }

    /// It in words.
    pub(crate) fn definition(&self) -> String {
        let Stairs { from, step, most } = self.stairs;
        let without = match self.until.until_without_picture * 100.0 {
            0.0 => "a receiver is".to_owned(),
            percent => format!("more than {percent} % of the receivers are"),
        };
        format!(
            "{}; {from} receivers, then {step} more at each step, until {} % of packets are missing, a p99 is over {} ms, {without} without a \
             picture, {:.2} cores are used or {most} receivers are there; the figures are of the last step that held",
            livestream::SHAPE,
            self.until.until_loss * 100.0,
            self.until.until_p99_ms,
            self.most_cores()
        )
    }

    fn most_cores(&self) -> f64 {
        self.until.until_cores.unwrap_or(self.cores * FULL)
    }

    /// The flags a server needs for it, if it is started for the test.
    pub(crate) fn server_flags(&self) -> Vec<String> {
        vec![format!("--max-seats={}", (self.stairs.most + 1).max(200))]
    }

    /// Plays it; `used` says what CPU time has been used by what is watched, `told` makes findings of how far it came.
    pub(crate) async fn play<T: Target>(
        &self,
        target: &T,
        recorder: &Recorder,
        progress: &Progress,
        used: impl Fn(&Mark) -> Used,
        told: impl Fn(&Climb) -> Found,
    ) -> Result<()> {
        let Stairs { from, step, most } = self.stairs;
        progress.phase("registering");
        target.populate(from + 1).await?;
        recorder.note_empty();
        progress.phase("connecting");
        let mut plans = vec![livestream::sender()];
        plans.extend(self.receivers(0, from.min(most)));
        let mut call = target.prepare(plans).await?;
        target.begin(&mut call).await?;
        pictures(target.seats(&mut call).iter_mut().collect(), recorder).await?;
        let (mut receivers, mut climb) = (from.min(most), Climb::default());
        loop {
            progress.phase("settling");
            tokio::time::sleep(self.settle).await;
            progress.phase("measuring");
            let opened = recorder.mark(true).await;
            let before = used(&opened);
            tokio::time::sleep(self.measured).await;
            let closed = recorder.mark(false).await;
            let step_now = self.judge(receivers, &opened, &closed, &before, &used(&closed));
            if step_now.over.is_empty() {
                recorder.set_window(opened, closed);
                climb.knee = Some(step_now.clone());
            }
            climb.ended = (!step_now.over.is_empty()).then(|| step_now.over.join(", "));
            climb.steps.push(step_now);
            if receivers >= most {
                climb.ended.get_or_insert_with(|| format!("{most} receivers are there"));
            }
            recorder.note_found(told(&climb));
            if climb.ended.is_some() {
                break;
            }
            progress.phase("joining");
            let more = step.min(most - receivers);
            let there = target.seats(&mut call).len();
            let joined = async {
                target.join(&mut call, self.receivers(receivers, more)).await?;
                pictures(target.seats(&mut call)[there..].iter_mut().collect(), recorder).await
            };
            if let Err(error) = joined.await {
                climb.ended = Some(format!("{more} more could not join: {}", crate::one_line(&error)));
                recorder.note_found(told(&climb));
                break;
            }
            receivers += more;
        }
        progress.phase("hanging up");
        target.end(call).await
    }

    fn receivers(&self, there: usize, more: usize) -> Vec<Plan> {
        let mut plans = vec![livestream::receiver(); more];
        self.network.spoil(there + 1, &mut plans);
        plans
    }

    fn judge(&self, receivers: usize, opened: &Mark, closed: &Mark, before: &Used, after: &Used) -> Step {
        let counts = closed.sample.counts.since(&opened.sample.counts);
        let window = closed.at.saturating_duration_since(opened.at);
        let seconds = window.as_secs_f64().max(f64::MIN_POSITIVE);
        let missing = counts.audio.missing + counts.video.missing;
        let cores = after.iter().map(|(who, now)| (*who, now.saturating_sub(*before.get(who).unwrap_or(now)).as_secs_f64() / seconds));
        let mut step = Step {
            receivers,
            sent_per_s: (counts.audio_packets_sent + counts.video_packets_sent) as f64 / seconds,
            received_per_s: counts.packets_received() as f64 / seconds,
            loss: missing as f64 / ((missing + counts.packets_received()) as f64).max(1.0),
            audio_ms: Spread::of(&closed.sample.window.audio),
            video_ms: Spread::of(&closed.sample.window.video),
            without_picture: closed.sample.without_picture(&opened.sample, window).receivers,
            cores: cores.collect(),
            over: Vec::new(),
        };
        step.over = self.over(&step);
        step
    }

    fn over(&self, step: &Step) -> Vec<String> {
        let mut over = Vec::new();
        if step.received_per_s <= 0.0 {
            over.push("nothing arrived".to_owned());
        }
        if step.loss > self.until.until_loss {
            over.push(format!("{:.2} % of packets are missing", step.loss * 100.0));
        }
        if step.without_picture as f64 > self.until.until_without_picture * step.receivers as f64 {
            over.push(format!(
                "{} of {} receivers are without a picture for more than {} s",
                step.without_picture,
                step.receivers,
                BLANK.as_secs()
            ));
        }
        for (name, spread) in [("audio", step.audio_ms), ("video", step.video_ms)] {
            if let Some(spread) = spread.filter(|spread| spread.p99 > self.until.until_p99_ms) {
                over.push(format!("p99 of {name} is {:.1} ms", spread.p99));
            }
        }
        let full = step.cores.iter().filter(|(_, cores)| **cores > self.most_cores());
        over.extend(full.map(|(who, cores)| format!("{who} uses {cores:.2} cores")));
        over
    }
}

impl Climb {
    /// As it is told.
    pub(crate) fn found(&self) -> Found {
        let knee = self.knee.as_ref().map_or_else(|| "below the first step".to_owned(), |step| format!("{} receivers", step.receivers));
        let mut lines = vec![("knee", knee)];
        lines.extend(self.ended.iter().map(|why| ("no further", why.clone())));
        Found { lines, table: self.table(), ..Found::new(self) }
    }

    pub(super) fn table(&self) -> Vec<Vec<String>> {
        let watched: Vec<_> = self.steps.first().map(|step| step.cores.keys().copied().collect()).unwrap_or_default();
        let names = ["receivers", "sent/s", "received/s", "loss, %", "audio p99, ms", "video p99, ms", "no picture"].map(str::to_owned);
        let head = names.into_iter().chain(watched.iter().map(|who| format!("{who}, cores"))).collect();
        let p99 = |spread: Option<Spread>| spread.map_or_else(|| "-".to_owned(), |spread| format!("{:.1}", spread.p99));
        let rows = self.steps.iter().map(|step| {
            let mut row = vec![step.receivers.to_string(), format!("{:.0}", step.sent_per_s), format!("{:.0}", step.received_per_s)];
            row.extend([format!("{:.3}", step.loss * 100.0), p99(step.audio_ms), p99(step.video_ms), step.without_picture.to_string()]);
            row.extend(watched.iter().map(|who| step.cores.get(who).map_or_else(|| "-".to_owned(), |cores| format!("{cores:.2}"))));
            row
        });
        [head].into_iter().chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn ramp(flags: &[&str]) -> Ramp {
        let line = ["loadtest", "ramp"].iter().chain(flags);
        let Command::Ramp(args) = Cli::try_parse_from(line).unwrap().command else { panic!("ramp was asked for") };
        Ramp::new(&args)
    }

    fn good() -> Step {
        let spread = Some(Spread { count: 100, p50: 1.0, p95: 2.0, p99: 5.0, max: 9.0 });
        Step {
            receivers: 20,
            received_per_s: 6_400.0,
            audio_ms: spread,
            video_ms: spread,
            cores: [("server", 0.4)].into(),
            ..Step::default()
        }
    }

    #[test]
    fn a_step_that_holds_has_nothing_against_it_and_each_limit_ends_the_climb() {
        let lenient = ramp(&["--until-without-picture", "0.2"]);
        let ramp = ramp(&["--until-loss", "0.01", "--until-p99-ms", "50", "--until-cores", "0.9"]);
        let slow = Some(Spread { p99: 51.0, ..good().video_ms.unwrap() });
        assert_eq!(ramp.over(&good()), [""; 0]);
        assert_eq!(ramp.over(&Step { loss: 0.02, ..good() }), ["2.00 % of packets are missing"]);
        assert_eq!(ramp.over(&Step { audio_ms: slow, ..good() }), ["p99 of audio is 51.0 ms"]);
        assert_eq!(ramp.over(&Step { video_ms: slow, ..good() }), ["p99 of video is 51.0 ms"]);
        assert_eq!(ramp.over(&Step { cores: [("server", 0.91)].into(), ..good() }), ["server uses 0.91 cores"]);
        assert_eq!(ramp.over(&Step { without_picture: 3, ..good() }), ["3 of 20 receivers are without a picture for more than 2 s"]);
        assert_eq!(lenient.over(&Step { without_picture: 3, ..good() }), [""; 0]);
        assert_eq!(ramp.over(&Step { received_per_s: 0.0, ..good() }), ["nothing arrived"]);
    }

    #[test]
    fn the_cores_a_server_is_kept_to_are_those_it_can_fill() {
        assert_eq!(ramp(&["--pin-server", "0"]).most_cores(), FULL);
        assert_eq!(ramp(&["--pin-server", "0", "--until-cores", "0.5"]).most_cores(), 0.5);
    }
}
