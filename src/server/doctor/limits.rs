//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::config::Config;

/// What is open without anybody being there: the database's connections with the files beside them, listeners, the runtime, logs.
const BASE: u64 = 64;
/// For each media port: the sockets of UDP and TCP, and its thread's runtime.
const A_PORT: u64 = 7;
/// A person in a call has a socket for events, and a browser opens another for requests while it joins.
const A_PERSON: u64 = 2;
/// A node of ordinary size has as many devices connected.
const DEVICES: u64 = 10_000;

pub(super) fn open_files(config: &Config) -> Finding {
    let limit = getrlimit(Resource::Nofile);
    judge(limit.current, limit.maximum, config.max_seats as u64, config.media_udp.iter().count() as u64)
}

fn judge(soft: Option<u64>, hard: Option<u64>, seats: u64, ports: u64) -> Finding {
    const NAME: &str = "file_limit";
    let Some(soft) = soft else { return Finding::ok(NAME, "there is no limit of open files") };
    let base = BASE + A_PORT * ports;
    let wanted = base + DEVICES + A_PERSON * seats;
    let room = soft.saturating_sub(base);
    let cure = match hard {
        Some(hard) if hard < wanted => {
            format!("have an administrator raise the hard limit, {hard}, too: LimitNOFILE={wanted} in a unit of systemd")
        }
        _ => format!("start it with `ulimit -n {wanted}`, or LimitNOFILE={wanted} in a unit of systemd"),
    };
    let said = format!("{soft} files may be open, which is room for {room} connections");
    if room < A_PERSON * seats {
        Finding::failure(NAME, format!("{said}, and a call of {seats} people (--max-seats) takes {}", A_PERSON * seats), cure)
    } else if soft < wanted {
        Finding::warning(NAME, format!("{said} at once"), cure)
    } else {
        Finding::ok(NAME, format!("{said} at once"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn room_is_wanted_for_the_largest_call_and_better_for_a_whole_node() {
        assert_eq!(judge(None, None, 200, 2).status, Status::Ok);
        assert_eq!(judge(Some(20_000), None, 200, 2).status, Status::Ok);
        assert_eq!(judge(Some(1_024), None, 200, 2).status, Status::Warning);
        assert_eq!(judge(Some(475), None, 200, 2).status, Status::Failure);
        assert_eq!(judge(Some(1_024), None, 1_000, 2).status, Status::Failure);
    }

    #[test]
    fn a_hard_limit_is_named_where_it_is_in_the_way() {
        assert!(judge(Some(1_024), Some(4_096), 200, 2).cure.is_some_and(|cure| cure.contains("hard limit, 4096")));
        assert!(judge(Some(1_024), Some(1_048_576), 200, 2).cure.is_some_and(|cure| cure.starts_with("start it with `ulimit -n 10478`")));
    }
}
