//! A switchboard that another node has, as a node sees it that has none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::{Down, Up};
use crate::switchboard::handle::Gone;
use crate::switchboard::line::Line;
use crate::switchboard::mail::{Mail, Resumption};
use crate::switchboard::overview::CallOverview;

/// Words that wait to go up; who posts more waits until there is room.
const WAITING: usize = 1_024;

/// A switchboard that another node has; clones speak to the same one.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    up: mpsc::Sender<Up>,
    known: Arc<Mutex<Known>>,
}

/// What is to be found again when words come down.
#[derive(Debug, Default)]
struct Known {
    lines: HashMap<u64, Line>,
    resumes: HashMap<u64, oneshot::Sender<Resumption>>,
    asked: HashMap<u64, oneshot::Sender<bool>>,
    overviews: HashMap<u64, oneshot::Sender<Vec<CallOverview>>>,
    last_question: u64,
    /// The link has ended: nothing more is taken.
    ended: bool,
}

impl Known {
    fn question(&mut self) -> u64 {
        self.last_question += 1;
        self.last_question
    }
}

impl Guest {
    /// One that nothing was said to; gives what is to go up.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Up>) {
        let (up, waiting) = mpsc::channel(WAITING);
        (Self { up, known: Arc::default() }, waiting)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What is in it is right at every moment, whoever panicked.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the link has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.known().ended
    }

    /// Sends mail up.
    pub(crate) async fn post(&self, mail: Mail) -> Result<(), Gone> {
        let up = self.word(mail).ok_or(Gone::Vacant)?;
        self.up.send(up).await.map_err(|_| Gone::Vacant)
    }

    /// Mail as a word, with everything kept that is to be found again; none when the link has ended.
    fn word(&self, mail: Mail) -> Option<Up> {
        let mut known = self.known();
        if known.ended {
            return None;
        }
        Some(match mail {
            Mail::Resume { device, after, user, session, line, outcome } => {
                let (question, number) = (known.question(), line.id.number());
                known.resumes.insert(question, outcome);
                known.lines.insert(number, line);
                Up::Resume { line: number, device, after, user, session, question }
            }
            Mail::Arriving { device, user, session, line } => Up::Arriving { line: line.number(), device, user, session },
            Mail::Connected { device, newcomer, line } => {
                let number = line.id.number();
                known.lines.insert(number, line);
                Up::Connected { line: number, device, newcomer }
            }
            Mail::Asked { device, line, id, ask } => Up::Asked { line: line.number(), device, id, ask },
            Mail::Gone { device, line, left } => {
                known.lines.remove(&line.number());
                Up::Gone { line: line.number(), device, left }
            }
            Mail::Leave { device, session, known: told } => {
                let question = known.question();
                known.asked.insert(question, told);
                Up::Leave { device, session, question }
            }
            Mail::Posted { device, session, text, known: told, .. } => {
                let question = known.question();
                known.asked.insert(question, told);
                Up::Posted { device, session, text, question }
            }
            Mail::ContactsChanged { users, now_contacts } => Up::ContactsChanged { users, now_contacts },
            Mail::BlockChanged { user, other, blocked } => Up::BlockChanged { user, other, blocked },
            Mail::Tell { users, event } => Up::Tell { users, event },
            Mail::LoggedOut { session } => Up::LoggedOut { session },
            Mail::Overview { told } => {
                let question = known.question();
                known.overviews.insert(question, told);
                Up::Overview { question }
            }
            // A node drains and ends its own switchboard alone.
            Mail::Drain { .. } | Mail::Fenced | Mail::Stop { .. } => return None,
        })
    }

    /// Takes a word that came down.
    pub(crate) fn take(&self, down: Down) {
        let mut known = self.known();
        match down {
            Down::Told { line, message } => {
                // One that does not read what it is told is given up, as the switchboard gives up its own.
                if known.lines.get(&line).is_some_and(|line| line.send(*message).is_err()) {
                    known.lines.remove(&line);
                }
            }
            Down::Posted { line, text } => {
                if known.lines.get(&line).is_some_and(|line| line.post(text).is_err()) {
                    known.lines.remove(&line);
                }
            }
            Down::InCall { line, in_call } => {
                if let Some(line) = known.lines.get(&line) {
                    line.set_in_call(in_call);
                }
            }
            Down::Closed { line, replaced } => {
                if let (Some(line), true) = (known.lines.remove(&line), replaced) {
                    line.replace();
                }
            }
            Down::Resumed { question, outcome } => {
                // Who asked may be gone.
                let _ = known.resumes.remove(&question).map(|told| told.send(outcome));
            }
            Down::Known { question, known: device } => {
                let _ = known.asked.remove(&question).map(|told| told.send(device));
            }
            Down::Overview { question, calls } => {
                let _ = known.overviews.remove(&question).map(|told| told.send(calls));
            }
            Down::Alive => {}
        }
    }

    /// The link has ended: its lines end, and nobody is answered any more.
    pub(crate) fn end(&self) {
        *self.known() = Known { ended: true, ..Known::default() };
    }
}
