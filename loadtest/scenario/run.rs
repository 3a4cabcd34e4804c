//! A run of a scenario that loads a server: whatever becomes of it, what was measured is kept and reported.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, Result, anyhow};
use reqwest::Url;
use switchboard::config::CongestionControl;

use super::churn::{Churn, ChurnArgs};
use super::load::Load;
use super::ramp::{Climb, Ramp, RampArgs};
use super::ring_storm::{self, RingStormArgs};
use super::soak::{Soak, SoakArgs};
use super::verify::{self, VerifyArgs};
use super::{Interruption, bind_towards, check_host, own_address};
use crate::cli::{LoadArgs, Sfu};
use crate::cores::Cores;
use crate::engine::{Engine, EngineOptions};
use crate::files::allow_connections;
use crate::measure::{Mark, Meter, Metrics, Recorder, ServerProcess, Timings};
use crate::place::Place;
use crate::progress::Progress;
use crate::report::{LoadReport, Setting, page};
use crate::target::Target;
use crate::target::janus::Janus;
use crate::target::pairs::Pairs;
use crate::target::switchboard::{Meeting, OwnServer, ServerOptions, Switchboard};
use crate::{Failure, print};

/// How a script ended.
enum Ended {
    Whole,
    Interrupted,
    Failed(anyhow::Error),
}

/// Plays calls that go on from beginning to end, and reports.
pub(crate) fn run_load(
    scenario: &'static str,
    definition: String,
    flags: Vec<String>,
    args: &LoadArgs,
    load: &Load,
) -> Result<(), Failure> {
    match args.sfu {
        Sfu::Switchboard => run_switchboard(scenario, definition, flags, args, load.server_flags(), async |target, recorder, progress| {
            load.play(target, recorder, progress).await
        }),
        Sfu::Janus if args.congestion_control == CongestionControl::Off => {
            Err(Failure::Trouble(anyhow!("--congestion-control is of Switchboard; Janus has none for those who receive")))
        }
        Sfu::Janus => {
            let ready = Ready::new(scenario, definition, flags, args)?;
            let host = ready.host.unwrap_or(Ipv4Addr::LOCALHOST.into());
            let bind = args.target.bind.unwrap_or(host);
            let make = async |engine, timings| Janus::start(host, bind, &ready.place, engine, timings).await;
            run(ready.setting, args, ready.reachable, make, async |target, recorder, progress| load.play(target, recorder, progress).await)
        }
    }
}

/// Lets calls come and go.
pub(crate) fn run_churn(flags: Vec<String>, args: &ChurnArgs) -> Result<(), Failure> {
    let churn = Churn::new(&args.churn, &args.load, args.load.warm_up);
    let definition = args.churn.definition();
    run_switchboard("churn", definition, flags, &args.load, Vec::new(), async |target, recorder, progress| {
        churn.play(target, recorder, progress).await
    })
}

/// Lets calls come and go for a long time.
pub(crate) fn run_soak(flags: Vec<String>, args: &SoakArgs) -> Result<(), Failure> {
    let soak = Soak::new(args);
    if args.load.target.url.is_some() && args.load.metrics_url.is_none() {
        return Err(Failure::Trouble(anyhow!("soak needs --metrics-url with --url: what the server holds is read there")));
    }
    run_switchboard("soak", soak.definition(), flags, &args.load, Vec::new(), async |target, recorder, progress| {
        soak.play(target, recorder, progress).await
    })
}

/// Rings without media.
pub(crate) fn run_ring_storm(flags: Vec<String>, args: &RingStormArgs) -> Result<(), Failure> {
    allow_connections(args.users).map_err(Failure::Trouble)?;
    let definition = ring_storm::definition(args);
    run_switchboard("ring-storm", definition, flags, &args.load, Vec::new(), async |target, recorder, progress| {
        ring_storm::play(args, target, recorder, progress).await
    })
}

