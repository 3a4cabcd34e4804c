//! The sans-IO call machine: who rings whom, on which devices, until when, and what comes of it.
//!
//! [`Calls`] is driven like a state machine without a clock: a command or [`Calls::handle_timeout`] changes it once, then
//! [`Calls::poll_output`] is drained to `None` and [`Calls::poll_timeout`] says when to come back. Time is an argument. The
//! machine knows no I/O, no clock, no names or numbers of people, no contacts and no media: it says which ring, which gate,
//! which leg and which line of history, and its owner performs it.
//!
//! A call has **seats**: the caller's, active from the start, and one for each callee. A callee's seat rings on all of its
//! user's devices; the first accept takes it.
//!
//! What bounds it: a live call keeps at least one connected device busy, a user is active in one call at most, a seat
//! rings only on connected devices, and calls that ended are remembered in a ring of fixed size.
//!
//! A reading tour: `seat` and `output` are the vocabulary, `call` the edges of one call, `board` what all calls share,
//! `machine` ties them together; `place`, `answer`, `leave` and `devices` are the commands.

mod answer;
mod board;
mod call;
mod devices;
mod error;
mod leave;
mod machine;
mod output;
mod place;
mod seat;
mod time;
mod tombstones;

pub use error::{AcceptError, DeclineError, PlaceError, SeatError};
pub use machine::{CallView, Calls, Config};
pub use output::{EndReason, Output, Record, RingStop};
pub use place::{CallKind, Callee, Place};
pub use seat::{Endpoint, MediaState, SeatState, SeatView};
pub use time::Timestamp;
