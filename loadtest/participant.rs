//! Somebody who takes part: an account with a device on line, and a peer in each of its calls.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use reqwest::Url;
use switchboard_ids::CallId;
use switchboard_protocol::{CallKind, EndReason, Event, Person, Reply, Request, SeatState};
use thiserror::Error;

use crate::api::{Account, Api, ApiError};
use crate::peer::{Flights, PeerError, PeerHandle, PeerReport};
use crate::signalling::{STEP_LIMIT, SignalError, Signalling};

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
}

/// An account with one device on line.
#[derive(Debug)]
pub(crate) struct Participant {
    name: String,
    account: Account,
    signalling: Signalling,
    bind: IpAddr,
}

impl Participant {
    /// Registers and comes on line.
    pub(crate) async fn arrive(api: &Api, meeting: &Meeting, name: &str) -> Result<Self, ParticipantError> {
        let account = api.register(name).await?;
        let connected = Signalling::connect(&meeting.url, &account.token, meeting.insecure).await;
        let signalling = connected.map_err(|source| ParticipantError::Signalling { who: name.to_owned(), source })?;
        Ok(Self { name: name.to_owned(), account, signalling, bind: meeting.bind })
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Forgets what earlier calls left behind.
    pub(crate) fn start_afresh(&mut self) {
        self.signalling.forget_seen();
    }

    /// Gets camera, microphone and a socket ready. What this one sends is noted in `sent`, what it receives is looked up in
    /// `received`.
    pub(crate) async fn prepare(&self, sent: &Arc<Flights>, received: &Arc<Flights>, record: bool) -> Result<PeerHandle, ParticipantError> {
        let peer = PeerHandle::start(self.bind, Arc::clone(sent), Arc::clone(received), record).await;
        peer.map_err(|source| self.media_fault(source))
    }

    /// Calls somebody; the answer goes to the peer.
    pub(crate) async fn place(&self, callee: &Self, peer: &PeerHandle) -> Result<CallId, ParticipantError> {
        let request = Request::Place { callees: vec![callee.account.id], kind: CallKind::Video, offer: peer.offer().clone() };
        match self.request("place", request).await? {
            Reply::Placed { call, answer, .. } => {
                peer.answer(answer.0);
                Ok(call)
            }
            _ => Err(self.fault(SignalError::WrongReply { request: "place" })),
        }
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
    pub(crate) async fn warm(&self, call: CallId, peer: &PeerHandle) -> Result<(), ParticipantError> {
        match self.request("warm", Request::Warm { call, offer: peer.offer().clone() }).await? {
            Reply::Warmed { answer, .. } => {
                peer.answer(answer.0);
                Ok(())
            }
            _ => Err(self.fault(SignalError::WrongReply { request: "warm" })),
        }
    }

    /// Waits until this one's media is connected.
    pub(crate) async fn connects(&self, peer: &mut PeerHandle) -> Result<(), ParticipantError> {
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

    pub(crate) async fn hang_up(&self, call: CallId) -> Result<(), ParticipantError> {
        match self.request("hang_up", Request::HangUp { call }).await? {
            Reply::Done => Ok(()),
            _ => Err(self.fault(SignalError::WrongReply { request: "hang_up" })),
        }
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

    async fn request(&self, name: &'static str, request: Request) -> Result<Reply, ParticipantError> {
        self.signalling.request(name, request).await.map_err(|source| self.fault(source))
    }

    async fn wait_for<T>(&mut self, what: &'static str, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, ParticipantError> {
        let found = self.signalling.wait_for(what, wanted).await;
        found.map_err(|source| self.fault(source))
    }

    fn fault(&self, source: SignalError) -> ParticipantError {
        ParticipantError::Signalling { who: self.name.clone(), source }
    }
}
