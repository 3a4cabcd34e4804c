//! The words of the call machine and the media driver in the words of the protocol, and the other way round.

use std::time::Duration;

use switchboard_calls as calls;
use switchboard_ids::DeviceId;
use switchboard_protocol as protocol;
use switchboard_protocol::{ErrorCode, Failure};

use crate::media_driver::{LineRole, Offer, OfferError, Quality, Role, SourceKind, Sources};

pub(super) fn kind_in(kind: protocol::CallKind) -> calls::CallKind {
    match kind {
        protocol::CallKind::Audio => calls::CallKind::Audio,
        protocol::CallKind::Video => calls::CallKind::Video,
    }
}

pub(super) fn kind_out(kind: calls::CallKind) -> protocol::CallKind {
    match kind {
        calls::CallKind::Audio => protocol::CallKind::Audio,
        calls::CallKind::Video => protocol::CallKind::Video,
    }
}

pub(super) fn media_in(media: protocol::MediaState) -> calls::MediaState {
    calls::MediaState { microphone: media.microphone, camera: media.camera, screen: media.screen }
}

pub(super) fn media_out(media: calls::MediaState) -> protocol::MediaState {
    protocol::MediaState { microphone: media.microphone, camera: media.camera, screen: media.screen }
}

pub(super) fn current(current: protocol::Current) -> calls::Current {
    match current {
        protocol::Current::Hold => calls::Current::Hold,
        protocol::Current::Leave => calls::Current::Leave,
    }
}

pub(super) fn report(quality: protocol::QualityReport) -> calls::Report {
    let protocol::QualityReport { received, lost, rtt_ms, jitter_ms, frozen_ms } = quality;
    calls::Report { received, lost, rtt_ms, jitter_ms, frozen_ms }
}

pub(super) fn seat_state(state: calls::SeatState) -> protocol::SeatState {
    match state {
        calls::SeatState::Invited => protocol::SeatState::Invited,
        calls::SeatState::Ringing => protocol::SeatState::Ringing,
        calls::SeatState::Active => protocol::SeatState::Active,
        calls::SeatState::Held => protocol::SeatState::Held,
        calls::SeatState::Reconnecting => protocol::SeatState::Reconnecting,
        calls::SeatState::Left => protocol::SeatState::Left,
        calls::SeatState::Declined => protocol::SeatState::Declined,
        calls::SeatState::Missed => protocol::SeatState::Missed,
        calls::SeatState::Busy => protocol::SeatState::Busy,
        calls::SeatState::Unreachable => protocol::SeatState::Unreachable,
        calls::SeatState::Cancelled => protocol::SeatState::Cancelled,
    }
}

pub(super) fn seat_state_in(state: protocol::SeatState) -> calls::SeatState {
    match state {
        protocol::SeatState::Invited => calls::SeatState::Invited,
        protocol::SeatState::Ringing => calls::SeatState::Ringing,
        protocol::SeatState::Active => calls::SeatState::Active,
        protocol::SeatState::Held => calls::SeatState::Held,
        protocol::SeatState::Reconnecting => calls::SeatState::Reconnecting,
        protocol::SeatState::Left => calls::SeatState::Left,
        protocol::SeatState::Declined => calls::SeatState::Declined,
        protocol::SeatState::Missed => calls::SeatState::Missed,
        protocol::SeatState::Busy => calls::SeatState::Busy,
        protocol::SeatState::Unreachable => calls::SeatState::Unreachable,
        protocol::SeatState::Cancelled => calls::SeatState::Cancelled,
    }
}

/// Why a device is in a call no more, and the one it went to.
pub(super) fn put_out(why: calls::PutOut) -> (protocol::LeftBecause, Option<DeviceId>) {
    match why {
        calls::PutOut::Moved { to } => (protocol::LeftBecause::Moved, Some(to)),
        calls::PutOut::TookAnother { on } => (protocol::LeftBecause::TookAnother, Some(on)),
        calls::PutOut::MediaLost => (protocol::LeftBecause::ConnectionLost, None),
    }
}

pub(super) fn ring_stop(why: calls::RingStop) -> protocol::RingStop {
    match why {
        calls::RingStop::AnsweredElsewhere => protocol::RingStop::AnsweredElsewhere,
        calls::RingStop::DeclinedElsewhere => protocol::RingStop::DeclinedElsewhere,
        calls::RingStop::Cancelled => protocol::RingStop::Cancelled,
        calls::RingStop::Missed => protocol::RingStop::Missed,
        calls::RingStop::Ended => protocol::RingStop::Ended,
    }
}

