//! A seat as the machine keeps it: what it is, what others were told of it, what was written down.

use std::collections::BTreeSet;

use switchboard_ids::{DeviceId, UserId};

use crate::board::Lost;
use crate::quality::Tally;
use crate::{MediaState, SeatState, SeatView, Timestamp};

/// Where a seat stands. Whether its devices are connected is not kept here: [`Lost`] knows.
#[derive(Debug)]
pub(crate) enum Stand {
    Open(Open),
    Present(Presence),
    Over(SeatState),
}

/// A seat that may be taken by answering.
#[derive(Debug)]
pub(crate) struct Open {
    /// When it is missed.
    pub(crate) until: Timestamp,
    /// Whether it goes on ringing while its user is in another call.
    pub(crate) waiting: bool,
    /// The devices it rings on, lost ones too.
    pub(crate) rings: BTreeSet<DeviceId>,
    /// Those of them that have a leg already.
    pub(crate) warm: BTreeSet<DeviceId>,
}

/// A seat that a device holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presence {
    pub(crate) device: DeviceId,
    pub(crate) held: bool,
    /// The device has a leg; it has none between a restart and its own join.
    pub(crate) leg: bool,
    /// The gate of that leg is open.
    pub(crate) gate: bool,
}

#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) user: UserId,
    pub(crate) stand: Stand,
    pub(crate) media: MediaState,
    /// Another shares a screen instead, and the device that holds the seat has not said since that it shares none: it may not know yet.
    pub(crate) overtaken: bool,
    /// Its user may not know of the call.
    pub(crate) barred: bool,
    pub(crate) tally: Tally,
    /// How the seat looked to the others, and to its own device, when they were told last.
    told: Option<[Face; 2]>,
    /// What was written down last.
    written: Option<(SeatState, Option<DeviceId>)>,
}

/// What others see of a seat. Which device holds it is not part of it.
type Face = (SeatState, MediaState, u32);

impl Seat {
    /// A seat nobody was told of.
    pub(crate) fn new(user: UserId, stand: Stand, barred: bool) -> Self {
        let (media, tally) = (MediaState::default(), Tally::default());
        Self { user, stand, media, overtaken: false, barred, tally, told: None, written: None }
    }

    /// The device that holds the seat.
    pub(crate) fn device(&self) -> Option<DeviceId> {
        match &self.stand {
            Stand::Present(presence) => Some(presence.device),
            Stand::Open(_) | Stand::Over(_) => None,
        }
    }

    pub(crate) fn presence_on(&self, device: DeviceId) -> Option<&Presence> {
        match &self.stand {
            Stand::Present(presence) if presence.device == device => Some(presence),
            _ => None,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.stand, Stand::Open(_))
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stand, Stand::Over(_))
    }

    pub(crate) fn rings_on(&self, device: DeviceId) -> bool {
        matches!(&self.stand, Stand::Open(open) if open.rings.contains(&device))
    }

    /// The seat as others see it.
    pub(crate) fn view(&self, lost: &Lost) -> SeatView {
        let (state, media, ringing_on) = match &self.stand {
            Stand::Open(open) => {
                let connected = open.rings.iter().filter(|device| !lost.contains(**device)).count();
                let state = if connected > 0 { SeatState::Ringing } else { SeatState::Invited };
                (state, MediaState::default(), u32::try_from(connected).unwrap_or(u32::MAX))
            }
            Stand::Present(presence) if lost.contains(presence.device) => (SeatState::Reconnecting, self.media, 0),
            Stand::Present(Presence { held: true, .. }) => (SeatState::Held, self.media, 0),
            Stand::Present(_) => (SeatState::Active, self.media, 0),
            Stand::Over(state) => (*state, MediaState::default(), 0),
        };
        SeatView { user: self.user, state, media, device: self.device(), ringing_on }
    }

    /// The seat as the device that holds it sees it: for itself it never reconnects.
    pub(crate) fn own_view(&self, lost: &Lost) -> SeatView {
        let mut view = self.view(lost);
        if let Stand::Present(presence) = &self.stand {
            view.state = if presence.held { SeatState::Held } else { SeatState::Active };
        }
        view
    }

    /// The state to write down: a held seat is held in the books even while its device is lost, so that it comes back held.
    pub(crate) fn lasting_state(&self, lost: &Lost) -> SeatState {
        match &self.stand {
            Stand::Present(Presence { held: true, .. }) => SeatState::Held,
            _ => self.view(lost).state,
        }
    }

    /// Remembers how the seat looks; whether that is new to the others, and to its own device.
    pub(crate) fn look(&mut self, lost: &Lost) -> [bool; 2] {
        let faces = [self.view(lost), self.own_view(lost)].map(|view| (view.state, view.media, view.ringing_on));
        let before = self.told.replace(faces);
        [0, 1].map(|who| before.map(|before| before[who]) != Some(faces[who]))
    }

    /// Remembers what is written down; whether it is new.
    pub(crate) fn write(&mut self, state: SeatState) -> bool {
        let line = (state, self.device());
        self.written.replace(line) != Some(line)
    }

    /// What an earlier run has written down.
    pub(crate) fn set_written(&mut self, state: SeatState, device: Option<DeviceId>) {
        self.written = Some((state, device));
    }
}
