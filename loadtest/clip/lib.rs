//! Short media clips as RTP, and checkers of what arrives: real Opus and VP8 for tests and for the load tester.
//!
//! A reading tour. A sender takes a [`Clip`], and for video a [`Vp8Packetizer`] that turns its frames into RTP payloads. A
//! receiver feeds every RTP packet of one stream to a [`Vp8Checker`] (video) or an [`AudioChecker`], which put them in order,
//! and say whether a decoder would have been content. [`ivf`] reads the video clip and writes received video to a file that
//! any player opens; [`ogg`] reads the audio clip; [`descriptor`] is the VP8 payload descriptor; [`vp8`] looks at the frame
//! itself.
//!
//! ```
//! use switchboard_clip::{Clip, Vp8Checker, Vp8Packetizer};
//!
//! let clip = Clip::vp8();
//! let mut packetizer = Vp8Packetizer::new(100);
//! let mut checker = Vp8Checker::new();
//! let (mut seq, mut timestamp) = (0, 0);
//! for frame in clip.frames() {
//!     for payload in packetizer.packetize(&frame.data) {
//!         checker.handle_rtp(seq, timestamp, payload.marker, &payload.data);
//!         seq += 1;
//!     }
//!     timestamp += clip.timestamp_step();
//! }
//! checker.finish();
//! assert_eq!(checker.poll_frame().map(|frame| frame.data), Some(clip.frames()[0].data.to_vec()));
//! assert_eq!(checker.report().frames_decodable, 45);
//! ```
//!
//! The crate is pure: no clock, no socket, no thread, and no WebRTC library, so that what it says about a stream is
//! independent of the code it judges.

mod audio_checker;
mod clip;
pub mod descriptor;
pub mod ivf;
pub mod ogg;
mod packetizer;
mod reorder;
pub mod vp8;
mod vp8_assembler;
mod vp8_checker;
mod vp8_references;

pub use audio_checker::{AudioChecker, AudioReport, ReceivedAudio};
pub use clip::{Clip, Frame};
pub use packetizer::{MAX_PAYLOAD_BYTES, Payload, Vp8Packetizer};
pub use reorder::DEFAULT_REORDER_WINDOW;
pub use vp8_checker::{ReceivedFrame, Vp8Checker, Vp8Report};

#[cfg(test)]
mod garbage;
#[cfg(test)]
mod vp8_checker_tests;
