//! What the call machine should do, in the plainest way there is: no indexes, no outputs, every rule applied to every call
//! until nothing changes. Who rings is not kept at all: an open seat rings on whatever its user has.
//!
//! Here is what there is and what can be asked of it; `orders` are the commands, `rules` what follows by itself.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_calls::*;
use switchboard_ids::{CallId, DeviceId, UserId};

pub(crate) const RING_FOR_MS: u64 = 45_000;
pub(crate) const GRACE_MS: u64 = 20_000;
pub(crate) const MAX_CALLEES: usize = 3;
pub(crate) const MAX_SEATS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Asked { until: u64, waiting: bool },
    In { device: DeviceId, held: bool, leg: bool },
    Out(SeatState),
}

#[derive(Debug, Clone)]
pub(crate) struct Chair {
    pub(crate) user: UserId,
    pub(crate) place: Place,
    pub(crate) barred: bool,
    pub(crate) media: MediaState,
    /// Another took its share of a screen, and its device has not said since that it shares none.
    pub(crate) overtaken: bool,
    pub(crate) reports: Vec<(Report, u64)>,
    /// What the last line of quality has to say: loss, freezes, the worst moment.
    pub(crate) quality: Option<(f64, u64, u64)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) id: CallId,
    pub(crate) placed: u64,
    pub(crate) answered: Option<u64>,
    pub(crate) over: Option<EndReason>,
    /// The caller's first.
    pub(crate) chairs: Vec<Chair>,
    pub(crate) last_left: EndReason,
    /// It ended before a restart.
    pub(crate) forgotten: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Gadget {
    pub(crate) user: UserId,
    /// Until when its connection may come back, while it is lost, and whether a restart has cut it.
    pub(crate) lost: Option<(u64, bool)>,
    /// It has not come back since a restart, and rings for nothing.
    pub(crate) deaf: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Reference {
    pub(crate) now: u64,
    pub(crate) devices: BTreeMap<DeviceId, Gadget>,
    pub(crate) talks: Vec<Talk>,
    pub(crate) warm: BTreeSet<(CallId, DeviceId)>,
    /// Every share of a screen that another has taken over: whose device lost it, and who took it.
    pub(crate) screens_taken: Vec<(CallId, DeviceId, UserId)>,
    pub(crate) max_held: usize,
}

pub(crate) type Outcome = Result<(), &'static str>;

impl Chair {
    pub(crate) fn new(user: UserId, place: Place, barred: bool) -> Self {
        Self { user, place, barred, media: MediaState::default(), overtaken: false, reports: Vec::new(), quality: None }
    }

    pub(crate) fn device(&self) -> Option<DeviceId> {
        if let Place::In { device, .. } = self.place { Some(device) } else { None }
    }
}

impl Talk {
    pub(crate) fn chair(&self, user: UserId) -> Option<&Chair> {
        self.chairs.iter().find(|chair| chair.user == user)
    }

    pub(crate) fn chair_mut(&mut self, user: UserId) -> &mut Chair {
        self.chairs.iter_mut().find(|chair| chair.user == user).expect("they have a chair")
    }
}

impl Reference {
    pub(crate) fn at(now: u64, max_held: usize) -> Self {
        Self { now, max_held, ..Self::default() }
    }

    pub(crate) fn going_on(&self) -> impl Iterator<Item = &Talk> {
        self.talks.iter().filter(|talk| talk.over.is_none())
    }

    pub(crate) fn talk(&self, id: CallId) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id)
    }

    pub(crate) fn talk_mut(&mut self, id: CallId) -> &mut Talk {
        self.talks.iter_mut().find(|talk| talk.id == id).expect("it was placed")
    }

    /// The call a user is active in.
    pub(crate) fn active_call(&self, user: UserId) -> Option<CallId> {
        let active = |chair: &Chair| chair.user == user && matches!(chair.place, Place::In { held: false, .. });
        self.going_on().find(|talk| talk.chairs.iter().any(active)).map(|talk| talk.id)
    }

    /// The devices that ring when their user is called.
    pub(crate) fn devices_of(&self, user: UserId) -> Vec<DeviceId> {
        self.devices.iter().filter(|(_, gadget)| gadget.user == user && !gadget.deaf).map(|(&device, _)| device).collect()
    }

    pub(crate) fn is_lost(&self, device: DeviceId) -> bool {
        self.devices.get(&device).is_some_and(|gadget| gadget.lost.is_some())
    }

    /// Every ring there is.
    pub(crate) fn rings(&self) -> Vec<(CallId, DeviceId)> {
        let mut rings = Vec::new();
        for talk in self.going_on() {
            for chair in talk.chairs.iter().filter(|chair| matches!(chair.place, Place::Asked { .. })) {
                rings.extend(self.devices_of(chair.user).into_iter().map(|device| (talk.id, device)));
            }
        }
        rings
    }

    /// Every device that holds a seat, of those that are as asked for.
    pub(crate) fn seated(&self, is: impl Fn(&Talk, &Place) -> bool) -> Vec<(CallId, DeviceId)> {
        let seated = |talk: &Talk| {
            let chairs = talk.chairs.iter().filter(|chair| is(talk, &chair.place));
            chairs.filter_map(|chair| Some((talk.id, chair.device()?))).collect::<Vec<_>>()
        };
        self.going_on().flat_map(seated).collect()
    }

    /// Every device that has a leg.
    pub(crate) fn legs(&self) -> BTreeSet<(CallId, DeviceId)> {
        let warm = self.rings().into_iter().filter(|ring| self.warm.contains(ring));
        warm.chain(self.seated(|_, place| matches!(place, Place::In { leg: true, .. }))).collect()
    }

    /// Every call with a seat that one of its user's devices could take without a ring.
    pub(crate) fn joinable(&self) -> Vec<(CallId, DeviceId)> {
        let mut joinable = Vec::new();
        for talk in self.going_on() {
            let chairs = talk.chairs.iter().filter(|chair| !chair.barred && !matches!(chair.place, Place::Asked { .. }));
            joinable.extend(chairs.flat_map(|chair| self.devices_of(chair.user).into_iter().map(|device| (talk.id, device))));
        }
        joinable
    }

    pub(crate) fn state(&self, chair: &Chair) -> SeatState {
        match chair.place {
            Place::In { device, .. } if self.is_lost(device) => SeatState::Reconnecting,
            Place::In { held: true, .. } => SeatState::Held,
            Place::In { .. } => SeatState::Active,
            Place::Out(state) => state,
            Place::Asked { .. } if self.devices_of(chair.user).iter().any(|device| !self.is_lost(*device)) => SeatState::Ringing,
            Place::Asked { .. } => SeatState::Invited,
        }
    }

    /// What history says of a seat.
    pub(crate) fn lasting_state(&self, chair: &Chair) -> SeatState {
        if let Place::In { held: true, .. } = chair.place { SeatState::Held } else { self.state(chair) }
    }

    /// The seats of a call, as everyone sees them or as one device does.
    pub(crate) fn seats(&self, talk: &Talk, own: Option<DeviceId>) -> Vec<SeatView> {
        let seat = |chair: &Chair| {
            let state = match chair.place {
                Place::In { device, held, .. } if Some(device) == own => [SeatState::Active, SeatState::Held][usize::from(held)],
                _ => self.state(chair),
            };
            let rings = self.devices_of(chair.user).into_iter().filter(|device| !self.is_lost(*device)).count();
            let ringing_on = if state == SeatState::Ringing { rings as u32 } else { 0 };
            SeatView { user: chair.user, state, media: chair.media, device: chair.device(), ringing_on }
        };
        talk.chairs.iter().map(seat).collect()
    }

    /// All that will happen by itself: when, whether it is the end of a grace, and to whom.
    pub(crate) fn due(&self) -> Vec<(u64, bool, u128, u128)> {
        let mut due = Vec::new();
        for talk in self.going_on() {
            for chair in &talk.chairs {
                if let Place::Asked { until, .. } = chair.place {
                    due.push((until, false, talk.id.as_u128(), chair.user.as_u128()));
                }
            }
        }
        for (device, gadget) in &self.devices {
            due.extend(gadget.lost.map(|(until, _)| (until, true, device.as_u128(), 0)));
        }
        due.sort_unstable();
        due
    }
}
