//! The words of the call machine and the media driver in the words of the protocol, and the other way round.

use switchboard_calls as calls;
use switchboard_protocol as protocol;
use switchboard_protocol::{ErrorCode, Failure};

use crate::media_driver::{LineRole, Offer, OfferError, Role, SourceKind};

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

pub(super) fn seat_state(state: calls::SeatState) -> protocol::SeatState {
    match state {
        calls::SeatState::Invited => protocol::SeatState::Invited,
        calls::SeatState::Ringing => protocol::SeatState::Ringing,
        calls::SeatState::Active => protocol::SeatState::Active,
        calls::SeatState::Left => protocol::SeatState::Left,
        calls::SeatState::Declined => protocol::SeatState::Declined,
        calls::SeatState::Missed => protocol::SeatState::Missed,
        calls::SeatState::Busy => protocol::SeatState::Busy,
        calls::SeatState::Unreachable => protocol::SeatState::Unreachable,
        calls::SeatState::Cancelled => protocol::SeatState::Cancelled,
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
    use calls::PlaceError::{CalledTwice, CallsOneself, IdInUse, InAnotherCall, NoCallees, Stopped, TooManyCallees};
    let code = match error {
        NoCallees | TooManyCallees { .. } | CallsOneself | CalledTwice => ErrorCode::BadCallees,
        InAnotherCall => ErrorCode::InAnotherCall,
        IdInUse | Stopped => ErrorCode::Unavailable,
    };
    failure(code, error)
}

pub(super) fn accept_error(error: calls::AcceptError) -> Failure {
    let code = match error {
        calls::AcceptError::UnknownCall => ErrorCode::UnknownCall,
        calls::AcceptError::CallOver => ErrorCode::CallOver,
        calls::AcceptError::AnsweredElsewhere => ErrorCode::AnsweredElsewhere,
        calls::AcceptError::InAnotherCall => ErrorCode::InAnotherCall,
        calls::AcceptError::WrongState => ErrorCode::WrongState,
    };
    failure(code, error)
}

pub(super) fn decline_error(error: calls::DeclineError) -> Failure {
    let code = match error {
        calls::DeclineError::UnknownCall => ErrorCode::UnknownCall,
        calls::DeclineError::CallOver => ErrorCode::CallOver,
        calls::DeclineError::AnsweredElsewhere => ErrorCode::AnsweredElsewhere,
        calls::DeclineError::WrongState => ErrorCode::WrongState,
    };
    failure(code, error)
}

pub(super) fn seat_error(error: calls::SeatError) -> Failure {
    let code = match error {
        calls::SeatError::UnknownCall => ErrorCode::UnknownCall,
        calls::SeatError::CallOver => ErrorCode::CallOver,
        calls::SeatError::WrongState => ErrorCode::WrongState,
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
