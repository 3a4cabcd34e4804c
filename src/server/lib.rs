//! Switchboard: call people, not rooms.
//!
//! A reading tour: [`main_from`] turns flags into a [`config::Config`]; [`run`] binds, builds and drains; [`http`] is the
//! REST API and the web client's files; [`signal`] is the WebSocket; both speak to the [`switchboard`] actor, which owns
//! calls and presence on one node at a time, as [`cluster`] sees to by the [`engine`]; [`store`] is the database, [`clips`] where
//! voice messages are kept; [`observe`] is what operators see, `calls` and `nodes` the commands that list for them what runs,
//! and [`doctor`] what keeps a server from running well.

mod calls;
pub mod clips;
mod clock;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod engine;
mod entry;
mod fence;
mod files;
pub mod http;
mod listing;
pub mod media_driver;
mod nodes;
pub mod observe;
pub mod run;
pub mod signal;
pub mod store;
pub mod switchboard;
pub mod tls;

pub use entry::{main_for_load_tests, main_from};
