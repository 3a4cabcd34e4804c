//! The sans-IO media router: RTP of many people in, RTP for each of them out, nothing decoded.
//!
//! It knows no clock, socket, thread, lock or async: time is an argument, randomness a seed, and whoever drives a
//! [`Router`] moves the bytes. The cycle is str0m's: change it (a command, a datagram, a timeout), any number of times,
//! then drain [`Router::poll_output`] until it says [`Output::Timeout`].
//!
//! A reading tour: [`Router`] (`router.rs`) owns the legs and answers offers; `demux.rs` finds the leg of a datagram;
//! `forward.rs` carries a packet from its [`Source`](SourceKind) to the slots that show it; `binding.rs` decides which
//! those are; `slot.rs` and `rewrite.rs` keep each slot's stream continuous; `keyframe.rs` asks for keyframes and `recent.rs`
//! saves asking; `drain.rs` empties the legs that were touched.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "the time of a test starts somewhere"))]

mod binding;
mod counters;
mod demux;
mod drain;
mod error;
mod forward;
mod keyframe;
mod leg;
mod media_clock;
mod negotiate;
mod recent;
mod rewrite;
mod router;
mod slot;
mod source;
mod timers;

pub use counters::{Counters, Drop};
pub use error::{LegError, OfferError};
pub use leg::{GroupId, LegId};
pub use negotiate::{LineRole, Offer, Role};
pub use router::{Certificate, Event, Output, Router, RouterConfig};
pub use source::SourceKind;
pub use str0m::net::Transmit;
