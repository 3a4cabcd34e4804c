//! A participant: a str0m client that sends the clips and checks every stream it receives.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::SdpPendingOffer;
use str0m::format::{Codec, PayloadParams};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};
use switchboard_media::{LegId, LineRole, Offer, Role, SourceKind, Sources};

use crate::pictures::Pictures;
use crate::received::Received;
use crate::sending::{RIDS, SPEAKING, Sending, Voice};

pub(crate) struct Client {
    pub(crate) id: LegId,
    pub(crate) address: SocketAddr,
    pub(crate) rtc: Rtc,
    pub(crate) sends: bool,
    pub(crate) answers_keyframe_requests: bool,
    /// Whether it sends its voice as RED, which its lines must have.
    pub(crate) sends_red: bool,
    /// Of ten RTP datagrams in a row, how many are lost in the client itself.
    pub(crate) loses_of_ten: u64,
    arrived: u64,
    /// Whether it stops sending the layers nobody wants.
    pub(crate) heeds_wishes: bool,
    pub(crate) voice: Voice,
    /// Its microphone, camera and screen.
    pub(crate) on: Sources,
    pub(crate) received: BTreeMap<Mid, Received>,
    pub(crate) keyframe_requests: u64,
    pub(crate) sent: u64,
    pub(crate) closed: bool,
    streams: Vec<Sending>,
    lines: Vec<(Mid, Role)>,
    pending: Option<SdpPendingOffer>,
    pub(crate) next: Instant,
}

/// The video codecs a client has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum VideoCodecs {
    Vp8,
    H264,
    Both,
}

/// What a client offers: how many slots of each kind, and whether it has a screen to share.
#[derive(Clone, Copy)]
pub(crate) struct Lines {
    pub(crate) camera: bool,
    pub(crate) screen: bool,
    /// The camera in three simulcast layers, each with three temporal layers.
    pub(crate) simulcast: bool,
    /// RED beside Opus (RFC 2198).
    pub(crate) red: bool,
    pub(crate) video: VideoCodecs,
    pub(crate) audio_slots: usize,
    pub(crate) video_slots: usize,
    pub(crate) screen_slots: usize,
}

pub(crate) const PAIR: Lines = Lines {
    camera: true,
    screen: false,
    simulcast: false,
    red: false,
    video: VideoCodecs::Vp8,
    audio_slots: 1,
    video_slots: 1,
    screen_slots: 0,
};

impl Client {
    pub(crate) fn new(now: Instant, id: u64) -> Self {
        Self::with(now, id, PAIR)
    }

