//! From text to a request.

use serde::Deserialize;
use switchboard_protocol::{ClientMessage, ErrorCode, Failure, MAX_MESSAGE_BYTES};

/// What a client sent could not be read, or is refused before the switchboard hears of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The request's id, 0 where it has none.
    pub(super) id: u64,
    pub(super) failure: Failure,
    /// Whether to end the connection.
    pub(super) fatal: bool,
}

#[derive(Deserialize)]
struct IdAlone {
    id: u64,
}

/// Reads a message.
pub(super) fn parse(text: &str) -> Result<ClientMessage, Unreadable> {
    if text.len() > MAX_MESSAGE_BYTES {
        let message = format!("a message may have {MAX_MESSAGE_BYTES} bytes, this one has {}", text.len());
        return Err(Unreadable { id: 0, failure: Failure { code: ErrorCode::TooLarge, message }, fatal: true });
    }
    match serde_json::from_str::<ClientMessage>(text) {
        Ok(ClientMessage { id: 0, .. }) => Err(bad(0, "the id of a request is not 0")),
        Ok(message) => Ok(message),
        Err(error) => Err(bad(serde_json::from_str::<IdAlone>(text).map_or(0, |with| with.id), &error.to_string())),
    }
}

/// A message that is not text.
pub(super) fn binary() -> Unreadable {
    bad(0, "messages are JSON text, not binary")
}

fn bad(id: u64, message: &str) -> Unreadable {
    Unreadable { id, failure: Failure { code: ErrorCode::BadMessage, message: message.to_owned() }, fatal: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (u64, ErrorCode, bool) {
        let refused = parse(text).unwrap_err();
        (refused.id, refused.failure.code, refused.fatal)
    }

    #[test]
    fn what_is_not_json_is_refused_without_an_id() {
        for text in ["", "hello", "{", "[]", "null", "17"] {
            assert_eq!(refusal(text), (0, ErrorCode::BadMessage, false), "{text:?}");
        }
    }

    #[test]
    fn an_unknown_type_and_wrong_fields_are_refused_with_the_id() {
        assert_eq!(refusal(r#"{"id":7,"type":"dance"}"#), (7, ErrorCode::BadMessage, false));
        assert_eq!(refusal(r#"{"id":8,"type":"decline"}"#), (8, ErrorCode::BadMessage, false));
        assert_eq!(refusal(r#"{"id":9,"type":"decline","call":12}"#), (9, ErrorCode::BadMessage, false));
        assert_eq!(refusal(r#"{"type":"ping"}"#), (0, ErrorCode::BadMessage, false));
        assert_eq!(refusal(r#"{"id":0,"type":"ping"}"#), (0, ErrorCode::BadMessage, false));
    }

    #[test]
    fn a_message_over_the_limit_ends_the_connection() {
        let text = format!(r#"{{"id":1,"type":"ping","padding":"{}"}}"#, "x".repeat(MAX_MESSAGE_BYTES));
        assert_eq!(refusal(&text), (0, ErrorCode::TooLarge, true));
    }
}
