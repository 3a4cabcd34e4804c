//! What single threads of the load tester have used, from `/proc`.

use std::fs;
use std::time::Duration;

use super::process::cpu_of;

/// User and system time of this process's thread of that name; `None` where there is none, or `/proc` is not there.
pub(crate) fn thread_cpu(name: &str) -> Option<Duration> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let mut folders = threads.filter_map(|thread| Some(thread.ok()?.path()));
    let named = folders.find(|thread| fs::read_to_string(thread.join("comm")).is_ok_and(|comm| comm.trim_end() == name))?;
    cpu_of(&fs::read_to_string(named.join("stat")).ok()?)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_thread_is_found_by_its_name_and_what_it_does_counts_for_it_alone() {
        let (work, worked) = channel();
        let (rest, resting) = channel::<()>();
        let busy = std::thread::Builder::new().name("busy-thread".to_owned()).spawn(move || {
            while thread_cpu("busy-thread").unwrap() < Duration::from_millis(50) {}
            work.send(()).unwrap();
            let _ = resting.recv();
        });
        worked.recv().unwrap();
        assert!(thread_cpu("busy-thread").unwrap() >= Duration::from_millis(50));
        assert_eq!(thread_cpu("no-such-thread"), None);
        drop(rest);
        busy.unwrap().join().unwrap();
    }
}
