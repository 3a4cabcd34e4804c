//! Waiting for what takes a moment, and for no longer than that.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// Everything awaited here takes milliseconds; this is for a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until `condition` holds, and says what was awaited when it does not come.
pub async fn eventually<T: Debug + PartialEq>(awaited: &str, expected: T, found: impl AsyncFn() -> T) {
    let start = Instant::now();
    loop {
        let value = found().await;
        if value == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{awaited}: {value:?} is not {expected:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Asks until there is something, seldom enough for a client that may make twenty requests a second.
pub async fn something<T>(awaited: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{awaited} does not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
