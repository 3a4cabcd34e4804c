//! What is tested: an SFU, and how peers get into its calls. One file, or folder, for each.
//!
//! A scenario goes through the steps in this order: [`Target::populate`], once; for each call [`Target::prepare`] and
//! [`Target::begin`], then perhaps [`Target::join`] and [`Target::leave`], and [`Target::end`]; at last [`Target::stop`]. What a
//! step costs is recorded in the run's [`Timings`](crate::measure::Timings): `join` from asking for media until it is connected,
//! and the target's own requests by name.

pub(crate) mod janus;
pub(crate) mod pairs;
pub(crate) mod switchboard;

use std::time::Instant;

use anyhow::Result;
use reqwest::Url;

use crate::engine::PeerHandle;
use crate::measure::ServerProcess;
use crate::peer::Plan;

/// An SFU.
pub(crate) trait Target {
    /// A call, or whatever the SFU has in its place.
    type Call;

    /// Its name and where it is, for reports.
    fn about(&self) -> About;

    /// Where its process is, if it is on this machine.
    fn process(&self) -> Option<ServerProcess>;

    /// Where its metrics are, if it is a Switchboard that was started for the test.
    fn metrics_page(&self) -> Option<Url> {
        None
    }

    /// Makes what this many people need before they can call each other, so that it does not count into what follows.
    async fn populate(&self, people: usize) -> Result<()>;

    /// Brings a call's people together, a plan each, until the media of all is connected and nothing flows. The first is the
    /// one who called.
    async fn prepare(&self, plans: Vec<Plan>) -> Result<Self::Call>;

    /// Media flows from here on: everyone accepts, and who sends begins to. Each seat has its `accepted_at` after this.
    async fn begin(&self, call: &mut Self::Call) -> Result<()>;

    /// Further people come into a call that has begun; their media flows at once.
    async fn join(&self, call: &mut Self::Call, plans: Vec<Plan>) -> Result<()>;

    /// The one who came last leaves, if it is not the one who called.
    async fn leave(&self, call: &mut Self::Call) -> Result<()>;

    /// The people of a call.
    fn seats<'a>(&self, call: &'a mut Self::Call) -> &'a mut [Seat];

    /// Everyone leaves.
    async fn end(&self, call: Self::Call) -> Result<()>;

    /// Waits until the server is found to be gone, and says how.
    async fn trouble(&self) -> anyhow::Error;

    /// Stops what was started for the test, and says how it ended if it should not have.
    async fn stop(self) -> Result<()>;
}

/// What a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    /// As it says itself, where it is known.
    pub(crate) version: Option<String>,
    pub(crate) url: String,
}

/// A person in a call.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) plan: Plan,
    /// Its connections: one, or those that receive and then one that sends.
    pub(crate) peers: Vec<PeerHandle>,
    /// When media was asked to flow: what the time to the first frame counts from.
    pub(crate) accepted_at: Option<Instant>,
}
