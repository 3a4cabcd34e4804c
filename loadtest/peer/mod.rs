//! A simulated peer: one PeerConnection that sends by its plan and judges what it receives.
//!
//! [`Peer`] is sans-IO: it is changed by a command, a datagram or the passing of time, and after each drained by
//! [`Peer::poll_output`] until it says [`Output::Timeout`]; str0m loses what it heard when a second input comes before that.
//! The engine gives it a socket and a clock. `plan.rs` is what it sends and receives; `source.rs` makes the frames, `send.rs` the
//! packets; `receive.rs` judges what comes, by decoding (the clip's checkers) or by number (`sequence.rs`), and notes when pictures stand still (`freezes.rs`) or do not come (`blanks.rs`); `stamp.rs` says
//! when each payload was sent.

mod blanks;
mod counts;
mod freezes;
mod plan;
mod receive;
mod send;
mod sequence;
mod source;
mod stamp;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::crypto::dtls::DtlsCert;
use str0m::media::{Direction, MediaKind, Mid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::{Candidate, Event, IceConnectionState, Input, Rtc, RtcError};
use switchboard_clip::{AudioReport, Vp8Report};
use switchboard_protocol::{Offer, Track, TrackRole};
use thiserror::Error;

pub(crate) use blanks::BLANK;
pub(crate) use counts::{Counts, Flow};
pub(crate) use plan::{AudioSource, Judge, Plan, Synthetic, VideoSource};
pub(crate) use receive::Flight;
use receive::Receiver;
use send::Stream;
pub(crate) use stamp::Clock;

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
    #[error("the offer is no session description: {0}")]
    BadOffer(String),
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
        "connected, but no video that can be shown came within {} s: {} packets, {} missing, {} frames, {} keyframes; and {} packets of audio",
        limit.as_secs(), report.counts.video.packets, report.counts.video.missing, report.video.frames_complete, report.video.keyframes,
        report.counts.audio.packets
    )]
    NoVideo { limit: Duration, report: Box<PeerReport> },
    #[error("the engine has ended")]
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
    Connected(Instant),
    /// The first frame that can be shown is complete.
    FirstFrame(Instant),
    /// The other side cannot be reached any more.
    Lost,
}

/// What a peer did and saw.
#[derive(Clone)]
pub(crate) struct PeerReport {
    pub(crate) counts: Counts,
    /// The first voice and the first picture, as a decoder saw them.
    pub(crate) audio: AudioReport,
    pub(crate) video: Vp8Report,
    /// How long each payload was on its way that was sent once the first frame was shown, if the plan keeps that.
    pub(crate) flights: Vec<Duration>,
    /// The decodable video as an IVF file, if it was to be recorded.
    pub(crate) recording: Option<Vec<u8>>,
}

impl fmt::Debug for PeerReport {
    /// Without what would fill pages: each flight, and the recording.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counts, audio, video, .. } = self;
        f.debug_struct("PeerReport").field("counts", counts).field("audio", audio).field("video", video).finish_non_exhaustive()
    }
}

/// What all peers of a run share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    pub(crate) clock: Clock,
    /// One for all: making one costs more than a handshake.
    pub(crate) certificate: DtlsCert,
}

impl Common {
    /// A run that begins now.
    pub(crate) fn starting(now: Instant) -> Self {
        let provider = str0m::crypto::from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate().expect("the cryptography makes certificates");
        Self { clock: Clock::starting(now), certificate }
    }
}

/// One PeerConnection.
#[derive(Debug)]
pub(crate) struct Peer {
    rtc: Rtc,
    local: SocketAddr,
    plan: Plan,
    clock: Clock,
    pending: Option<SdpPendingOffer>,
    streams: Vec<Stream>,
    receiver: Receiver,
    events: VecDeque<PeerEvent>,
    /// Whether media is to be sent once connected.
    sending: bool,
    connected: bool,
    keyframes_asked: u64,
    now: Instant,
}

impl Peer {
    /// A peer that is reached at `local`, and its offer: its sources first, then its slots.
    pub(crate) fn offering(now: Instant, common: &Common, local: SocketAddr, plan: Plan) -> Result<(Self, Offer), PeerError> {
        let mut rtc = new_rtc(now, common, local)?;
        let mut changes = rtc.sdp_api();
        let (mut tracks, mut streams) = (Vec::new(), Vec::new());
        let mut line = |kind, direction: Direction, simulcast, role| {
            let mid = changes.add_media(kind, direction, None, None, simulcast);
            tracks.push(Track { mid: mid.to_string(), role });
            if direction.is_sending() {
                streams.extend(Stream::of(&plan, kind, mid));
            }
        };
        if plan.audio.is_some() {
            line(MediaKind::Audio, Direction::SendOnly, None, TrackRole::Microphone);
        }
        if let Some(video) = plan.video {
            line(MediaKind::Video, Direction::SendOnly, (video == VideoSource::Simulcast).then(simulcast), TrackRole::Camera);
        }
        for _ in 0..plan.audio_slots {
            line(MediaKind::Audio, Direction::RecvOnly, None, TrackRole::AudioSlot);
        }
        for _ in 0..plan.video_slots {
            line(MediaKind::Video, Direction::RecvOnly, None, TrackRole::VideoSlot);
        }
        let (offer, pending) = changes.apply().ok_or(PeerError::NoOffer)?;
        let offer = Offer { sdp: offer.to_sdp_string(), tracks };
        Ok((Self { streams, pending: Some(pending), ..Self::new(now, common.clock, rtc, local, plan) }, offer))
    }

