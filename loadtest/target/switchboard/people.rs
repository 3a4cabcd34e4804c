//! The people who take part: registered once, contacts of each other where they need to be, and used again by call after call.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use switchboard_ids::UserId;

use super::api::{Api, ApiError};
use super::participant::{Meeting, Participant, ParticipantError};

/// Requests under way at once. A server hashes passwords on half of its cores, and refuses whom it lets wait for too long.
const AT_ONCE: usize = 8;

/// Those who are in no call.
#[derive(Debug, Default)]
pub(super) struct People {
    idle: Mutex<Vec<Participant>>,
    contacts: Mutex<BTreeSet<(UserId, UserId)>>,
}

impl People {
    /// Sees to it that so many are idle.
    pub(super) async fn populate(&self, api: &Api, meeting: &Meeting, count: usize) -> Result<(), ParticipantError> {
        let there = lock(&self.idle).len();
        let arrivals = (there..count).map(|number| async move { Participant::arrive(api, meeting, &format!("Peer {number}")).await });
        let arrived: Vec<_> = stream::iter(arrivals).buffer_unordered(AT_ONCE).try_collect().await?;
        lock(&self.idle).extend(arrived);
        Ok(())
    }

    /// Takes so many out, who are idle no more.
    pub(super) async fn take(&self, api: &Api, meeting: &Meeting, count: usize) -> Result<Vec<Participant>, ParticipantError> {
        self.populate(api, meeting, count).await?;
        let mut idle = lock(&self.idle);
        let rest = idle.len().saturating_sub(count);
        let mut taken = idle.split_off(rest);
        taken.iter_mut().for_each(Participant::start_afresh);
        Ok(taken)
    }

    /// They are idle again.
    pub(super) fn give_back(&self, people: impl IntoIterator<Item = Participant>) {
        lock(&self.idle).extend(people);
    }

    /// Makes each of these a contact of the one who calls.
    pub(super) async fn befriend(&self, api: &Api, caller: &Participant, others: &[&Participant]) -> Result<(), ApiError> {
        let key = |other: &Participant| {
            let (one, another) = (caller.account().id, other.account().id);
            (one.min(another), one.max(another))
        };
        let strangers: Vec<_> = others.iter().filter(|other| !lock(&self.contacts).contains(&key(other))).collect();
        let made = stream::iter(strangers).map(|other| async move {
            api.befriend(caller.account(), other.account()).await?;
            lock(&self.contacts).insert(key(other));
            Ok::<_, ApiError>(())
        });
        made.buffer_unordered(AT_ONCE).try_collect().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one insertion or removal, so what is inside is whole even if a thread died while it held the lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
