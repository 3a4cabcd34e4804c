//! Writes history: a task of its own, so that the switchboard never waits for the database.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::slice;
use std::time::Duration;

use switchboard_calls::{Record, SeatState, Timestamp};
use switchboard_ids::UserId;
use switchboard_protocol::Event;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::mail::Mail;
use super::translate::{end_reason, kind_out, seat_state, utc_ms, word};
use crate::store::{Store, StoreError, Writing, calls, leases};

/// Lines of history that wait for a slow database; a call has about ten.
const QUEUE: usize = 16_384;
/// Lines that are written in one transaction: those that came while the ones before were written. More would keep other
/// writers waiting for longer than a few milliseconds, and take too long where the database is far away.
const BATCH: usize = 64;
/// How long until lines are tried again that could not be written, at first and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const MOST_WAIT: Duration = Duration::from_secs(1);
/// A server that stops waits so long for a database that does not answer: less than a stop may take in all.
const PATIENCE: Duration = Duration::from_secs(6);
/// How often it is noted that calls run: what a call that a crash cut off is too long or too short by in the history.
const BEAT_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug)]
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
    /// `epoch` is that in which calls are controlled, `mailbox` where it tells whose history has changed.
    pub(super) fn start(store: Store, epoch: u64, mailbox: mpsc::WeakSender<Mail>) -> Self {
        let (lines, queue) = mpsc::channel(QUEUE);
        let task = tokio::spawn(Writer { store, epoch, queue, mailbox, gives_up: None }.run());
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
            // Another server controls the calls: it was said, and this switchboard is about to end.
            Err(mpsc::error::TrySendError::Closed(_)) => {}
        }
    }

    /// Notes until when calls ran, if some still do, and waits until everything is written. Where another server controls the calls
    /// by now the database refuses all of it.
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

struct Writer {
    store: Store,
    epoch: u64,
    queue: mpsc::Receiver<Line>,
    mailbox: mpsc::WeakSender<Mail>,
    /// When it stops waiting for the database; none while the server runs.
    gives_up: Option<Instant>,
}

impl Writer {
    async fn run(mut self) {
        let mut waiting = Vec::with_capacity(BATCH);
        while self.queue.recv_many(&mut waiting, BATCH).await > 0 {
            if self.write_down(&waiting).await.is_break() {
                let lines = waiting.len() + self.queue.len();
                tracing::error!(lines, "another server controls the calls: what this one noted of them since is not history");
                if let Some(mailbox) = self.mailbox.upgrade() {
                    // A switchboard that has ended knows.
                    let _ = mailbox.send(Mail::Fenced).await;
                }
                return;
            }
            waiting.clear();
        }
    }

    /// Writes lines in their order, all together. Where the database does not take that, each goes by itself, so that one that
    /// cannot be written takes no other with it. Breaks where none can be written any more.
    async fn write_down(&mut self, lines: &[Line]) -> ControlFlow<()> {
        match self.write_patiently(lines).await {
            Ok(users) => self.tell(users),
            Err(StoreError::Fenced) => return ControlFlow::Break(()),
            Err(error) if lines.len() == 1 => tracing::error!(%error, line = ?lines[0], "a line of history is lost"),
            Err(error) if error.is_unavailable() => {
                tracing::error!(%error, lines = lines.len(), "the server stops without its database: lines of history are lost");
            }
            Err(_) => {
                for line in lines {
                    Box::pin(self.write_down(slice::from_ref(line))).await?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Writes lines in one transaction, and waits for a database that cannot be used: what comes meanwhile waits in the queue.
    async fn write_patiently(&mut self, lines: &[Line]) -> Result<BTreeSet<UserId>, StoreError> {
        let mut wait = FIRST_WAIT;
        loop {
            let error = match self.store.settle(|| write(&self.store, self.epoch, lines)).await {
                Err(error) if error.is_unavailable() => error,
                done => return done,
            };
            if self.queue.is_closed() {
                let gives_up = *self.gives_up.get_or_insert_with(|| Instant::now() + PATIENCE);
                if gives_up <= Instant::now() + wait {
                    return Err(error);
                }
            }
            tracing::warn!(%error, lines = lines.len() + self.queue.len(), "history waits for the database");
            sleep(wait).await;
            wait = (2 * wait).min(MOST_WAIT);
        }
    }

    fn tell(&self, users: BTreeSet<UserId>) {
        if let (false, Some(mailbox)) = (users.is_empty(), self.mailbox.upgrade()) {
            // Who is told too late reads the history anew with the next change, or when they look.
            let _ = mailbox.try_send(Mail::Tell { users: users.into_iter().collect(), event: Event::HistoryChanged });
        }
    }
}

/// Writes lines in one transaction; gives those whose history of calls is a different one for it.
async fn write(store: &Store, epoch: u64, lines: &[Line]) -> Result<BTreeSet<UserId>, StoreError> {
    let mut writing = store.write().await?;
    leases::hold(&mut writing, leases::CALLS, epoch).await?;
    let mut users = BTreeSet::new();
    for line in lines {
        match line {
            Line::Record(record) => users.extend(write_record(&mut writing, record).await?),
            Line::Beat(at) => calls::heartbeat(&mut writing, utc_ms(*at)).await?,
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
