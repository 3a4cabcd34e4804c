//! What clients ask for: each request gets exactly one reply.
//!
//! Requests that bring an offer go on in `offers`.

use switchboard_calls::{self as calls, Endpoint};
use switchboard_ids::{CallId, DeviceId};
use switchboard_protocol::{ErrorCode, Failure, MediaState, Reply, Seat, ServerMessage};

use super::actor::Actor;
use super::line::LineId;
use super::mail::{Ask, Callee};
use super::replay::Known;
use super::translate;

impl Actor {
    pub(super) fn handle_ask(&mut self, device: DeviceId, line: LineId, id: u64, ask: Ask) {
        // Mail of a device that is gone, or of a connection that another has replaced: who asked asks again, or is gone too.
        if self.presence.line_of(device) != Some(line) {
            return;
        }
        let Some(user) = self.presence.device(device).map(|device| device.user) else { return };
        match self.presence.ask(device, id) {
            Known::No => {}
            Known::Pending => return,
            Known::Replied(message) => return self.sent(device, self.presence.repeat(device, message).is_ok()),
        }
        let who = Endpoint { user, device };
        let now = self.clock.now();
        self.calls.handle_timeout(now);
        self.perform_all();
        match ask {
            Ask::Place { callees, kind, offer } => self.place(who, id, callees, kind, offer),
            Ask::Warm { call, offer } => self.warm(who, id, call, offer),
            Ask::Accept { call, offer: Some(offer), current } => self.accept(who, id, call, offer, current),
            Ask::Accept { call, offer: None, current } => self.accept_warmed(who, id, call, current),
            Ask::Join { call, offer, current } => self.join(who, id, call, offer, current),
            Ask::Invite { call, callees } => {
                let done = self.invite(who, call, callees);
                self.done(device, id, done);
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
            Ask::Hold(call) => {
                let done = self.calls.hold(now, call, who).map_err(translate::hold_error);
                self.done(device, id, done);
            }
            Ask::Unhold(call, current) => {
                let done = self.unhold(who, call, current.map(translate::current));
                self.done(device, id, done);
            }
            Ask::SetMedia(call, media) => {
                let done = self.calls.set_media(now, call, who, translate::media_in(media)).map_err(translate::seat_error);
                self.changed.insert(call);
                self.done(device, id, done);
            }
            Ask::Report(call, quality) => {
                let done = self.calls.report(now, call, who, translate::report(quality)).map_err(translate::seat_error);
                if done.is_ok() {
                    self.tally.reported(&quality);
                }
                self.done(device, id, done);
            }
            Ask::View(call, tiles) => {
                let done = self.view(who, call, tiles);
                self.done(device, id, done);
            }
            Ask::Stats(call) => self.stats(who, id, call),
            Ask::Ping => self.done(device, id, Ok(())),
            Ask::Refuse(failure) => self.refuse(device, id, failure),
        }
    }

    fn unhold(&mut self, who: Endpoint, call: CallId, current: Option<calls::Current>) -> Result<(), Failure> {
        // The media of a held call may have broken, or ended with an earlier run: to go on would be to sit in silence.
        if self.calls.calls_of_device(who.device).contains(&call) && self.legs.of(call, who.device).is_none() {
            let message = "this device has no media in the call: join it, then go on".to_owned();
            return Err(Failure { code: ErrorCode::NoOffer, message });
        }
        self.calls.unhold(self.clock.now(), call, who, current).map_err(translate::hold_error)
    }

    fn invite(&mut self, who: Endpoint, call: CallId, callees: Vec<Callee>) -> Result<(), Failure> {
        let asked = self.reached(&callees);
        self.calls.invite(self.clock.now(), call, who, asked).map_err(translate::invite_error)?;
        tracing::info!(%call, by = %who.user, callees = callees.len(), "asked in");
        self.legs.introduce(call, callees.into_iter().map(|callee| (callee.user, callee.name)));
        Ok(())
    }

    /// The callees as the call machine takes them: with the devices they can be reached on. A device that was lost a moment
    /// ago may ring when it is back; of someone who is offline none is waited for.
    pub(super) fn reached(&self, callees: &[Callee]) -> Vec<calls::Callee> {
        let reached = callees.iter().map(|callee| calls::Callee {
            user: callee.user,
            devices: if self.presence.is_online(callee.user) { self.presence.devices_of(callee.user).to_vec() } else { Vec::new() },
            allowed: callee.allowed,
            waiting: callee.waiting,
        });
        reached.collect()
    }

    fn done(&mut self, device: DeviceId, id: u64, done: Result<(), Failure>) {
        match done {
            Ok(()) => self.reply(device, id, Reply::Done),
            Err(failure) => self.refuse(device, id, failure),
        }
    }

    pub(super) fn reply(&mut self, device: DeviceId, reply: u64, ok: Reply) {
        let sent = self.presence.reply(self.clock.now(), device, ServerMessage::Done { reply, ok }).is_ok();
        self.sent(device, sent);
    }

    pub(super) fn refuse(&mut self, device: DeviceId, reply: u64, error: Failure) {
        self.tally.refused(error.code);
        tracing::debug!(%device, code = ?error.code, message = error.message, "refused");
        let sent = self.presence.reply(self.clock.now(), device, ServerMessage::Refused { reply, error }).is_ok();
        self.sent(device, sent);
    }

    fn sent(&mut self, device: DeviceId, sent: bool) {
        if !sent {
            self.slow.push(device);
        }
    }

    /// A seat as the protocol shows it.
    pub(super) fn seat(&self, call: CallId, seat: calls::SeatView) -> Seat {
        Seat {
            person: self.person(call, seat.user),
            state: translate::seat_state(seat.state),
            media: if seat.state.is_present() { translate::media_out(seat.media) } else { MediaState::default() },
            ringing_on: seat.ringing_on,
        }
    }
}
