//! Seats: who takes part in a call, and how.

use switchboard_ids::{DeviceId, UserId};

/// One device of one user. A device belongs to one user for as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Who.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
}

/// Which of a participant's sources are switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaState {
    /// The microphone is not muted.
    pub microphone: bool,
    /// The camera is on.
    pub camera: bool,
    /// The screen is shared: by one seat of a call at a time, which is not held. A device that takes a seat shares none at first.
    pub screen: bool,
}

/// Where a seat stands: `Invited ⇄ Ringing → Active ⇄ Held, Reconnecting → Left`; the others end a seat that was not taken.
/// While the call runs, a seat that is over can be rung again ([`crate::Calls::invite`]) or taken ([`crate::Calls::join`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatState {
    /// Asked, but no connected device rings at this moment; one that connects before the deadline will.
    Invited,
    /// At least one connected device rings.
    Ringing,
    /// Takes part.
    Active,
    /// Keeps the seat while nothing flows.
    Held,
    /// Its device lost the connection; the seat is kept for [`crate::Config::grace`].
    Reconnecting,
    /// Took part and left.
    Left,
    /// Refused.
    Declined,
    /// Did not answer before the ringing ended.
    Missed,
    /// Is in another call.
    Busy,
    /// Had no device, or may not be called.
    Unreachable,
    /// The ringing was taken back.
    Cancelled,
}

impl SeatState {
    /// The seat rings, or waits for a device that could.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Invited | Self::Ringing)
    }

    /// A device holds the seat.
    pub const fn is_present(self) -> bool {
        matches!(self, Self::Active | Self::Held | Self::Reconnecting)
    }

    /// The seat is neither open nor held by a device.
    pub const fn is_over(self) -> bool {
        !self.is_open() && !self.is_present()
    }
}

/// A seat as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatView {
    /// Whose seat it is.
    pub user: UserId,
    /// Where it stands.
    pub state: SeatState,
    /// What its device sends; nothing unless [`SeatState::is_present`].
    pub media: MediaState,
    /// The device that holds it, while it is present.
    pub device: Option<DeviceId>,
    /// How many connected devices ring.
    pub ringing_on: u32,
}
