//! Stopping in two steps: running calls are given time to end, unless whoever asks has none.

use tokio::sync::watch;

/// How far the stop of a server has come; clones share it.
#[derive(Debug, Clone)]
pub struct Drain(watch::Sender<Stage>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Draining,
    Hurrying,
}

impl Default for Drain {
    fn default() -> Self {
        Self(watch::Sender::new(Stage::Serving))
    }
}

impl Drain {
    /// From now on the server is not ready and takes no new calls. To ask again changes nothing.
    pub fn begin(&self) {
        self.reach(Stage::Draining);
    }

    /// The same, and running calls are given no more time.
    pub fn hurry(&self) {
        self.reach(Stage::Hurrying);
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow() >= Stage::Draining
    }

    /// Waits until it begins.
    pub(super) async fn begun(&self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits until there is no more time.
    pub(super) async fn hurried(&self) {
        self.reached(Stage::Hurrying).await;
    }

    fn reach(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let moves = *now < stage;
            *now = (*now).max(stage);
            moves
        });
    }

    async fn reached(&self, stage: Stage) {
        let mut stages = self.0.subscribe();
        // The sender is this very value, so that it is not gone while this waits.
        let _ = stages.wait_for(|now| *now >= stage).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_drain_that_was_hurried_does_not_go_back_when_it_is_asked_for_again() {
        let drain = Drain::default();
        assert!(!drain.has_begun());
        drain.begin();
        assert!(drain.has_begun());
        drain.begun().await;
        drain.hurry();
        drain.begin();
        drain.hurried().await;
    }
}
