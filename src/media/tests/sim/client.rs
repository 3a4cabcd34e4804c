//! A participant: a str0m client that sends the clips and checks every stream it receives.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::SdpPendingOffer;
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};
use switchboard_clip::{AudioChecker, Clip, Vp8Checker, Vp8Packetizer};
use switchboard_media::{LegId, LineRole, Offer, Role, SourceKind};

/// What a client received in one slot.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) video: Vp8Checker,
    pub(crate) audio: AudioChecker,
    pub(crate) packets: u64,
    pub(crate) ssrcs: Vec<u32>,
    pub(crate) first_at: Option<Instant>,
    asked_at: Option<Instant>,
    /// When each decodable frame was complete.
    pub(crate) frames_at: Vec<Instant>,
    pub(crate) frames: Vec<Vec<u8>>,
}

impl Received {
    /// Whether its stream, of audio or of video, has no fault.
    pub(crate) fn is_flawless(&self) -> bool {
        let (video, audio) = (self.video.report(), self.audio.report());
        if video.packets > 0 { video.is_flawless() } else { audio.is_flawless() }
    }
}

/// A stream being sent: its place in the clip and in RTP.
struct Sending {
    mid: Mid,
    rid: Option<Rid>,
    clip: Clip,
    packetizer: Vp8Packetizer,
    position: u64,
    seq: u64,
    time: u32,
    due: Instant,
}

pub(crate) struct Client {
    pub(crate) id: LegId,
    pub(crate) address: SocketAddr,
    pub(crate) rtc: Rtc,
    pub(crate) sends: bool,
    pub(crate) answers_keyframe_requests: bool,
    pub(crate) received: BTreeMap<Mid, Received>,
    pub(crate) keyframe_requests: u64,
    pub(crate) sent: u64,
    pub(crate) closed: bool,
    streams: Vec<Sending>,
    lines: Vec<(Mid, Role)>,
    pending: Option<SdpPendingOffer>,
    pub(crate) next: Instant,
}

const LAYERS: [&str; 2] = ["q", "h"];

/// What a client offers: how many slots of each kind, and whether it has a screen to share.
#[derive(Clone, Copy)]
pub(crate) struct Lines {
    pub(crate) camera: bool,
    pub(crate) screen: bool,
    /// The camera in two simulcast layers, both of the same picture.
    pub(crate) simulcast: bool,
    pub(crate) audio_slots: usize,
    pub(crate) video_slots: usize,
    pub(crate) screen_slots: usize,
}

pub(crate) const PAIR: Lines = Lines { camera: true, screen: false, simulcast: false, audio_slots: 1, video_slots: 1, screen_slots: 0 };

