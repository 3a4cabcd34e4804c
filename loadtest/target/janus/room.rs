//! The videoroom: how somebody publishes into a room, and how somebody else receives what is published there.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use switchboard_protocol::TrackRole;
use tokio::time::sleep;

use super::connection::{Connection, JanusError, STEP_LIMIT};
use super::message::{Answer, Id};
use crate::engine::{Engine, PeerHandle};
use crate::measure::{Timings, steps};
use crate::peer::Plan;

/// How often Janus is asked for a feed that it does not know yet.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// A room of the videoroom, and the handle it was made with.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: u64,
    handle: Id,
}

/// What somebody publishes: a feed, in Janus's words.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    id: Id,
    audio_mid: Option<String>,
    video_mid: Option<String>,
}

/// A connection of somebody to a room: one to publish, or one to receive.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) handle: Id,
    pub(super) peer: PeerHandle,
}

/// What the peers of a run are made of.
#[derive(Debug)]
pub(super) struct Media {
    pub(super) engine: Engine,
    pub(super) bind: IpAddr,
    pub(super) timings: Timings,
}

impl Room {
    /// Makes a room for any number of publishers. As it is by default, NACK and feedback for the whole transport are on; what
    /// the senders send is neither limited nor asked for again and again.
    pub(super) async fn create(api: &Connection, id: u64) -> Result<Self> {
        let handle = api.attach().await?;
        let body = json!({
            "request": "create", "room": id, "publishers": u16::MAX, "bitrate": 0, "fir_freq": 0,
            "audiocodec": "opus", "videocodec": "vp8", "transport_wide_cc_ext": true, "record": false,
        });
        expect("create a room", "created", api.message("create a room", handle, body, None).await?)?;
        Ok(Self { id, handle })
    }

    pub(super) async fn destroy(self, api: &Connection) -> Result<()> {
        let body = json!({ "request": "destroy", "room": self.id });
        expect("destroy a room", "destroyed", api.message("destroy a room", self.handle, body, None).await?)?;
        Ok(api.detach(self.handle).await?)
    }

    /// Publishes the sources of a plan; done when media is connected on both sides, so that others can receive it.
    pub(super) async fn publish(&self, api: &Connection, media: &Media, plan: &Plan) -> Result<(Link, Feed)> {
        let handle = api.attach().await?;
        let body = json!({ "request": "join", "ptype": "publisher", "room": self.id });
        let joined = expect("join", "joined", api.message("join", handle, body, None).await?)?;
        let id = joined.feed.ok_or(JanusError::Incomplete { request: "join", missing: "an id" })?;

        let plan = Plan { audio_slots: 0, video_slots: 0, ..plan.clone() };
        let (mut peer, offer) = media.engine.offering(media.bind, plan).await?;
        let mid = |role| offer.tracks.iter().find(|track| track.role == role).map(|track| track.mid.clone());
        let feed = Feed { id, audio_mid: mid(TrackRole::Microphone), video_mid: mid(TrackRole::Camera) };
        let rising = api.watch(handle);
        let asked_at = Instant::now();
        let published = api.message("publish", handle, json!({ "request": "publish" }), Some(("offer", offer.sdp))).await?;
        let answer = published.sdp.ok_or(JanusError::Incomplete { request: "publish", missing: "a session description" })?;
        peer.answer(answer);
        let connected_at = peer.connected(STEP_LIMIT).await.context("a publisher")?;
        media.timings.record(steps::JOIN, connected_at.saturating_duration_since(asked_at));
        rising.up().await?;
        Ok((Link { handle, peer }, feed))
    }

    /// Receives what these feeds send, in one connection: as many voices and pictures as the plan has room for.
    pub(super) async fn subscribe(&self, api: &Connection, media: &Media, plan: &Plan, feeds: &[&Feed]) -> Result<Link> {
        let handle = api.attach().await?;
        let streams = wanted(plan, feeds);
        let body = json!({ "request": "join", "ptype": "subscriber", "room": self.id, "streams": streams });
        let rising = api.watch(handle);
        let asked_at = Instant::now();
        let attached = loop {
            match api.message("subscribe", handle, body.clone(), None).await {
                Err(JanusError::Refused { refusal, .. }) if refusal.may_pass() && asked_at.elapsed() < STEP_LIMIT => sleep(ASK_AGAIN).await,
                answer => break expect("subscribe", "attached", answer?)?,
            }
        };
        let offer = attached.sdp.ok_or(JanusError::Incomplete { request: "subscribe", missing: "an offer" })?;
        let plan = Plan { audio: None, video: None, ..plan.clone() };
        let (mut peer, answer) = media.engine.answering(media.bind, plan, offer).await?;
        api.message("start", handle, json!({ "request": "start" }), Some(("answer", answer))).await?;
        let connected_at = peer.connected(STEP_LIMIT).await.context("a subscriber")?;
        media.timings.record(steps::JOIN, connected_at.saturating_duration_since(asked_at));
        rising.up().await?;
        Ok(Link { handle, peer })
    }
}

/// The streams of these feeds that a plan has room for, as the videoroom wants them named.
fn wanted(plan: &Plan, feeds: &[&Feed]) -> Vec<Value> {
    let stream = |feed: &Feed, mid: &String| json!({ "feed": feed.id, "mid": mid });
    let voices = feeds.iter().filter_map(|feed| Some(stream(feed, feed.audio_mid.as_ref()?)));
    let pictures = feeds.iter().filter_map(|feed| Some(stream(feed, feed.video_mid.as_ref()?)));
    voices.take(plan.audio_slots).chain(pictures.take(plan.video_slots)).collect()
}

fn expect(request: &'static str, wanted: &'static str, answer: Answer) -> Result<Answer, JanusError> {
    if answer.room.as_deref() == Some(wanted) { Ok(answer) } else { Err(JanusError::Incomplete { request, missing: wanted }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_receives_asks_for_as_many_voices_and_pictures_as_it_has_room_for() {
        let feed = |id, video: Option<&str>| Feed { id, audio_mid: Some("a".to_owned()), video_mid: video.map(str::to_owned) };
        let (first, second, third) = (feed(1, Some("v")), feed(2, None), feed(3, Some("w")));
        let plan = Plan { audio_slots: 2, video_slots: 5, ..Plan::default() };
        let streams = wanted(&plan, &[&first, &second, &third]);
        let of = |feed: u64, mid: &str| json!({ "feed": feed, "mid": mid });
        assert_eq!(streams, [of(1, "a"), of(2, "a"), of(1, "v"), of(3, "w")]);
    }
}
