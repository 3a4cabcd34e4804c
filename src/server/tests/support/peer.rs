//! The media of a device: a real peer connection that talks or is silent, and loses what it is told to lose.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};
use switchboard_protocol::{Offer, Track, TrackRole};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

/// An Opus frame.
const FRAME: Duration = Duration::from_millis(20);
/// Levels in dBov (RFC 6464).
const VOICE: i8 = -20;
const SILENCE: i8 = -127;
/// Enough for any datagram on loopback that WebRTC makes.
const DATAGRAM: usize = 2_000;

const SLOTS: [TrackRole; 7] = [
    TrackRole::AudioSlot,
    TrackRole::AudioSlot,
    TrackRole::AudioSlot,
    TrackRole::VideoSlot,
    TrackRole::VideoSlot,
    TrackRole::VideoSlot,
    TrackRole::ScreenSlot,
];

enum Order {
    Answer(String),
    Speak(bool),
    Lose(bool),
}

/// A peer connection with a microphone, a camera and a screen, three slots each for voices and cameras, and one for a screen.
pub struct Peer {
    pub offer: Offer,
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

impl Peer {
    /// A peer that waits for its answer.
    pub async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, "udp").unwrap()).unwrap();
        let mut change = rtc.sdp_api();
        let sources = [TrackRole::Microphone, TrackRole::Camera, TrackRole::Screen];
        let lines = sources.map(|role| (role, Direction::SendOnly)).into_iter().chain(SLOTS.map(|role| (role, Direction::RecvOnly)));
        let track = |(role, direction)| {
            let kind = if matches!(role, TrackRole::Microphone | TrackRole::AudioSlot) { MediaKind::Audio } else { MediaKind::Video };
            (change.add_media(kind, direction, None, None, None), role)
        };
        let lines: Vec<(Mid, TrackRole)> = lines.map(track).collect();
        let (offer, pending) = change.apply().unwrap();
        let tracks = lines.iter().map(|&(mid, role)| Track { mid: mid.to_string(), role }).collect();
        let (orders, taken) = mpsc::unbounded_channel();
        let talker =
            Talker { rtc, socket, local, microphone: lines[0].0, connected: false, speaks: false, loses: false, sent: 0, media: 0 };
        let task = tokio::spawn(talker.run(pending, taken));
        Self { offer: Offer { sdp: offer.to_sdp_string(), tracks }, orders, task }
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
    socket: UdpSocket,
    local: SocketAddr,
    microphone: Mid,
    connected: bool,
    speaks: bool,
    loses: bool,
    /// Frames of the microphone.
    sent: u32,
    /// RTP that came or went.
    media: u32,
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
                        let answer = SdpAnswer::from_sdp_string(&sdp).unwrap();
                        self.rtc.sdp_api().accept_answer(pending.take().unwrap(), answer).unwrap();
                    }
                    Some(Order::Speak(speaks)) => self.speaks = speaks,
                    Some(Order::Lose(loses)) => self.loses = loses,
                    None => return,
                },
                got = self.socket.recv_from(&mut buffer) => {
                    let Ok((length, source)) = got else { continue };
                    if self.is_lost(&buffer[..length]) {
                        continue;
                    }
                    let Ok(contents) = buffer[..length].try_into() else { continue };
                    let receive = Receive { proto: Protocol::Udp, source, destination: self.local, contents };
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
                Output::Transmit(transmit) => drop(self.socket.send_to(&transmit.contents, transmit.destination).await),
                Output::Event(Event::Connected) => self.connected = true,
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
        let remote = self.rtc.media(self.microphone).map(|media| media.remote_pts().to_vec()).unwrap_or_default();
        let Some(pt) = self.rtc.codec_config().iter().map(|params| params.pt()).find(|pt| remote.contains(pt)) else { return };
        let level = if self.speaks { VOICE } else { SILENCE };
        let extensions = ExtensionValues { audio_level: Some(level), voice_activity: Some(self.speaks), ..ExtensionValues::default() };
        self.sent += 1;
        let packet = RtpWrite::new(pt, u64::from(self.sent).into(), self.sent.wrapping_mul(960), now, vec![0xf8; 80]);
        let mut api = self.rtc.direct_api();
        if let Some(stream) = api.stream_tx_by_mid(self.microphone, None) {
            stream.write_rtp(packet.ext_vals(extensions));
        }
    }
}
