//! The sides of a comparison, in the order in which they have their turns.

use crate::cli::Sfu;

/// Who has a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Peer(Sfu),
    /// Ours without congestion control, which the other has none of either: what is left is the cost of forwarding alone.
    Uncontrolled,
}

impl Side {
    /// All sides of a comparison with this other.
    pub(super) fn all(peer: Sfu) -> [Self; 3] {
        [Self::Ours, Self::Peer(peer), Self::Uncontrolled]
    }

    /// What is started for it.
    pub(super) fn sfu(self) -> Sfu {
        match self {
            Self::Ours | Self::Uncontrolled => Sfu::Switchboard,
            Self::Peer(sfu) => sfu,
        }
    }

    /// In JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Uncontrolled => "switchboard_without_congestion_control",
            Self::Ours | Self::Peer(_) => self.sfu().name(),
        }
    }

    /// As people write it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Uncontrolled => "Switchboard without congestion control",
            Self::Ours | Self::Peer(_) => self.sfu().title(),
        }
    }
}