pub(super) fn end_reason(reason: calls::EndReason) -> protocol::EndReason {
    match reason {
        calls::EndReason::HungUp => protocol::EndReason::HungUp,
        calls::EndReason::Declined => protocol::EndReason::Declined,
        calls::EndReason::Missed => protocol::EndReason::Missed,
        calls::EndReason::Busy => protocol::EndReason::Busy,
        calls::EndReason::Unreachable => protocol::EndReason::Unreachable,
        calls::EndReason::Cancelled => protocol::EndReason::Cancelled,
        calls::EndReason::ConnectionLost => protocol::EndReason::ConnectionLost,
        calls::EndReason::ServerStopped => protocol::EndReason::ServerStopped,
    }
}

pub(super) fn source(kind: SourceKind) -> protocol::TrackSource {
    match kind {
        SourceKind::Microphone => protocol::TrackSource::Microphone,
        SourceKind::Camera => protocol::TrackSource::Camera,
        SourceKind::Screen => protocol::TrackSource::Screen,
    }
}

pub(super) fn sources(media: calls::MediaState) -> Sources {
    Sources { microphone: media.microphone, camera: media.camera, screen: media.screen }
}

pub(super) fn quality(quality: Quality) -> protocol::ConnectionQuality {
    match quality {
        Quality::Good => protocol::ConnectionQuality::Good,
        Quality::Fair => protocol::ConnectionQuality::Fair,
        Quality::Poor => protocol::ConnectionQuality::Poor,
    }
}

pub(super) fn offer(offer: protocol::Offer) -> Offer {
    let role = |role| match role {
        protocol::TrackRole::Microphone => Role::Source(SourceKind::Microphone),
        protocol::TrackRole::Camera => Role::Source(SourceKind::Camera),
        protocol::TrackRole::Screen => Role::Source(SourceKind::Screen),
        protocol::TrackRole::AudioSlot => Role::Slot(SourceKind::Microphone),
        protocol::TrackRole::VideoSlot => Role::Slot(SourceKind::Camera),
        protocol::TrackRole::ScreenSlot => Role::Slot(SourceKind::Screen),
    };
    let roles = offer.tracks.into_iter().map(|track| LineRole { mid: track.mid, role: role(track.role) });
    Offer { sdp: offer.sdp, roles: roles.collect() }
}

fn failure(code: ErrorCode, error: impl std::fmt::Display) -> Failure {
    Failure { code, message: error.to_string() }
}

pub(super) fn offer_error(error: &OfferError) -> Failure {
    let code = match error {
        OfferError::NoUsableCodec => ErrorCode::NoUsableCodec,
        OfferError::Malformed(_) | OfferError::TooManyLines { .. } | OfferError::WrongRole { .. } => ErrorCode::BadOffer,
        OfferError::LegExists(_) => ErrorCode::Unavailable,
    };
    failure(code, error)
}

pub(super) fn place_error(error: calls::PlaceError) -> Failure {
    use calls::PlaceError::{CalledTwice, CallsOneself, Glare, IdInUse, InAnotherCall, NoCallees, TooManyCallees};
    let code = match error {
        NoCallees | TooManyCallees { .. } | CallsOneself | CalledTwice => ErrorCode::BadCallees,
        InAnotherCall => ErrorCode::InAnotherCall,
        Glare { .. } | IdInUse => ErrorCode::Unavailable,
    };
    failure(code, error)
}

/// The errors of the call machine that have the names of the protocol's.
macro_rules! same_names {
    ($($function:ident($error:ident): $($name:ident)*;)*) => {$(
        pub(super) fn $function(error: calls::$error) -> Failure {
            let code = match error {
                $(calls::$error::$name => ErrorCode::$name,)*
            };
            failure(code, error)
        }
    )*};
}

same_names! {
    accept_error(AcceptError): UnknownCall CallOver AnsweredElsewhere InAnotherCall TooManyHeld WrongState;
    decline_error(DeclineError): UnknownCall CallOver AnsweredElsewhere WrongState;
    join_error(JoinError): UnknownCall CallOver WrongState InAnotherCall TooManyHeld;
    hold_error(HoldError): UnknownCall CallOver WrongState InAnotherCall TooManyHeld;
    seat_error(SeatError): UnknownCall CallOver WrongState;
}

pub(super) fn invite_error(error: calls::InviteError) -> Failure {
    let code = match error {
        calls::InviteError::UnknownCall => ErrorCode::UnknownCall,
        calls::InviteError::CallOver => ErrorCode::CallOver,
        calls::InviteError::WrongState => ErrorCode::WrongState,
        _ => ErrorCode::BadCallees,
    };
    failure(code, error)
}

/// The word for a value as it stands in the protocol, for the history.
pub(super) fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What a word of the history means in the protocol.
pub(super) fn meaning<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// Whole milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A time as the database keeps it.
pub(super) fn utc_ms(at: calls::Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

/// A time the database kept.
pub(super) fn from_utc_ms(ms: i64) -> calls::Timestamp {
    calls::Timestamp(u64::try_from(ms).unwrap_or_default())
}
