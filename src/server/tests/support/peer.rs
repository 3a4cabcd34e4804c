//! The media of a device: a real peer connection that talks or is silent, shows a picture or none, and loses what it is told to
//! lose.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::Receive;
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Event, Input, Output, Rtc};
use switchboard_protocol::{Offer, Track, TrackRole};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

use super::road::Road;

/// An Opus frame.
const FRAME: Duration = Duration::from_millis(20);
/// Levels in dBov (RFC 6464).
const VOICE: i8 = -20;
const SILENCE: i8 = -127;
/// Enough for any datagram on loopback that WebRTC makes.
const DATAGRAM: usize = 2_000;

/// A VP8 keyframe of 160 × 90 (RFC 7741 §4.2, RFC 6386 §9.1), as far as a router looks into it.
const KEYFRAME: [u8; 14] = [0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xa0, 0x00, 0x5a, 0x00, 0, 0, 0];

enum Order {
    Answer(String),
    Speak(bool),
    Show(bool),
    Lose(bool),
}

/// A peer connection with a microphone, a camera and a screen, slots for voices and cameras, and one for a screen.
pub struct Peer {
    pub offer: Offer,
    orders: mpsc::UnboundedSender<Order>,
    arrived: Arc<Mutex<BTreeMap<Mid, u64>>>,
    task: JoinHandle<()>,
}

impl Peer {
    /// A peer with three slots each for voices and cameras that waits for its answer.
    pub async fn new() -> Self {
        Self::with_slots(3).await
    }

    /// A peer with so many slots each for voices and cameras that waits for its answer.
    pub async fn with_slots(slots: usize) -> Self {
        Self::on(Road::by_udp().await, slots)
    }

    /// A peer that has no way but TCP.
    pub async fn by_tcp() -> Self {
        Self::on(Road::by_tcp(), 3)
    }

    fn on(road: Road, slots: usize) -> Self {
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(Instant::now());
        road.candidate().map(|candidate| rtc.add_local_candidate(candidate).is_some());
        let mut change = rtc.sdp_api();
        let sources = [TrackRole::Microphone, TrackRole::Camera, TrackRole::Screen];
        let slots = [(TrackRole::AudioSlot, slots), (TrackRole::VideoSlot, slots), (TrackRole::ScreenSlot, 1)];
        let slots = slots.into_iter().flat_map(|(role, count)| std::iter::repeat_n((role, Direction::RecvOnly), count));
        let lines = sources.map(|role| (role, Direction::SendOnly)).into_iter().chain(slots);
        let track = |(role, direction)| {
            let kind = if matches!(role, TrackRole::Microphone | TrackRole::AudioSlot) { MediaKind::Audio } else { MediaKind::Video };
            (change.add_media(kind, direction, None, None, None), role)
        };
        let lines: Vec<(Mid, TrackRole)> = lines.map(track).collect();
        let (offer, pending) = change.apply().unwrap();
        let tracks = lines.iter().map(|&(mid, role)| Track { mid: mid.to_string(), role }).collect();
        let (orders, taken) = mpsc::unbounded_channel();
        let arrived = Arc::<Mutex<BTreeMap<Mid, u64>>>::default();
        let talker = Talker {
            rtc,
            road,
            microphone: lines[0].0,
            camera: lines[1].0,
            connected: false,
            speaks: false,
            shows: false,
            loses: false,
            sent: 0,
            media: 0,
            arrived: arrived.clone(),
        };
        let task = tokio::spawn(talker.run(pending, taken));
        Self { offer: Offer { sdp: offer.to_sdp_string(), tracks }, orders, arrived, task }
    }

    /// The `a=mid`s of the lines with this role.
    pub fn mids(&self, role: TrackRole) -> Vec<String> {
        self.offer.tracks.iter().filter(|track| track.role == role).map(|track| track.mid.clone()).collect()
    }

    /// Takes the answer, and connects.
    pub fn takes(&self, answer: &str) {
        self.order(Order::Answer(answer.to_owned()));
    }

    /// Begins to talk, or is silent.
    pub fn speaks(&self, speaks: bool) {
        self.order(Order::Speak(speaks));
    }

    /// Begins to send a picture, or sends none any more.
    pub fn shows(&self, shows: bool) {
        self.order(Order::Show(shows));
    }

    /// The packets that have arrived in a slot until here.
    pub fn arrived(&self, mid: &str) -> u64 {
        self.arrived.lock().unwrap().get(&Mid::from(mid)).copied().unwrap_or(0)
    }

