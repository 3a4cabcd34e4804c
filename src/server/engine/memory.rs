//! The engine of a server that is alone: everything is in its memory, and always there.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::ready;

use super::{Answer, Beat, Claim, Engine, Identity, Lease, MOST_NODES, Node};
use crate::clock::now_ms;

/// An engine in this process.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<String, (Node, Instant)>,
    leases: BTreeMap<String, (Lease, Instant)>,
    epochs: BTreeMap<String, u64>,
    secret: Option<String>,
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        // What is in it is right at every moment, whoever panicked.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        state.nodes.retain(|_, (_, until)| *until > now);
        state.leases.retain(|_, (_, until)| *until > now);
        state
    }
}

impl Engine for Memory {
    fn beat<'a>(&'a self, node: &'a Node, lives_for: Duration) -> Answer<'a, Beat> {
        let mut state = self.state();
        let name = &node.identity.node;
        let beat = match state.nodes.get(name) {
            Some((known, _)) if known.identity.run != node.identity.run => Beat::Taken,
            known => {
                if known.is_some() || state.nodes.len() < MOST_NODES {
                    state.nodes.insert(name.clone(), (node.clone(), Instant::now() + lives_for));
                }
                Beat::Heard(now_ms())
            }
        };
        ready(Ok(beat)).boxed()
    }

    fn leave<'a>(&'a self, node: &'a Identity) -> Answer<'a, ()> {
        self.state().nodes.retain(|_, (known, _)| known.identity.run != node.run);
        ready(Ok(())).boxed()
    }

    fn nodes(&self) -> Answer<'_, Vec<Node>> {
        ready(Ok(self.state().nodes.values().map(|(node, _)| node.clone()).collect())).boxed()
    }

    fn claim<'a>(&'a self, lease: &'a str, who: &'a Identity, above: u64, lasts: Duration) -> Answer<'a, Claim> {
        let mut state = self.state();
        let claim = match state.leases.get(lease) {
            Some((held, _)) if held.holder.run != who.run => Claim::Held(held.clone()),
            _ => {
                let epoch = state.epochs.get(lease).copied().unwrap_or_default().max(above) + 1;
                state.epochs.insert(lease.to_owned(), epoch);
                state.leases.insert(lease.to_owned(), (Lease { holder: who.clone(), epoch }, Instant::now() + lasts));
                Claim::Won(epoch)
            }
        };
        ready(Ok(claim)).boxed()
    }

    fn renew<'a>(&'a self, lease: &'a str, who: &'a Identity, epoch: u64, lasts: Duration) -> Answer<'a, bool> {
        let mut state = self.state();
        let own = match state.leases.get(lease) {
            Some((held, _)) => held.holder.run == who.run && held.epoch == epoch,
            None => state.epochs.get(lease).is_none_or(|last| *last <= epoch),
        };
        if own {
            state.epochs.insert(lease.to_owned(), epoch);
            state.leases.insert(lease.to_owned(), (Lease { holder: who.clone(), epoch }, Instant::now() + lasts));
        }
        ready(Ok(own)).boxed()
    }

    fn release<'a>(&'a self, lease: &'a str, who: &'a Identity, epoch: u64) -> Answer<'a, ()> {
        self.state().leases.retain(|name, (held, _)| name != lease || held.holder.run != who.run || held.epoch != epoch);
        ready(Ok(())).boxed()
    }

    fn holder<'a>(&'a self, lease: &'a str) -> Answer<'a, Option<Lease>> {
        ready(Ok(self.state().leases.get(lease).map(|(held, _)| held.clone()))).boxed()
    }

    fn secret<'a>(&'a self, proposed: &'a str) -> Answer<'a, String> {
        ready(Ok(self.state().secret.get_or_insert_with(|| proposed.to_owned()).clone())).boxed()
    }

    fn garbage(&self) -> u64 {
        0
    }
}
