//! Writes history: a task of its own, so that the switchboard never waits for the database.

use std::collections::BTreeSet;
use std::slice;
use std::time::Duration;

use switchboard_calls::{Record, SeatState, Timestamp};
use switchboard_ids::UserId;
use switchboard_protocol::Event;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::mail::Mail;
use super::translate::{end_reason, kind_out, seat_state, utc_ms, word};
use crate::store::{Store, StoreError, Writing, calls};

/// Lines of history that wait for a slow database; a call has about ten.
const QUEUE: usize = 16_384;
/// Lines that are written in one transaction: those that came while the ones before were written. More would keep other
/// writers waiting for longer than a few milliseconds.
const BATCH: usize = 256;
/// How often a line is tried, and how long until the second time; each wait is twice the one before. About six seconds
/// in all: longer than a database restarts, short enough that a stopping server ends.
const TRIES: u32 = 7;
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// How often it is noted that calls run: what a call that a crash cut off is too long or too short by in the history.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// The name by which this server's heartbeat is kept.
pub(super) const NODE: &str = "server";

enum Line {
    Record(Record),
    /// Calls run at this time.
    Beat(Timestamp),
}

pub(super) struct Historian {
    lines: mpsc::Sender<Line>,
    task: JoinHandle<()>,
    beaten: Timestamp,
}

impl Historian {
    /// `mailbox` is where it tells whose history has changed.
    pub(super) fn start(store: Store, mailbox: mpsc::WeakSender<Mail>) -> Self {
        let (lines, mut queue) = mpsc::channel(QUEUE);
        let task = tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(BATCH);
            while queue.recv_many(&mut waiting, BATCH).await > 0 {
                write_down(&store, &waiting, &mailbox).await;
                waiting.clear();
            }
        });
        Self { lines, task, beaten: Timestamp::default() }
    }

    pub(super) fn record(&self, record: Record) {
        self.put(Line::Record(record));
    }

    /// Calls run.
    pub(super) fn beat(&mut self, now: Timestamp) {
        if now.saturating_since(self.beaten) >= BEAT_EVERY {
            self.beaten = now;
            self.put(Line::Beat(now));
        }
    }

    fn put(&self, line: Line) {
        match self.lines.try_send(line) {
            Ok(()) | Err(mpsc::error::TrySendError::Full(Line::Beat(_))) => {}
            Err(mpsc::error::TrySendError::Full(Line::Record(record))) => tracing::error!(?record, "history is full: a line is lost"),
            Err(mpsc::error::TrySendError::Closed(_)) => tracing::error!("the writer of history has ended: a line is lost"),
        }
    }

    /// Notes until when calls ran, if some still do, and waits until everything is written.
    pub(super) async fn finish(self, now: Timestamp, calls_run: bool) {
        if calls_run {
            self.put(Line::Beat(now));
        }
        drop(self.lines);
        if self.task.await.is_err() {
            tracing::error!("the writer of history ended by a panic");
        }
    }
}

/// Writes lines in their order, all together. Where that fails each goes by itself, so that one that cannot be written takes
/// no other with it.
async fn write_down(store: &Store, lines: &[Line], mailbox: &mpsc::WeakSender<Mail>) {
    match write(store, lines).await {
        Ok(users) => tell(users, mailbox),
        Err(error) => {
            tracing::warn!(%error, lines = lines.len(), "history could not be written yet");
            for line in lines {
                write_patiently(store, line, mailbox).await;
            }
        }
    }
}

async fn write_patiently(store: &Store, line: &Line, mailbox: &mpsc::WeakSender<Mail>) {
    let mut wait = FIRST_WAIT;
    for tried in 1..=TRIES {
        match (write(store, slice::from_ref(line)).await, line) {
            (Ok(users), _) => return tell(users, mailbox),
            // The next one comes soon.
            (Err(error), Line::Beat(_)) => return tracing::warn!(%error, "a heartbeat could not be written"),
            (Err(error), Line::Record(record)) if tried == TRIES || error.is_refusal() => {
                return tracing::error!(%error, ?record, "a line of history is lost");
            }
            (Err(error), Line::Record(_)) => {
                tracing::warn!(%error, tried, "a line of history could not be written yet");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
    }
}

fn tell(users: BTreeSet<UserId>, mailbox: &mpsc::WeakSender<Mail>) {
    if let (false, Some(mailbox)) = (users.is_empty(), mailbox.upgrade()) {
        // Who is told too late reads the history anew with the next change, or when they look.
        let _ = mailbox.try_send(Mail::Tell { users: users.into_iter().collect(), event: Event::HistoryChanged });
    }
}

/// Writes lines in one transaction; gives those whose history of calls is a different one for it.
async fn write(store: &Store, lines: &[Line]) -> Result<BTreeSet<UserId>, StoreError> {
    let mut writing = store.write().await?;
    let mut users = BTreeSet::new();
    for line in lines {
        match line {
            Line::Record(record) => users.extend(write_record(&mut writing, record).await?),
            Line::Beat(at) => calls::heartbeat(&mut writing, NODE, utc_ms(*at)).await?,
        }
    }
    writing.commit().await?;
    Ok(users)
}

async fn write_record(writing: &mut Writing, record: &Record) -> Result<Vec<UserId>, StoreError> {
    match record {
        Record::Placed { call, kind, at, caller } => {
            calls::placed(writing, *call, &word(kind_out(*kind)), *caller, utc_ms(*at)).await?;
        }
        Record::Seated { call, user, by, barred, at } => calls::seated(writing, *call, *user, *by, *barred, utc_ms(*at)).await?,
        Record::SeatState { call, user, state, at, device, rings_until } => {
            let rings_until_ms = rings_until.map(utc_ms);
            let may_know =
                calls::seat_state(writing, *call, *user, &word(seat_state(*state)), *device, rings_until_ms, utc_ms(*at)).await?;
            // Who missed a call has missed it, however long the others go on.
            let missed = matches!(state, SeatState::Missed | SeatState::Busy | SeatState::Unreachable);
            return Ok(if missed && may_know { vec![*user] } else { Vec::new() });
        }
        Record::Answered { call, at } => calls::answered(writing, *call, utc_ms(*at)).await?,
        Record::Quality { call, user, quality } => {
            let row = calls::QualityRow {
                loss: quality.loss,
                rtt_ms: quality.rtt_ms,
                jitter_ms: quality.jitter_ms,
                mos: quality.mos,
                frozen_ms: i64::try_from(quality.frozen_ms).unwrap_or(i64::MAX),
                worst_at_ms: utc_ms(quality.worst_at),
                worst_mos: quality.worst_mos,
            };
            calls::quality(writing, *call, *user, &row).await?;
        }
        Record::Ended { call, at, reason } => return calls::ended(writing, *call, &word(end_reason(*reason)), utc_ms(*at)).await,
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests;
