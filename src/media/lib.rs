//! The sans-IO media router: RTP of many people in, RTP for each of them out, nothing decoded.
//!
//! It knows no clock, socket, thread, lock or async: time is an argument, randomness a seed, and whoever drives a
//! [`Router`] moves the bytes. The cycle is str0m's: change it (a command, a datagram, a timeout), any number of times,
//! then drain [`Router::poll_output`] until it says [`Output::Timeout`].
//!
//! A reading tour: [`Router`] (`router.rs`) owns the legs and answers offers; `demux.rs` finds the leg of a datagram
//! (`unreadable.rs` notes those that nothing came of), and `forward.rs` carries a packet from its [`Source`](SourceKind) to the
//! slots that show it. Three decisions, three places: `binding/` says which source is in which slot, a kind a file, from what
//! `speakers.rs` makes of each `voice.rs`; `ladder.rs`, `allocate.rs` and `congestion.rs` say which layer of it a receiver's path
//! carries (`everything.rs` when that is not asked), `wanted.rs` tells senders, and `absence.rs` notes what they do not send all the
//! same; `slot.rs`, by the `policy/` of its codec, moves there at a keyframe. `rewrite.rs` and `run.rs` keep a slot's numbers continuous, `keyframe.rs` asks for
//! keyframes and `recent.rs` saves asking, `repeats.rs` says how long what was sent is kept; `rebind.rs` and `reallocate.rs` carry
//! the decisions out, and `drain.rs` empties the legs that wait for it with what is `staged.rs` for them, in the order of
//! `waiting.rs`. `relay/` is how several routers share one group.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "the time of a test starts somewhere"))]

mod absence;
mod allocate;
mod binding;
mod congestion;
mod counters;
mod demux;
mod drain;
mod error;
mod everything;
mod flow;
mod format;
mod forward;
mod group;
mod health;
mod heed;
mod inspect;
mod keyframe;
mod ladder;
mod lag;
mod layer;
mod leg;
mod media_clock;
mod meter;
mod negotiate;
mod offered;
mod packet;
mod peaks;
mod policy;
mod reallocate;
mod rebind;
mod recent;
mod red;
mod relay;
mod repeats;
mod rewrite;
mod router;
mod run;
mod simulcast;
mod slot;
mod source;
mod speakers;
mod staged;
mod stats;
mod target;
mod timers;
mod traffic;
mod unreadable;
mod view;
mod voice;
mod waiting;
mod wanted;

pub use counters::{Counters, Drop};
pub use error::{LegError, OfferError};
pub use leg::{GroupId, LegId};
pub use negotiate::{LineRole, Offer, Role};
pub use relay::{Lane, Message, RelayId};
pub use router::{Certificate, Event, Output, Router, RouterConfig};
pub use source::SourceKind;
pub use stats::{LegStats, PathStats, Quality, SlotStats};
pub use str0m::net::{Protocol, Transmit};
pub use traffic::{Feedback, Flow, Traffic};
pub use view::{Sources, Tile, View};
