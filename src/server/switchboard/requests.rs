//! What clients ask for: each request gets exactly one reply.
//!
//! An offer is answered before the call is placed or taken, so a bad offer rings nobody: the request waits as
//! [`Pending`] while the media driver works on it.

use switchboard_calls::{self as calls, Endpoint, Place};
use switchboard_ids::{CallId, DeviceId, UserId};
use switchboard_protocol::{AnswerSdp, EndReason, ErrorCode, Event, Failure, MediaState, Offer, Reply, Seat, ServerMessage, SlotSource};
use uuid::Uuid;

use super::actor::Actor;
use super::legs::{Leg, Party, Pending, Then};
use super::mail::Ask;
use super::translate;
use crate::media_driver::{DriverEvent, LegError, LegEvent, LegId, OfferError};

impl Actor {
    pub(super) fn handle_ask(&mut self, device: DeviceId, id: u64, ask: Ask) {
        // A device that was disconnected for a reason of the server's may still have mail on the way.
        let Some(user) = self.presence.device(device).map(|device| device.user) else { return };
        let who = Endpoint { user, device };
        let now = self.clock.now();
        self.calls.handle_timeout(now);
        self.perform_all();
        match ask {
            Ask::Place { callees, kind, offer } => {
                let kind = translate::kind_in(kind);
                if let Err(error) = self.calls.may_place(user) {
                    return self.refuse(device, id, translate::place_error(error));
                }
                let media = calls::MediaState { microphone: true, camera: kind == calls::CallKind::Video, screen: false };
                let leg = Leg { call: CallId::from(Uuid::now_v7()), device, user, group: self.legs.new_group() };
                self.negotiate(Pending { leg, id, then: Then::Place { callees, kind, media } }, offer);
            }
            Ask::Accept { call, offer } => {
                let allowed = self.calls.may_accept(call, who).map_err(translate::accept_error);
                let view = self.calls.call(call).zip(self.legs.party(call).map(|party| party.group));
                let (view, group) = match (allowed, view) {
                    (Err(failure), _) => return self.refuse(device, id, failure),
                    (Ok(()), None) => return self.refuse(device, id, translate::accept_error(calls::AcceptError::CallOver)),
                    (Ok(()), Some(found)) => found,
                };
                let media = calls::MediaState { microphone: true, camera: view.kind == calls::CallKind::Video, screen: false };
                let leg = Leg { call, device, user, group };
                self.negotiate(Pending { leg, id, then: Then::Accept { media } }, offer);
            }
            Ask::Decline(call) => {
                let done = self.calls.decline(now, call, who).map_err(translate::decline_error);
                self.done(device, id, done);
            }
            Ask::Cancel(call) => {
                let done = self.calls.cancel(now, call, who).map_err(translate::seat_error);
                self.done(device, id, done);
            }
            Ask::HangUp(call) => {
                let done = self.calls.hang_up(now, call, who).map_err(translate::seat_error);
                self.done(device, id, done);
            }
            Ask::SetMedia(call, media) => {
                let done = self.calls.set_media(now, call, who, translate::media_in(media)).map_err(translate::seat_error);
                self.done(device, id, done);
            }
            Ask::Ping => self.done(device, id, Ok(())),
        }
    }

    pub(super) fn handle_media(&mut self, event: DriverEvent) {
        match event {
            DriverEvent::Answered { leg, answer } => self.handle_answer(leg, answer),
            DriverEvent::Leg(LegEvent::LegConnected { leg }) => {
                if let Some(Leg { call, device, .. }) = self.legs.get(leg).copied() {
                    tracing::info!(%call, %device, "media connected");
                    self.tell(device, Event::MediaConnected { call });
                }
            }
            DriverEvent::Leg(LegEvent::SlotChanged { leg, mid, source }) => {
                let Some(Leg { call, device, .. }) = self.legs.get(leg).copied() else { return };
                let source = source.and_then(|(from, kind)| {
                    self.legs.get(from).map(|from| SlotSource { user: from.user, track: translate::source(kind) })
                });
                self.tell(device, Event::Slot { call, mid, source });
            }
            DriverEvent::Leg(LegEvent::LegFailed { leg, error }) => self.handle_failed_leg(leg, &error),
        }
    }

    fn negotiate(&mut self, pending: Pending, offer: Offer) {
        let Pending { leg: Leg { device, group, .. }, id, .. } = pending;
        if self.legs.is_pending(device) {
            let message = "the offer before this one is still being answered".to_owned();
            return self.refuse(device, id, Failure { code: ErrorCode::TooManyRequests, message });
        }
        let leg = self.legs.ask(pending);
        if let Err(full) = self.media.add_leg(leg, group, translate::offer(offer)) {
            self.legs.answered(leg);
            self.refuse(device, id, Failure { code: ErrorCode::Unavailable, message: full.to_string() });
        }
    }

