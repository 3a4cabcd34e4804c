//! `switchboard doctor`: what it finds where all is well, and where something was broken for it.

mod certificate;
mod machine;
mod media;
mod relay;
mod storage;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use tempfile::tempdir;

use crate::support::{Process, complaint};

/// A finding as programs read it.
#[derive(Debug, Deserialize)]
struct Finding {
    name: String,
    status: String,
    said: String,
    cure: Option<String>,
}

/// What a run found.
#[derive(Debug)]
struct Report {
    findings: BTreeMap<String, Finding>,
    status: i32,
}

impl Report {
    fn finding(&self, name: &str) -> &Finding {
        self.findings.get(name).unwrap_or_else(|| panic!("{name} is not in {self:?}"))
    }

    /// Asserts that a check failed so, and the run with it, and that a cure is given.
    fn fails(&self, name: &str, said: &str) {
        let finding = self.finding(name);
        assert!(finding.status == "failure" && finding.said.contains(said) && self.status == 1, "{said}: {self:?}");
        assert!(finding.cure.as_ref().is_some_and(|cure| !cure.is_empty()), "{finding:?}");
    }

    /// Asserts that a check warns so, which fails no run.
    fn warns(&self, name: &str, said: &str) {
        let finding = self.finding(name);
        assert!(finding.status == "warning" && finding.said.contains(said), "{said}: {self:?}");
        assert!(finding.cure.as_ref().is_some_and(|cure| !cure.is_empty()), "{finding:?}");
    }

    /// Asserts that a check is content, and says this.
    fn ticks(&self, name: &str, said: &str) {
        let finding = self.finding(name);
        assert!(finding.status == "ok" && finding.said.contains(said) && finding.cure.is_none(), "{said}: {self:?}");
    }
}

/// The flags of a server on free ports of loopback that keeps its things in `folder`; what is in `flags` goes before that.
fn flags<'a>(folder: &'a Path, flags: &[&'a str]) -> Vec<&'a str> {
    let usual = [("--listen", "127.0.0.1:0"), ("--admin-listen", "127.0.0.1:0"), ("--media-udp", "0"), ("--media-ip", "127.0.0.1")];
    let usual = usual.into_iter().filter(|(flag, _)| !flags.contains(flag)).flat_map(|(flag, value)| [flag, value]);
    usual.chain(["--data-dir", folder.to_str().unwrap()]).chain(flags.iter().copied()).collect()
}

/// Runs the doctor for a server with these flags.
fn doctor(folder: &Path, given: &[&str]) -> Report {
    doctor_in(&[], folder, given)
}

/// The same, started by other programs that make a world for it.
fn doctor_in(world: &[&str], folder: &Path, given: &[&str]) -> Report {
    let binary = env!("CARGO_BIN_EXE_switchboard");
    let line = [world, &[binary, "doctor", "--json"], &flags(folder, given)].concat();
    let output = Command::new(line[0]).args(&line[1..]).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let findings = text.lines().map(|line| serde_json::from_str::<Finding>(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    let findings: BTreeMap<String, Finding> = findings.map(|finding| (finding.name.clone(), finding)).collect();
    assert!(!findings.is_empty() && said.is_empty(), "{line:?}: {said}");
    Report { findings, status: output.status.code().unwrap() }
}

#[test]
fn where_all_is_well_nothing_fails_and_nothing_is_made() {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    let report = doctor(&data, &[]);
    assert_eq!(report.status, 0, "{report:?}");
    let names: Vec<&str> = report.findings.keys().map(String::as_str).collect();
    let all = [
        "certificate",
        "clock",
        "data_folder",
        "database",
        "file_limit",
        "listeners",
        "media_call",
        "media_ports",
        "migrations",
        "socket_buffers",
    ];
    assert_eq!(names, all);
    report.ticks("media_call", "a voice came through at 127.0.0.1:");
    report.ticks("database", "made at first start");
    assert!(!data.exists(), "the doctor made something");
}

#[test]
fn people_read_a_line_for_each_finding_with_its_sign_and_its_cure() {
    let folder = tempdir().unwrap();
    let broken = ["--tls-cert", "/missing.pem", "--tls-key", "/missing.pem"];
    let output = Process::output(&[&["doctor"], &flags(folder.path(), &broken)[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 10, "{text}");
    assert!(text.lines().all(|line| ["✅ ", "⚠️ ", "❌ "].iter().any(|sign| line.starts_with(sign))), "{text}");
    let line = text.lines().find(|line| line.starts_with("❌ certificate: ")).unwrap();
    assert!(line.contains("/missing.pem") && line.contains(" — give a PEM file"), "{line}");
}

#[test]
fn flags_that_serve_would_refuse_are_refused_in_the_same_way() {
    for (flag, cause) in [
        (["--colour", "red"], "--colour"),
        (["--media-udp", "7003-7000"], "backwards"),
        (["--tls-cert", "a.pem"], "--tls-key"),
        (["--log", "inof"], "inof"),
        (["--turn-url", "turn:127.0.0.1"], "--turn-secret"),
        (["--turn-url", "turn:"], "--turn-url"),
        (["--stun", "https://127.0.0.1/"], "--stun"),
    ] {
        let (line, status) = complaint(&Process::output(&[&["doctor"], &flag[..]].concat()));
        assert!(status == 2 && line.contains(cause), "{flag:?}: {status} {line}");
    }
}
