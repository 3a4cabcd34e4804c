//! The router with str0m clients in virtual time, over emulated links. One behaviour a file; `world.rs` moves time and
//! datagrams, `client.rs` is a participant that sends real clips and checks what it is sent.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "virtual time starts somewhere, and openssl speaks UDP")]

mod bandwidth;
mod client;
mod cluster;
mod codecs;
mod crowd;
mod datagram;
mod datagrams;
mod floods;
mod garbage_media;
mod gate;
mod greedy_receivers;
mod holding;
mod keyframes;
mod layers;
mod leaving;
mod links;
mod memory;
mod offers;
mod paging;
mod payload_types;
mod pictures;
mod pictures_decoded;
mod publishers;
mod quality;
mod rebinding;
mod received;
mod redundancy;
mod replacing;
mod replays;
mod restless;
mod ringing;
mod rsa_peers;
mod screens;
mod screens_on_narrow_paths;
mod seeds;
mod sending;
mod small_cameras;
mod speakers;
mod sweep;
mod threads;
mod together;
mod voices_alone;
mod voices_first;
mod world;
