//! What a process has used, from `/proc`.

use std::time::Duration;

use thiserror::Error;

/// `/proc` counts CPU time in hundredths of a second: `USER_HZ`, which is 100 on every architecture Linux has.
const TICK: Duration = Duration::from_millis(10);

/// A process that cannot be read: it has ended, or belongs to somebody else.
#[derive(Debug, Error)]
#[error("process {pid} cannot be read from /proc")]
pub(crate) struct ProcessError {
    pid: u32,
}

/// The server's process, where it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerProcess {
    pub(crate) pid: u32,
}

/// What a process has used since it began, and holds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct ProcessUse {
    /// User and system time of all its threads.
    pub(crate) cpu: Duration,
    /// Resident memory of its own. The program's text is not: pages of it come in as it is first run, whoever is served.
    pub(crate) rss_bytes: u64,
}

impl ServerProcess {
    /// The load tester's own.
    pub(crate) fn this() -> Self {
        Self { pid: std::process::id() }
    }

    /// What it has used.
    pub(crate) fn usage(self) -> Result<ProcessUse, ProcessError> {
        let Self { pid } = self;
        let read = |file| std::fs::read_to_string(format!("/proc/{pid}/{file}")).map_err(|_| ProcessError { pid });
        let cpu = cpu_of(&read("stat")?).ok_or(ProcessError { pid })?;
        let rss_bytes = rss_of(&read("status")?).ok_or(ProcessError { pid })?;
        Ok(ProcessUse { cpu, rss_bytes })
    }
}

/// Fields 14 and 15 (proc_pid_stat(5)).
pub(super) fn cpu_of(stat: &str) -> Option<Duration> {
    // The name is in brackets and may hold anything; what follows it is plain, and begins with field 3.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(TICK * ticks()? + TICK * ticks()?)
}

fn rss_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_summed_whatever_the_process_is_called() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 5000 0 1 0 150 25 0 0 20 0 9 0 12 1 2";
        assert_eq!(cpu_of(stat), Some(Duration::from_millis(1_750)));
    }

    #[test]
    fn resident_memory_is_read_in_bytes() {
        assert_eq!(rss_of("Name:\tx\nVmRSS:\t   90 kB\nRssAnon:\t   50 kB\nThreads:\t1\n"), Some(51_200));
        assert_eq!(rss_of("Name:\tx\n"), None);
    }

    #[test]
    fn this_process_can_be_read_and_one_that_is_not_there_cannot() {
        assert!(ServerProcess::this().usage().unwrap().rss_bytes > 100_000);
        assert!(ServerProcess { pid: u32::MAX }.usage().is_err());
    }
}