    /// A peer that takes an offer, and its answer. It sends what its plan has where the offer receives.
    pub(crate) fn answering(
        now: Instant,
        common: &Common,
        local: SocketAddr,
        plan: Plan,
        offer: &str,
    ) -> Result<(Self, String), PeerError> {
        let mut rtc = new_rtc(now, common, local)?;
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| PeerError::BadOffer(error.to_string()))?;
        let answer = rtc.sdp_api().accept_offer(offer)?;
        Ok((Self::new(now, common.clock, rtc, local, plan), answer.to_sdp_string()))
    }

    fn new(now: Instant, clock: Clock, rtc: Rtc, local: SocketAddr, plan: Plan) -> Self {
        let (receiver, pending, streams, events) = (Receiver::new(&plan), None, Vec::new(), VecDeque::new());
        let (sending, connected, keyframes_asked) = (false, false, 0);
        Self { rtc, local, plan, clock, pending, streams, receiver, events, sending, connected, keyframes_asked, now }
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
        self.receiver.expect(now);
        self.handle_timeout(now)
    }

    /// Says goodbye; what is still to be sent comes out of [`Peer::poll_output`].
    pub(crate) fn close(&mut self) -> Result<(), PeerError> {
        self.sending = false;
        Ok(self.rtc.close()?)
    }

    /// A datagram, which came at `now`.
    pub(crate) fn handle_datagram(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Result<(), PeerError> {
        // It may have come before what was done since.
        let now = now.max(self.now);
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
            for stream in &mut self.streams {
                stream.start(now);
                stream.send_due(now, &mut self.rtc, self.clock)?;
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

    /// Which layers of the camera anyone wants: no others are sent.
    pub(crate) fn want_video(&mut self, active: bool, rids: &[String]) {
        for stream in self.streams.iter_mut().filter(|stream| stream.is_video()) {
            stream.want(active, rids);
        }
    }

    /// How long payloads were on their way, since this was asked last.
    pub(crate) fn take_flights(&mut self) -> impl Iterator<Item = Flight> {
        self.receiver.take_flights()
    }

    /// What the peer did and saw by `now`.
    pub(crate) fn counts(&self, now: Instant) -> Counts {
        let mut counts = Counts {
            connected: u64::from(self.connected && self.rtc.is_alive()),
            showing: u64::from(self.receiver.shown_at.is_some()),
            keyframes_asked: self.keyframes_asked,
            ..Counts::default()
        };
        // Of a camera in layers the first is one camera.
        if let Some(camera) = self.streams.iter().find(|stream| stream.is_video() && stream.made > 0) {
            (counts.cameras, counts.frames_made) = (1, camera.made);
        }
        for stream in &self.streams {
            counts.bytes_sent += stream.bytes;
            if stream.is_video() {
                counts.video_packets_sent += stream.packets;
                counts.video_frames_sent += stream.frames;
            } else {
                counts.audio_packets_sent += stream.packets;
            }
        }
        self.receiver.count(now, &mut counts);
        counts
    }

    /// What the peer did and saw; nothing more will come.
    pub(crate) fn into_report(mut self) -> PeerReport {
        self.receiver.finish(self.now);
        let (audio, video) = self.receiver.reports();
        let recording = self.receiver.take_recording();
        PeerReport { counts: self.counts(self.now), audio, video, recording, flights: self.receiver.kept_flights.unwrap_or_default() }
    }

    fn next_frame(&self) -> Option<Instant> {
        if !self.sending || !self.connected || !self.rtc.is_alive() {
            return None;
        }
        // A source that has not started is to start at once.
        self.streams.iter().map(|stream| stream.due().unwrap_or(self.now)).min()
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.events.push_back(PeerEvent::Connected(self.now));
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.connected = false;
                self.events.push_back(PeerEvent::Lost);
            }
            // Of an offer that was taken: the first m-line of a kind that it receives.
            Event::MediaAdded(added) if added.direction.is_sending() && !self.sends(added.kind) => {
                self.streams.extend(Stream::of(&self.plan, added.kind, added.mid));
            }
            Event::RtpPacket(packet) => {
                let first_frame = self.receiver.handle_packet(self.now, self.clock, &mut self.rtc, &packet);
                self.events.extend(first_frame.then_some(PeerEvent::FirstFrame(self.now)));
            }
            Event::KeyframeRequest(request) => {
                let asked = self.streams.iter_mut().filter(|stream| stream.is_video() && stream.is(request.mid, request.rid));
                for stream in asked {
                    self.keyframes_asked += 1;
                    stream.want_keyframe();
                }
            }
            _ => {}
        }
    }

    fn sends(&self, kind: MediaKind) -> bool {
        self.streams.iter().any(|stream| stream.is_video() == (kind == MediaKind::Video))
    }
}

fn new_rtc(now: Instant, common: &Common, local: SocketAddr) -> Result<Rtc, PeerError> {
    let codecs = Rtc::builder().set_rtp_mode(true).set_dtls_cert(common.certificate.clone()).clear_codecs();
    let mut rtc = codecs.enable_opus(true, false).enable_vp8(true).build(now);
    let candidate = Candidate::host(local, "udp").map_err(|_| PeerError::Candidate(local))?;
    rtc.add_local_candidate(candidate).ok_or(PeerError::Candidate(local))?;
    Ok(rtc)
}

fn simulcast() -> Simulcast {
    let mut layers = Simulcast::new();
    send::RIDS.iter().for_each(|rid| layers.add_send_layer(SimulcastLayer::new(rid)));
    layers
}
