//! Why a command was refused. A refused command changes nothing; that its time ends a ring on the way is not its doing.

use switchboard_ids::CallId;
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
    /// The caller is active in a call already, or places one.
    #[error("the caller is in another call")]
    InAnotherCall,
    /// The call's id belongs to a call already.
    #[error("the id of the call is in use")]
    IdInUse,
    /// The one callee calls this caller at this moment: that call is to be accepted instead.
    #[error("the callee is calling the caller")]
    Glare {
        /// Their call.
        call: CallId,
    },
}

/// Why nobody was asked into a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InviteError {
    /// There is no such call, or the user may not know of a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over, or the user's seat in it is.
    #[error("the call is over")]
    CallOver,
    /// The device that asks does not hold the user's seat.
    #[error("the device is not in the call")]
    WrongState,
    /// The list of callees is empty.
    #[error("nobody is called")]
    NoCallees,
    /// More callees than [`crate::Config::max_callees`].
    #[error("more than {max} people are called")]
    TooManyCallees {
        /// How many may be called at once.
        max: usize,
    },
    /// The one who asks is among those asked.
    #[error("the caller calls themselves")]
    CallsOneself,
    /// A callee is listed more than once.
    #[error("the same person is called twice")]
    CalledTwice,
    /// The call would have more seats than [`crate::Config::max_seats`].
    #[error("the call would have more than {max} seats")]
    TooManySeats {
        /// How many seats a call may have.
        max: usize,
    },
    /// A callee is in the call, or it rings for them.
    #[error("someone who is called is in the call or rings already")]
    AlreadyIn,
}

/// Why a call was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AcceptError {
    /// There is no such call, or the user may not know of a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over, or the user's seat in it is.
    #[error("the call is over")]
    CallOver,
    /// Another device of the user holds the seat.
    #[error("the call was answered on another device")]
    AnsweredElsewhere,
    /// The user is active in another call and did not say what becomes of it, or the seat is busy because of it.
    #[error("the user is in another call")]
    InAnotherCall,
    /// The call does not ring on this device: it placed or took the call itself, or was never rung. Or the call the user is
    /// active in cannot be held, since nobody has answered it.
    #[error("the call does not ring on this device, or the present one cannot be held")]
    WrongState,
    /// The user holds [`crate::Config::max_held`] calls already.
    #[error("the user holds as many calls as one may")]
    TooManyHeld,
}

/// Why a seat was not taken without a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JoinError {
    /// There is no such call, or the user may not know of a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over.
    #[error("the call is over")]
    CallOver,
    /// The seat is to be taken by accepting, or nobody has answered the call yet. Or the call the user is active in cannot be
    /// held, since nobody has answered it.
    #[error("the request does not fit the state of the call")]
    WrongState,
    /// The user is active in another call and did not say what becomes of it.
    #[error("the user is in another call")]
    InAnotherCall,
    /// The user holds [`crate::Config::max_held`] calls already.
    #[error("the user holds as many calls as one may")]
    TooManyHeld,
}

/// Why a call was not held, or not gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HoldError {
    /// There is no such call, or the user may not know of a seat in it: a stranger cannot tell which.
    #[error("there is no such call")]
    UnknownCall,
    /// The call is over, or the user's seat in it is.
    #[error("the call is over")]
    CallOver,
    /// The device does not hold the seat, nobody has answered, or the call is held already, or not. Or the call the user is
    /// active in cannot be held, since nobody has answered it.
    #[error("the request does not fit the state of the call")]
    WrongState,
    /// The user is active in another call and did not say what becomes of it.
    #[error("the user is in another call")]
    InAnotherCall,
    /// The user holds [`crate::Config::max_held`] calls already.
    #[error("the user holds as many calls as one may")]
    TooManyHeld,
}

/// Why a call was not declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeclineError {
    /// There is no such call, or the user may not know of a seat in it: a stranger cannot tell which.
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

/// Why a call was not cancelled or not left, or what was said of a seat not taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SeatError {
    /// There is no such call, or the user may not know of a seat in it: a stranger cannot tell which.
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
    /// The user never had one that they may know of, as far as is remembered.
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

from_no_seat!(AcceptError, DeclineError, HoldError, InviteError, JoinError, SeatError);
