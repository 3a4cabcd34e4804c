//! Emptying legs: what str0m has to send goes out, what it has heard is acted upon, and its next deadline is set.

use std::time::Duration;

use str0m::bwe::BweKind;
use str0m::media::KeyframeRequest;
use str0m::rtp::RtpPacket;
use str0m::{Event as RtcEvent, IceConnectionState, Input, Output as RtcOutput};

use crate::counters::Drop;
use crate::error::LegError;
use crate::leg::LegId;
use crate::router::{Event, Output, Router};
use crate::waiting::Turn;

/// With its congestion controller str0m gives one packet, and the next a microsecond later: a leg is asked again at once while its next
/// deadline is so near. To sleep until then would take a thousand times as long, and what goes together could not be sent together.
const AT_ONCE: Duration = Duration::from_micros(20);
/// Packets in a row for one leg, in one turn: more than any burst of a few cameras.
pub(crate) const IN_A_ROW: usize = 256;

/// What a drained leg asks of the rest of the router.
#[expect(clippy::large_enum_variant, reason = "nearly all are packets, and a box would be an allocation for each")]
enum Heard {
    Packet(RtpPacket),
    KeyframeWanted(KeyframeRequest),
    Connected,
    Broken(LegError),
}

impl Router {
    /// Marks a leg to be drained in its turn.
    pub(crate) fn touch(&mut self, id: LegId) {
        self.wait(id, Turn::Rest);
    }

    /// Marks a leg to be drained.
    pub(crate) fn wait(&mut self, id: LegId, turn: Turn) {
        let waits = match self.legs.get_mut(&id) {
            Some(leg) => &mut leg.waits,
            None => match self.remotes.get_mut(&id) {
                Some(remote) => &mut remote.waits,
                None => return,
            },
        };
        self.waiting.push(id, waits, turn);
    }

    /// Drains the next leg that waits for it; false when none does.
    pub(crate) fn drain_next(&mut self) -> bool {
        let Some((id, turn)) = self.waiting.pop() else { return false };
        let now = self.now;
        let Some(leg) = self.legs.get_mut(&id) else {
            self.ask_home(id, turn);
            return true;
        };
        leg.waits.takes(turn);
        if let Some(error) = leg.given_up(now) {
            self.fail(id, error);
            return true;
        }
        if let Turn::Due(at) = turn {
            self.lag.note(now, at);
        }
        if turn != Turn::Voice {
            self.heed_view(id);
            self.keep_dividing(id);
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            self.counters.keyframes_asked += leg.ask_keyframes(now);
            let voices = leg.staged.write(&mut leg.rtc, turn);
            let most = match turn {
                Turn::Voice => voices,
                Turn::Due(_) => voices + 1,
                Turn::Rest => IN_A_ROW,
            };
            self.feed(id, Input::Timeout(now), most);
        }
        true
    }

