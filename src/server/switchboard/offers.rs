//! Requests that bring an offer, and what comes of it.
//!
//! An offer is answered before the call is placed, taken or joined, so a bad offer rings nobody and moves nothing: the
//! request waits as [`Pending`] while the media driver works on it.

use switchboard_calls::{self as calls, Endpoint, Place, PlaceError};
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{AnswerSdp, CallKind, Current, ErrorCode, Failure, Offer, Reply, Seat};
use uuid::Uuid;

use super::actor::Actor;
use super::legs::{Leg, Party, Pending, Then};
use super::mail::Callee;
use super::translate;
use crate::media_driver::{self, LegId, OfferError};

impl Actor {
    pub(super) fn place(&mut self, who: Endpoint, id: u64, callees: Vec<Callee>, kind: CallKind, offer: Offer) {
        let Endpoint { user, device } = who;
        let asked: Vec<UserId> = callees.iter().map(|callee| callee.user).collect();
        if let Some(call) = self.calls.glare(user, &asked) {
            return self.accept(who, id, call, offer, None);
        }
        if self.draining {
            let message = "this server is about to stop and takes no new calls: try again in a moment".to_owned();
            return self.refuse(device, id, Failure { code: ErrorCode::Unavailable, message });
        }
        if let Err(error) = self.calls.may_place(user) {
            return self.refuse(device, id, translate::place_error(error));
        }
        let kind = translate::kind_in(kind);
        let leg = Leg { call: CallId::from(Uuid::now_v7()), device, user, group: self.legs.next_group() };
        let offer = translate::offer(offer);
        let then = Then::Place { callees, kind, media: first_media(kind), offer: offer.clone() };
        self.negotiate(Pending { leg, id, then }, offer);
    }

    pub(super) fn warm(&mut self, who: Endpoint, id: u64, call: CallId, offer: Offer) {
        let allowed = self.calls.may_warm(call, who).map_err(translate::accept_error);
        self.negotiate_in(who, id, call, offer, allowed, |_| Then::Warm);
    }

    pub(super) fn accept(&mut self, who: Endpoint, id: u64, call: CallId, offer: Offer, current: Option<Current>) {
        let current = current.map(translate::current);
        let allowed = self.calls.may_accept(call, who, current).map_err(translate::accept_error);
        self.negotiate_in(who, id, call, offer, allowed, |kind| Then::Accept { media: first_media(kind), current });
    }

    /// Takes a call whose media is connected already.
    pub(super) fn accept_warmed(&mut self, who: Endpoint, id: u64, call: CallId, current: Option<Current>) {
        let Endpoint { user, device } = who;
        let current = current.map(translate::current);
        if let Err(error) = self.calls.may_accept(call, who, current) {
            return self.refuse(device, id, translate::accept_error(error));
        }
        let Some(view) = self.calls.call(call).filter(|_| self.legs.of(call, device).is_some()) else {
            let message = "the media of this call was not connected while it rang: accept it with an offer".to_owned();
            return self.refuse(device, id, Failure { code: ErrorCode::NoOffer, message });
        };
        match self.calls.accept(self.clock.now(), call, who, first_media(view.kind), current) {
            Err(error) => self.refuse(device, id, translate::accept_error(error)),
            Ok(seats) => {
                tracing::info!(%call, %user, "accepted");
                let seats = self.seats(call, seats);
                self.reply(device, id, Reply::Accepted { call, answer: None, seats });
                self.show_newcomer(call, device);
            }
        }
    }

    pub(super) fn join(&mut self, who: Endpoint, id: u64, call: CallId, offer: Offer, current: Option<Current>) {
        let current = current.map(translate::current);
        let allowed = self.calls.may_join(call, who, current).map_err(translate::join_error);
        self.negotiate_in(who, id, call, offer, allowed, |kind| Then::Join { media: first_media(kind), current });
    }

    /// Has an offer for a call that is there answered, if what it is for is allowed.
    fn negotiate_in(
        &mut self,
        who: Endpoint,
        id: u64,
        call: CallId,
        offer: Offer,
        allowed: Result<(), Failure>,
        then: impl FnOnce(calls::CallKind) -> Then,
    ) {
        let Endpoint { user, device } = who;
        let view = self.calls.call(call).zip(self.legs.party(call).map(|party| party.group));
        let (kind, group) = match (allowed, view) {
            (Err(failure), _) => return self.refuse(device, id, failure),
            (Ok(()), None) => return self.refuse(device, id, translate::seat_error(calls::SeatError::CallOver)),
            (Ok(()), Some((view, group))) => (view.kind, group),
        };
        self.negotiate(Pending { leg: Leg { call, device, user, group }, id, then: then(kind) }, translate::offer(offer));
    }

    fn negotiate(&mut self, pending: Pending, offer: media_driver::Offer) {
        let Pending { leg: of @ Leg { device, group, .. }, id, .. } = pending;
        if self.legs.is_pending(device) {
            let message = "the offer before this one is still being answered".to_owned();
            return self.refuse(device, id, Failure { code: ErrorCode::TooManyRequests, message });
        }
        let leg = self.legs.ask(pending);
        if let Err(full) = self.media.add_leg(leg, group, offer) {
            self.legs.answered(leg);
            self.refuse(device, id, Failure { code: ErrorCode::Unavailable, message: full.to_string() });
        } else {
            self.tally.offered(leg);
            self.traces.offered(leg, of, self.clock);
        }
    }

