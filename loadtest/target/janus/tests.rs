//! What Janus 1.1.2 really said, read. The samples are its own messages, recorded from runs of these scenarios and from requests
//! that it refuses.

use serde_json::Value;

use super::message::{Answer, Message};

/// A sample: its text, and its fields for what a test expects.
fn sample(name: &str) -> (Message, Value) {
    let path = format!("{}/target/janus/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    (Message::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}")), serde_json::from_str(&text).unwrap())
}

/// The answer in a sample, which is to the request it names.
fn answer(name: &str) -> (Answer, Value) {
    let (message, fields) = sample(name);
    let Message::Answer { transaction, answer } = message else { panic!("{name} is an answer") };
    assert_eq!(fields["transaction"], transaction, "{name}");
    (answer.unwrap_or_else(|refusal| panic!("{name}: {refusal}")), fields)
}

#[test]
fn sessions_and_handles_have_ids() {
    for name in ["session_created", "handle_attached"] {
        let (answer, fields) = answer(name);
        assert_eq!(answer.id, fields["data"]["id"].as_u64(), "{name}");
        assert!(answer.id.is_some(), "{name}");
    }
}

#[test]
fn janus_tells_its_version() {
    assert_eq!(answer("server_info").0.version.as_deref(), Some("1.1.2"));
}

#[test]
fn rooms_come_and_go() {
    assert_eq!(answer("room_created").0.room.as_deref(), Some("created"));
    assert_eq!(answer("room_destroyed").0.room.as_deref(), Some("destroyed"));
    assert_eq!(answer("handle_detached").0, Answer::default());
}

#[test]
fn whoever_publishes_is_told_its_feed_and_then_gets_an_answer() {
    let (joined, fields) = answer("publisher_joined");
    assert_eq!((joined.room.as_deref(), joined.sdp), (Some("joined"), None));
    assert_eq!(joined.feed, fields["plugindata"]["data"]["id"].as_u64());
    assert!(joined.feed.is_some());
    let sdp = answer("published").0.sdp.unwrap();
    assert!(sdp.starts_with("v=0\r\n") && sdp.contains("a=recvonly"), "{sdp}");
}

#[test]
fn whoever_subscribes_gets_an_offer_with_nack_and_feedback_for_the_whole_transport() {
    let (attached, fields) = answer("subscriber_attached");
    assert_eq!(attached.room.as_deref(), Some("attached"));
    let sdp = attached.sdp.unwrap();
    assert_eq!(sdp, fields["jsep"]["sdp"]);
    for line in ["a=sendonly", " nack\r\n", " nack pli\r\n", " transport-cc\r\n", "UDP/TLS/RTP/SAVPF"] {
        assert!(sdp.contains(line), "{line:?} in {sdp}");
    }
    assert!(answer("subscriber_started").0.sdp.is_none());
}

#[test]
fn a_handle_is_told_when_its_media_is_up_and_when_it_is_hung_up_and_why() {
    let (up, fields) = sample("webrtc_up");
    assert_eq!(up, Message::Up(fields["sender"].as_u64().unwrap()));
    let (down, fields) = sample("hangup");
    assert_eq!(down, Message::HungUp(fields["sender"].as_u64().unwrap(), "Janus API".to_owned()));
}

#[test]
fn what_janus_or_its_videoroom_refuses_says_why() {
    for (name, why) in [("plugin_refused", "No such plugin 'janus.plugin.nothing' (460)"), ("feed_refused", "No such feed (5) (428)")] {
        let Message::Answer { answer: Err(refusal), .. } = sample(name).0 else { panic!("{name} is a refusal") };
        assert_eq!(refusal.to_string(), why);
    }
}

#[test]
fn acknowledgements_and_news_answer_nothing() {
    for name in ["ack", "media", "detached"] {
        assert_eq!(sample(name).0, Message::Other, "{name}");
    }
}

#[test]
fn what_is_no_message_of_janus_is_an_error() {
    for text in ["", "[]", "{\"janus\":7}", "{\"janus\":\"webrtcup\"}", "{\"janus\":\"success\",\"plugindata\":{}}"] {
        assert!(Message::parse(text).is_err(), "{text}");
    }
}
