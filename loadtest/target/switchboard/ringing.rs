//! Calls without media: they ring and are declined.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use switchboard_ids::{CallId, UserId};
use switchboard_protocol::{CallKind, Event, Offer, Reply, Request};
use tokio::time::{Instant, sleep};

use super::Switchboard;
use super::participant::{Participant, ParticipantError};
use super::signalling::SignalError;
use crate::peer::Plan;

/// Pairs that become contacts at once.
const AT_ONCE: usize = 8;

/// Two who are contacts, and in no call.
#[derive(Debug)]
pub(crate) struct Pair {
    caller: Participant,
    callee: Participant,
}

impl Switchboard {
    /// So many pairs, on line.
    pub(crate) async fn pairs(&self, count: usize) -> Result<Vec<Pair>> {
        let mut people = self.people.take(&self.api, &self.meeting, count * 2).await?.into_iter();
        let pairs = std::iter::from_fn(|| Some(Pair { caller: people.next()?, callee: people.next()? }));
        let befriended = stream::iter(pairs).map(|pair| async move {
            self.people.befriend(&self.api, &pair.caller, &[&pair.callee]).await?;
            anyhow::Ok(pair)
        });
        befriended.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// The offer that a peer of this plan makes. The peer is not kept: nothing will be sent.
    pub(crate) async fn offer(&self, plan: Plan) -> Result<Offer> {
        let (_, offer) = self.meeting.engine.offering(self.meeting.bind, plan).await.context("an offer")?;
        Ok(offer)
    }
}

impl Pair {
    /// One calls the other, who lets it ring and declines; both are free again when the caller knows. Says how long it took
    /// from placing the call until it rang; next time the other calls.
    pub(crate) async fn ring(self, offer: Offer, rings_for: Duration) -> Result<(Self, Duration)> {
        let Self { mut caller, mut callee } = self;
        caller.start_afresh();
        callee.start_afresh();
        let (from, to) = (caller.account().id, callee.account().id);
        let placed_at = Instant::now();
        let (_, (call, rang_at)) = tokio::try_join!(caller.place_without_media(to, offer), callee.is_called_by(from))?;
        sleep(rings_for).await;
        callee.decline(call).await?;
        caller.sees_end(call).await?;
        Ok((Self { caller: callee, callee: caller }, rang_at - placed_at))
    }
}

impl Participant {
    /// Calls somebody; the answer is let go.
    async fn place_without_media(&self, callee: UserId, offer: Offer) -> Result<CallId, ParticipantError> {
        match self.request("place", Request::Place { callees: vec![callee], kind: CallKind::Video, offer }).await? {
            Reply::Placed { call, .. } => Ok(call),
            _ => Err(self.fault(SignalError::WrongReply { request: "place" })),
        }
    }

    /// Waits until somebody calls, and says when that was.
    async fn is_called_by(&mut self, caller: UserId) -> Result<(CallId, Instant), ParticipantError> {
        let wanted = |event: &Event| match event {
            Event::IncomingCall { call, from, .. } if from.id == caller => Some(*call),
            _ => None,
        };
        let call = self.wait_for("the incoming call", wanted).await?;
        Ok((call, Instant::now()))
    }

    /// Declines a call that rings.
    async fn decline(&self, call: CallId) -> Result<(), ParticipantError> {
        self.done("decline", Request::Decline { call }).await
    }
}
