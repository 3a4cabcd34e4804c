//! Somebody who takes part: an account with a device on line, and a peer in each of its calls.

use std::net::IpAddr;
use std::time::Instant;

use reqwest::Url;
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{CallKind, EndReason, ErrorCode, Event, MediaState, Offer, Person, Reply, Request, SeatState};
use thiserror::Error;
use tokio::sync::mpsc;

use super::api::{Account, Api, ApiError};
use super::signalling::{Lost, STEP_LIMIT, SignalError, Signalling};
use crate::engine::{Engine, PeerHandle};
use crate::measure::Timings;
use crate::peer::{PeerError, PeerReport, Plan};

/// Why a participant could not go on.
#[derive(Debug, Error)]
pub(crate) enum ParticipantError {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error("{who}")]
    Signalling { who: String, source: SignalError },
    #[error("{who}'s media")]
    Peer { who: String, source: PeerError },
}

/// Where the participants meet.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub(crate) url: Url,
    pub(crate) insecure: bool,
    /// Address their media comes from.
    pub(crate) bind: IpAddr,
    pub(crate) engine: Engine,
    pub(crate) timings: Timings,
    /// Told when a signalling connection breaks.
    pub(crate) lost: Lost,
}

impl Meeting {
    /// Where nobody watches for broken connections: whoever needs one finds out.
    pub(crate) fn unwatched(url: Url, insecure: bool, bind: IpAddr, engine: Engine) -> Self {
        let (lost, _) = mpsc::unbounded_channel();
        Self { url, insecure, bind, engine, timings: Timings::default(), lost }
    }
}

/// A peer and the offer it has made.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) peer: PeerHandle,
    pub(crate) offer: Offer,
}

/// An account with one device on line.
#[derive(Debug)]
pub(crate) struct Participant {
    name: String,
    account: Account,
    signalling: Signalling,
    engine: Engine,
    bind: IpAddr,
}

