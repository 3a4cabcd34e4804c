//! Instructions that the router needs for a forwarded packet, at 1, 10 and 100 receivers, counted by valgrind. They are the same each time
//! and hardly depend on the machine or on what else it does, so that a regression shows where time would tell nothing.
//!
//! `cargo bench -p switchboard-media --bench instructions` counts them and fails when one is a tenth above what `instructions.txt` says;
//! with `-- --accept` it writes what it found there instead.
#![allow(clippy::disallowed_methods, reason = "virtual time starts somewhere")]
#![allow(clippy::print_stdout, reason = "its findings are for people")]

mod rig;

use std::collections::BTreeMap;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use std::{env, fs};

use rig::Rig;

const RECEIVERS: [usize; 3] = [1, 10, 100];
/// Virtual time that is counted: fifteen frames, and what all receivers say of them.
const COUNTED: Duration = Duration::from_millis(500);
/// More than another processor of the same kind makes of it, less than anyone should let pass.
const TOLERATED: f64 = 1.1;
/// Of other processors nothing is known.
const COMPARABLE: bool = cfg!(target_arch = "x86_64");
/// Beside this file.
const KNOWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
/// Makes this a process that is counted, with so many receivers.
const COUNT: &str = "--count";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [count, receivers] = &arguments[..]
        && count == COUNT
    {
        forward(receivers.parse().expect("a number of receivers"));
        return ExitCode::SUCCESS;
    }
    match found() {
        Ok(found) if arguments.iter().any(|argument| argument == "--accept") => accept(&found),
        Ok(found) => compare(&found),
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// What is counted; tells how many packets it was for.
fn forward(receivers: usize) {
    let mut rig = Rig::new(receivers);
    let before = rig.forwarded();
    rig.play(COUNTED, counted_turn);
    println!("{}", rig.forwarded() - before);
}

/// Valgrind counts inside this function alone, and knows it by its name.
#[inline(never)]
fn counted_turn(turn: &mut dyn FnMut()) {
    turn();
    // The turn must not be this function's last act, or it would be jumped to in place of it.
    std::hint::black_box(());
}

/// Instructions for a packet, by the number of receivers.
fn found() -> Result<BTreeMap<usize, u64>, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let count = |receivers: usize| {
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted_turn*"])
            .arg(&program)
            .args([COUNT, &receivers.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("valgrind cannot be run ({error}): apt-get install valgrind"))
    };
    let running: Vec<_> = RECEIVERS.map(count).into_iter().collect::<Result<_, _>>()?;
    let mut found = BTreeMap::new();
    for (receivers, process) in RECEIVERS.into_iter().zip(running) {
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let collected = told.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse::<u64>().ok());
        match (collected, said.trim().parse::<u64>()) {
            (Some(instructions @ 1..), Ok(packets @ 1..)) => found.insert(receivers, instructions / packets),
            _ => return Err(format!("nothing was counted for {receivers} receivers:\n{said}{told}")),
        };
    }
    Ok(found)
}

fn accept(found: &BTreeMap<usize, u64>) -> ExitCode {
    let lines: String = found.iter().map(|(receivers, instructions)| format!("{receivers} {instructions}\n")).collect();
    print!("{lines}");
    fs::write(KNOWN, lines).expect("the file is in the tree");
    ExitCode::SUCCESS
}

fn compare(found: &BTreeMap<usize, u64>) -> ExitCode {
    let known = fs::read_to_string(KNOWN).unwrap_or_default();
    let known = |receivers: usize| {
        let number = |line: &str| {
            let (of, instructions) = line.split_once(' ')?;
            (of.parse() == Ok(receivers)).then(|| instructions.trim().parse::<u64>().ok())?
        };
        known.lines().find_map(number).filter(|_| COMPARABLE)
    };
    let mut fine = true;
    for (receivers, instructions) in found {
        print!("{instructions:>8} instructions a forwarded packet, {receivers:>3} receivers");
        match known(*receivers) {
            Some(known) => {
                let ratio = *instructions as f64 / known as f64;
                fine &= ratio <= TOLERATED;
                println!(": {:+.1} % of {known} known{}", (ratio - 1.0) * 100.0, if ratio > TOLERATED { ", too many" } else { "" });
            }
            None => {
                // A file that was lost, or no number for this one, is no reason to be content.
                fine &= !COMPARABLE;
                println!(": none known to compare with");
            }
        }
    }
    if fine {
        return ExitCode::SUCCESS;
    }
    println!("If that is the price of something worth it: cargo bench -p switchboard-media --bench instructions -- --accept");
    ExitCode::FAILURE
}
