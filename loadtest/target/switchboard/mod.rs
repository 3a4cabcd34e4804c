//! Switchboard as a target: through its API, as any client.
//!
//! `api.rs` is accounts and contacts, `signalling.rs` the connection for calls, `participant.rs` somebody who has both, `people.rs`
//! all of them; `own_server.rs` starts a server to test when none is named.

mod api;
mod own_server;
mod participant;
mod people;
mod phone;
mod ringing;
mod signalling;
mod tls;

use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use futures_util::future::{join_all, try_join_all};
use reqwest::Url;
use switchboard_ids::CallId;
use switchboard_protocol::MediaState;
use tokio::sync::{Mutex, mpsc};

use super::{About, Seat, Target};
use crate::measure::{ServerProcess, steps};
use crate::peer::Plan;
pub(crate) use api::Api;
use api::ApiError;
use own_server::ServerError;
pub(crate) use own_server::{OwnServer, ServerOptions, serve};
pub(crate) use participant::{Meeting, Participant, ParticipantError};
use people::People;
pub(crate) use ringing::Pair;
use signalling::SignalError;

/// Whether an error is of the server as a whole: that it is not there, cannot be used, or has gone.
pub(crate) fn is_trouble(error: &anyhow::Error) -> bool {
    let signalling = |error: &SignalError| matches!(error, SignalError::Connect { .. } | SignalError::Closed | SignalError::TooOld { .. });
    error.chain().any(|cause| {
        let participant = match cause.downcast_ref::<ParticipantError>() {
            Some(ParticipantError::Api(_)) => true,
            Some(ParticipantError::Signalling { source, .. }) => signalling(source),
            _ => false,
        };
        participant || cause.is::<ApiError>() || cause.is::<ServerError>() || cause.downcast_ref().is_some_and(signalling)
    })
}

/// How many people one request may call.
const CALLEES_AT_ONCE: usize = 32;

/// A Switchboard server.
#[derive(Debug)]
pub(crate) struct Switchboard {
    api: Api,
    meeting: Meeting,
    people: People,
    broken: Mutex<mpsc::UnboundedReceiver<()>>,
    /// Started for this test.
    own: Option<OwnServer>,
    process: Option<ServerProcess>,
}

/// A call that was placed, and its people.
#[derive(Debug)]
pub(crate) struct SwitchboardCall {
    id: CallId,
    begun: bool,
    /// The caller first.
    people: Vec<Participant>,
    seats: Vec<Seat>,
}

impl Switchboard {
    /// The server that a meeting names; `own` is that server if it was started for this test. `process` is where its process is
    /// if it is another on this machine.
    pub(crate) fn new(mut meeting: Meeting, own: Option<OwnServer>, process: Option<ServerProcess>) -> Result<Self> {
        let (lost, broken) = mpsc::unbounded_channel();
        meeting.lost = lost;
        let api = Api::new(meeting.url.clone(), meeting.insecure)?;
        let process = own.as_ref().and_then(OwnServer::process).or(process);
        Ok(Self { api, meeting, people: People::default(), broken: Mutex::new(broken), own, process })
    }

    /// Somebody who was called: rings, and connects media while it does.
    async fn warm(&self, call: CallId, person: &mut Participant, plan: Plan, placed_at: Instant) -> Result<Seat> {
        person.rings(call).await?;
        self.meeting.timings.record(steps::RING, placed_at.elapsed());
        let mut media = person.prepare(plan.clone()).await?;
        let asked_at = Instant::now();
        person.warm(call, &media).await?;
        let connected_at = person.connects(&mut media.peer).await?;
        self.meeting.timings.record(steps::JOIN, connected_at.saturating_duration_since(asked_at));
        Ok(Seat { plan, peers: vec![media.peer], accepted_at: None })
    }

    /// Takes the call: as a person's device does, which sends at once and does not wait for the reply.
    async fn accept(&self, call: CallId, person: &Participant, seat: &mut Seat) -> Result<()> {
        seat.accepted_at = Some(Instant::now());
        for peer in &seat.peers {
            peer.send();
            person.heed_layers(call, peer);
        }
        person.accept(call).await?;
        self.say_what_is_on(call, person, &seat.plan).await
    }

    /// The server takes camera and microphone for on until it is told otherwise.
    async fn say_what_is_on(&self, call: CallId, person: &Participant, plan: &Plan) -> Result<()> {
        let media = MediaState { microphone: plan.audio.is_some(), camera: plan.video.is_some(), screen: false };
        if !(media.microphone && media.camera) {
            person.set_media(call, media).await?;
        }
        Ok(())
    }
}

impl Target for Switchboard {
    type Call = SwitchboardCall;

    fn about(&self) -> About {
        // One that was started for this test is this program.
        let version = self.own.as_ref().map(|_| env!("CARGO_PKG_VERSION").to_owned());
        About { name: "switchboard", version, url: self.meeting.url.to_string() }
    }

    fn process(&self) -> Option<ServerProcess> {
        self.process
    }

