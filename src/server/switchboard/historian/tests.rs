//! What is put is written: in order, all of it, whatever stands beside it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use switchboard_calls::{CallKind, EndReason};
use switchboard_ids::CallId;
use tempfile::TempDir;

use super::*;
use crate::store::accounts;

const AT: Timestamp = Timestamp(1_000);

/// A historian with a database of its own, and two people who call each other.
struct Desk {
    historian: Historian,
    store: Store,
    /// What it tells.
    told: mpsc::Receiver<Mail>,
    _mailbox: mpsc::Sender<Mail>,
    anna: UserId,
    boris: UserId,
    _folder: TempDir,
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("history.db").display()), None).await.unwrap();
        let anna = accounts::create(&store, "+79001234567", "Anna", "", 1).await.unwrap().id;
        let boris = accounts::create(&store, "+79007654321", "Boris", "", 1).await.unwrap().id;
        let (mailbox, told) = mpsc::channel(64);
        assert!(leases::take(&store, leases::CALLS, "a", 1).await.unwrap());
        let historian = Historian::start(store.clone(), 1, mailbox.downgrade());
        Self { historian, store, told, _mailbox: mailbox, anna, boris, _folder: folder }
    }

    /// Puts a call from `caller` to Boris, who misses it.
    fn is_missed(&self, call: CallId, caller: UserId) {
        let seat = |state, rings_until| Record::SeatState { call, user: self.boris, state, at: AT, device: None, rings_until };
        for record in [
            Record::Placed { call, kind: CallKind::Audio, at: AT, caller },
            Record::Seated { call, user: caller, by: caller, barred: false, at: AT },
            Record::Seated { call, user: self.boris, by: caller, barred: false, at: AT },
            seat(SeatState::Ringing, Some(AT)),
            seat(SeatState::Missed, None),
            Record::Ended { call, at: AT, reason: EndReason::Missed },
        ] {
            self.historian.record(record);
        }
    }
}

/// Several batches of calls.
fn calls_of_a_busy_moment() -> Vec<CallId> {
    (1..=u128::try_from(BATCH).unwrap()).map(CallId::from_u128).collect()
}

#[tokio::test]
async fn everything_put_is_written_in_order_before_the_server_ends() {
    let mut desk = Desk::open().await;
    for call in calls_of_a_busy_moment() {
        desk.is_missed(call, desk.anna);
    }
    desk.historian.finish(AT, false).await;
    let written = calls::history(&desk.store, desk.boris, i64::MAX, None, u32::MAX).await.unwrap();
    let mut found: Vec<CallId> = written.iter().map(|call| call.id).collect();
    found.reverse();
    assert_eq!(found, calls_of_a_busy_moment());
    for call in &written {
        assert_eq!((call.reason.as_deref(), call.my_state.as_str(), call.missed), (Some("missed"), "missed", true), "{call:?}");
        assert_eq!(call.seats.iter().map(|seat| seat.user).collect::<Vec<_>>(), [desk.anna, desk.boris], "{call:?}");
    }
    let Mail::Tell { users, event: Event::HistoryChanged } = desk.told.recv().await.unwrap() else { panic!("something else was told") };
    assert!(users.contains(&desk.boris));
}

#[tokio::test]
async fn a_line_that_cannot_be_written_takes_no_other_with_it() {
    let desk = Desk::open().await;
    let (before, refused, after) = (CallId::from_u128(1), CallId::from_u128(2), CallId::from_u128(3));
    desk.is_missed(before, desk.anna);
    desk.is_missed(refused, UserId::from_u128(999));
    desk.is_missed(after, desk.anna);
    desk.historian.finish(AT, false).await;
    let written = calls::history(&desk.store, desk.boris, i64::MAX, None, 10).await.unwrap();
    let found: Vec<_> = written.iter().map(|call| (call.id, call.my_state.as_str(), call.seats.len())).collect();
    assert_eq!(found, [(after, "missed", 2), (before, "missed", 2)], "nobody has the account of the caller of the other");
}

#[tokio::test]
async fn what_is_noted_of_calls_that_another_server_has_taken_over_is_not_history() {
    let desk = Desk::open().await;
    let (before, after) = (CallId::from_u128(1), CallId::from_u128(2));
    desk.is_missed(before, desk.anna);
    written(&desk, 1).await;
    assert!(leases::take(&desk.store, leases::CALLS, "b", 2).await.unwrap());
    desk.is_missed(after, desk.anna);
    desk.historian.finish(AT, true).await;
    let found = calls::history(&desk.store, desk.boris, i64::MAX, None, 10).await.unwrap();
    assert_eq!(found.iter().map(|call| call.id).collect::<Vec<_>>(), [before]);
    assert_eq!(calls::last_heartbeat(&desk.store).await.unwrap(), None, "the other's heartbeat is left alone");
}

/// Waits until so many calls have ended in the history.
async fn written(desk: &Desk, count: usize) {
    let ended = async || {
        let calls = calls::history(&desk.store, desk.boris, i64::MAX, None, 10).await.unwrap();
        calls.iter().filter(|call| call.reason.is_some()).count()
    };
    let all = async {
        while ended().await < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("the history is written");
}
