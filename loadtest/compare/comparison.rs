//! What the sides did in turn: medians of each, and their ratios.

use serde_json::{Value, json};

use super::outcome::{MEASURES, Run, Values};
use super::side::Side;
use crate::cli::{CompareArgs, Sfu};
use crate::cores::Cores;
use crate::machine::Machine;

/// The measure that comes first.
pub(super) const CPU: &str = "cpu_us_per_packet";
/// Its ratio without congestion control, in JSON.
const UNCONTROLLED: &str = "cpu_us_per_packet_without_congestion_control";

/// The cores that server and load tester are kept to, the same for all sides.
#[derive(Debug, Clone)]
pub(super) struct Pinning {
    pub(super) server: Option<Cores>,
    pub(super) tester: Option<Cores>,
}

/// All rounds of all.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) scenario: &'static str,
    pub(super) peer: Sfu,
    pub(super) flags: Vec<String>,
    pub(super) machine: Machine,
    pub(super) kernel: String,
    pub(super) pinning: Pinning,
    /// Why there were not all rounds, if there were not.
    pub(super) ended_early: Option<String>,
    pub(super) runs: Vec<Run>,
}

impl Comparison {
    pub(super) fn new(args: &CompareArgs, flags: Vec<String>, pinning: Pinning) -> Self {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned();
        let (scenario, peer, machine) = (args.scenario.name(), args.peer, Machine::this());
        Self { scenario, peer, flags, machine, kernel, pinning, ended_early: None, runs: Vec::new() }
    }

    pub(super) fn add(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// The scenario in a sentence.
    pub(super) fn definition(&self) -> &str {
        self.runs.first().map_or(self.scenario, |run| &run.outcome.definition)
    }

    pub(super) fn version(&self, side: Side) -> Option<&str> {
        self.of(side).find_map(|run| run.outcome.target_version.as_deref())
    }

    /// The median of a measure over the rounds of one.
    pub(super) fn median(&self, side: Side, key: &str) -> Option<f64> {
        let measure = MEASURES.iter().find(|measure| measure.key == key)?;
        median(self.of(side).filter_map(|run| measure.of(&run.outcome)).collect())
    }

    /// Ours divided by the peer's, of the medians; `None` where that says nothing.
    pub(super) fn ratio(&self, key: &str) -> Option<f64> {
        self.ratio_of(Side::Ours, key)
    }

    /// The same of CPU time a packet, ours without congestion control.
    pub(super) fn uncontrolled_ratio(&self) -> Option<f64> {
        self.ratio_of(Side::Uncontrolled, CPU)
    }

    fn ratio_of(&self, side: Side, key: &str) -> Option<f64> {
        let (ours, theirs) = (self.median(side, key)?, self.median(Side::Peer(self.peer), key)?);
        Some(ours / theirs).filter(|ratio| ratio.is_finite())
    }

    /// The rounds in which a side showed less than it was given to show.
    pub(super) fn shows_less(&self, side: Side) -> Vec<u32> {
        self.of(side).filter(|run| run.outcome.shows_less()).map(|run| run.round).collect()
    }

    /// Whether that was so in most of its rounds.
    pub(super) fn mostly_shows_less(&self, side: Side) -> bool {
        self.shows_less(side).len() * 2 > self.of(side).count()
    }

    pub(super) fn to_json(&self) -> String {
        let values = |of: &dyn Fn(&'static str) -> Option<f64>| -> Values {
            Values(MEASURES.iter().map(|measure| (measure.key, of(measure.key))).collect())
        };
        let sides = Side::all(self.peer);
        let each = |of: &dyn Fn(Side) -> Value| -> Value { sides.iter().map(|side| (side.name().to_owned(), of(*side))).collect() };
        let mut ratio = values(&|key| self.ratio(key));
        ratio.0.insert(UNCONTROLLED, self.uncontrolled_ratio());
        let runs = self.runs.iter().map(|run| {
            let measured = Values(MEASURES.iter().map(|measure| (measure.key, measure.of(&run.outcome))).collect());
            json!({
                "round": run.round, "target": run.side.name(), "load_before": run.load_before, "measured": measured,
                "shows_less": run.outcome.shows_less(),
            })
        });
        let report = json!({
            "scenario": self.scenario,
            "definition": self.definition(),
            "flags": self.flags,
            "peer": self.peer.name(),
            "versions": each(&|side| json!(self.version(side))),
            "machine": self.machine,
            "kernel": self.kernel,
            "pinning": { "server": shown(&self.pinning.server), "tester": shown(&self.pinning.tester) },
            "ended_early": self.ended_early,
            "rounds": self.of(Side::Peer(self.peer)).count(),
            "median": each(&|side| json!(values(&|key| self.median(side, key)))),
            "ratio": ratio,
            "shows_less": each(&|side| json!(self.shows_less(side))),
            "runs": runs.collect::<Vec<_>>(),
        });
        serde_json::to_string_pretty(&report).expect("numbers and words are always JSON")
    }

    pub(super) fn of(&self, side: Side) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(move |run| run.side == side)
    }
}

/// Cores as people write them.
pub(super) fn shown(cores: &Option<Cores>) -> Option<String> {
    cores.as_ref().map(ToString::to_string)
}

