//! What a comparison leaves behind, however it ends: nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{alone, can_compare, loadtest};

/// For what takes seconds, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn an_interrupted_comparison_ends_by_itself_and_leaves_nothing_behind() {
    if !can_compare("an_interrupted_comparison_ends_by_itself_and_leaves_nothing_behind") {
        return;
    }
    let _alone = alone();
    let mut running = Running::start("3");
    running.wait_for_janus();
    kill_process(Pid::from_child(&running.child), Signal::INT).unwrap();
    // Janus was not measured to the end, so nothing could be compared.
    assert_eq!(running.ends(), Some(2));
    assert_eq!(running.processes(), BTreeSet::new(), "processes are left");
    assert_eq!(running.folders(), BTreeSet::new(), "folders are left");
}

#[test]
fn a_comparison_that_is_killed_leaves_no_process_behind() {
    if !can_compare("a_comparison_that_is_killed_leaves_no_process_behind") {
        return;
    }
    let _alone = alone();
    // Far longer than is waited for, so that no round ends by itself.
    let mut running = Running::start("3600");
    running.wait_for("a server", |_, command| command.contains("\0serve\0"));
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    wait_until("the end of what it started", || running.processes().is_empty().then_some(()));
}

#[test]
fn a_round_that_is_killed_leaves_no_janus_behind_and_is_told() {
    if !can_compare("a_round_that_is_killed_leaves_no_janus_behind_and_is_told") {
        return;
    }
    let _alone = alone();
    let mut running = Running::start("3");
    running.wait_for_janus();
    let round = running.wait_for("the round", |name, command| name == "loadtest" && command.contains("\0--sfu=janus\0"));
    kill_process(Pid::from_raw(round.cast_signed()).unwrap(), Signal::KILL).unwrap();
    assert_eq!(running.ends(), Some(2));
    wait_until("the end of Janus", || running.processes().is_empty().then_some(()));
}

/// A comparison, with a folder of its own for what is temporary, by whose name in their environment its processes are known.
struct Running {
    child: Child,
    temporary: tempfile::TempDir,
}

impl Running {
    fn start(seconds: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = loadtest();
        command.args(["compare", "--peer", "janus", "--scenario", "livestream", "--receivers", "2", "--rounds", "50"]);
        command.args(["--seconds", seconds, "--warm-up", "0"]).env("TMPDIR", temporary.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, temporary }
    }

    /// Until one of its processes has such a name and command line.
    fn wait_for(&self, what: &str, is_it: impl Fn(&str, &str) -> bool) -> u32 {
        let read = |pid: u32, file| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        wait_until(what, || self.processes().into_iter().find(|pid| is_it(read(*pid, "comm").trim(), &read(*pid, "cmdline"))))
    }

    /// Until Janus runs, in another network than this test.
    fn wait_for_janus(&self) {
        let janus = self.wait_for("Janus", |name, _| name == "janus");
        assert_ne!(network_of(&janus.to_string()), network_of("self"));
    }

    /// Waits for its end.
    fn ends(&mut self) -> Option<i32> {
        wait_until("the end of the comparison", || self.child.try_wait().unwrap()).code()
    }

    /// Its processes that have not ended.
    fn processes(&self) -> BTreeSet<u32> {
        let mark = self.temporary.path().as_os_str().as_encoded_bytes();
        let processes = std::fs::read_dir("/proc").unwrap();
        let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let is_of_it = |pid: &u32| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.windows(mark.len()).any(|part| part == mark)
        };
        pids.filter(is_of_it).collect()
    }

    fn folders(&self) -> BTreeSet<PathBuf> {
        std::fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn network_of(process: &str) -> PathBuf {
    std::fs::read_link(format!("/proc/{process}/ns/net")).unwrap()
}

fn wait_until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(met) = condition() {
            return met;
        }
        assert!(Instant::now() < deadline, "waited for {what} for {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
