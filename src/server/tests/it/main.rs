//! The server as its users and operators meet it. One binary, so that it is linked once.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test fails by panicking, and nobody calls it")]

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the support is shared with other tests, which use the rest of it")]
mod support;

mod accounts;
mod acme;
mod admin;
mod assets;
mod backup;
mod bad_messages;
mod bad_requests;
mod blocks;
mod calling;
mod certificates;
mod clips;
mod contacts;
mod crowd;
mod doctor;
mod drain;
mod group;
mod hall;
mod history;
mod invitations;
mod labels;
mod leaks;
mod many_devices;
mod media_port;
mod media_tcp;
mod messages;
mod outage;
mod packet_path;
mod postgres;
mod presence;
mod restart;
mod resume;
mod ringing;
mod screens;
mod seeing;
mod sessions;
mod settings;
mod speakers;
mod start;
mod stats;
mod stop;
mod stream;
mod threads;
mod traces;
mod turn;
mod users;
mod views;