    pub(super) fn handle_answer(&mut self, id: LegId, answer: Result<media_driver::Answer, OfferError>) {
        let Some(pending) = self.legs.answered(id) else { return };
        let Pending { leg, id: request, then } = pending;
        let Leg { call, device, user, .. } = leg;
        let (answer, picture_slots) = match answer {
            Ok(answer) => (AnswerSdp(answer.sdp), answer.picture_slots),
            Err(error) => {
                self.leg_gone(id);
                return self.refuse(device, request, translate::offer_error(&error));
            }
        };
        self.calls.handle_timeout(self.clock.now());
        self.perform_all();
        if self.presence.device(device).is_none() {
            return self.drop_leg(id);
        }
        let who = Endpoint { user, device };
        match self.carry_out(leg, who, then, answer) {
            Ok(reply) => {
                // The media this device had in the call is replaced by the one that was just answered.
                self.remove_leg(call, device);
                self.legs.add(id, leg, picture_slots);
                self.changed.insert(call);
                let seated = !matches!(reply, Reply::Warmed { .. });
                self.reply(device, request, reply);
                if seated {
                    self.show_newcomer(call, device);
                }
            }
            Err(Refused::Because(failure)) => {
                self.drop_leg(id);
                self.refuse(device, request, failure);
            }
            // The one who is called has called at the same moment: this device takes that call, by the offer it has made.
            Err(Refused::Glare { call, offer }) => {
                self.drop_leg(id);
                let allowed = self.calls.may_accept(call, who, None).map_err(translate::accept_error);
                let party = self.legs.party(call).map(|party| party.group);
                match (allowed, self.calls.call(call).zip(party)) {
                    (Ok(()), Some((view, group))) => {
                        let then = Then::Accept { media: first_media(view.kind), current: None };
                        self.negotiate(Pending { leg: Leg { call, device, user, group }, id: request, then }, offer);
                    }
                    (Err(failure), _) => self.refuse(device, request, failure),
                    (Ok(()), None) => self.refuse(device, request, translate::seat_error(calls::SeatError::CallOver)),
                }
            }
        }
    }

    fn carry_out(&mut self, leg: Leg, who: Endpoint, then: Then, answer: AnswerSdp) -> Result<Reply, Refused> {
        let Leg { call, user, group, .. } = leg;
        let now = self.clock.now();
        match then {
            Then::Warm => {
                self.calls.warm(now, call, who).map_err(translate::accept_error)?;
                Ok(Reply::Warmed { call, answer })
            }
            Then::Accept { media, current } => {
                let seats = self.calls.accept(now, call, who, media, current).map_err(translate::accept_error)?;
                tracing::info!(%call, %user, "accepted");
                Ok(Reply::Accepted { call, answer: Some(answer), seats: self.seats(call, seats) })
            }
            Then::Join { media, current } => {
                let seats = self.calls.join(now, call, who, media, current).map_err(translate::join_error)?;
                tracing::info!(%call, %user, "joined");
                let view = self.calls.call(call).ok_or_else(|| translate::seat_error(calls::SeatError::CallOver))?;
                let answered_ms_ago = view.answered_at.map(|at| translate::millis(now.saturating_since(at)));
                let kind = translate::kind_out(view.kind);
                Ok(Reply::Joined { call, kind, answer, answered_ms_ago, seats: self.seats(call, seats) })
            }
            Then::Place { callees, kind, media, offer } => {
                let place = Place { call, kind, caller: who, media, callees: self.reached(&callees) };
                let seats = self.calls.place(now, place).map_err(|error| match error {
                    PlaceError::Glare { call } => Refused::Glare { call, offer },
                    error => Refused::Because(translate::place_error(error)),
                })?;
                tracing::info!(%call, caller = %user, callees = callees.len(), ?kind, "placed");
                let caller = (user, self.presence.name(user).unwrap_or_default().to_owned());
                let names = callees.into_iter().map(|callee| (callee.user, callee.name)).chain([caller]).collect();
                self.legs.begin(call, Party::new(group, names));
                Ok(Reply::Placed { call, answer, seats: self.seats(call, seats) })
            }
        }
    }

    fn drop_leg(&mut self, id: LegId) {
        self.media.remove_leg(id);
        self.leg_gone(id);
    }

    fn seats(&self, call: CallId, seats: Vec<calls::SeatView>) -> Vec<Seat> {
        seats.into_iter().map(|seat| self.seat(call, seat)).collect()
    }
}

/// Why an answered offer came to nothing.
enum Refused {
    Because(Failure),
    Glare { call: CallId, offer: media_driver::Offer },
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Because(failure)
    }
}

/// What a device is taken to send until it says otherwise.
fn first_media(kind: calls::CallKind) -> calls::MediaState {
    calls::MediaState { microphone: true, camera: kind == calls::CallKind::Video, screen: false }
}
