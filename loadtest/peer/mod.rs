//! A simulated peer: one PeerConnection that sends the clips and judges what it receives.
//!
//! [`Peer`] is sans-IO: it is changed by a command, a datagram or the passing of time, and after each drained by
//! [`Peer::poll_output`] until it says [`Output::Timeout`]; str0m loses what it heard when a second input comes before that. `task.rs` gives it a socket and a clock. `send.rs` plays the
//! clips, `receive.rs` judges what comes, `flights.rs` knows when each payload was sent.

mod flights;
mod receive;
mod send;
mod task;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Candidate, Event, IceConnectionState, Input, Rtc, RtcError};
use switchboard_clip::descriptor::Descriptor;
use switchboard_clip::{AudioReport, Vp8Report};
use switchboard_protocol::{Offer, Track, TrackRole};
use thiserror::Error;

pub(crate) use flights::Flights;
use receive::Receiver;
use send::Sender;
pub(crate) use task::PeerHandle;

/// Why a peer ended.
#[derive(Debug, Error)]
pub(crate) enum PeerError {
    #[error("no socket on {address}")]
    Socket { address: SocketAddr, source: std::io::Error },
    #[error("WebRTC failed")]
    Rtc(#[from] RtcError),
    #[error("{0} cannot be a candidate")]
    Candidate(SocketAddr),
    #[error("the answer is no session description: {0}")]
    BadAnswer(String),
    #[error("an answer came without an offer")]
    NoOffer,
    #[error("no codec was agreed on for m-line {0}")]
    NoCodec(Mid),
    #[error("the connection was lost")]
    Lost,
    #[error("a picture came before the call was accepted")]
    TooEarly,
    #[error("media could not be connected within {} s: ICE or DTLS did not finish", .0.as_secs())]
    NotConnected(Duration),
    #[error(
        "connected, but no video that can be decoded came within {} s: {} packets, {} missing, {} frames, {} keyframes; and {} packets of audio",
        limit.as_secs(), report.video.packets, report.video.missing, report.video.frames_complete, report.video.keyframes, report.audio.packets
    )]
    NoVideo { limit: Duration, report: Box<PeerReport> },
    #[error("the task has died")]
    Died,
}

/// What a peer wants done.
#[derive(Debug)]
pub(crate) enum Output {
    /// Send this datagram.
    Transmit(Transmit),
    /// Something happened.
    Event(PeerEvent),
    /// Nothing more, until this time or until something comes.
    Timeout(Instant),
}

/// What happens to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerEvent {
    /// ICE and DTLS are done.
    Connected,
    /// The first frame that can be shown is complete.
    FirstFrame(Instant),
    /// The other side cannot be reached any more.
    Lost,
}

/// What a peer did and saw.
#[derive(Clone)]
pub(crate) struct PeerReport {
    pub(crate) audio_packets_sent: u64,
    pub(crate) video_packets_sent: u64,
    pub(crate) video_frames_sent: u64,
    /// How often it was asked for a keyframe.
    pub(crate) keyframes_asked: u64,
    pub(crate) audio: AudioReport,
    pub(crate) video: Vp8Report,
    /// Payloads received that nobody sent.
    pub(crate) foreign_payloads: u64,
    /// How long each payload was on its way that was sent once the first frame was shown.
    pub(crate) flights: Vec<Duration>,
    /// The decodable video as an IVF file, if it was to be recorded.
    pub(crate) recording: Option<Vec<u8>>,
}

impl fmt::Debug for PeerReport {
    /// Without what would fill pages: each flight, and the recording.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerReport")
            .field("audio_packets_sent", &self.audio_packets_sent)
            .field("video_packets_sent", &self.video_packets_sent)
            .field("video_frames_sent", &self.video_frames_sent)
            .field("keyframes_asked", &self.keyframes_asked)
            .field("audio", &self.audio)
            .field("video", &self.video)
            .field("foreign_payloads", &self.foreign_payloads)
            .finish_non_exhaustive()
    }
}

/// One PeerConnection: camera and microphone out, one slot for video and one for audio in.
#[derive(Debug)]
pub(crate) struct Peer {
    rtc: Rtc,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    microphone: Sender,
    camera: Sender,
    receiver: Receiver,
    sent: Arc<Flights>,
    received: Arc<Flights>,
    events: VecDeque<PeerEvent>,
    /// Whether media is to be sent once connected.
    sending: bool,
    connected: bool,
    keyframes_asked: u64,
    now: Instant,
}

impl Peer {
    /// A peer that is reached at `local`, and its offer. What it sends is noted in `sent`; what it receives is looked up in
    /// `received`.
    pub(crate) fn offering(
        now: Instant,
        local: SocketAddr,
        sent: Arc<Flights>,
        received: Arc<Flights>,
        record: bool,
    ) -> Result<(Self, Offer), PeerError> {
        let mut rtc = new_rtc(now, local)?;
        let mut changes = rtc.sdp_api();
        let mut line = |kind, direction, role| (changes.add_media(kind, direction, None, None, None), role);
        let microphone = line(MediaKind::Audio, Direction::SendOnly, TrackRole::Microphone);
        let camera = line(MediaKind::Video, Direction::SendOnly, TrackRole::Camera);
        let audio_slot = line(MediaKind::Audio, Direction::RecvOnly, TrackRole::AudioSlot);
        let video_slot = line(MediaKind::Video, Direction::RecvOnly, TrackRole::VideoSlot);
        let (offer, pending) = changes.apply().expect("four new m-lines are a change");
        let tracks = [microphone, camera, audio_slot, video_slot].map(|(mid, role)| Track { mid: mid.to_string(), role });
        let offer = Offer { sdp: offer.to_sdp_string(), tracks: tracks.into() };
        let sources = (Sender::microphone(microphone.0), Sender::camera(camera.0));
        Ok((Self::new(now, rtc, local, Some(pending), sources, (sent, received), record), offer))
    }