    /// Gives a leg an input and drains it to its timeout: str0m allows no second input before that. It is given time for at most so many
    /// packets, and waits in turn for the rest.
    pub(crate) fn feed(&mut self, id: LegId, input: Input<'_>, most: usize) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let mut heard = std::mem::take(&mut self.heard_buffer.0);
        let datagram = matches!(input, Input::Receive(..));
        if datagram {
            leg.heard = Some(now);
        }
        self.counters.legs_polled += 1;
        match leg.rtc.handle_input(input) {
            // Whoever can forge an address can send what a handshake refuses; that must not end the leg. If it is the peer's
            // own fault, the handshake is given up in time.
            Err(_) if datagram && leg.rtc.is_alive() => self.counters.drop(Drop::Refused),
            Err(error) => heard.push(Heard::Broken(LegError::Transport(error.to_string()))),
            Ok(()) => {}
        }
        let (mut turns, mut sent) = (0, false);
        loop {
            match leg.rtc.poll_output() {
                Ok(RtcOutput::Timeout(at)) => {
                    let more = sent && at <= now + AT_ONCE;
                    if more && turns + 1 >= most {
                        self.waiting.push(id, &mut leg.waits, Turn::Rest);
                        self.timers.set(id, None);
                        break;
                    }
                    if more && leg.rtc.handle_input(Input::Timeout(now)).is_ok() {
                        self.counters.legs_polled += 1;
                        (turns, sent) = (turns + 1, false);
                        continue;
                    }
                    self.timers.set(id, Some(leg.deadline(at)));
                    break;
                }
                Ok(RtcOutput::Transmit(transmit)) => {
                    sent = true;
                    self.counters.datagrams_out += 1;
                    self.counters.bytes_out += transmit.contents.len() as u64;
                    self.counters.repeats_sent += leg.repeat_types.count(&transmit.contents);
                    self.outputs.push_back(Output::Transmit(transmit));
                }
                Ok(RtcOutput::Event(event)) => match event {
                    RtcEvent::RtpPacket(packet) => heard.push(Heard::Packet(packet)),
                    RtcEvent::KeyframeRequest(request) => heard.push(Heard::KeyframeWanted(request)),
                    RtcEvent::Connected => heard.push(Heard::Connected),
                    RtcEvent::PeerStats(stats) => leg.health.begin(&stats),
                    RtcEvent::MediaIngressStats(stats) => {
                        self.counters.feedback_sent = self.counters.feedback_sent.plus(leg.told.sent(&stats));
                        leg.measure_ingress(&stats);
                    }
                    RtcEvent::MediaEgressStats(stats) => {
                        self.counters.feedback_received = self.counters.feedback_received.plus(leg.told.received(&stats));
                        leg.measure_egress(&stats);
                    }
                    RtcEvent::IceConnectionStateChange(IceConnectionState::Disconnected) => leg.ice_lost(now),
                    RtcEvent::IceConnectionStateChange(_) => leg.ice_found(),
                    RtcEvent::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => leg.congestion.estimated(now, estimate.as_u64()),
                    RtcEvent::Closed => heard.push(Heard::Broken(LegError::Closed)),
                    _ => {}
                },
                Err(error) => {
                    heard.push(Heard::Broken(LegError::Transport(error.to_string())));
                    break;
                }
            }
        }
        if let Some(leg) = self.legs.get_mut(&id)
            && let Some(quality) = leg.judge(now, self.lag.worst())
        {
            let group = leg.group;
            self.quality_changed(group, id, quality);
        }
        for heard in heard.drain(..) {
            self.act_on(id, heard);
        }
        self.heard_buffer.0 = heard;
    }

    fn act_on(&mut self, id: LegId, heard: Heard) {
        match heard {
            Heard::Packet(packet) => self.forward(self.now, id, packet),
            Heard::KeyframeWanted(request) => self.want_keyframe(id, &request),
            Heard::Connected => {
                let now = self.now;
                let Some(leg) = self.legs.get_mut(&id) else { return };
                leg.connected = true;
                leg.look_ahead(now);
                self.outputs.push_back(Output::Event(Event::LegConnected { leg: id }));
                self.rebind_one(id);
                self.touch(id);
            }
            Heard::Broken(error) => self.fail(id, error),
        }
    }

    /// A receiver cannot decode: pass it on to the source its slot shows.
    fn want_keyframe(&mut self, id: LegId, request: &KeyframeRequest) {
        let now = self.now;
        let slot = self.legs.get_mut(&id).and_then(|leg| leg.slots.iter_mut().find(|slot| slot.mid == request.mid));
        let Some(slot) = slot else { return };
        let Some((from, kind)) = slot.source else { return };
        // One that is shown nothing yet waits for a keyframe that has been asked for.
        let Some(showing) = slot.showing() else { return };
        if !slot.patience.hears(now) {
            self.counters.keyframes_refused += 1;
            return;
        }
        if let Some(layer) = self.source(from, kind).and_then(|source| source.layers.get_mut(showing.layer)) {
            layer.keyframe.want();
            self.touch(from);
        }
    }

    pub(crate) fn fail(&mut self, id: LegId, error: LegError) {
        if self.take_out(id).is_some() {
            self.outputs.push_back(Output::Event(Event::LegFailed { leg: id, error }));
        }
    }
}

/// Kept between drains so that the packet path does not allocate it anew.
#[derive(Default)]
pub(crate) struct HeardBuffer(Vec<Heard>);
