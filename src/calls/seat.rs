//! Seats: who takes part in a call, and how.

use std::collections::BTreeSet;

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
    /// The screen is shared.
    pub screen: bool,
}

/// Where a seat stands. `Invited ⇄ Ringing → Active → Left`; the others end a seat that never was active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatState {
    /// Asked, but no device rings at this moment; one that connects before the deadline will.
    Invited,
    /// At least one device rings.
    Ringing,
    /// Takes part.
    Active,
    /// Took part and left.
    Left,
    /// Refused.
    Declined,
    /// Did not answer before the ringing ended.
    Missed,
    /// Is in another call.
    Busy,
    /// Had no device connected, or may not be called.
    Unreachable,
    /// The ringing was taken back.
    Cancelled,
}

impl SeatState {
    /// The seat may still be taken.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Invited | Self::Ringing)
    }

    /// Nothing more comes of the seat.
    pub const fn is_over(self) -> bool {
        !self.is_open() && !matches!(self, Self::Active)
    }
}

/// A seat as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatView {
    /// Whose seat it is.
    pub user: UserId,
    /// Where it stands.
    pub state: SeatState,
    /// What its device sends; meaningful while active.
    pub media: MediaState,
    /// The device that holds it, while active.
    pub device: Option<DeviceId>,
}

/// A seat as the machine keeps it.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) user: UserId,
    pub(crate) state: SeatState,
    pub(crate) media: MediaState,
    /// The device that holds the seat while it is active.
    pub(crate) device: Option<DeviceId>,
    /// The devices that ring; empty unless the seat is ringing.
    pub(crate) rings: BTreeSet<DeviceId>,
}

impl Seat {
    pub(crate) fn new(user: UserId) -> Self {
        Self { user, state: SeatState::Invited, media: MediaState::default(), device: None, rings: BTreeSet::new() }
    }

    pub(crate) fn view(&self) -> SeatView {
        SeatView { user: self.user, state: self.state, media: self.media, device: self.device }
    }
}
