//! The processes of a run: none is left behind, however it ends.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::loadtest;

/// For what takes a second or two, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn an_interrupted_run_stops_its_server_and_says_so() {
    let mut running = Running::start();
    kill_process(running.pid(), Signal::INT).unwrap();
    let status = wait_until(|| running.child.try_wait().unwrap());
    assert_eq!(status.code(), Some(1));
    let mut line = String::new();
    std::io::Read::read_to_string(&mut running.child.stderr.take().unwrap(), &mut line).unwrap();
    assert_eq!(line, "loadtest: interrupted\n");
    wait_until(|| (!is_running(running.server)).then_some(()));
}

#[test]
fn a_run_that_is_killed_leaves_no_server_behind() {
    let mut running = Running::start();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    wait_until(|| (!is_running(running.server)).then_some(()));
}

/// A run of its own length, with its server up.
struct Running {
    child: Child,
    server: u32,
}

impl Running {
    fn start() -> Self {
        let mut command = loadtest();
        let child = command.args(["smoke", "--seconds", "600"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let server = wait_until(|| child_of(child.id()));
        let running = Self { child, server };
        // The server is up when it has sockets: the two listeners.
        wait_until(|| (sockets_of(server) >= 2).then_some(()));
        running
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(met) = condition() {
            return met;
        }
        assert!(Instant::now() < deadline, "did not happen within {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// State and parent of a process.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in brackets and may hold anything; what follows it is plain.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_running(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}

fn child_of(parent: u32) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.into_iter().find(|&pid| stat(pid).is_some_and(|(_, of)| of == parent))
}

fn sockets_of(pid: u32) -> usize {
    let Ok(files) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return 0 };
    files
        .filter(|file| {
            file.as_ref().is_ok_and(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:")))
        })
        .count()
}
