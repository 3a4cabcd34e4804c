//! Every golden sample reads as a message and writes back as itself, and every kind of message, refusal and word has a sample.
//! The web client's tests read the same files, so that neither side can drift.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use switchboard_protocol as protocol;
use switchboard_protocol::{ClientMessage, ServerMessage};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// The samples of a folder by the names of their files, each of which reads and writes back.
fn samples<T: DeserializeOwned + Serialize>(of: &str) -> BTreeMap<String, Value> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let sample: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let message: T = serde_json::from_value(sample.clone()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(serde_json::to_value(&message).unwrap(), sample, "{} changes when it is read and written", path.display());
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), sample)
    };
    folder().join(of).read_dir().unwrap().map(read).collect()
}

/// The values at a place in those samples that have one.
fn at(samples: &BTreeMap<String, Value>, place: &str) -> BTreeSet<String> {
    samples.values().filter_map(|sample| sample.pointer(place)?.as_str()).map(str::to_owned).collect()
}

/// The names of an enum's variants as serde lists them when it meets an unknown one.
fn known<T: DeserializeOwned>(wrong: Value) -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(wrong).err().unwrap().to_string();
    let (_, list) = error.split_once("expected ").unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_request_has_a_sample_that_reads_and_writes_back() {
    assert_eq!(at(&samples::<ClientMessage>("request"), "/type"), known::<protocol::Request>(json!({"type": "?"})));
}

#[test]
fn every_reply_and_event_has_a_sample_that_reads_and_writes_back() {
    let samples = samples::<ServerMessage>("server");
    assert_eq!(at(&samples, "/ok/type"), known::<protocol::Reply>(json!({"type": "?"})));
    assert_eq!(at(&samples, "/event/type"), known::<protocol::Event>(json!({"type": "?"})));
}

#[test]
fn every_refusal_has_a_sample() {
    assert_eq!(at(&samples::<ServerMessage>("server"), "/error/code"), known::<protocol::ErrorCode>(json!("?")));
}

#[test]
fn every_body_of_a_message_has_a_sample() {
    let bodies = at(&samples::<ServerMessage>("server"), "/event/message/body/type");
    assert_eq!(bodies, known::<protocol::MessageBody>(json!({"type": "?"})));
}

#[test]
fn a_sample_is_named_after_what_it_shows() {
    let (requests, server) = (samples::<ClientMessage>("request"), samples::<ServerMessage>("server"));
    for (name, sample) in requests.iter().chain(&server) {
        let refused = sample.pointer("/error/code").map(|code| format!("refused_{}", code.as_str().unwrap()));
        let kind = ["/ok/type", "/event/type", "/type"].iter().find_map(|place| sample.pointer(place)?.as_str());
        let shown = refused.or(kind.map(str::to_owned)).unwrap();
        assert!(name.starts_with(&shown), "{name} shows {shown}");
    }
}

#[test]
fn every_word_of_a_field_is_in_the_list_of_words() {
    let words: BTreeMap<String, BTreeSet<String>> = serde_json::from_slice(&std::fs::read(folder().join("words.json")).unwrap()).unwrap();
    let expected = [
        ("call_kind", known::<protocol::CallKind>(json!("?"))),
        ("track_role", known::<protocol::TrackRole>(json!("?"))),
        ("track_source", known::<protocol::TrackSource>(json!("?"))),
        ("current", known::<protocol::Current>(json!("?"))),
        ("seat_state", known::<protocol::SeatState>(json!("?"))),
        ("ring_stop", known::<protocol::RingStop>(json!("?"))),
        ("end_reason", known::<protocol::EndReason>(json!("?"))),
        ("connection_quality", known::<protocol::ConnectionQuality>(json!("?"))),
        ("left_because", known::<protocol::LeftBecause>(json!("?"))),
    ];
    assert_eq!(words, expected.map(|(name, words)| (name.to_owned(), words)).into());
}

#[test]
fn the_reference_shows_every_sample_and_word() {
    let reference = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for (of, names) in [("request", samples::<ClientMessage>("request")), ("server", samples::<ServerMessage>("server"))] {
        for name in names.keys() {
            assert!(reference.contains(&format!("(samples/{of}/{name}.json)")), "no link to samples/{of}/{name}.json");
        }
    }
    let words: BTreeMap<String, BTreeSet<String>> = serde_json::from_slice(&std::fs::read(folder().join("words.json")).unwrap()).unwrap();
    for word in words.values().flatten() {
        assert!(reference.contains(&format!("`{word}`")), "`{word}` is not explained");
    }
}
