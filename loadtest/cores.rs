//! Which cores a process is kept to, so that the server and the load tester do not share one.

use std::fmt;
use std::str::FromStr;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use thiserror::Error;

/// More than any machine has; a greater number is a slip of the keyboard.
const MOST: usize = CpuSet::MAX_CPU;

/// Some cores, by number, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cores(Vec<usize>);

/// Why cores cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum CoresError {
    #[error("give cores by number, such as 0 or 0,2-3")]
    NoCores,
    #[error("this process may not use cores {0}")]
    NotThere(Cores),
}

impl Cores {
    /// Keeps this thread to them, and every thread and process that it starts from here on.
    pub(crate) fn pin_this_thread(&self) -> Result<(), CoresError> {
        let mut set = CpuSet::new();
        self.0.iter().for_each(|core| set.set(*core));
        sched_setaffinity(None, &set).map_err(|_| CoresError::NotThere(self.clone()))
    }

    /// Those that this thread may use.
    pub(crate) fn allowed() -> Option<Self> {
        let set = sched_getaffinity(None).ok()?;
        Some(Self((0..MOST).filter(|core| set.is_set(*core)).collect()))
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Each of them alone.
    pub(crate) fn each(self) -> Vec<Self> {
        self.0.into_iter().map(|core| Self(vec![core])).collect()
    }

    /// Whether this process may use them all.
    pub(crate) fn check(&self) -> Result<(), CoresError> {
        let there = sched_getaffinity(None).is_ok_and(|set| self.0.iter().all(|core| set.is_set(*core)));
        if there { Ok(()) } else { Err(CoresError::NotThere(self.clone())) }
    }
}

/// How many cores this process may use.
pub(crate) fn here() -> usize {
    Cores::allowed().map_or(1, |cores| cores.count())
}

impl FromStr for Cores {
    type Err = CoresError;

    fn from_str(text: &str) -> Result<Self, CoresError> {
        let number = |text: &str| text.trim().parse::<usize>().ok().filter(|core| *core < MOST).ok_or(CoresError::NoCores);
        let mut cores = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            cores.extend(number(first)?..=number(last)?);
        }
        cores.sort_unstable();
        cores.dedup();
        if cores.is_empty() { Err(CoresError::NoCores) } else { Ok(Self(cores)) }
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&cores.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_numbers_and_ranges_of_them() {
        assert_eq!("3,0-1,1".parse::<Cores>().unwrap().to_string(), "0,1,3");
        for wrong in ["", "one", "2-1", "-1", "0,", "100000"] {
            assert_eq!(wrong.parse::<Cores>(), Err(CoresError::NoCores), "{wrong}");
        }
    }

    #[test]
    fn a_thread_that_is_kept_to_a_core_stays_there_and_a_core_that_is_not_there_is_refused() {
        std::thread::spawn(|| {
            let all = sched_getaffinity(None).unwrap();
            let first = (0..MOST).find(|core| all.is_set(*core)).unwrap();
            let one: Cores = first.to_string().parse().unwrap();
            one.check().unwrap();
            one.pin_this_thread().unwrap();
            assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
            assert!(matches!("1023".parse::<Cores>().unwrap().check(), Err(CoresError::NotThere(_))));
        })
        .join()
        .unwrap();
    }
}
