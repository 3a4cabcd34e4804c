//! How many files may be open: a connection is one, in the load tester and in the server each.

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Beside the connections: libraries, the database, listeners, pipes.
const OTHERS: u64 = 256;

/// Sees to it that this process, and a server that it starts from here on, may each have so many connections.
///
/// # Errors
/// The system does not allow that many.
pub(crate) fn allow_connections(count: usize) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if let Some(raised) = raised(limit, count as u64 + OTHERS)? {
        setrlimit(Resource::Nofile, raised).context("the limit of open files (`ulimit -n`) cannot be raised")?;
    }
    Ok(())
}

/// The limits to set, if those there are do not do.
fn raised(limit: Rlimit, wanted: u64) -> Result<Option<Rlimit>> {
    if let Some(most) = limit.maximum.filter(|most| *most < wanted) {
        bail!(
            "{wanted} open files are needed and {most} are allowed: raise the limit (`ulimit -n {wanted}` as root, LimitNOFILE= of systemd, \
             --ulimit nofile= of a container), or take fewer users"
        );
    }
    let enough = limit.current.is_none_or(|current| current >= wanted);
    Ok((!enough).then_some(Rlimit { current: Some(wanted), ..limit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(current: u64, maximum: u64) -> Rlimit {
        Rlimit { current: Some(current), maximum: Some(maximum) }
    }

    #[test]
    fn a_limit_is_raised_as_far_as_needed_and_left_alone_when_it_does() {
        assert_eq!(raised(limit(1_024, 20_000), 5_000).unwrap(), Some(limit(5_000, 20_000)));
        assert_eq!(raised(limit(20_000, 20_000), 5_000).unwrap(), None);
        let endless = Rlimit { current: None, maximum: None };
        assert_eq!(raised(endless, 5_000).unwrap(), None);
    }

    #[test]
    fn what_the_system_does_not_allow_is_said_with_the_limit_and_the_cure() {
        let error = raised(limit(1_024, 4_096), 5_000).unwrap_err().to_string();
        assert!(error.starts_with("5000 open files are needed and 4096 are allowed: raise the limit (`ulimit -n 5000`"), "{error}");
    }
}
