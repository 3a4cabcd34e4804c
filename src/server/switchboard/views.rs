//! What the media threads are told of a call: which of its sources each device in it has on, and what it looks at.
//!
//! All are worked out anew when a seat or a leg of the call changes, that of one device when it says what it shows; and told
//! where they differ from what was told last.

use std::collections::BTreeSet;
use std::mem;

use switchboard_calls::{Endpoint, SeatError};
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{ErrorCode, Failure, Tile};

use super::actor::Actor;
use super::translate;
use crate::media_driver::{LegId, Sources};

/// An offer has no more m-lines than this.
const MAX_TILES: usize = 64;

/// A device that holds a seat and has media.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seated {
    pub(super) user: UserId,
    pub(super) device: DeviceId,
    pub(super) leg: LegId,
    pub(super) on: Sources,
}

impl Actor {
    /// Everyone in a call who has media, the caller first.
    pub(super) fn seated(&self, call: CallId) -> Vec<Seated> {
        let seats = self.calls.seats(call).unwrap_or_default();
        let seated = seats.into_iter().filter_map(|seat| {
            let device = seat.device?;
            let (leg, _) = self.legs.of(call, device)?;
            Some(Seated { user: seat.user, device, leg, on: translate::sources(seat.media) })
        });
        seated.collect()
    }

    /// A device says what it shows. Who is named and not there, left or not yet come, is looked for again whenever somebody
    /// comes.
    pub(super) fn view(&mut self, who: Endpoint, call: CallId, tiles: Vec<Tile>) -> Result<(), Failure> {
        let leg = self.own_leg(who, call)?;
        self.check_tiles(call, leg, &tiles)?;
        if let Some(told) = self.legs.told_mut(leg) {
            told.tiles = tiles;
        }
        self.arrange_view(leg);
        Ok(())
    }

    /// The leg of a device in a call that it holds a seat in.
    pub(super) fn own_leg(&self, who: Endpoint, call: CallId) -> Result<LegId, Failure> {
        self.calls.holds_seat(call, who).map_err(translate::seat_error)?;
        let leg = self.legs.of(call, who.device);
        leg.map(|(id, _)| id).ok_or_else(|| translate::seat_error(SeatError::WrongState))
    }

    fn check_tiles(&self, call: CallId, leg: LegId, tiles: &[Tile]) -> Result<(), Failure> {
        let bad = |message: String| Err(Failure { code: ErrorCode::BadMessage, message });
        if tiles.len() > MAX_TILES {
            return bad(format!("a view may have {MAX_TILES} tiles, this one has {}", tiles.len()));
        }
        let slots = self.legs.told(leg).map(|told| &told.picture_slots[..]).unwrap_or_default();
        let seats: BTreeSet<UserId> = self.calls.seats(call).unwrap_or_default().into_iter().map(|seat| seat.user).collect();
        let mut mids = BTreeSet::new();
        for tile in tiles {
            if !slots.contains(&tile.mid) {
                return bad(format!("{:?} is no slot for a camera or a screen in this device's offer", tile.mid));
            }
            if !mids.insert(&tile.mid) {
                return bad(format!("slot {:?} is named twice", tile.mid));
            }
            if tile.user.is_some_and(|user| !seats.contains(&user)) {
                return bad(format!("slot {:?} is for somebody who has no seat in the call", tile.mid));
            }
        }
        Ok(())
    }

    /// Tells the media threads and the people in the calls that changed what is new to them.
    pub(super) fn show_changed(&mut self) {
        for call in mem::take(&mut self.changed) {
            self.arrange(call);
            self.heard.insert(call);
        }
        for call in mem::take(&mut self.heard) {
            self.show_scene(call);
        }
    }

    /// Tells the media thread of a call what is new to it.
    pub(super) fn arrange(&mut self, call: CallId) {
        let seated = self.seated(call);
        let Some(party) = self.legs.party_mut(call) else { return };
        let seen_by = seated.iter().map(|seated| (seated.user, seated.leg)).collect();
        // While everyone is seen by the leg they were seen by, nobody's view is another.
        let moved = mem::replace(&mut party.seen_by, seen_by) != party.seen_by;
        for Seated { leg, on, .. } in seated {
            if self.legs.told_mut(leg).is_some_and(|told| told.on.replace(on) != Some(on)) {
                self.media.set_sources(leg, on);
            }
            if moved {
                self.arrange_view(leg);
            }
        }
    }

    /// Tells the media thread what a leg shows, if that is new to it.
    fn arrange_view(&mut self, leg: LegId) {
        if let Some(view) = self.legs.new_view(leg) {
            self.media.set_view(leg, view);
        }
    }
}
