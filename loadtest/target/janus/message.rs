//! What Janus says: replies, events of handles, and the videoroom's part in both
//! (<https://janus.conf.meetecho.com/docs/rest.html>, <https://janus.conf.meetecho.com/docs/videoroom.html>).

use serde::Deserialize;
use thiserror::Error;

/// A session, or a handle in it.
pub(super) type Id = u64;

/// A message from Janus.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// The end of a request: what it was answered with.
    Answer { transaction: String, answer: Result<Answer, Refusal> },
    /// Media of this handle is connected: ICE and DTLS are done on Janus's side too.
    Up(Id),
    /// Media of this handle is no more, and why.
    HungUp(Id, String),
    /// The session has ended.
    SessionOver,
    /// Nothing that anyone waits for.
    Other,
}

/// What a request was answered with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Of the session or handle that was made.
    pub(super) id: Option<Id>,
    /// What the videoroom calls its answer, such as `joined`.
    pub(super) room: Option<String>,
    /// Of the publisher that has joined.
    pub(super) feed: Option<Id>,
    /// An offer or an answer.
    pub(super) sdp: Option<String>,
    /// Of Janus itself.
    pub(super) version: Option<String>,
}

/// Janus or its videoroom refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason} ({code})")]
pub(crate) struct Refusal {
    code: i64,
    reason: String,
}

/// `JANUS_VIDEOROOM_ERROR_NO_SUCH_FEED`.
const NO_SUCH_FEED: i64 = 428;

impl Refusal {
    /// Whether what was asked for may be there in a moment: a publisher's streams are, some time after it is connected.
    pub(super) fn may_pass(&self) -> bool {
        self.code == NO_SUCH_FEED
    }
}

/// What was received is no message of Janus.
#[derive(Debug, Error)]
#[error("Janus sent something else than its protocol promises: {0}")]
pub(super) struct NotJanus(#[from] serde_json::Error);

impl Message {
    pub(super) fn parse(text: &str) -> Result<Self, NotJanus> {
        Ok(serde_json::from_str::<Envelope>(text)?.into())
    }
}

#[derive(Deserialize)]
#[serde(tag = "janus", rename_all = "lowercase")]
enum Envelope {
    Success(Body),
    Event(Body),
    Error {
        transaction: Option<String>,
        error: Fault,
    },
    #[serde(rename = "server_info")]
    Info {
        transaction: String,
        version_string: String,
    },
    WebrtcUp {
        sender: Id,
    },
    Hangup {
        sender: Id,
        #[serde(default)]
        reason: String,
    },
    Timeout,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Body {
    transaction: Option<String>,
    data: Option<Made>,
    plugindata: Option<PluginData>,
    jsep: Option<Jsep>,
}

#[derive(Deserialize)]
struct Made {
    id: Id,
}

#[derive(Deserialize)]
struct PluginData {
    data: RoomData,
}

#[derive(Deserialize)]
struct RoomData {
    videoroom: Option<String>,
    /// Of who has joined.
    id: Option<Id>,
    error_code: Option<i64>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Jsep {
    sdp: String,
}

#[derive(Deserialize)]
struct Fault {
    code: i64,
    reason: String,
}

impl From<Envelope> for Message {
    fn from(envelope: Envelope) -> Self {
        match envelope {
            Envelope::Success(body) | Envelope::Event(body) => body.into(),
            Envelope::Error { transaction: Some(transaction), error } => {
                Self::Answer { transaction, answer: Err(Refusal { code: error.code, reason: error.reason }) }
            }
            Envelope::Info { transaction, version_string } => {
                Self::Answer { transaction, answer: Ok(Answer { version: Some(version_string), ..Answer::default() }) }
            }
            Envelope::WebrtcUp { sender } => Self::Up(sender),
            Envelope::Hangup { sender, reason } => Self::HungUp(sender, reason),
            Envelope::Timeout => Self::SessionOver,
            // An `ack` says that the answer comes later, as an event.
            Envelope::Error { transaction: None, .. } | Envelope::Other => Self::Other,
        }
    }
}

impl From<Body> for Message {
    fn from(Body { transaction, data, plugindata, jsep }: Body) -> Self {
        // News of others in the room have none.
        let Some(transaction) = transaction else { return Self::Other };
        let room = plugindata.map(|plugin| plugin.data);
        let fault = room.as_ref().and_then(|room| Some((room.error_code?, room.error.clone().unwrap_or_default())));
        let answer = match fault {
            Some((code, reason)) => Err(Refusal { code, reason }),
            None => Ok(Answer {
                id: data.map(|made| made.id),
                feed: room.as_ref().and_then(|room| room.id),
                room: room.and_then(|room| room.videoroom),
                sdp: jsep.map(|jsep| jsep.sdp),
                version: None,
            }),
        };
        Self::Answer { transaction, answer }
    }
}
