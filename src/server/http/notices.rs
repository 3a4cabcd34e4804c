//! Tells people that their contacts or invitations changed: at once, and then no more often than they can use it. A thousand
//! invitations to one person are two notices, not a thousand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_ids::UserId;
use switchboard_protocol::Event;

use crate::switchboard;

/// Changes that come this soon after a notice share the next one: short enough for an eye, and every notice has each of
/// the person's devices fetch the whole list.
const PAUSE: Duration = Duration::from_millis(250);

/// Who was told a moment ago, and whether there is something to tell again.
pub struct Notices {
    switchboard: switchboard::Handle,
    told: Mutex<HashMap<UserId, bool>>,
}

impl Notices {
    /// Notices that go out by this switchboard.
    pub fn new(switchboard: switchboard::Handle) -> Arc<Self> {
        Arc::new(Self { switchboard, told: Mutex::default() })
    }

    /// Tells all devices of a user that contacts or invitations changed.
    pub fn contacts_changed(self: &Arc<Self>, user: UserId) {
        if self.told().insert(user, true).is_none() {
            tokio::spawn(self.clone().tell(user));
        }
    }

    async fn tell(self: Arc<Self>, user: UserId) {
        while self.take(user) {
            self.switchboard.tell(vec![user], Event::ContactsChanged).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether there is something to tell; a user for whom there is not is forgotten.
    fn take(&self, user: UserId) -> bool {
        let mut told = self.told();
        let again = told.get_mut(&user).is_some_and(std::mem::take);
        if !again {
            told.remove(&user);
        }
        again
    }

    fn told(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, bool>> {
        // What is in it is right at every moment, whoever panicked.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