/// Of an even number, the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 0 => Some((values[middle - 1] + values[middle]) / 2.0),
        _ => Some(values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JANUS: Side = Side::Peer(Sfu::Janus);

    fn run(round: u32, side: Side, cpu_us: f64, loss: f64) -> Run {
        let report = json!({
            "definition": "one to one", "target_version": "1.2", "ended_early": null, "peers": 2, "loss": loss, "packets_received_per_s": 9.0,
            "audio": { "latency_ms": null, "freezes": 0 }, "video": { "freezes": 0, "latency_ms": { "p50": 1.0, "p95": 2.0, "p99": 3.0 } }, "join_ms": null,
            "accept_to_first_frame_ms": null, "receivers": { "count": 1 }, "tester": { "cores": 0.5 },
            "server": { "cpu_us_per_packet": cpu_us, "cores": 0.5, "rss_per_peer_idle_bytes": 1, "rss_per_peer_loaded_bytes": 2 },
        });
        let outcome = serde_json::from_value(report).unwrap();
        Run { round, side, load_before: "0.10 0.20 0.30".to_owned(), outcome }
    }

    fn comparison(runs: Vec<Run>) -> Comparison {
        let machine = Machine { cores: 2, cpu: Some("Fast CPU".to_owned()) };
        let pinning = Pinning { server: "0".parse().ok(), tester: "1".parse().ok() };
        let (flags, kernel) = (vec!["compare".to_owned()], "6.1".to_owned());
        Comparison { scenario: "livestream", peer: Sfu::Janus, flags, machine, kernel, pinning, ended_early: None, runs }
    }

    #[test]
    fn the_ratio_is_that_of_the_medians_ours_divided_by_the_peers() {
        let ours = [4.0, 100.0, 6.0].map(|us| run(1, Side::Ours, us, 0.0));
        let theirs = [20.0, 22.0, 1.0].map(|us| run(1, JANUS, us, 0.5));
        let comparison = comparison(ours.into_iter().chain(theirs).collect());
        assert_eq!((comparison.median(Side::Ours, "cpu_us_per_packet"), comparison.ratio("cpu_us_per_packet")), (Some(6.0), Some(0.3)));
        assert_eq!(comparison.ratio("loss"), Some(0.0));
        assert_eq!(comparison.ratio("audio_p99_ms"), None, "not measured");
        let json: Value = serde_json::from_str(&comparison.to_json()).unwrap();
        assert_eq!(json["ratio"]["cpu_us_per_packet"], 0.3);
        assert_eq!(json["median"]["janus"]["loss"], 0.5);
        assert_eq!((&json["versions"]["janus"], &json["pinning"]["tester"], &json["rounds"]), (&json!("1.2"), &json!("1"), &json!(3)));
        assert_eq!(json["runs"][5]["load_before"], "0.10 0.20 0.30");
    }

    #[test]
    fn where_the_peer_has_nothing_there_is_no_ratio() {
        let nothing_lost = comparison(vec![run(1, Side::Ours, 1.0, 0.1), run(1, JANUS, 1.0, 0.0)]);
        assert_eq!(nothing_lost.ratio("loss"), None);
        assert_eq!(comparison(vec![run(1, Side::Ours, 1.0, 0.1)]).ratio("cpu_us_per_packet"), None);
        assert_eq!(median(vec![3.0, 1.0]), Some(2.0));
    }

    #[test]
    fn ours_without_congestion_control_is_told_beside_and_changes_no_other_ratio() {
        let comparison = comparison(vec![run(1, Side::Ours, 8.0, 0.0), run(1, JANUS, 20.0, 0.0), run(1, Side::Uncontrolled, 5.0, 0.0)]);
        let json: Value = serde_json::from_str(&comparison.to_json()).unwrap();
        assert_eq!((&json["ratio"]["cpu_us_per_packet"], &json["ratio"][UNCONTROLLED]), (&json!(0.4), &json!(0.25)));
        assert_eq!(json["median"]["switchboard_without_congestion_control"]["cpu_us_per_packet"], 5.0);
        assert!(
            comparison.markdown().contains("| the same without congestion control | 5.00 | 20.00 | 0.25 |"),
            "{}",
            comparison.markdown()
        );
    }

    #[test]
    fn a_side_that_shows_fewer_frames_is_marked_wherever_its_cost_is_told() {
        let mut less = run(2, Side::Ours, 5.0, 0.0);
        less.outcome.shows(28.0, 30.0);
        let comparison = comparison(vec![run(1, Side::Ours, 8.0, 0.0), run(1, JANUS, 20.0, 0.0), less, run(2, JANUS, 20.0, 0.0)]);
        let json: Value = serde_json::from_str(&comparison.to_json()).unwrap();
        assert_eq!(json["shows_less"], json!({ "switchboard": [2], "janus": [], "switchboard_without_congestion_control": [] }));
        assert_eq!((&json["runs"][0]["shows_less"], &json["runs"][2]["shows_less"]), (&json!(false), &json!(true)));
        for text in [comparison.markdown(), comparison.to_string()] {
            assert!(text.contains("6.50 *") && !text.contains("20.00 *"), "{text}");
            assert!(text.contains("* Switchboard showed fewer than 97 % of the frames that were made in round 2 of 2"), "{text}");
        }
        assert!(!comparison.mostly_shows_less(Side::Ours));
    }

    #[test]
    fn the_table_tells_both_versions_the_machine_and_the_load() {
        let table =
            comparison(vec![run(1, Side::Ours, 5.0, 0.0), run(1, JANUS, 20.0, 0.0), run(1, Side::Uncontrolled, 3.0, 0.0)]).markdown();
        assert!(table.contains("| median | Switchboard 1.2 | Janus 1.2 | ratio |"), "{table}");
        assert!(table.contains("| CPU a forwarded packet, µs | 5.00 | 20.00 | 0.25 |"), "{table}");
        assert!(table.contains("2 cores of Fast CPU") && table.contains("core 0") && table.contains("0.10, 0.10"), "{table}");
    }
}
