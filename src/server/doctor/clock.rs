//! The system's clock: logins end and certificates are judged by it, and history is ordered by it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Finding;
use super::certificate::date;
use crate::clock::now_ms;
use crate::store::Inspection;

const NAME: &str = "clock";
const SET: &str = "set the clock, and keep it by NTP: timedatectl set-ntp true";

/// A clock behind what it once said by as much was set back, not slewed.
const SET_BACK_MS: i64 = 10_000;
/// Packaging may stamp files with the time of another zone.
const A_DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// So far apart from the database's clock, leases are judged wrongly.
const APART_MS: i64 = 30_000;
/// NTP keeps clocks far closer than this.
const KEPT_MS: i64 = 2_000;

pub(super) fn examine(database: Option<&Inspection>) -> Finding {
    let program = std::env::current_exe().and_then(|path| path.metadata()?.modified()).ok().and_then(millis);
    let (newest, other) = database.map_or((None, None), |database| (database.newest_ms, database.clock_ms));
    judge(now_ms(), program, newest, other)
}

fn judge(now: i64, program: Option<i64>, newest: Option<i64>, other: Option<i64>) -> Finding {
    let says = format!("the clock says {}", date(now));
    if let Some(program) = program.filter(|made| made - A_DAY_MS > now) {
        return Finding::failure(NAME, format!("{says}, and this program was made on {}", date(program)), SET);
    }
    if let Some(newest) = newest.filter(|newest| newest - SET_BACK_MS > now) {
        return Finding::failure(NAME, format!("{says}, and somebody was here at {}: it was set back", date(newest)), SET);
    }
    match other.map(|other| (other - now).abs()) {
        Some(apart @ APART_MS..) => Finding::failure(NAME, format!("{says}, {} s off the database's", apart / 1000), SET),
        Some(apart @ KEPT_MS..) => Finding::warning(NAME, format!("{says}, {} s off the database's", apart / 1000), SET),
        _ => Finding::ok(NAME, says),
    }
}

fn millis(time: SystemTime) -> Option<i64> {
    let since: Duration = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_is_wrong_that_says_less_than_it_once_did_or_less_than_the_age_of_the_program() {
        let now = 1_800_000_000_000;
        assert_eq!(judge(now, Some(now), Some(now), Some(now)).status, Status::Ok);
        assert_eq!(judge(now, Some(now + 2 * A_DAY_MS), None, None).status, Status::Failure);
        assert_eq!(judge(now, None, Some(now + 60_000), None).status, Status::Failure);
    }

    #[test]
    fn a_clock_may_differ_from_the_databases_by_a_little() {
        let now = 1_800_000_000_000;
        for (apart, status) in [(1_000, Status::Ok), (-5_000, Status::Warning), (31_000, Status::Failure), (-31_000, Status::Failure)] {
            assert_eq!(judge(now, None, None, Some(now + apart)).status, status, "{apart}");
        }
    }
}
