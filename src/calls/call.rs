//! One call: its seats, and the edges between their states.
//!
//! Each edge changes a seat, keeps the [`Board`] in step and has `tell` say what has to be performed. Whether an edge is
//! allowed is decided by the commands; whether the call goes on after it, by `verdict`.

use std::collections::BTreeSet;
use std::mem;

use switchboard_ids::{CallId, DeviceId, UserId};

use crate::board::{Board, Deadline};
use crate::stand::{Open, Presence, Seat, Stand};
use crate::{CallKind, EndReason, Endpoint, MediaState, Output, Record, RingStop, SeatState, Timestamp};

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) kind: CallKind,
    pub(crate) placed_at: Timestamp,
    pub(crate) answered_at: Option<Timestamp>,
    /// The caller's first, then the others' in the order they were called.
    pub(crate) seats: Vec<Seat>,
    /// How the last present seat that was left was left; read only once one was.
    pub(crate) last_left: EndReason,
}

/// The caller's seat.
pub(crate) const CALLER: usize = 0;

impl Call {
    /// A call nobody is called by yet, its caller active.
    pub(crate) fn new(id: CallId, kind: CallKind, caller: Endpoint, media: MediaState, board: &mut Board) -> Self {
        let at = board.now;
        board.record(Record::Placed { call: id, kind, at, caller: caller.user });
        let mut call = Self { id, kind, placed_at: at, answered_at: None, seats: Vec::new(), last_left: EndReason::HungUp };
        let seat = call.seat(caller.user, caller.user, true, board);
        call.sit(seat, Presence { device: caller.device, held: false, leg: true, gate: false }, media, board);
        call
    }

    pub(crate) fn caller(&self) -> UserId {
        self.seats[CALLER].user
    }

    pub(crate) fn seat_of(&self, user: UserId) -> Option<usize> {
        self.seats.iter().position(|seat| seat.user == user)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.seats.iter().any(Seat::is_open)
    }