    /// Loses half of the media both ways, or none any more.
    pub fn loses(&self, loses: bool) {
        self.order(Order::Lose(loses));
    }

    fn order(&self, order: Order) {
        assert!(self.orders.send(order).is_ok(), "the peer runs");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Talker {
    rtc: Rtc,
    road: Road,
    microphone: Mid,
    camera: Mid,
    connected: bool,
    speaks: bool,
    shows: bool,
    loses: bool,
    /// Frames of the microphone.
    sent: u32,
    /// RTP that came or went.
    media: u32,
    /// RTP that came, by its m-line.
    arrived: Arc<Mutex<BTreeMap<Mid, u64>>>,
}

impl Talker {
    async fn run(mut self, pending: str0m::change::SdpPendingOffer, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut pending = Some(pending);
        let mut buffer = vec![0; DATAGRAM];
        let mut next_frame = Instant::now();
        loop {
            let due = self.drain().await.min(next_frame);
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Answer(sdp)) => {
                        self.road.open(&sdp).await;
                        self.road.candidate().map(|candidate| self.rtc.add_local_candidate(candidate).is_some());
                        let answer = SdpAnswer::from_sdp_string(&sdp).unwrap();
                        self.rtc.sdp_api().accept_answer(pending.take().unwrap(), answer).unwrap();
                    }
                    Some(Order::Speak(speaks)) => self.speaks = speaks,
                    Some(Order::Show(shows)) => self.shows = shows,
                    Some(Order::Lose(loses)) => self.loses = loses,
                    None => return,
                },
                (length, source) = self.road.receive(&mut buffer) => {
                    if self.is_lost(&buffer[..length]) {
                        continue;
                    }
                    let Ok(contents) = buffer[..length].try_into() else { continue };
                    let receive = Receive { proto: self.road.protocol(), source, destination: self.road.local(), contents };
                    self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
                }
                () = sleep_until(due.into()) => {
                    let now = Instant::now();
                    if now >= next_frame {
                        next_frame = now + FRAME;
                        self.talk(now);
                    }
                    self.rtc.handle_input(Input::Timeout(now)).unwrap();
                }
            }
        }
    }

    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Transmit(transmit) if self.is_lost(&transmit.contents) => {}
                // What the path refuses is lost like any other datagram.
                Output::Transmit(transmit) => self.road.send(&transmit.contents, transmit.destination).await,
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(packet)) => {
                    if let Some(mid) = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid()) {
                        *self.arrived.lock().unwrap().entry(mid).or_default() += 1;
                    }
                }
                Output::Event(_) => {}
                Output::Timeout(at) => return at,
            }
        }
    }

    fn is_lost(&mut self, datagram: &[u8]) -> bool {
        // RTP is what has a payload type that RTCP has not (RFC 5761 §4).
        let is_rtp = datagram.len() > 1 && (128..192).contains(&datagram[0]) && !(192..224).contains(&datagram[1]);
        self.media += u32::from(is_rtp);
        self.loses && is_rtp && self.media.is_multiple_of(2)
    }

    fn talk(&mut self, now: Instant) {
        if !self.connected || !self.rtc.is_alive() {
            return;
        }
        let level = if self.speaks { VOICE } else { SILENCE };
        let extensions = ExtensionValues { audio_level: Some(level), voice_activity: Some(self.speaks), ..ExtensionValues::default() };
        self.sent += 1;
        let time = self.sent.wrapping_mul(960);
        self.send(now, self.microphone, time, vec![0xf8; 80], extensions);
        if self.shows {
            self.send(now, self.camera, self.sent.wrapping_mul(1_800), KEYFRAME.to_vec(), ExtensionValues::default());
        }
    }

    /// Sends a packet that is a whole frame.
    fn send(&mut self, now: Instant, mid: Mid, time: u32, payload: Vec<u8>, extensions: ExtensionValues) {
        let remote = self.rtc.media(mid).map(|media| media.remote_pts().to_vec()).unwrap_or_default();
        let Some(pt) = self.rtc.codec_config().iter().map(|params| params.pt()).find(|pt| remote.contains(pt)) else { return };
        let packet = RtpWrite::new(pt, u64::from(self.sent).into(), time, now, payload).marker(mid == self.camera);
        let mut api = self.rtc.direct_api();
        if let Some(stream) = api.stream_tx_by_mid(mid, None) {
            stream.write_rtp(packet.ext_vals(extensions));
        }
    }
}
