//! Every golden sample reads as a message and writes back as itself, and every kind of message has a sample.
//! The web client's tests read the same files, so that neither side can drift.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use switchboard_protocol::{ClientMessage, ServerMessage};

fn samples<T: DeserializeOwned + Serialize>(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(folder);
    let mut kinds = BTreeSet::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let sample: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let message: T = serde_json::from_value(sample.clone()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(serde_json::to_value(&message).unwrap(), sample, "{} changes when it is read and written", path.display());
        let body = ["ok", "event"].iter().find_map(|key| sample.get(key)).unwrap_or(&sample);
        kinds.insert(body["type"].as_str().unwrap_or("refused").to_owned());
    }
    kinds
}

/// The names of an enum's variants as serde lists them when it meets an unknown one.
fn known<T: DeserializeOwned>(wrong: Value) -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(wrong).err().unwrap().to_string();
    let (_, list) = error.split_once("expected one of ").unwrap();
    list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_request_has_a_sample_that_reads_and_writes_back() {
    let expected = known::<switchboard_protocol::Request>(serde_json::json!({"type": "?"}));
    assert_eq!(samples::<ClientMessage>("request"), expected);
}

#[test]
fn every_reply_and_event_has_a_sample_that_reads_and_writes_back() {
    let mut expected = known::<switchboard_protocol::Event>(serde_json::json!({"type": "?"}));
    expected.extend(known::<switchboard_protocol::Reply>(serde_json::json!({"type": "?"})));
    expected.insert("refused".to_owned());
    assert_eq!(samples::<ServerMessage>("server"), expected);
}
