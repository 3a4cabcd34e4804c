//! A comparison as people read it: a table on a terminal, and one for a README.

use std::fmt;

use super::comparison::{CPU, Comparison, shown};
use super::outcome::{MEASURES, SHOWN};
use super::side::Side;

/// Behind a figure that is not to be compared as it stands.
const MARK: &str = " *";

impl Comparison {
    /// Each measure: its name, both medians and their ratio. What a side cost that showed less than it should is marked.
    pub(super) fn rows(&self) -> Vec<[String; 4]> {
        let peer = Side::Peer(self.peer);
        let mut rows = Vec::new();
        for measure in &MEASURES {
            let mark = |sides: &[Side]| if measure.is_cost() { self.mark(sides) } else { "" };
            let of = |side| measure.show(self.median(side, measure.key)) + mark(&[side]);
            let ratio =
                |side, ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}{}", mark(&[side, peer])));
            rows.push([measure.name.to_owned(), of(Side::Ours), of(peer), ratio(Side::Ours, self.ratio(measure.key))]);
            if measure.key == CPU {
                let name = "the same without congestion control".to_owned();
                rows.push([name, of(Side::Uncontrolled), of(peer), ratio(Side::Uncontrolled, self.uncontrolled_ratio())]);
            }
        }
        rows
    }

    /// A mark, if one of these showed less than it should.
    pub(super) fn mark(&self, sides: &[Side]) -> &'static str {
        if sides.iter().all(|side| self.shows_less(*side).is_empty()) { "" } else { MARK }
    }

    pub(super) fn heads(&self) -> [String; 2] {
        [Side::Ours, Side::Peer(self.peer)].map(|side| [side.title(), self.version(side).unwrap_or_default()].join(" ").trim().to_owned())
    }

    /// What the marks say, a sentence for each side that has one.
    pub(super) fn remarks(&self) -> Vec<String> {
        let marked = Side::all(self.peer).into_iter().map(|side| (side, self.shows_less(side))).filter(|(_, rounds)| !rounds.is_empty());
        let remark = |(side, rounds): (Side, Vec<u32>)| {
            let numbers: Vec<_> = rounds.iter().map(ToString::to_string).collect();
            let s = if rounds.len() > 1 { "s" } else { "" };
            format!(
                "{} showed fewer than {:.0} % of the frames that were made in round{s} {} of {}: what it cost there was for less work",
                side.title(),
                SHOWN * 100.0,
                numbers.join(", "),
                self.of(side).count()
            )
        };
        marked.map(remark).collect()
    }

    /// What it was measured on and how, in a sentence.
    pub(super) fn circumstances(&self) -> String {
        let cpu = self.machine.cpu.as_deref().unwrap_or("an unknown processor");
        let cores = |cores| shown(cores).unwrap_or_else(|| "any".to_owned());
        format!(
            "{} cores of {cpu}, Linux {}, over a veth pair; server on core {}, load tester on core {}; medians of {} rounds in turn, load \
             averages before each: {}",
            self.machine.cores,
            self.kernel,
            cores(&self.pinning.server),
            cores(&self.pinning.tester),
            self.of(Side::Peer(self.peer)).count(),
            self.runs.iter().map(|run| run.load_before.split(' ').next().unwrap_or_default()).collect::<Vec<_>>().join(", "),
        )
    }

    /// For a README.
    pub(super) fn markdown(&self) -> String {
        let [ours, theirs] = self.heads();
        let mut text = format!("{}: {}.\n\n| median | {ours} | {theirs} | ratio |\n|---|---|---|---|\n", self.scenario, self.definition());
        for row in self.rows() {
            text += &format!("| {} |\n", row.join(" | "));
        }
        for remark in self.remarks() {
            text += &format!("\n\\* {remark}.\n");
        }
        text + &format!("\n{}. Printed by `loadtest {}`.\n", self.circumstances(), self.flags.join(" "))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.scenario, self.definition())?;
        writeln!(f, "{}", self.circumstances())?;
        if let Some(why) = &self.ended_early {
            writeln!(f, "ended early: {why}")?;
        }
        let [ours, theirs] = self.heads();
        writeln!(f, "\n{:38} {ours:>18} {theirs:>18} {:>8}", "median", "ratio")?;
        for [name, ours, theirs, ratio] in self.rows() {
            writeln!(f, "{name:38} {ours:>18} {theirs:>18} {ratio:>8}")?;
        }
        let cpu = &MEASURES[0];
        write!(f, "\n{} by round:", cpu.name)?;
        for run in &self.runs {
            let mark = if run.outcome.shows_less() { MARK } else { "" };
            write!(f, "\n  {} {}: {}{mark}", run.round, run.side.title(), cpu.show(cpu.of(&run.outcome)))?;
        }
        for remark in self.remarks() {
            write!(f, "\n* {remark}")?;
        }
        Ok(())
    }
}
