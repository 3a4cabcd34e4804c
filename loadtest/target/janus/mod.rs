//! Janus as a target: its videoroom, through its WebSocket API, as any client. A call is a room; whoever sends has a connection
//! to publish, and whoever receives another one, with a stream for each voice and each picture.
//!
//! `message.rs` reads what Janus says, `connection.rs` carries requests and answers, `room.rs` is the videoroom,
//! `process.rs` starts a Janus.

mod connection;
mod message;
mod process;
mod room;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, anyhow};
use futures_util::future::try_join_all;
use tokio::sync::{Mutex, mpsc};

use super::{About, Seat, Target};
use crate::engine::Engine;
use crate::measure::{ServerProcess, Timings};
use crate::peer::Plan;
use crate::place::Place;
use connection::Connection;
pub(crate) use process::Installation;
use process::OwnJanus;
use room::{Feed, Link, Media, Room};

/// A Janus that was started for this test.
#[derive(Debug)]
pub(crate) struct Janus {
    own: OwnJanus,
    version: String,
    api: Connection,
    media: Media,
    rooms: AtomicU64,
    broken: Mutex<mpsc::UnboundedReceiver<()>>,
}

/// A room and the people in it.
#[derive(Debug)]
pub(crate) struct JanusCall {
    room: Room,
    /// Beside each seat.
    members: Vec<Member>,
    seats: Vec<Seat>,
}

/// What Janus knows of somebody in a room.
#[derive(Debug)]
struct Member {
    feed: Option<Feed>,
    handles: Vec<u64>,
}

impl Janus {
    /// Starts one at this address, in its place.
    pub(crate) async fn start(host: IpAddr, bind: IpAddr, place: &Place, engine: Engine, timings: Timings) -> Result<Self> {
        let own = OwnJanus::start(host, place).await?;
        let (lost, broken) = mpsc::unbounded_channel();
        let api = Connection::open(own.api, lost).await?;
        let version = api.version().await?;
        let media = Media { engine, bind, timings };
        Ok(Self { own, version, api, media, rooms: AtomicU64::new(1), broken: Mutex::new(broken) })
    }

    /// Somebody who came in publishes, if there is anything to.
    async fn publish(&self, room: &Room, plan: &Plan) -> Result<Option<(Link, Feed)>> {
        if plan.audio.is_none() && plan.video.is_none() {
            return Ok(None);
        }
        room.publish(&self.api, &self.media, plan).await.map(Some)
    }

    /// Receives what these others publish, if there is room for any of it.
    async fn subscribe(&self, room: &Room, plan: &Plan, others: &[&Feed]) -> Result<Option<Link>> {
        if others.is_empty() || plan.audio_slots + plan.video_slots == 0 {
            return Ok(None);
        }
        room.subscribe(&self.api, &self.media, plan, others).await.map(Some)
    }

    /// People come into a room: whoever sends is connected before anyone subscribes, since Janus knows no feed before that.
    async fn enter(&self, room: &Room, present: &[Member], plans: Vec<Plan>) -> Result<(Vec<Member>, Vec<Seat>)> {
        let published = try_join_all(plans.iter().map(|plan| self.publish(room, plan))).await?;
        let feeds: Vec<Option<Feed>> = published.iter().map(|link| link.as_ref().map(|(_, feed)| feed.clone())).collect();
        let known: Vec<&Feed> = present.iter().filter_map(|member| member.feed.as_ref()).collect();
        let subscribing = plans.iter().enumerate().map(|(at, plan)| {
            let new = feeds.iter().enumerate().filter(move |(of, _)| *of != at).filter_map(|(_, feed)| feed.as_ref());
            let others: Vec<&Feed> = known.iter().copied().chain(new).collect();
            async move { self.subscribe(room, plan, &others).await }
        });
        let subscribed = try_join_all(subscribing).await?;
        let come = plans.into_iter().zip(published).zip(subscribed).map(|((plan, published), subscribed)| {
            let (link, feed) = published.unzip();
            // Whoever waits for a picture asks the one that receives first.
            let links: Vec<Link> = subscribed.into_iter().chain(link).collect();
            let (handles, peers) = links.into_iter().map(|link| (link.handle, link.peer)).unzip();
            (Member { feed, handles }, Seat { plan, peers, accepted_at: None })
        });
        Ok(come.unzip())
    }
}

impl Target for Janus {
    type Call = JanusCall;

    fn about(&self) -> About {
        About { name: "janus", version: Some(self.version.clone()), url: format!("ws://{}/", self.own.api) }
    }

    fn process(&self) -> Option<ServerProcess> {
        self.own.process()
    }

    /// Nobody needs anything: Janus knows no accounts.
    async fn populate(&self, _people: usize) -> Result<()> {
        Ok(())
    }

    async fn prepare(&self, plans: Vec<Plan>) -> Result<JanusCall> {
        let room = Room::create(&self.api, self.rooms.fetch_add(1, Ordering::Relaxed)).await?;
        let (members, seats) = self.enter(&room, &[], plans).await?;
        Ok(JanusCall { room, members, seats })
    }

    async fn begin(&self, call: &mut JanusCall) -> Result<()> {
        for seat in &mut call.seats {
            seat.accepted_at = Some(Instant::now());
            seat.peers.iter().for_each(crate::engine::PeerHandle::send);
        }
        Ok(())
    }

    async fn join(&self, call: &mut JanusCall, plans: Vec<Plan>) -> Result<()> {
        let JanusCall { room, members, seats } = call;
        let (come, mut arrived) = self.enter(room, members, plans).await?;
        for seat in &mut arrived {
            seat.accepted_at = Some(Instant::now());
            seat.peers.iter().for_each(crate::engine::PeerHandle::send);
        }
        // Those who were there receive the new feeds by one more connection.
        let new: Vec<&Feed> = come.iter().filter_map(|member| member.feed.as_ref()).collect();
        for (member, seat) in members.iter_mut().zip(seats.iter_mut()) {
            if let Some(link) = self.subscribe(room, &seat.plan, &new).await? {
                member.handles.push(link.handle);
                seat.peers.push(link.peer);
            }
        }
        members.extend(come);
        seats.extend(arrived);
        Ok(())
    }

    async fn leave(&self, call: &mut JanusCall) -> Result<()> {
        if call.members.len() < 2 {
            return Ok(());
        }
        let (member, seat) = (call.members.pop(), call.seats.pop());
        for handle in member.iter().flat_map(|member| &member.handles) {
            self.api.detach(*handle).await?;
        }
        drop(seat);
        Ok(())
    }

    fn seats<'a>(&self, call: &'a mut JanusCall) -> &'a mut [Seat] {
        &mut call.seats
    }

    async fn end(&self, call: JanusCall) -> Result<()> {
        let JanusCall { room, members, seats } = call;
        let handles = members.iter().flat_map(|member| &member.handles);
        try_join_all(handles.map(|handle| self.api.detach(*handle))).await?;
        drop(seats);
        room.destroy(&self.api).await
    }

    async fn trouble(&self) -> anyhow::Error {
        match self.broken.lock().await.recv().await {
            Some(()) => anyhow!("Janus has closed the connection of its API in the middle of the run"),
            // The connection keeps its end of the channel until it has told.
            None => std::future::pending().await,
        }
    }

    async fn stop(self) -> Result<()> {
        let Self { own, api, .. } = self;
        drop(api);
        Ok(own.stop().await?)
    }
}
