//! From a client's offer to an answer, sources and slots (RFC 9429; the client always offers).

use std::net::SocketAddr;
use std::time::Instant;

use str0m::change::SdpOffer;
use str0m::media::{MediaKind, Mid};
use str0m::net::TcpType;
use str0m::{Candidate, Rtc};

use crate::congestion::INITIAL;
use crate::error::OfferError;
use crate::format::Format;
use crate::health::MEASURE_EVERY;
use crate::repeats::{keep_no_audio, keep_video};
use crate::router::RouterConfig;
use crate::simulcast::{bounded, sent_on};
use crate::slot::Slot;
use crate::source::{Source, SourceKind};

/// A client's offer.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The session description.
    pub sdp: String,
    /// What its m-lines are for. One that is not named gets a role by its kind and direction: audio is a microphone or a
    /// slot for one, the first video a camera, a second a screen, and video it receives is a slot for a camera.
    pub roles: Vec<LineRole>,
}

/// The role of one m-line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRole {
    /// The m-line's `a=mid` (RFC 8843 §8).
    pub mid: String,
    /// What it is for.
    pub role: Role,
}

/// What an m-line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The client sends this on it.
    Source(SourceKind),
    /// The client receives someone's on it.
    Slot(SourceKind),
}

impl Role {
    const fn sends(self) -> bool {
        matches!(self, Self::Source(_))
    }
}

/// Every m-line costs time on every packet of the leg. 25 tiles with a voice each and a screen are 51.
const MAX_LINES: usize = 64;

pub(crate) struct Negotiated {
    pub(crate) rtc: Rtc,
    pub(crate) answer: String,
    pub(crate) sources: Vec<Source>,
    pub(crate) slots: Vec<Slot>,
}

struct Line {
    mid: Mid,
    kind: MediaKind,
    sends: bool,
    receives: bool,
}

pub(crate) fn negotiate(
    now: Instant,
    config: &RouterConfig,
    learnt: Option<SocketAddr>,
    offer: &Offer,
    rng: &mut fastrand::Rng,
) -> Result<Negotiated, OfferError> {
    // An m-line has one mid (RFC 8843 §8), each of which is looked up among the others.
    let too_many = |name| offer.sdp.lines().filter(|line| line.starts_with(name)).count() > MAX_LINES;
    if too_many("m=") || too_many("a=mid:") {
        return Err(OfferError::TooManyLines { max: MAX_LINES });
    }
    let sdp = SdpOffer::from_sdp_string(&bounded(&offer.sdp)).map_err(|error| OfferError::Malformed(error.to_string()))?;
    let mut rtc = Rtc::builder()
        .set_rtp_mode(true)
        .set_ice_lite(true)
        .set_dtls_cert(config.certificate.0.clone())
        .set_stats_interval(Some(MEASURE_EVERY))
        .enable_bwe(config.congestion_control.then_some(INITIAL))
        .clear_codecs()
        .enable_opus(true, true)
        .enable_vp8(true)
        .enable_h264(true)
        .build(now);
    let addresses = || config.candidates.iter().chain(&learnt);
    let udp = addresses().map(|address| Candidate::host(*address, "udp"));
    let passive = |address: &SocketAddr| Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
    let tcp = addresses().filter(|_| config.tcp).map(passive);
    for candidate in udp.chain(tcp) {
        rtc.add_local_candidate(candidate.map_err(|error| OfferError::Malformed(error.to_string()))?);
    }
    let answer = rtc.sdp_api().accept_offer(sdp).map_err(|error| OfferError::Malformed(error.to_string()))?;
    let lines = lines(&rtc, &offer.sdp);
    let (mut sources, mut slots) = (Vec::new(), Vec::new());
    let mut some_codec = false;
    for (line, role) in assign(&lines, &offer.roles)? {
        let (Role::Source(kind) | Role::Slot(kind)) = role;
        let formats = Format::on_line(&rtc, line.mid, kind);
        if formats.is_empty() {
            continue;
        }
        some_codec = true;
        match role {
            // One source of a kind: a second could not be told from the first by those who see it.
            Role::Source(_) if sources.iter().any(|source: &Source| source.kind == kind) => {}
            Role::Source(_) => sources.push(Source::new(kind, line.mid, formats, &sent_on(&offer.sdp, &line.mid))),
            Role::Slot(_) => {
                let ssrc = rtc.direct_api().stream_tx_by_mid(line.mid, None).map(|stream| {
                    stream.set_unpaced(true);
                    if kind.is_video() {
                        keep_video(stream, kind)
                    } else {
                        keep_no_audio(stream)
                    }
                    stream.ssrc()
                });
                let ssrc = ssrc.ok_or_else(|| OfferError::Malformed(format!("m-line {} cannot be sent on", line.mid)))?;
                slots.push(Slot::new(kind, line.mid, ssrc, formats, rng));
            }
        }
    }
    if !some_codec {
        return Err(OfferError::NoUsableCodec);
    }
    Ok(Negotiated { rtc, answer: answer.to_sdp_string(), sources, slots })
}

/// The m-lines in the order of the offer, with directions as the client sees them.
fn lines(rtc: &Rtc, sdp: &str) -> Vec<Line> {
    let mut mids: Vec<Mid> = Vec::new();
    for mid in sdp.lines().filter_map(|line| line.strip_prefix("a=mid:")).map(|mid| Mid::from(mid.trim())) {
        if !mids.contains(&mid) {
            mids.push(mid);
        }
    }
    let media = mids.into_iter().filter_map(|mid| rtc.media(mid));
    media
        .map(|media| Line {
            mid: media.mid(),
            kind: media.kind(),
            sends: media.direction().is_receiving(),
            receives: media.direction().is_sending(),
        })
        .collect()
}

fn assign<'a>(lines: &'a [Line], named: &[LineRole]) -> Result<Vec<(&'a Line, Role)>, OfferError> {
    for role in named {
        let line = lines.iter().find(|line| *line.mid == *role.mid);
        // A line is one stream each way: a second role of the same direction would be two writers on it.
        let same_way = |other: &&LineRole| other.mid == role.mid && other.role.sends() == role.role.sends();
        let once = named.iter().filter(same_way).count() == 1;
        if !once || !line.is_some_and(|line| fits(line, role.role)) {
            return Err(OfferError::WrongRole { mid: role.mid.clone() });
        }
    }
    let mut assigned: Vec<(&Line, Role)> = Vec::new();
    for line in lines {
        let mut named = named.iter().filter(|role| *line.mid == *role.mid).peekable();
        if named.peek().is_some() {
            assigned.extend(named.map(|role| (line, role.role)));
            continue;
        }
        if line.sends {
            let camera_taken = assigned.iter().any(|(_, role)| *role == Role::Source(SourceKind::Camera));
            let kind = match line.kind {
                MediaKind::Audio => SourceKind::Microphone,
                MediaKind::Video if camera_taken => SourceKind::Screen,
                MediaKind::Video => SourceKind::Camera,
            };
            assigned.push((line, Role::Source(kind)));
        }
        if line.receives {
            let kind = if line.kind == MediaKind::Audio { SourceKind::Microphone } else { SourceKind::Camera };
            assigned.push((line, Role::Slot(kind)));
        }
    }
    Ok(assigned)
}

fn fits(line: &Line, role: Role) -> bool {
    let (Role::Source(kind) | Role::Slot(kind)) = role;
    let direction = if role.sends() { line.sends } else { line.receives };
    direction && kind.is_video() == (line.kind == MediaKind::Video)
}
