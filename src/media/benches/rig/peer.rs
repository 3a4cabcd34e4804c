//! One who sends, or one who receives.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use switchboard_media::Offer;

use super::SERVER;
use super::source::Source;

pub(super) struct Peer {
    address: SocketAddr,
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    /// What it sends, and on which m-line.
    sources: Vec<(Mid, Source)>,
    sent: u64,
    due: Instant,
}

impl Peer {
    /// The first sends, the others receive: a voice and a picture.
    pub(super) fn new(now: Instant, place: usize) -> (Self, Offer) {
        let address = SocketAddr::from(([10, 2, (place / 250) as u8, (place % 250) as u8 + 1], 5_000));
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("it can be one"));
        let direction = if place == 0 { Direction::SendOnly } else { Direction::RecvOnly };
        let mut change = rtc.sdp_api();
        let voice = change.add_media(MediaKind::Audio, direction, None, None, None);
        let picture = change.add_media(MediaKind::Video, direction, None, None, None);
        let (offer, pending) = change.apply().expect("there are new m-lines");
        let sources = if place == 0 { vec![(voice, Source::voice(now)), (picture, Source::picture(now))] } else { Vec::new() };
        let offer = Offer { sdp: offer.to_sdp_string(), roles: Vec::new() };
        (Self { address, rtc, pending: Some(pending), sources, sent: 0, due: now }, offer)
    }

    pub(super) fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("the router's answer is SDP");
        let pending = self.pending.take().expect("one answer for one offer");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("the answer is to the offer");
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// RTP packets it has sent.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Takes a datagram, and gives the datagrams it causes to `send`.
    pub(super) fn handle(&mut self, now: Instant, datagram: &[u8], send: impl FnMut(Vec<u8>)) {
        let server = SERVER.parse().expect("it is one");
        let receive = Receive::new(Protocol::Udp, server, self.address, datagram).expect("the router sends what can be read");
        self.rtc.handle_input(Input::Receive(now, receive)).expect("what the router sends is accepted");
        self.drain(now, send);
    }

    /// Does what is due, and gives the datagrams of it to `send`.
    pub(super) fn advance(&mut self, now: Instant, send: impl FnMut(Vec<u8>)) {
        if self.rtc.is_connected() {
            self.send_due(now);
        }
        self.rtc.handle_input(Input::Timeout(now)).expect("time goes on");
        self.drain(now, send);
    }

    fn drain(&mut self, now: Instant, mut send: impl FnMut(Vec<u8>)) {
        loop {
            match self.rtc.poll_output().expect("the connection lasts") {
                Output::Timeout(at) => {
                    let sends = self.sources.iter().map(|(_, source)| source.due()).min().filter(|_| self.rtc.is_connected());
                    self.due = sends.map_or(at, |due| due.min(at)).max(now);
                    return;
                }
                Output::Transmit(transmit) => send(transmit.contents.to_vec()),
                Output::Event(Event::KeyframeRequest(_)) => self.sources.iter_mut().for_each(|(_, source)| source.restart()),
                Output::Event(_) => {}
            }
        }
    }

    fn send_due(&mut self, now: Instant) {
        for (mid, source) in &mut self.sources {
            source.start(now);
            while source.due() <= now {
                let codec = source.codec();
                let params = *self.rtc.codec_config().find(|params| params.spec().codec == codec).expect("both codecs are enabled");
                for packet in source.next_frame() {
                    let rtp = RtpWrite::new(params.pt(), packet.seq.into(), packet.time, now, packet.payload);
                    let rtp = rtp.marker(packet.marker).ext_vals(source.extensions()).nackable(true);
                    self.rtc.direct_api().stream_tx_by_mid(*mid, None).expect("it offered to send").write_rtp(rtp);
                    self.sent += 1;
                }
            }
        }
    }
}
