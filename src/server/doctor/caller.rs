//! One side of a call on trial: a client that connects through one address of the media port, and sends or hears a voice.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcError};
use tokio::net::UdpSocket;

/// A frame of Opus, and its duration in samples.
const FRAME: Duration = Duration::from_millis(20);
const SAMPLES: u32 = 960;
/// A voice, in dBov (RFC 6464).
const LEVEL: i8 = -20;
/// No datagram of a call is larger.
pub(super) const DATAGRAM: usize = 2_000;

/// Why a caller cannot be made or go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallerError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Rtc(#[from] RtcError),
    #[error("{0}")]
    Other(String),
}

pub(super) struct Caller {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    remote: SocketAddr,
    mid: Mid,
    sdp: String,
    pending: Option<SdpPendingOffer>,
    next_frame: Instant,
    sent: u32,
    /// ICE and DTLS are done.
    pub(super) connected: bool,
    /// A packet of the other's voice has come, and was decrypted.
    pub(super) heard: bool,
}

impl Caller {
    /// A caller that reaches the server at `remote` and nowhere else: a connected socket hears nobody else either.
    pub(super) async fn new(remote: SocketAddr, direction: Direction) -> Result<Self, CallerError> {
        let any: IpAddr = if remote.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(remote).await?;
        let local = socket.local_addr()?;
        let now = Instant::now();
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(now);
        let candidate = Candidate::host(local, "udp").map_err(|error| CallerError::Other(error.to_string()))?;
        rtc.add_local_candidate(candidate);
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, direction, None, None, None);
        let (offer, pending) = change.apply().ok_or_else(|| CallerError::Other("no offer is made".to_owned()))?;
        let sdp = offer.to_sdp_string();
        Ok(Self { rtc, socket, local, remote, mid, sdp, pending: Some(pending), next_frame: now, sent: 0, connected: false, heard: false })
    }

    pub(super) fn offer(&self) -> &str {
        &self.sdp
    }

    /// Takes the server's answer, but for the ways to it that are not on trial.
    pub(super) fn take(&mut self, answer: &str) -> Result<(), CallerError> {
        let ip = self.remote.ip().to_string();
        let other = |line: &&str| line.starts_with("a=candidate:") && line.split(' ').nth(4) != Some(ip.as_str());
        let lines: String = answer.split_inclusive('\n').filter(|line| !other(line)).collect();
        let answer = SdpAnswer::from_sdp_string(&lines).map_err(|error| CallerError::Other(error.to_string()))?;
        let pending = self.pending.take().ok_or_else(|| CallerError::Other("there are two answers".to_owned()))?;
        Ok(self.rtc.sdp_api().accept_answer(pending, answer)?)
    }

    /// Sends what is to be sent; tells when it wants to be called again.
    pub(super) fn drain(&mut self) -> Result<Instant, CallerError> {
        loop {
            match self.rtc.poll_output()? {
                // What the system has no room for is lost like any other datagram, and sent again.
                Output::Transmit(transmit) => drop(self.socket.try_send(&transmit.contents)),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(_)) => self.heard = true,
                Output::Event(_) => {}
                Output::Timeout(at) => return Ok(if self.connected { at.min(self.next_frame) } else { at }),
            }
        }
    }

    /// The next datagram; an error that the system has for an earlier one counts as none.
    pub(super) async fn receive(&self, buffer: &mut [u8]) -> usize {
        self.socket.recv(buffer).await.unwrap_or(0)
    }

    pub(super) fn handle(&mut self, datagram: &[u8]) -> Result<(), CallerError> {
        // What cannot be a datagram of a call is not meant for it.
        let Ok(contents) = datagram.try_into() else { return Ok(()) };
        let receive = Receive { proto: Protocol::Udp, source: self.remote, destination: self.local, contents };
        Ok(self.rtc.handle_input(Input::Receive(Instant::now(), receive))?)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Result<(), CallerError> {
        if self.connected && now >= self.next_frame {
            self.next_frame = now + FRAME;
            self.speak(now)?;
        }
        Ok(self.rtc.handle_input(Input::Timeout(now))?)
    }

    fn speak(&mut self, now: Instant) -> Result<(), CallerError> {
        let remote = self.rtc.media(self.mid).map(|media| media.remote_pts().to_vec()).unwrap_or_default();
        let Some(pt) = self.rtc.codec_config().iter().map(|params| params.pt()).find(|pt| remote.contains(pt)) else { return Ok(()) };
        self.sent += 1;
        let extensions = ExtensionValues { audio_level: Some(LEVEL), voice_activity: Some(true), ..ExtensionValues::default() };
        let time = self.sent.wrapping_mul(SAMPLES);
        let packet = RtpWrite::new(pt, u64::from(self.sent).into(), time, now, vec![0xf8; 80]).ext_vals(extensions);
        // The one that hears has no stream to send on.
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.mid, None) {
            stream.write_rtp(packet);
        }
        Ok(())
    }
}
