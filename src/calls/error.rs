//! Why a command was refused. A refused command changes nothing; that its time ends a ring on the way is not its doing.

use thiserror::Error;

/// Why a call was not placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// The list of callees is empty.
    #[error("nobody is called")]
    NoCallees,
    /// More callees than [`crate::Config::max_callees`].
    #[error("more than {max} people are called")]
    TooManyCallees {
        /// How many may be called at once.
        max: usize,
    },
    /// The caller is among the callees.
    #[error("the caller calls themselves")]
    CallsOneself,
    /// A callee is listed more than once.
    #[error("the same person is called twice")]
    CalledTwice,
    /// The caller is in a call already, or places one.
    #[error("the caller is in another call")]
    InAnotherCall,
    /// The call's id belongs to a call already.
    #[error("the id of the call is in use")]
    IdInUse,
    /// [`crate::Calls::stop`] came before.
    #[error("no more calls are placed: the server is stopping")]
    Stopped,
}

/// Why a call was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AcceptError {
    /// There is no such call, or the user never had a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over, or the user's seat in it is.
    #[error("the call is over")]
    CallOver,
    /// Another device of the user holds the seat.
    #[error("the call was answered on another device")]
    AnsweredElsewhere,
    /// The seat is busy because the user is in another call.
    #[error("the user is in another call")]
    InAnotherCall,
    /// The call does not ring on this device: it placed or took the call itself, or was never rung.
    #[error("the call does not ring on this device")]
    WrongState,
}

/// Why a call was not declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeclineError {
    /// There is no such call, or the user never had a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over, or the user's seat in it is.
    #[error("the call is over")]
    CallOver,
    /// Another device of the user holds the seat.
    #[error("the call was answered on another device")]
    AnsweredElsewhere,
    /// The call does not ring on this device: it placed or took the call itself, or was never rung.
    #[error("the call does not ring on this device")]
    WrongState,
}

/// Why a call was not cancelled, not left, or its media not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SeatError {
    /// There is no such call, or the user never had a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over, or the user's seat in it is.
    #[error("the call is over")]
    CallOver,
    /// The request does not fit what the call is doing, or the device that asks does not hold the seat.
    #[error("the request does not fit the state of the call")]
    WrongState,
}

/// No seat was found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NoSeat {
    /// The user never had one, as far as is remembered.
    Unknown,
    /// The user had one in a call that ended.
    Over,
}

macro_rules! from_no_seat {
    ($($error:ident),*) => {$(
        impl From<NoSeat> for $error {
            fn from(none: NoSeat) -> Self {
                match none {
                    NoSeat::Unknown => Self::UnknownCall,
                    NoSeat::Over => Self::CallOver,
                }
            }
        }
    )*};
}

from_no_seat!(AcceptError, DeclineError, SeatError);
