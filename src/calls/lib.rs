//! The sans-IO call machine: who rings whom, on which devices, until when, and what comes of it.
//!
//! [`Calls`] is driven like a state machine without a clock: a command or [`Calls::handle_timeout`] changes it once, then
//! [`Calls::poll_output`] is drained to `None` and [`Calls::poll_timeout`] says when to come back. Time is an argument. The
//! machine knows no I/O, no clock, no names or numbers of people, no contacts and no media: it says which ring, which gate,
//! which leg and which line of history, and its owner performs it.
//!
//! A call has **seats**: the caller's, active from the start, and one for each who is called. A callee's seat rings on all of
//! its user's devices; the first accept takes it. A seat may be held while its user talks elsewhere, moved to another of
//! their devices, kept while its device is lost, and taken or rung again after it was left. A user is active in one call at
//! most.
//!
//! What bounds it: a live call keeps at least one device busy, lost for no longer than the grace; a user is active in one
//! call and holds a few; requests and calls have a greatest size; calls that ended are remembered in a ring of fixed size.
//!
//! A reading tour: `seat` and `output` are the vocabulary, `stand` is a seat inside, `call` the edges of one call, `tell` what
//! follows from them, `verdict` when it ends, `board` what all calls share, `machine` ties them together; `place`, `invite`,
//! `answer`, `join`, `hold`, `leave` and `devices` are the commands, `current` what becomes of the call one is in, `restore`
//! what a restart leaves, `views` the questions.

mod answer;
mod board;
mod call;
mod callee;
mod current;
mod devices;
mod error;
mod hold;
mod invite;
mod join;
mod leave;
mod machine;
mod output;
mod place;
mod quality;
mod restore;
mod seat;
mod stand;
mod tell;
mod time;
mod tombstones;
mod verdict;
mod views;

pub use callee::Callee;
pub use current::Current;
pub use error::{AcceptError, DeclineError, HoldError, InviteError, JoinError, PlaceError, SeatError};
pub use machine::{Calls, Config};
pub use output::{EndReason, Output, PutOut, Record, RingStop};
pub use place::{CallKind, Place};
pub use quality::{Quality, Report};
pub use restore::{Restored, RestoredSeat};
pub use seat::{Endpoint, MediaState, SeatState, SeatView};
pub use time::Timestamp;
pub use views::CallView;