impl Client {
    pub(crate) fn new(now: Instant, id: u64) -> Self {
        let address: SocketAddr = format!("10.0.0.{id}:5000").parse().unwrap();
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            id: LegId(id),
            address,
            rtc,
            sends: false,
            answers_keyframe_requests: true,
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
                LAYERS.iter().for_each(|rid| layers.add_send_layer(SimulcastLayer::new(rid)));
                layers
            });
            let mid = change.add_media(media, direction, None, None, simulcast);
            self.lines.push((mid, role));
        }
        let (offer, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        let id = self.id.0;
        for (mid, role) in &self.lines {
            let simulcast = lines.simulcast && *role == Role::Source(SourceKind::Camera);
            let rids = if simulcast { LAYERS.map(|rid| Some(Rid::from(rid))).to_vec() } else { vec![None] };
            self.streams.extend(rids.into_iter().filter_map(|rid| Sending::new(now, id, (*mid, rid), *role)));
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

    /// Whether every frame shown is a keyframe or the one that follows the frame before it in the clip: what a decoder needs,
    /// whoever sent them.
    pub(crate) fn frames_follow_each_other(&mut self, kind: SourceKind) -> bool {
        let clip = Clip::vp8();
        let place = |frame: &Vec<u8>| clip.frames().iter().position(|original| original.data == *frame).unwrap();
        let places: Vec<usize> = self.slot(kind).frames.iter().map(place).collect();
        places.windows(2).all(|pair| clip.frames()[pair[1]].keyframe || pair[1] == pair[0] + 1)
    }

    pub(crate) fn ask_keyframe(&mut self, kind: SourceKind) {
        let mid = self.mids(Role::Slot(kind))[0];
        let mut direct = self.rtc.direct_api();
        direct.stream_rx_by_mid(mid, None).unwrap().request_keyframe(KeyframeRequestKind::Pli);
    }

    pub(crate) fn handle(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
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
                    let asked = self.streams.iter_mut().filter(|stream| stream.mid == request.mid);
                    for stream in asked.filter(|_| self.answers_keyframe_requests) {
                        stream.position = stream.clip.restart(stream.position);
                    }
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
                for (payload, marker) in stream.next_packets() {
                    let pt = params(&self.rtc, stream.clip.clock_rate());
                    let levels = ExtensionValues { audio_level: Some(-30), voice_activity: Some(true), ..Default::default() };
                    let packet =
                        RtpWrite::new(pt, stream.seq.into(), stream.time, now, payload).marker(marker).ext_vals(levels).nackable(true);
                    self.rtc.direct_api().stream_tx_by_mid(stream.mid, stream.rid).unwrap().write_rtp(packet);
                    stream.seq += 1;
                    self.sent += 1;
                }
                stream.time = stream.time.wrapping_add(stream.clip.timestamp_step());
                stream.due += stream.clip.frame_duration();
            }
        }
    }

    fn receive(&mut self, now: Instant, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        let mid = self.rtc.direct_api().stream_rx(&ssrc).unwrap().mid();
        let audio = self.rtc.media(mid).unwrap().kind() == MediaKind::Audio;
        let received = self.received.entry(mid).or_default();
        if !received.ssrcs.contains(&*ssrc) {
            received.ssrcs.push(*ssrc);
        }
        received.first_at.get_or_insert(now);
        received.packets += 1;
        if audio {
            received.audio.handle_rtp(*packet.seq_no, packet.header.timestamp, &packet.payload);
            return;
        }
        received.video.handle_rtp(*packet.seq_no, packet.header.timestamp, packet.header.marker, &packet.payload);
        while let Some(frame) = received.video.poll_frame() {
            if frame.decodable {
                received.frames_at.push(now);
                received.frames.push(frame.data);
            } else if received.asked_at.is_none_or(|asked| now >= asked + Duration::from_millis(200)) {
                // As a browser's decoder does.
                received.asked_at = Some(now);
                let mut direct = self.rtc.direct_api();
                direct.stream_rx(&ssrc).unwrap().request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }
}

impl Sending {
    /// Each person's numbers begin elsewhere, and near their ends, so that every simulation crosses the wrap of sequence
    /// numbers, timestamps and picture ids, and nobody's stream could pass for another's.
    fn new(now: Instant, id: u64, (mid, rid): (Mid, Option<Rid>), role: Role) -> Option<Self> {
        let Role::Source(kind) = role else { return None };
        let clip = if kind.is_video() { Clip::vp8() } else { Clip::opus() };
        let packetizer = Vp8Packetizer::new(0x7fff - 40 * id as u16);
        let due = now + Duration::from_millis(1) + 5 * (id as u32 - 1) * clip.frame_duration();
        Some(Self { mid, rid, clip, packetizer, position: 0, seq: 65_535 - 30 * id, time: u32::MAX - 90_000 * id as u32, due })
    }

    fn next_packets(&mut self) -> Vec<(Vec<u8>, bool)> {
        let frame = self.clip.looped(self.position).data.clone();
        self.position += 1;
        if self.clip.clock_rate() == 48_000 {
            return vec![(frame, false)];
        }
        self.packetizer.packetize(&frame).into_iter().map(|payload| (payload.data, payload.marker)).collect()
    }
}

fn params(rtc: &Rtc, clock_rate: u32) -> str0m::media::Pt {
    let codec = if clock_rate == 48_000 { Codec::Opus } else { Codec::Vp8 };
    rtc.codec_config().find(|params| params.spec().codec == codec).unwrap().pt()
}
