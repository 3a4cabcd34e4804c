//! What the trace of a running call holds that is not over: the call itself, and of each seat its ring, its presence, and its wait for media.

use switchboard_calls::{CallKind, SeatState, Timestamp};
use switchboard_ids::{DeviceId, UserId};

use super::super::translate::{self, from_utc_ms, kind_out, meaning, seat_state, word};
use super::span::Span;
use crate::store::calls::RunningCall;

#[derive(Debug)]
pub(super) struct CallTrace {
    pub(super) span: Span,
    /// In the order they were made, the caller's first; a seat's number is its place here, the same on each node.
    seats: Vec<SeatTrace>,
}

#[derive(Debug)]
struct SeatTrace {
    user: UserId,
    state: Option<SeatState>,
    device: Option<DeviceId>,
    ring: Option<Span>,
    seat: Option<Span>,
    /// From accepting, or placing, until the media is connected.
    setup: Option<Span>,
}

impl SeatTrace {
    fn new(user: UserId) -> Self {
        Self { user, state: None, device: None, ring: None, seat: None, setup: None }
    }
}

impl CallTrace {
    pub(super) fn placed(kind: CallKind, at: Timestamp) -> Self {
        Self { span: Span::begin("call", at).with("switchboard.kind", word(kind_out(kind))), seats: Vec::new() }
    }

    /// What another run left of it, as the history tells.
    pub(super) fn taken_up(call: &RunningCall, now: Timestamp) -> Self {
        let mut span = Span::begin("call", from_utc_ms(call.placed_ms)).with("switchboard.kind", call.kind.clone());
        if let Some(at) = call.answered_ms {
            span.event("answered", from_utc_ms(at), Vec::new());
        }
        span.event("taken_up", now, Vec::new());
        let mut trace = Self { span, seats: Vec::new() };
        for seat in &call.seats {
            trace.seated(seat.user);
            let state = meaning(&seat.state).map_or(SeatState::Left, translate::seat_state_in);
            let number = trace.seats.len() as i64 - 1;
            let Some(last) = trace.seats.last_mut() else { continue };
            (last.state, last.device) = (Some(state), seat.device);
            let begun = |name| Some(Span::begin(name, now).with("switchboard.seat", number).with("switchboard.taken_up", true));
            (last.ring, last.seat) =
                (state.is_open().then(|| begun("ring")).flatten(), state.is_present().then(|| begun("seat")).flatten());
        }
        trace
    }

    pub(super) fn seated(&mut self, user: UserId) {
        if self.number(user).is_none() {
            self.seats.push(SeatTrace::new(user));
        }
    }

    /// By what number a seat is known.
    pub(super) fn number(&self, user: UserId) -> Option<i64> {
        self.seats.iter().position(|seat| seat.user == user).map(|place| place as i64)
    }

    /// A seat came to a state, or to another device, whose media is connected already where it is `warm`; gives what is over by that.
    pub(super) fn seat_state(&mut self, user: UserId, state: SeatState, device: Option<DeviceId>, warm: bool, at: Timestamp) -> Vec<Span> {
        let Some(number) = self.number(user) else { return Vec::new() };
        let Some(seat) = self.seats.iter_mut().find(|seat| seat.user == user) else { return Vec::new() };
        let result = word(seat_state(state));
        let begin = |name| Span::begin(name, at).with("switchboard.seat", number);
        let mut over = Vec::new();
        if state.is_open() {
            seat.ring.get_or_insert_with(|| begin("ring")).event(result.clone(), at, Vec::new());
        } else if let Some(ring) = seat.ring.take() {
            let result = if state.is_present() { "answered".to_owned() } else { result.clone() };
            over.push(ring.with("switchboard.result", result));
        }
        if state.is_present() {
            let moved = seat.seat.is_some() && state == SeatState::Active && device != seat.device;
            let taken = seat.seat.is_none();
            let span = seat.seat.get_or_insert_with(|| begin("seat"));
            if moved {
                span.event("moved", at, Vec::new());
            } else if !taken && seat.state != Some(state) {
                span.event(result, at, Vec::new());
            }
            if (taken || moved) && state == SeatState::Active {
                over.extend(seat.setup.take().map(|setup| setup.with("switchboard.result", "moved")));
                let setup = begin("setup").with("switchboard.warm", warm);
                if warm { over.push(setup.with("switchboard.result", "connected")) } else { seat.setup = Some(setup) }
            }
        } else {
            over.extend(seat.setup.take().map(|setup| setup.with("switchboard.result", "not_connected")));
            over.extend(seat.seat.take().map(|span| span.with("switchboard.result", result)));
        }
        (seat.state, seat.device) = (Some(state), device.or(seat.device));
        over
    }

    /// The media of a device is connected; gives the wait for it, if it was waited for.
    pub(super) fn media_connected(&mut self, user: UserId, device: DeviceId, at: Timestamp) -> Option<Span> {
        let seat = self.seats.iter_mut().find(|seat| seat.user == user && seat.device == Some(device))?;
        if let Some(span) = &mut seat.seat {
            span.event("media_connected", at, Vec::new());
        }
        seat.setup.take().map(|setup| setup.with("switchboard.result", "connected"))
    }

    /// All that is not over yet but the call itself, with why it is no longer watched.
    pub(super) fn let_go(&mut self, result: &'static str) -> Vec<Span> {
        let open = |seat: &mut SeatTrace| [seat.ring.take(), seat.setup.take(), seat.seat.take()];
        self.seats.iter_mut().flat_map(open).flatten().map(|span| span.with("switchboard.result", result)).collect()
    }

    /// The call itself, which is over.
    pub(super) fn ended(self, reason: String) -> Span {
        let seats = self.seats.len() as i64;
        self.span.with("switchboard.reason", reason).with("switchboard.seats", seats)
    }
}