    fn metrics_page(&self) -> Option<Url> {
        self.own.as_ref()?.admin().join("metrics").ok()
    }

    async fn populate(&self, people: usize) -> Result<()> {
        Ok(self.people.populate(&self.api, &self.meeting, people).await?)
    }

    async fn prepare(&self, plans: Vec<Plan>) -> Result<SwitchboardCall> {
        let mut people = self.people.take(&self.api, &self.meeting, plans.len()).await?;
        let mut plans = plans.into_iter();
        let (Some((caller, callees)), Some(plan)) = (people.split_first_mut(), plans.next()) else {
            return Err(anyhow!("a call has at least one person"));
        };
        self.people.befriend(&self.api, caller, &callees.iter().collect::<Vec<_>>()).await?;

        let mut media = caller.prepare(plan.clone()).await?;
        let placed_at = Instant::now();
        let mut groups = callees.chunks(CALLEES_AT_ONCE).map(|group| group.iter().map(|callee| callee.account().id).collect());
        let id = caller.place(groups.next().unwrap_or_default(), &media).await?;
        for group in groups {
            caller.invite(id, group).await?;
        }
        let answering = try_join_all(callees.iter_mut().zip(plans).map(|(callee, plan)| self.warm(id, callee, plan, placed_at)));
        let calling = async {
            let connected_at = caller.connects(&mut media.peer).await?;
            self.meeting.timings.record(steps::JOIN, connected_at.saturating_duration_since(placed_at));
            Ok(())
        };
        let (others, ()) = tokio::try_join!(answering, calling)?;
        let mut seats = vec![Seat { plan, peers: vec![media.peer], accepted_at: None }];
        seats.extend(others);
        Ok(SwitchboardCall { id, begun: false, people, seats })
    }

    async fn begin(&self, call: &mut SwitchboardCall) -> Result<()> {
        let SwitchboardCall { id, begun, people, seats } = call;
        let (Some((caller, callees)), Some((seat, others))) = (people.split_first_mut(), seats.split_first_mut()) else { return Ok(()) };
        let accepting = join_all(callees.iter().zip(others).map(|(callee, seat)| self.accept(*id, callee, seat)));
        let learning = async {
            caller.sees_somebody_active(*id).await?;
            seat.accepted_at = Some(Instant::now());
            for peer in &seat.peers {
                peer.send();
                caller.heed_layers(*id, peer);
            }
            self.say_what_is_on(*id, caller, &seat.plan).await
        };
        let (accepted, learnt) = tokio::join!(accepting, learning);
        *begun = true;
        learnt.and(accepted.into_iter().collect())
    }

    async fn join(&self, call: &mut SwitchboardCall, plans: Vec<Plan>) -> Result<()> {
        let mut joining = self.people.take(&self.api, &self.meeting, plans.len()).await?;
        let caller = call.people.first().context("a call has at least one person")?;
        self.people.befriend(&self.api, caller, &joining.iter().collect::<Vec<_>>()).await?;
        let placed_at = Instant::now();
        for group in joining.chunks(CALLEES_AT_ONCE) {
            caller.invite(call.id, group.iter().map(|person| person.account().id).collect()).await?;
        }
        let arriving = joining.iter_mut().zip(plans).map(|(person, plan)| async {
            let mut seat = self.warm(call.id, person, plan, placed_at).await?;
            self.accept(call.id, person, &mut seat).await?;
            anyhow::Ok(seat)
        });
        let seats = try_join_all(arriving).await?;
        call.seats.extend(seats);
        call.people.extend(joining);
        Ok(())
    }

    async fn leave(&self, call: &mut SwitchboardCall) -> Result<()> {
        if call.people.len() < 2 {
            return Ok(());
        }
        let (person, seat) = (call.people.pop(), call.seats.pop());
        if let Some(person) = person {
            person.hang_up(call.id).await?;
            self.people.give_back([person]);
        }
        drop(seat);
        Ok(())
    }

    fn seats<'a>(&self, call: &'a mut SwitchboardCall) -> &'a mut [Seat] {
        &mut call.seats
    }

    async fn end(&self, call: SwitchboardCall) -> Result<()> {
        let SwitchboardCall { id, begun, people, seats } = call;
        // The last two end it together: whoever comes second may find it over, which is no fault.
        let leaving = people.iter().map(|person| async move { if begun { person.hang_up_or_over(id).await } else { Ok(()) } });
        let left: Result<Vec<()>, _> = join_all(leaving).await.into_iter().collect();
        drop(seats);
        self.people.give_back(people);
        left?;
        Ok(())
    }

    async fn trouble(&self) -> anyhow::Error {
        match self.broken.lock().await.recv().await {
            Some(()) => anyhow!("the server at {} has closed a signalling connection in the middle of the run", self.meeting.url),
            // The meeting keeps its end of the channel for as long as this lives.
            None => std::future::pending().await,
        }
    }

    async fn stop(self) -> Result<()> {
        let Self { own, people, .. } = self;
        drop(people);
        match own {
            Some(own) => Ok(own.stop().await?),
            None => Ok(()),
        }
    }
}