/// Adds receivers until something gives.
pub(crate) fn run_ramp(flags: Vec<String>, args: &RampArgs) -> Result<(), Failure> {
    let ramp = Ramp::new(args);
    let used = |mark: &Mark| mark.server.map(|server| ("server", server.cpu)).into_iter().collect();
    run_switchboard("ramp", ramp.definition(), flags, &args.load, ramp.server_flags(), async |target, recorder, progress| {
        ramp.play(target, recorder, progress, used, Climb::found).await
    })
}

/// The load tester alone.
pub(crate) fn run_verify(flags: Vec<String>, args: &VerifyArgs) -> Result<(), Failure> {
    let (ramp, load) = (args.ramp(), args.load());
    pin(&load).map_err(Failure::Trouble)?;
    let setting = Setting { scenario: "verify", definition: args.definition(), flags, threads: load.threads, gro: load.gro };
    let make = async |engine, timings| Ok(Pairs::new(engine, timings));
    run(setting, &load, false, make, async |target, recorder, progress| {
        ramp.play(target, recorder, progress, |_| verify::used(), verify::found).await
    })
}

/// Runs a script against a Switchboard.
fn run_switchboard(
    scenario: &'static str,
    definition: String,
    flags: Vec<String>,
    args: &LoadArgs,
    server_flags: Vec<String>,
    script: impl AsyncFnOnce(&Switchboard, &Recorder, &Progress) -> Result<()>,
) -> Result<(), Failure> {
    if matches!(args.sfu, Sfu::Janus) {
        let others = "direct, group, livestream and call10 can be played against Janus";
        return Err(Failure::Trouble(anyhow!("{scenario} needs what Switchboard alone does; {others}")));
    }
    let ready = Ready::new(scenario, definition, flags, args)?;
    let options = ServerOptions { host: ready.host, place: ready.place, flags: server_flags };
    let make = async |engine, timings| switchboard(args, options, engine, timings).await;
    run(ready.setting, args, ready.reachable, make, script)
}

/// What is known before anything starts.
struct Ready {
    setting: Setting,
    /// Where the server is started, when it is told.
    host: Option<IpAddr>,
    place: Place,
    /// Whether media may go elsewhere than to loopback.
    reachable: bool,
}

impl Ready {
    fn new(scenario: &'static str, definition: String, flags: Vec<String>, args: &LoadArgs) -> Result<Self, Failure> {
        let target = &args.target;
        for url in [&target.url, &args.metrics_url] {
            check_host(url.as_ref(), target.allow_remote).map_err(Failure::Trouble)?;
        }
        let cores = pin(args).map_err(Failure::Trouble)?;
        let mut definition = definition + &args.network.definition();
        if args.congestion_control == CongestionControl::Off {
            definition += "; the server's congestion control is off";
        }
        let setting = Setting { scenario, definition, flags, threads: args.threads, gro: args.gro };
        // A server at an address of this machine is no remote one.
        let host = match (args.host, &args.server_namespace) {
            (Some(host), None) => Some(own_address(host).map_err(Failure::Trouble)?),
            (host, _) => host,
        };
        let place = Place { cores, namespace: args.server_namespace.clone() };
        Ok(Self { setting, host, place, reachable: target.allow_remote || host.is_some() })
    }
}

/// Keeps the load tester to its cores, and gives those of the server. What cannot be done is known before anything starts.
fn pin(args: &LoadArgs) -> Result<Option<Cores>> {
    let all = Cores::allowed();
    if let Some(cores) = &args.pin_server {
        cores.check().context("--pin-server")?;
    }
    let Some(cores) = &args.pin_tester else { return Ok(args.pin_server.clone()) };
    cores.check().and_then(|()| cores.pin_this_thread()).context("--pin-tester")?;
    // What is started from here on would be kept to the cores of the load tester too.
    Ok(args.pin_server.clone().or(all))
}