    /// A client that has the codecs it needs for its lines.
    pub(crate) fn with(now: Instant, id: u64, lines: Lines) -> Self {
        let address: SocketAddr = format!("10.2.{}.{}:5000", id / 256, id % 256).parse().unwrap();
        let rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, lines.red);
        let mut rtc = rtc.enable_vp8(lines.video != VideoCodecs::H264).enable_h264(lines.video != VideoCodecs::Vp8).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            id: LegId(id),
            address,
            rtc,
            sends: false,
            answers_keyframe_requests: true,
            sends_red: false,
            loses_of_ten: 0,
            arrived: 0,
            heeds_wishes: true,
            voice: SPEAKING,
            on: Sources::default(),
            received: BTreeMap::new(),
            keyframe_requests: 0,
            sent: 0,
            closed: false,
            streams: Vec::new(),
            lines: Vec::new(),
            pending: None,
            next: now,
        }
    }

    pub(crate) fn offer(&mut self, now: Instant, lines: Lines) -> Offer {
        let mut change = self.rtc.sdp_api();
        let mut wanted = vec![Role::Source(SourceKind::Microphone)];
        wanted.extend(lines.camera.then_some(Role::Source(SourceKind::Camera)));
        wanted.extend(lines.screen.then_some(Role::Source(SourceKind::Screen)));
        wanted.extend((0..lines.audio_slots).map(|_| Role::Slot(SourceKind::Microphone)));
        wanted.extend((0..lines.video_slots).map(|_| Role::Slot(SourceKind::Camera)));
        wanted.extend((0..lines.screen_slots).map(|_| Role::Slot(SourceKind::Screen)));
        for role in wanted {
            let (direction, kind) = match role {
                Role::Source(kind) => (Direction::SendOnly, kind),
                Role::Slot(kind) => (Direction::RecvOnly, kind),
            };
            let media = if kind.is_video() { MediaKind::Video } else { MediaKind::Audio };
            let simulcast = (lines.simulcast && role == Role::Source(SourceKind::Camera)).then(|| {
                let mut layers = Simulcast::new();
                RIDS.iter().for_each(|rid| layers.add_send_layer(SimulcastLayer::new(rid)));
                layers
            });
            let mid = change.add_media(media, direction, None, None, simulcast);
            self.lines.push((mid, role));
        }
        let (offer, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        let id = self.id.0;
        for (mid, role) in &self.lines {
            self.streams.extend(Sending::all(now, id, *mid, *role, lines.simulcast));
        }
        let roles = self.lines.iter().map(|(mid, role)| LineRole { mid: mid.to_string(), role: *role }).collect();
        Offer { sdp: offer.to_sdp_string(), roles }
    }

    pub(crate) fn accept(&mut self, answer: &str) {
        let answer = str0m::change::SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
    }

    /// The mids of the m-lines with a role, in the order of the offer.
    pub(crate) fn mids(&self, role: Role) -> Vec<Mid> {
        self.lines.iter().filter(|line| line.1 == role).map(|line| line.0).collect()
    }

    /// What arrived in the first slot for a kind.
    pub(crate) fn slot(&mut self, kind: SourceKind) -> &mut Received {
        let mid = self.mids(Role::Slot(kind))[0];
        self.received.entry(mid).or_default()
    }

    /// Whether every frame shown is a keyframe or one whose references in its clip were shown before it: what a decoder needs, whoever
    /// sent them.
    pub(crate) fn frames_follow_each_other(&mut self, kind: SourceKind) -> bool {
        Pictures::new().first_undecodable(&self.slot(kind).frames).is_none()
    }

    /// What arrived in one of the slots for a kind, by its place in the offer.
    pub(crate) fn slot_at(&mut self, kind: SourceKind, place: usize) -> &mut Received {
        let mid = self.mids(Role::Slot(kind))[place];
        self.received.entry(mid).or_default()
    }

    /// What the router says of the layers anyone wants.
    pub(crate) fn want_layers(&mut self, kind: SourceKind, active: bool, rids: &[String]) {
        for stream in self.streams.iter_mut().filter(|stream| stream.kind == kind && self.heeds_wishes) {
            let named = |rid: Rid| rids.iter().any(|wanted| *wanted == *rid);
            stream.want(active && stream.rid.is_none_or(named));
        }
    }

    pub(crate) fn ask_keyframe(&mut self, kind: SourceKind) {
        self.ask_keyframe_at(kind, 0);
    }

    /// Asks for a keyframe in one of the slots for a kind, by its place in the offer.
    pub(crate) fn ask_keyframe_at(&mut self, kind: SourceKind, place: usize) {
        let mid = self.mids(Role::Slot(kind))[place];
        let mut direct = self.rtc.direct_api();
        direct.stream_rx_by_mid(mid, None).unwrap().request_keyframe(KeyframeRequestKind::Pli);
    }

    pub(crate) fn handle(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        // RFC 7983 §7: RTP and RTCP; of RTCP, the second byte is 192 to 223 (RFC 5761 §4).
        if matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second)) {
            self.arrived += 1;
            if self.arrived % 10 < self.loses_of_ten {
                return;
            }
        }
        let receive = Receive::new(Protocol::Udp, from, self.address, datagram).unwrap();
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
    }

    /// Begins to send its clips, from their beginning.
    pub(crate) fn start(&mut self, now: Instant) {
        self.streams.iter_mut().for_each(|stream| stream.due = now);
        self.sends = true;
        self.next = now;
    }

    /// The packets that arrived in all its slots.
    pub(crate) fn packets(&self) -> u64 {
        self.received.values().map(|received| received.packets).sum()
    }

    /// Sends what is due, and drains; gives the datagrams.
    pub(crate) fn advance(&mut self, now: Instant) -> Vec<Transmit> {
        if self.sends && self.rtc.is_connected() {
            self.send_due(now);
        }
        if self.rtc.handle_input(Input::Timeout(now)).is_err() {
            self.closed = true;
        }
        let mut out = Vec::new();
        loop {
            let Ok(output) = self.rtc.poll_output() else {
                self.closed = true;
                self.next = now + Duration::from_secs(3_600);
                return out;
            };
            match output {
                Output::Timeout(at) => {
                    self.next = at;
                    break;
                }
                Output::Transmit(transmit) => out.push(transmit),
                Output::Event(Event::RtpPacket(packet)) => self.receive(now, &packet),
                Output::Event(Event::KeyframeRequest(request)) => {
                    self.keyframe_requests += 1;
                    let asked = self.streams.iter_mut().filter(|stream| stream.mid == request.mid && stream.rid == request.rid);
                    asked.filter(|_| self.answers_keyframe_requests).for_each(Sending::restart);
                }
                Output::Event(Event::Closed) => self.closed = true,
                Output::Event(_) => {}
            }
        }
        if self.sends && self.rtc.is_connected() {
            let due = self.streams.iter().map(|stream| stream.due).min();
            self.next = due.map_or(self.next, |due| due.min(self.next));
        }
        out
    }

    fn send_due(&mut self, now: Instant) {
        for stream in &mut self.streams {
            while stream.due <= now {
                let time = stream.time;
                for (payload, marker) in stream.next_packets(self.voice, self.on.has(stream.kind)) {
                    let params = params(&self.rtc, stream.clip.clock_rate());
                    let red = params.red().filter(|_| self.sends_red && stream.is_audio());
                    let pt = red.unwrap_or(params.pt());
                    let payload = if red.is_some() { stream.redundant(*params.pt(), time, payload) } else { payload };
                    let extensions = stream.extensions(self.voice);
                    let packet =
                        RtpWrite::new(pt, stream.seq.into(), time, now, payload).marker(marker).ext_vals(extensions).nackable(true);
                    self.rtc.direct_api().stream_tx_by_mid(stream.mid, stream.rid).unwrap().write_rtp(packet);
                    stream.seq += 1;
                    self.sent += 1;
                }
            }
        }
    }

    /// The streams it sends of a kind, the smallest layer first.
    pub(crate) fn streams(&mut self, kind: SourceKind) -> Vec<&mut Sending> {
        self.streams.iter_mut().filter(|stream| stream.kind == kind).collect()
    }

    /// Goes on with every stream of a kind under another SSRC, and numbers that begin anew.
    pub(crate) fn change_ssrcs(&mut self, kind: SourceKind) {
        for stream in self.streams.iter_mut().filter(|stream| stream.kind == kind) {
            let mut direct = self.rtc.direct_api();
            let (ssrc, rtx) = (direct.new_ssrc(), direct.new_ssrc());
            let before = direct.stream_tx_by_mid(stream.mid, stream.rid).unwrap().ssrc();
            direct.remove_stream_tx(before);
            direct.declare_stream_tx(ssrc, Some(rtx), stream.mid, stream.rid);
            stream.seq &= 0x7fff;
        }
    }

    /// The payload type that its offer gave H264 in this profile and packetization mode.
    pub(crate) fn h264(&self, profile: u32, mode: u8) -> u8 {
        let format = |params: &&PayloadParams| {
            let format = params.spec().format;
            params.spec().codec == Codec::H264 && format.profile_level_id == Some(profile) && format.packetization_mode == Some(mode)
        };
        *self.rtc.codec_config().params().iter().find(format).unwrap().pt()
    }

    /// The payload type that its offer gave VP8.
    pub(crate) fn vp8(&self) -> u8 {
        *params(&self.rtc, 90_000).pt()
    }

    /// Sends one packet of its own making on the first stream of a kind, by the codec's payload type or another.
    pub(crate) fn push(&mut self, now: Instant, kind: SourceKind, pt: Option<u8>, payload: Vec<u8>) {
        let stream = self.streams.iter_mut().find(|stream| stream.kind == kind).unwrap();
        let pt = pt.map_or_else(|| params(&self.rtc, stream.clip.clock_rate()).pt(), Into::into);
        let extensions = stream.extensions(self.voice);
        let packet = RtpWrite::new(pt, stream.seq.into(), stream.time, now, payload).ext_vals(extensions);
        self.rtc.direct_api().stream_tx_by_mid(stream.mid, stream.rid).unwrap().write_rtp(packet);
        stream.seq += 1;
        self.sent += 1;
        self.next = now;
    }

    /// The payload type of its pictures.
    pub(crate) fn video_pt(&self) -> u8 {
        *params(&self.rtc, 90_000).pt()
    }

    /// Sends a frame of its own making, of one packet, on one layer of its camera.
    pub(crate) fn push_frame(&mut self, now: Instant, layer: usize, pt: u8, payload: Vec<u8>) {
        let stream = self.streams.iter_mut().filter(|stream| stream.kind == SourceKind::Camera).nth(layer).unwrap();
        let packet = RtpWrite::new(pt.into(), stream.seq.into(), stream.time, now, payload).marker(true);
        self.rtc.direct_api().stream_tx_by_mid(stream.mid, stream.rid).unwrap().write_rtp(packet);
        stream.seq += 1;
        stream.time = stream.time.wrapping_add(stream.clip.timestamp_step());
        self.next = now;
    }

    fn receive(&mut self, now: Instant, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        let mid = self.rtc.direct_api().stream_rx(&ssrc).unwrap().mid();
        let audio = self.rtc.media(mid).unwrap().kind() == MediaKind::Audio;
        let received = self.received.entry(mid).or_default();
        if !received.ssrcs.contains(&*ssrc) {
            received.ssrcs.push(*ssrc);
        }
        if received.pts.last() != Some(&packet.header.payload_type) {
            received.pts.push(*packet.header.payload_type);
        }
        received.first_at.get_or_insert(now);
        received.packets += 1;
        received.bytes += packet.payload.len() as u64;
        if audio {
            received.hear_at(now);
            let red = self.rtc.codec_config().find(|params| params.red() == Some(packet.header.payload_type));
            received.hear(*packet.seq_no, packet.header.timestamp, &packet.payload, red.map(|params| *params.pt()));
            return;
        }
        received.video.handle_rtp(*packet.seq_no, packet.header.timestamp, packet.header.marker, &packet.payload);
        if received.is_stuck(now) {
            received.video.give_up();
        }
        while let Some(frame) = received.video.poll_frame() {
            received.frame_at = Some(now);
            if frame.decodable {
                received.show(now, frame.timestamp, frame.data);
            } else if received.asked_at.is_none_or(|asked| now >= asked + Duration::from_millis(200)) {
                // As a browser's decoder does.
                received.asked_at = Some(now);
                let mut direct = self.rtc.direct_api();
                direct.stream_rx(&ssrc).unwrap().request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }
}

fn params(rtc: &Rtc, clock_rate: u32) -> PayloadParams {
    let codec = if clock_rate == 48_000 { Codec::Opus } else { Codec::Vp8 };
    *rtc.codec_config().find(|params| params.spec().codec == codec).unwrap()
}