impl Participant {
    /// Registers and comes on line.
    pub(crate) async fn arrive(api: &Api, meeting: &Meeting, name: &str) -> Result<Self, ParticipantError> {
        let account = api.register(name).await?;
        let (timings, lost) = (meeting.timings.clone(), meeting.lost.clone());
        let connected = Signalling::connect(&meeting.url, &account.token, meeting.insecure, timings, lost).await;
        let signalling = connected.map_err(|source| ParticipantError::Signalling { who: name.to_owned(), source })?;
        Ok(Self { name: name.to_owned(), account, signalling, engine: meeting.engine.clone(), bind: meeting.bind })
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Forgets what earlier calls left behind.
    pub(crate) fn start_afresh(&mut self) {
        self.signalling.forget_seen();
    }

    /// Gets camera, microphone, slots and a socket ready.
    pub(crate) async fn prepare(&self, plan: Plan) -> Result<Media, ParticipantError> {
        let made = self.engine.offering(self.bind, plan).await;
        made.map(|(peer, offer)| Media { peer, offer }).map_err(|source| self.media_fault(source))
    }

    /// Calls people; the answer goes to the peer.
    pub(crate) async fn place(&self, callees: Vec<UserId>, media: &Media) -> Result<CallId, ParticipantError> {
        let request = Request::Place { callees, kind: CallKind::Video, offer: media.offer.clone() };
        match self.request("place", request).await? {
            Reply::Placed { call, answer, .. } => {
                media.peer.answer(answer.0);
                Ok(call)
            }
            _ => Err(self.fault(SignalError::WrongReply { request: "place" })),
        }
    }

    /// Asks more people into a call.
    pub(crate) async fn invite(&self, call: CallId, callees: Vec<UserId>) -> Result<(), ParticipantError> {
        self.done("invite", Request::Invite { call, callees }).await
    }

    /// Tells the others what is on here.
    pub(crate) async fn set_media(&self, call: CallId, media: MediaState) -> Result<(), ParticipantError> {
        self.done("set_media", Request::SetMedia { call, media }).await
    }

    /// From here on the camera sends the layers somebody wants, and no others.
    pub(crate) fn heed_layers(&self, call: CallId, media: &PeerHandle) {
        self.signalling.heed_layers(call, media.camera());
    }

    /// Waits until the call rings here, and says who calls.
    pub(crate) async fn rings(&mut self, call: CallId) -> Result<Person, ParticipantError> {
        let wanted = |event: &Event| match event {
            Event::IncomingCall { call: ringing, from, .. } if *ringing == call => Some(from.clone()),
            _ => None,
        };
        self.wait_for("the incoming call", wanted).await
    }

    /// Connects the media of a ringing call; the answer goes to the peer.
    pub(crate) async fn warm(&self, call: CallId, media: &Media) -> Result<(), ParticipantError> {
        match self.request("warm", Request::Warm { call, offer: media.offer.clone() }).await? {
            Reply::Warmed { answer, .. } => {
                media.peer.answer(answer.0);
                Ok(())
            }
            _ => Err(self.fault(SignalError::WrongReply { request: "warm" })),
        }
    }

    /// Waits until this one's media is connected, and says since when.
    pub(crate) async fn connects(&self, peer: &mut PeerHandle) -> Result<Instant, ParticipantError> {
        peer.connected(STEP_LIMIT).await.map_err(|source| self.media_fault(source))
    }

    /// Takes a ringing call whose media is connected.
    pub(crate) async fn accept(&self, call: CallId) -> Result<(), ParticipantError> {
        match self.request("accept", Request::Accept { call, offer: None, current: None }).await? {
            Reply::Accepted { answer: None, .. } => Ok(()),
            _ => Err(self.fault(SignalError::WrongReply { request: "accept" })),
        }
    }

    /// Waits until somebody else has taken the call.
    pub(crate) async fn sees_active(&mut self, call: CallId, other: &Account) -> Result<(), ParticipantError> {
        let other = other.id;
        let wanted = |event: &Event| match event {
            Event::Seat { call: of, seat } if *of == call && seat.person.id == other && seat.state == SeatState::Active => Some(()),
            _ => None,
        };
        self.wait_for("the news that the call was accepted", wanted).await
    }

    /// Waits until anybody has taken the call this one has placed.
    pub(crate) async fn sees_somebody_active(&mut self, call: CallId) -> Result<(), ParticipantError> {
        let this = self.account.id;
        let wanted = |event: &Event| match event {
            Event::Seat { call: of, seat } if *of == call && seat.person.id != this && seat.state == SeatState::Active => Some(()),
            _ => None,
        };
        self.wait_for("the news that the call was accepted", wanted).await
    }

    /// Leaves a call that may have ended in the same moment.
    pub(crate) async fn hang_up_or_over(&self, call: CallId) -> Result<(), ParticipantError> {
        match self.hang_up(call).await {
            Err(ParticipantError::Signalling { source: SignalError::Refused { failure, .. }, .. })
                if failure.code == ErrorCode::CallOver =>
            {
                Ok(())
            }
            outcome => outcome,
        }
    }

    pub(crate) async fn hang_up(&self, call: CallId) -> Result<(), ParticipantError> {
        self.done("hang_up", Request::HangUp { call }).await
    }

    /// Waits until the call is over, and says why it is.
    pub(crate) async fn sees_end(&mut self, call: CallId) -> Result<EndReason, ParticipantError> {
        let wanted = |event: &Event| match event {
            Event::CallEnded { call: ended, reason, .. } if *ended == call => Some(*reason),
            _ => None,
        };
        self.wait_for("the end of the call", wanted).await
    }

    /// Waits until this one sees the other, and says since when.
    pub(crate) async fn sees_picture(&self, peer: &mut PeerHandle) -> Result<Instant, ParticipantError> {
        peer.first_frame(STEP_LIMIT).await.map_err(|source| self.media_fault(source))
    }

    /// Ends this one's media and says how it was.
    pub(crate) async fn finish(&self, peer: PeerHandle) -> Result<PeerReport, ParticipantError> {
        peer.finish().await.map_err(|source| self.media_fault(source))
    }

    fn media_fault(&self, source: PeerError) -> ParticipantError {
        ParticipantError::Peer { who: self.name.clone(), source }
    }

    pub(super) async fn done(&self, name: &'static str, request: Request) -> Result<(), ParticipantError> {
        match self.request(name, request).await? {
            Reply::Done => Ok(()),
            _ => Err(self.fault(SignalError::WrongReply { request: name })),
        }
    }

    pub(super) async fn request(&self, name: &'static str, request: Request) -> Result<Reply, ParticipantError> {
        self.signalling.request(name, request).await.map_err(|source| self.fault(source))
    }

    pub(super) async fn wait_for<T>(&mut self, what: &'static str, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, ParticipantError> {
        let found = self.signalling.wait_for(what, wanted).await;
        found.map_err(|source| self.fault(source))
    }

    pub(super) fn fault(&self, source: SignalError) -> ParticipantError {
        ParticipantError::Signalling { who: self.name.clone(), source }
    }
}