    /// The devices that hold a seat.
    pub(crate) fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.seats.iter().filter_map(Seat::device)
    }

    /// Gives `user` a seat, or asks for the one they have. One who once might know of the call may still.
    pub(crate) fn seat(&mut self, user: UserId, by: UserId, allowed: bool, board: &mut Board) -> usize {
        let seat = self.seat_of(user).unwrap_or_else(|| {
            self.seats.push(Seat::new(user, Stand::Over(SeatState::Unreachable), true));
            board.seated.insert((user, self.id));
            self.seats.len() - 1
        });
        let barred = self.seats[seat].barred && !allowed;
        self.seats[seat].barred = barred;
        board.record(Record::Seated { call: self.id, user, by, barred, at: board.now });
        seat
    }

    /// A seat that nobody holds rings on `devices`.
    pub(crate) fn open(&mut self, seat: usize, until: Timestamp, waiting: bool, devices: &[DeviceId], board: &mut Board) {
        let user = self.seats[seat].user;
        self.seats[seat].stand = Stand::Open(Open { until, waiting, rings: BTreeSet::new(), warm: BTreeSet::new() });
        board.open.insert((user, self.id));
        board.deadlines.insert((until, Deadline::Ring(self.id, user)));
        for &device in devices {
            self.ring(seat, device, board);
        }
    }

    /// An open seat rings on one more device.
    pub(crate) fn ring(&mut self, seat: usize, device: DeviceId, board: &mut Board) {
        let Seat { user, stand: Stand::Open(open), .. } = &mut self.seats[seat] else { return };
        if open.rings.insert(device) {
            board.rings.insert((device, self.id));
            let (rings_for, waiting) = (open.until.saturating_since(board.now), board.active.contains_key(user));
            board.push(Output::Ring { call: self.id, device, rings_for, waiting });
        }
    }

    /// A ringing device is gone. A seat that has no other goes back to invited.
    pub(crate) fn unring(&mut self, device: DeviceId, board: &mut Board) {
        board.rings.remove(&(device, self.id));
        let Some(seat) = self.seats.iter().position(|seat| seat.rings_on(device)) else { return };
        if let Stand::Open(open) = &mut self.seats[seat].stand {
            open.rings.remove(&device);
            if open.warm.remove(&device) {
                board.push(Output::RemoveLeg { call: self.id, device });
            }
        }
        self.show(seat, None, board);
    }

    /// A seat that nobody holds is taken on `device`, which its reply tells. A leg it was warmed with stays.
    pub(crate) fn take(&mut self, seat: usize, device: DeviceId, media: MediaState, board: &mut Board) {
        self.silence(seat, Some(device), RingStop::AnsweredElsewhere, true, board);
        self.sit(seat, Presence { device, held: false, leg: true, gate: false }, media, board);
        self.write(seat, None, board);
        if self.answered_at.is_none() {
            self.answered_at = Some(board.now);
            board.record(Record::Answered { call: self.id, at: board.now });
            self.set_gate(CALLER, board);
        }
        self.set_gate(seat, board);
        self.tell(seat, Some(device), board);
    }

    /// A seat that is not present ends. The device that `asked`, if one did, learns it from its reply; the others stop ringing.
    pub(crate) fn close(&mut self, seat: usize, state: SeatState, asked: Option<DeviceId>, why: RingStop, board: &mut Board) {
        self.silence(seat, asked, why, false, board);
        self.seats[seat].stand = Stand::Over(state);
        self.write(seat, asked, board);
    }

    /// A present seat goes on at another device of its user. True when it had been on another.
    pub(crate) fn move_to(&mut self, seat: usize, device: DeviceId, media: MediaState, board: &mut Board) -> bool {
        let Stand::Present(before) = self.seats[seat].stand else { return false };
        let moved = before.device != device;
        // New media of the same device does not end its share.
        let (screen, overtaken) = (!moved && self.seats[seat].media.screen, !moved && self.seats[seat].overtaken);
        if moved {
            board.present.remove(&(before.device, self.id));
            self.remove_leg(before, board);
            board.push(Output::PutOut { call: self.id, device: before.device, why: crate::PutOut::Moved { to: device } });
        }
        self.sit(seat, Presence { device, held: before.held, leg: true, gate: false }, media, board);
        self.seats[seat].media.screen = screen;
        self.seats[seat].overtaken = overtaken;
        self.set_gate(seat, board);
        self.show(seat, Some(device), board);
        moved
    }

    /// A present seat is held, or goes on, by the wish of the device `asked`.
    pub(crate) fn set_held(&mut self, seat: usize, held: bool, asked: DeviceId, board: &mut Board) {
        let Seat { user, stand: Stand::Present(presence), .. } = &mut self.seats[seat] else { return };
        presence.held = held;
        if held {
            board.active.remove(user);
            self.seats[seat].media.screen = false;
        } else {
            board.active.insert(*user, self.id);
        }
        self.set_gate(seat, board);
        self.show(seat, Some(asked), board);
    }

    /// A present seat is left.
    pub(crate) fn leave(&mut self, seat: usize, reason: EndReason, board: &mut Board) {
        self.last_left = reason;
        self.vacate(seat, board);
        self.tell(seat, None, board);
    }

    /// A present seat sends something else. Whoever shared a screen before shares it no more, if this one does: they are told
    /// first, so that nobody ever sees two. A device that lost its share has to say that it shares none before it can share
    /// again: until then it may speak without knowing, and would take back what it is about to stop.
    pub(crate) fn set_media(&mut self, seat: usize, media: MediaState, device: DeviceId, board: &mut Board) {
        let Seat { user: by, ref mut overtaken, media: ref mut own, .. } = self.seats[seat];
        *overtaken &= media.screen;
        let media = MediaState { screen: media.screen && !*overtaken, ..media };
        *own = media;
        for other in (0..self.seats.len()).filter(|other| media.screen && *other != seat) {
            if let Some(loser) = self.seats[other].device()
                && mem::take(&mut self.seats[other].media.screen)
            {
                self.seats[other].overtaken = true;
                self.tell(other, None, board);
                board.push(Output::ScreenTaken { call: self.id, device: loser, by });
            }
        }
        self.tell(seat, Some(device), board);
    }

    /// A device takes a seat on the board. It shares no screen until it says so by [`Call::set_media`].
    pub(crate) fn sit(&mut self, seat: usize, presence: Presence, media: MediaState, board: &mut Board) {
        let Seat { user, .. } = self.seats[seat];
        self.seats[seat].stand = Stand::Present(presence);
        self.seats[seat].media = MediaState { screen: false, ..media };
        self.seats[seat].overtaken = false;
        board.present.insert((presence.device, self.id), user);
        if !presence.held {
            board.active.insert(user, self.id);
        }
    }

    /// The device that holds a seat leaves it.
    pub(crate) fn vacate(&mut self, seat: usize, board: &mut Board) {
        let Stand::Present(presence) = self.seats[seat].stand else { return };
        self.seats[seat].stand = Stand::Over(SeatState::Left);
        self.seats[seat].media = MediaState::default();
        board.present.remove(&(presence.device, self.id));
        if !presence.held {
            board.active.remove(&self.seats[seat].user);
        }
        self.write(seat, Some(presence.device), board);
        self.write_quality(seat, board);
        self.remove_leg(presence, board);
    }

    /// Ends the rings of a seat, if it is open, and takes it off the board. The device that `asked` keeps its leg if it `takes`.
    pub(crate) fn silence(&mut self, seat: usize, asked: Option<DeviceId>, why: RingStop, takes: bool, board: &mut Board) {
        let Seat { user, stand: Stand::Open(open), .. } = &mut self.seats[seat] else { return };
        board.open.remove(&(*user, self.id));
        board.deadlines.remove(&(open.until, Deadline::Ring(self.id, *user)));
        for device in mem::take(&mut open.rings) {
            board.rings.remove(&(device, self.id));
            if asked != Some(device) {
                board.push(Output::StopRinging { call: self.id, device, why, by: asked });
            }
            if open.warm.remove(&device) && !(takes && asked == Some(device)) {
                board.push(Output::RemoveLeg { call: self.id, device });
            }
        }
    }

    fn remove_leg(&self, presence: Presence, board: &mut Board) {
        if presence.leg {
            board.push(Output::RemoveLeg { call: self.id, device: presence.device });
        }
    }
}