/// Makes a target, plays a script against it, stops it, and reports.
pub(crate) fn run<T: Target>(
    setting: Setting,
    args: &LoadArgs,
    allow_remote: bool,
    make: impl AsyncFnOnce(Engine, Timings) -> Result<T>,
    script: impl AsyncFnOnce(&T, &Recorder, &Progress) -> Result<()>,
) -> Result<(), Failure> {
    let runtime = super::runtime().map_err(Failure::Trouble)?;
    runtime.block_on(async {
        let mut interruption = Interruption::expect().context("signals cannot be handled").map_err(Failure::Trouble)?;
        let options = EngineOptions { threads: args.threads.into(), gro: args.gro, allow_remote };
        let engine = Engine::start(options).map_err(|error| Failure::Trouble(error.into()))?;
        let timings = Timings::default();
        let target = interruption.unless(make(engine.clone(), timings.clone())).await.map_err(Failure::Trouble)?;
        let meter = match &args.metrics_url {
            Some(url) => Some(Meter::page(url.clone(), args.target.insecure).map_err(|error| Failure::Trouble(error.into()))?),
            None => target.process().map(Meter::Process),
        };
        let metrics = args.metrics_url.clone().or_else(|| target.metrics_page());
        let metrics =
            metrics.map(|url| Metrics::at(url, args.target.insecure)).transpose().map_err(|error| Failure::Trouble(error.into()))?;
        let recorder = Recorder::new(engine, timings.clone(), meter, metrics);
        let progress = Progress::new();
        let mut ended = tokio::select! {
            biased;
            () = interruption.comes() => Ended::Interrupted,
            trouble = target.trouble() => Ended::Failed(trouble),
            outcome = script(&target, &recorder, &progress) => outcome.map_or_else(Ended::Failed, |()| Ended::Whole),
            () = progress.watch(&recorder) => Ended::Failed(anyhow!("all media connections were lost in the middle of the run")),
        };
        recorder.close().await;
        progress.finish();
        let about = target.about();
        if let Err(stopped) = target.stop().await {
            // How the server ended explains best what went wrong before.
            ended = Ended::Failed(match ended {
                Ended::Failed(error) => error.context(stopped),
                _ => stopped,
            });
        }
        let early = match &ended {
            Ended::Whole => None,
            Ended::Interrupted => Some("interrupted".to_owned()),
            Ended::Failed(error) => Some(crate::one_line(error)),
        };
        let report = LoadReport::new(setting, about, &recorder.take(), &timings, &args.limits, early);
        if let Some(file) = &args.html {
            let written = std::fs::write(file, page(&report));
            written.with_context(|| format!("{} cannot be written", file.display())).map_err(Failure::Trouble)?;
        }
        print(&if args.json { report.to_json() } else { report.to_string() })?;
        match ended {
            Ended::Failed(error) => return Err(Failure::Trouble(error)),
            Ended::Interrupted if report.window_s.is_none() => {
                return Err(Failure::Trouble(anyhow!("interrupted before anything was measured")));
            }
            Ended::Interrupted | Ended::Whole => {}
        }
        let missed: Vec<_> = report.limits.iter().filter(|limit| !limit.held).map(|limit| limit.complaint()).collect();
        if missed.is_empty() { Ok(()) } else { Err(Failure::Found(anyhow!(missed.join("; ")))) }
    })
}

/// The Switchboard that is named, or one started for the run.
async fn switchboard(args: &LoadArgs, mut options: ServerOptions, engine: Engine, timings: Timings) -> Result<Switchboard> {
    let target = &args.target;
    if args.congestion_control == CongestionControl::Off {
        options.flags.push("--congestion-control=off".to_owned());
    }
    options.flags.extend(args.server_flag.iter().cloned());
    let own = if target.url.is_none() { Some(OwnServer::start(&options).await?) } else { None };
    let url: Url = match (&target.url, &own) {
        (Some(url), _) => url.clone(),
        (None, Some(own)) => own.url().clone(),
        (None, None) => return Err(anyhow!("there is no server")),
    };
    let bind = bind_towards(&url, target)?;
    let meeting = Meeting { timings, ..Meeting::unwatched(url, target.insecure, bind, engine) };
    Switchboard::new(meeting, own, args.server_pid.map(|pid| ServerProcess { pid }))
}