    fn handle_answer(&mut self, id: LegId, answer: Result<String, OfferError>) {
        let Some(pending) = self.legs.answered(id) else { return };
        let Pending { leg, id: request, then } = pending;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.media.leg_gone(leg.group);
                return self.refuse(leg.device, request, translate::offer_error(&error));
            }
        };
        let now = self.clock.now();
        self.calls.handle_timeout(now);
        self.perform_all();
        let seats = if self.presence.device(leg.device).is_none() {
            Err(Failure { code: ErrorCode::Unavailable, message: "the device is gone".to_owned() })
        } else {
            self.take_seat(now, leg, then)
        };
        match seats {
            Err(failure) => {
                self.media.remove_leg(id, leg.group);
                self.media.leg_gone(leg.group);
                self.refuse(leg.device, request, failure);
            }
            Ok((placed, seats)) => {
                self.legs.add(id, leg);
                let (call, answer) = (leg.call, AnswerSdp(answer));
                let seats = seats.into_iter().map(|seat| self.seat(call, seat)).collect::<Vec<Seat>>();
                let reply = if placed { Reply::Placed { call, answer, seats } } else { Reply::Accepted { call, answer, seats } };
                self.reply(leg.device, request, reply);
            }
        }
    }

    /// Places or takes the call; gives whether it was placed, and its seats.
    fn take_seat(&mut self, now: calls::Timestamp, leg: Leg, then: Then) -> Result<(bool, Vec<calls::SeatView>), Failure> {
        let Leg { call, device, user, group } = leg;
        let who = Endpoint { user, device };
        match then {
            Then::Accept { media } => {
                let seats = self.calls.accept(now, call, who, media).map_err(translate::accept_error)?;
                tracing::info!(%call, %user, "accepted");
                Ok((false, seats))
            }
            Then::Place { callees, kind, media } => {
                let mut names: std::collections::BTreeMap<UserId, String> =
                    callees.iter().map(|callee| (callee.user, callee.name.clone())).collect();
                names.insert(user, self.presence.name(user).unwrap_or_default().to_owned());
                let reached = callees.iter().map(|callee| calls::Callee {
                    user: callee.user,
                    devices: self.presence.devices_of(callee.user).to_vec(),
                    allowed: true,
                });
                let place = Place { call, kind, caller: who, media, callees: reached.collect() };
                let seats = self.calls.place(now, place).map_err(translate::place_error)?;
                tracing::info!(%call, caller = %user, callees = callees.len(), ?kind, "placed");
                self.legs.begin(call, Party { group, names });
                Ok((true, seats))
            }
        }
    }

    /// A device's media ended without its call. A peer that closed it has hung up; one whose media broke has lost the call,
    /// though the device is still there to be told, and to be rung.
    fn handle_failed_leg(&mut self, id: LegId, error: &LegError) {
        let Some(leg) = self.legs.remove(id) else { return };
        let Leg { call, device, user, group } = leg;
        self.media.leg_gone(group);
        let (now, who) = (self.clock.now(), Endpoint { user, device });
        self.calls.handle_timeout(now);
        self.perform_all();
        let duration = self.calls.call(call).and_then(|view| view.answered_at).map(|at| now.saturating_since(at)).unwrap_or_default();
        let (left, reason) = if *error == LegError::Closed {
            tracing::info!(%call, %device, "media closed by the peer");
            (self.calls.hang_up(now, call, who), EndReason::HungUp)
        } else {
            tracing::warn!(%call, %device, %error, "media failed");
            (self.calls.media_lost(now, call, who), EndReason::ConnectionLost)
        };
        if left.is_ok() && self.calls.call(call).is_some() {
            self.perform_all();
            let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            self.tell(device, Event::CallEnded { call, reason, duration_ms });
        }
    }

    fn done(&mut self, device: DeviceId, id: u64, done: Result<(), Failure>) {
        match done {
            Ok(()) => self.reply(device, id, Reply::Done),
            Err(failure) => self.refuse(device, id, failure),
        }
    }

    fn reply(&mut self, device: DeviceId, reply: u64, ok: Reply) {
        self.send(device, ServerMessage::Done { reply, ok });
    }

    fn refuse(&mut self, device: DeviceId, reply: u64, error: Failure) {
        tracing::debug!(%device, code = ?error.code, message = error.message, "refused");
        self.send(device, ServerMessage::Refused { reply, error });
    }

    fn send(&mut self, device: DeviceId, message: ServerMessage) {
        if self.presence.reply(device, message).is_err() {
            self.slow.push(device);
        }
    }

    /// A seat as the protocol shows it.
    pub(super) fn seat(&self, call: CallId, seat: calls::SeatView) -> Seat {
        Seat {
            person: self.person(call, seat.user),
            state: translate::seat_state(seat.state),
            media: if seat.state == calls::SeatState::Active { translate::media_out(seat.media) } else { MediaState::default() },
        }
    }
}
