//! No SFU at all: each receiver has a sender of its own, peer to peer. What the load tester alone can do.
//!
//! The engine hands peers to its threads in turn, so that with two threads one has all senders and the other all receivers.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::{About, Seat, Target};
use crate::engine::{Engine, PeerHandle};
use crate::measure::{ServerProcess, Timings, steps};
use crate::peer::Plan;

/// Far longer than connecting over loopback takes.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Peers with nothing between them.
#[derive(Debug)]
pub(crate) struct Pairs {
    engine: Engine,
    timings: Timings,
}

/// Pairs that began together.
#[derive(Debug)]
pub(crate) struct PairsCall {
    sender: Plan,
    begun: bool,
    senders: Vec<PeerHandle>,
    receivers: Vec<Seat>,
}

impl Pairs {
    pub(crate) fn new(engine: Engine, timings: Timings) -> Self {
        Self { engine, timings }
    }

    /// Connects pairs one after the other: the threads take turns with them.
    async fn connect(&self, call: &mut PairsCall, plans: Vec<Plan>) -> Result<()> {
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        for plan in plans {
            let asked_at = Instant::now();
            let (mut sender, offer) = self.engine.offering(here, call.sender.clone()).await.context("a sender")?;
            let (mut receiver, answer) = self.engine.answering(here, plan.clone(), offer.sdp).await.context("a receiver")?;
            sender.answer(answer);
            sender.connected(CONNECT_LIMIT).await.context("a sender")?;
            let connected_at = receiver.connected(CONNECT_LIMIT).await.context("a receiver")?;
            self.timings.record(steps::JOIN, connected_at.saturating_duration_since(asked_at));
            call.senders.push(sender);
            call.receivers.push(Seat { plan, peers: vec![receiver], accepted_at: None });
        }
        if call.begun {
            start(call);
        }
        Ok(())
    }
}

fn start(call: &mut PairsCall) {
    call.begun = true;
    let waiting = call.senders.iter().zip(&mut call.receivers).filter(|(_, seat)| seat.accepted_at.is_none());
    for (sender, seat) in waiting {
        seat.accepted_at = Some(Instant::now());
        sender.send();
        seat.peers.iter().for_each(PeerHandle::send);
    }
}

impl Target for Pairs {
    type Call = PairsCall;

    fn about(&self) -> About {
        About { name: "peer to peer", version: None, url: "no server".to_owned() }
    }

    fn process(&self) -> Option<ServerProcess> {
        None
    }

    async fn populate(&self, _: usize) -> Result<()> {
        Ok(())
    }

    async fn prepare(&self, plans: Vec<Plan>) -> Result<PairsCall> {
        let mut plans = plans.into_iter();
        let sender = plans.next().ok_or_else(|| anyhow!("somebody sends"))?;
        let mut call = PairsCall { sender, begun: false, senders: Vec::new(), receivers: Vec::new() };
        self.connect(&mut call, plans.collect()).await?;
        Ok(call)
    }

    async fn begin(&self, call: &mut PairsCall) -> Result<()> {
        start(call);
        Ok(())
    }

    async fn join(&self, call: &mut PairsCall, plans: Vec<Plan>) -> Result<()> {
        self.connect(call, plans).await
    }

    async fn leave(&self, call: &mut PairsCall) -> Result<()> {
        call.senders.pop();
        call.receivers.pop();
        Ok(())
    }

    fn seats<'a>(&self, call: &'a mut PairsCall) -> &'a mut [Seat] {
        &mut call.receivers
    }

    async fn end(&self, call: PairsCall) -> Result<()> {
        drop(call);
        Ok(())
    }

    async fn trouble(&self) -> anyhow::Error {
        std::future::pending().await
    }

    async fn stop(self) -> Result<()> {
        Ok(())
    }
}
