//! Writes history: a task of its own, so that the switchboard never waits for the database.

use std::time::Duration;

use switchboard_calls::Record;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::translate::{end_reason, kind_out, seat_state, word};
use crate::store::{Store, StoreError, calls};

/// Lines of history that wait for a slow database; a call has about ten.
const QUEUE: usize = 16_384;
/// How often a line is tried, and how long until the second time; each wait is twice the one before. About six seconds
/// in all: longer than a database restarts, short enough that a stopping server ends.
const TRIES: u32 = 7;
const FIRST_WAIT: Duration = Duration::from_millis(100);

pub(super) struct Historian {
    lines: mpsc::Sender<Record>,
    task: JoinHandle<()>,
}

impl Historian {
    pub(super) fn start(store: Store) -> Self {
        let (lines, mut queue) = mpsc::channel(QUEUE);
        let task = tokio::spawn(async move {
            while let Some(record) = queue.recv().await {
                write_down(&store, &record).await;
            }
        });
        Self { lines, task }
    }

    pub(super) fn record(&self, record: Record) {
        if let Err(error) = self.lines.try_send(record) {
            tracing::error!(record = ?error.into_inner(), "history is full: a line is lost");
        }
    }

    /// Waits until everything is written.
    pub(super) async fn finish(self) {
        drop(self.lines);
        if self.task.await.is_err() {
            tracing::error!("the writer of history ended by a panic");
        }
    }
}

async fn write_down(store: &Store, record: &Record) {
    let mut wait = FIRST_WAIT;
    for tried in 1..=TRIES {
        match write(store, record).await {
            Ok(()) => return,
            Err(error) if tried == TRIES => tracing::error!(%error, ?record, "a line of history is lost"),
            Err(error) => {
                tracing::warn!(%error, tried, "a line of history could not be written yet");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
    }
}

async fn write(store: &Store, record: &Record) -> Result<(), StoreError> {
    match record {
        Record::Placed { call, kind, at, caller, callees } => {
            calls::placed(store, *call, &word(kind_out(*kind)), *caller, callees, millis(*at)).await
        }
        Record::Answered { call, at } => calls::answered(store, *call, millis(*at)).await,
        Record::SeatState { call, user, state, at, device } => {
            calls::seat_state(store, *call, *user, &word(seat_state(*state)), *device, millis(*at)).await
        }
        Record::Ended { call, at, reason } => calls::ended(store, *call, &word(end_reason(*reason)), millis(*at)).await,
    }
}

fn millis(at: switchboard_calls::Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}
