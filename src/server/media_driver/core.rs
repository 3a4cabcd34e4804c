//! A core for each media thread: one that is moved about finds nothing of its legs in the cache.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores of `threads` threads, if this process may use as many and there is more than one: a single thread is best where the
/// system puts it, beside whatever else the machine does.
pub(super) fn cores(threads: usize) -> Vec<Option<usize>> {
    let own = allowed();
    let pinned = threads > 1 && own.len() >= threads;
    (0..threads).map(|thread| own.get(thread).copied().filter(|_| pinned)).collect()
}

#[cfg(target_os = "linux")]
fn allowed() -> Vec<usize> {
    let Ok(set) = sched_getaffinity(None) else { return Vec::new() };
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> Vec<usize> {
    Vec::new()
}

/// Keeps this thread on a core. Where that is refused it runs all the same, only slower.
#[cfg(target_os = "linux")]
pub(super) fn pin(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    if let Err(error) = sched_setaffinity(None, &set) {
        tracing::warn!(core, %error, "a media thread cannot be kept on its core");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn pin(_: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_threads_has_a_core_of_its_own_where_there_are_enough() {
        assert_eq!(cores(1), [None]);
        let own = allowed();
        let several: Vec<usize> = cores(own.len()).into_iter().flatten().collect();
        assert_eq!(several, if own.len() > 1 { own.clone() } else { Vec::new() });
        assert_eq!(cores(own.len() + 1), vec![None; own.len() + 1]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_is_pinned_stays_on_its_core() {
        for core in allowed() {
            std::thread::spawn(move || {
                pin(core);
                assert_eq!(allowed(), [core]);
            })
            .join()
            .unwrap();
        }
    }
}
