//! A comparison as people read it: a table on a terminal, and one for a README.

use std::fmt;

use super::comparison::{Comparison, shown};
use super::outcome::MEASURES;
use crate::cli::Sfu;

impl Comparison {
    /// Each measure: its name, both medians and their ratio.
    fn rows(&self) -> impl Iterator<Item = [String; 4]> + '_ {
        MEASURES.iter().map(|measure| {
            let of = |sfu| measure.show(self.median(sfu, measure.key));
            let ratio = self.ratio(measure.key).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
            [measure.name.to_owned(), of(Sfu::Switchboard), of(self.peer), ratio]
        })
    }

    fn heads(&self) -> [String; 2] {
        [Sfu::Switchboard, self.peer].map(|sfu| [sfu.title(), self.version(sfu).unwrap_or_default()].join(" ").trim().to_owned())
    }

    /// What it was measured on and how, in a sentence.
    fn circumstances(&self) -> String {
        let cpu = self.machine.cpu.as_deref().unwrap_or("an unknown processor");
        let cores = |cores| shown(cores).unwrap_or_else(|| "any".to_owned());
        format!(
            "{} cores of {cpu}, Linux {}, over a veth pair; server on core {}, load tester on core {}; medians of {} rounds in turn, load \
             averages before each: {}",
            self.machine.cores,
            self.kernel,
            cores(&self.pinning.server),
            cores(&self.pinning.tester),
            self.of(self.peer).count(),
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
        writeln!(f, "\n{:34} {ours:>18} {theirs:>18} {:>8}", "median", "ratio")?;
        for [name, ours, theirs, ratio] in self.rows() {
            writeln!(f, "{name:34} {ours:>18} {theirs:>18} {ratio:>8}")?;
        }
        let cpu = &MEASURES[0];
        write!(f, "\n{} by round:", cpu.name)?;
        for run in &self.runs {
            write!(f, " {} {}", run.sfu.name(), cpu.show(cpu.of(&run.outcome)))?;
        }
        Ok(())
    }
}
