//! Whether this process may act for all: until when it surely holds the lease it acts by.
//!
//! A process that stood still does not know it. So whoever acts looks at the clock first: after a gap longer than the lease
//! nothing is done until the lease was renewed, or is known to be lost.

use std::time::Instant;

use tokio::sync::watch;

/// The lease is lost, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;

/// The holder's end. When it is dropped, the lease is lost.
#[derive(Debug)]
pub(crate) struct Hold(watch::Sender<Instant>);

/// The end of those who act by the lease.
#[derive(Debug, Clone)]
pub(crate) struct Fence(watch::Receiver<Instant>);

/// A lease that is surely held until then.
pub(crate) fn fence(until: Instant) -> (Hold, Fence) {
    let (hold, fence) = watch::channel(until);
    (Hold(hold), Fence(fence))
}

impl Hold {
    /// It is surely held until then.
    pub(crate) fn extend(&self, until: Instant) {
        self.0.send_replace(until);
    }
}

impl Fence {
    /// Whether one may act.
    pub(crate) fn is_up(&self, now: Instant) -> bool {
        self.0.has_changed().is_ok() && *self.0.borrow() >= now
    }

    /// Waits until one may act again.
    pub(crate) async fn up_again(&mut self) -> Result<(), Lost> {
        while !self.is_up(Instant::now()) {
            self.0.changed().await.map_err(|_| Lost)?;
        }
        Ok(())
    }

    /// Waits until the lease is lost.
    pub(crate) async fn lost(&mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_stood_still_for_longer_than_the_lease_waits_until_it_is_renewed_or_lost() {
        let now = Instant::now();
        let (hold, mut fenced) = fence(now + Duration::from_secs(60));
        assert!(fenced.is_up(now) && !fenced.is_up(now + Duration::from_secs(61)));
        hold.extend(now);
        let mut waiting = fenced.clone();
        let waits = tokio::spawn(async move { waiting.up_again().await });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        hold.extend(Instant::now() + Duration::from_secs(60));
        assert_eq!(waits.await.unwrap(), Ok(()));
        drop(hold);
        assert!(!fenced.is_up(now), "a lease that is lost is not held, whatever the clock shows");
        assert_eq!(fenced.up_again().await, Err(Lost));
    }
}
