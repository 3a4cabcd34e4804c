//! Drives peers: a few threads of the tester's own, each with hundreds of them, a socket for each, and one readiness loop.
//!
//! Commands go in and events, samples and reports come out by channels, so that whoever writes a scenario is asynchronous and
//! the way of a packet is not. `worker.rs` is the loop, `socket.rs` how datagrams are received (plainly, unless
//! the run asks for UDP_GRO), `wakes.rs` the timers, `path.rs` a bad network, `handle.rs` a peer as a scenario holds it.

mod arrival;
mod handle;
mod path;
mod sample;
mod socket;
#[cfg(test)]
mod tests;
mod wakes;
mod worker;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mio::Waker;
use switchboard_protocol::Offer;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::peer::{Clock, Common, PeerError, PeerReport, Plan};
pub(crate) use handle::{Camera, PeerHandle};
pub(crate) use sample::Sample;
use worker::Worker;

/// The engine could not be started.
#[derive(Debug, Error)]
#[error("the threads of the load tester cannot be started")]
pub(crate) struct EngineError(#[from] std::io::Error);

/// How the engine is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineOptions {
    pub(crate) threads: usize,
    /// Receive with UDP_GRO: the kernel then hands over runs of datagrams, which costs the tester and, on one machine, the
    /// server much less than in the field.
    pub(crate) gro: bool,
    /// Whether datagrams may go to another host, whatever a server says of where it is reached.
    pub(crate) allow_remote: bool,
}

/// The threads and their peers. They end when this and every [`PeerHandle`] is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    workers: Arc<[Link]>,
    next: Arc<AtomicUsize>,
    clock: Clock,
}

/// What a thread is told.
enum Command {
    Offer {
        local: SocketAddr,
        plan: Box<Plan>,
        events: Events,
        made: oneshot::Sender<Result<(PeerId, Offer), PeerError>>,
    },
    Answer {
        local: SocketAddr,
        plan: Box<Plan>,
        offer: String,
        events: Events,
        made: oneshot::Sender<Result<(PeerId, String), PeerError>>,
    },
    Peer(PeerId, PeerCommand),
    /// What has been done and seen; with `restart` the latencies begin anew.
    Sample {
        restart: bool,
        taken: oneshot::Sender<Sample>,
    },
    /// Nobody is left who could tell anything.
    End,
}

enum PeerCommand {
    Answer(String),
    Send,
    WantVideo { active: bool, rids: Vec<String> },
    Finish(Option<oneshot::Sender<PeerReport>>),
}

type PeerId = usize;

/// Events of a peer, and at last why it ended, if that was not asked for.
type Events = mpsc::UnboundedSender<Result<crate::peer::PeerEvent, PeerError>>;

/// The way to a thread, which ends when nobody has it any more.
#[derive(Debug, Clone)]
struct Link(Arc<Line>);

#[derive(Debug)]
struct Line {
    commands: std::sync::mpsc::Sender<Command>,
    waker: Waker,
}

impl Link {
    /// Tells the thread; one that has ended answers nothing, which whoever waits sees.
    fn tell(&self, command: Command) {
        self.0.tell(command);
    }
}

impl Line {
    fn tell(&self, command: Command) {
        if self.commands.send(command).is_ok() {
            // A thread that cannot be woken sees the command with the next datagram or timer.
            let _ = self.waker.wake();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.tell(Command::End);
    }
}

impl Engine {
    /// Starts the threads.
    pub(crate) fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let common = Common::starting(Instant::now());
        let start = |at| Worker::start(at, options, common.clone());
        let workers = (0..options.threads).map(start).collect::<std::io::Result<Vec<_>>>()?;
        Ok(Self { workers: workers.into(), next: Arc::default(), clock: common.clock })
    }

    /// Since the engine was started: what stamps and samples count from.
    pub(crate) fn since_start(&self, now: Instant) -> Duration {
        self.clock.since_origin(now)
    }

    /// A peer with a socket on `bind` that makes an offer. Nothing is sent before the answer is there.
    pub(crate) async fn offering(&self, bind: IpAddr, plan: Plan) -> Result<(PeerHandle, Offer), PeerError> {
        let (link, local) = (self.link(), SocketAddr::new(bind, 0));
        let ((events, incoming), (made, making)) = (mpsc::unbounded_channel(), oneshot::channel());
        link.tell(Command::Offer { local, plan: Box::new(plan), events, made });
        let (id, offer) = making.await.map_err(|_| PeerError::Died)??;
        Ok((PeerHandle::new(link, id, incoming), offer))
    }

    /// A peer with a socket on `bind` that takes an offer, and its answer.
    pub(crate) async fn answering(&self, bind: IpAddr, plan: Plan, offer: String) -> Result<(PeerHandle, String), PeerError> {
        let (link, local) = (self.link(), SocketAddr::new(bind, 0));
        let ((events, incoming), (made, making)) = (mpsc::unbounded_channel(), oneshot::channel());
        link.tell(Command::Answer { local, plan: Box::new(plan), offer, events, made });
        let (id, answer) = making.await.map_err(|_| PeerError::Died)??;
        Ok((PeerHandle::new(link, id, incoming), answer))
    }

    /// What all peers have done and seen. With `restart` the latencies begin anew, as at the start of what is measured.
    pub(crate) async fn sample(&self, restart: bool) -> Sample {
        let mut sum = Sample::default();
        for link in self.workers.iter() {
            let (taken, taking) = oneshot::channel();
            link.tell(Command::Sample { restart, taken });
            if let Ok(sample) = taking.await {
                sum.add(sample);
            }
        }
        sum
    }

    fn link(&self) -> Link {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.workers.len();
        self.workers[at].clone()
    }
}