    fn new(
        now: Instant,
        rtc: Rtc,
        local: SocketAddr,
        pending: Option<SdpPendingOffer>,
        (microphone, camera): (Sender, Sender),
        (sent, received): (Arc<Flights>, Arc<Flights>),
        record: bool,
    ) -> Self {
        let receiver = Receiver::new(record);
        let (events, sending, connected, keyframes_asked) = (VecDeque::new(), false, false, 0);
        Self { rtc, local, pending, microphone, camera, receiver, sent, received, events, sending, connected, keyframes_asked, now }
    }

    /// Takes the answer to the offer; connecting begins.
    pub(crate) fn handle_answer(&mut self, sdp: &str) -> Result<(), PeerError> {
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|error| PeerError::BadAnswer(error.to_string()))?;
        let pending = self.pending.take().ok_or(PeerError::NoOffer)?;
        Ok(self.rtc.sdp_api().accept_answer(pending, answer)?)
    }

    /// Camera and microphone go on, as soon as the peer is connected.
    pub(crate) fn start_sending(&mut self, now: Instant) -> Result<(), PeerError> {
        self.sending = true;
        self.handle_timeout(now)
    }

    /// Says goodbye; what is still to be sent comes out of [`Peer::poll_output`].
    pub(crate) fn close(&mut self) -> Result<(), PeerError> {
        self.sending = false;
        Ok(self.rtc.close()?)
    }

    pub(crate) fn handle_datagram(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Result<(), PeerError> {
        self.now = now;
        // What is none of STUN, DTLS and SRTP is not for this socket; it is not worth more than a browser gives it: nothing.
        let Ok(contents) = datagram.try_into() else { return Ok(()) };
        let receive = Receive { proto: Protocol::Udp, source, destination: self.local, contents };
        Ok(self.rtc.handle_input(Input::Receive(now, receive))?)
    }

    /// Time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), PeerError> {
        self.now = now;
        if self.sending && self.connected && self.rtc.is_alive() {
            for sender in [&mut self.microphone, &mut self.camera] {
                sender.start(now);
                sender.send_due(now, &mut self.rtc, &self.sent)?;
            }
        }
        Ok(self.rtc.handle_input(Input::Timeout(now))?)
    }

    pub(crate) fn poll_output(&mut self) -> Result<Output, PeerError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Output::Event(event));
            }
            match self.rtc.poll_output()? {
                str0m::Output::Transmit(transmit) => return Ok(Output::Transmit(transmit)),
                str0m::Output::Timeout(at) => return Ok(Output::Timeout(self.next_frame().map_or(at, |frame| frame.min(at)))),
                str0m::Output::Event(event) => self.handle_event(event),
            }
        }
    }

    /// What the peer did and saw; nothing more will come.
    pub(crate) fn into_report(mut self) -> PeerReport {
        self.receiver.finish();
        PeerReport {
            audio_packets_sent: self.microphone.packets,
            video_packets_sent: self.camera.packets,
            video_frames_sent: self.camera.frames,
            keyframes_asked: self.keyframes_asked,
            audio: self.receiver.audio.report(),
            video: self.receiver.video.report(),
            foreign_payloads: self.receiver.foreign,
            recording: self.receiver.take_recording(),
            flights: self.receiver.flights,
        }
    }

    fn next_frame(&self) -> Option<Instant> {
        if !self.sending || !self.connected || !self.rtc.is_alive() {
            return None;
        }
        // A source that has not started is to start at once.
        [&self.microphone, &self.camera].map(|source| source.due().unwrap_or(self.now)).into_iter().min()
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.events.push_back(PeerEvent::Connected);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.events.push_back(PeerEvent::Lost),
            Event::RtpPacket(packet) => {
                let first_frame = self.receiver.handle_packet(self.now, &mut self.rtc, &packet, &self.received);
                self.events.extend(first_frame.then_some(PeerEvent::FirstFrame(self.now)));
            }
            Event::KeyframeRequest(request) if request.mid == self.camera.mid() => {
                self.keyframes_asked += 1;
                self.camera.want_keyframe();
            }
            _ => {}
        }
    }
}

fn new_rtc(now: Instant, local: SocketAddr) -> Result<Rtc, PeerError> {
    let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(now);
    let candidate = Candidate::host(local, "udp").map_err(|_| PeerError::Candidate(local))?;
    rtc.add_local_candidate(candidate).ok_or(PeerError::Candidate(local))?;
    Ok(rtc)
}

/// The part of a payload that routers leave as it is: all but the VP8 descriptor.
fn content(is_video: bool, payload: &[u8]) -> &[u8] {
    if !is_video {
        return payload;
    }
    Descriptor::parse(payload).map_or(payload, |(_, data)| data)
}
