//! The running calls as operators see them: which, since when, how many people, and nobody's name or number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_calls::CallView;
use switchboard_ids::CallId;

use super::actor::Actor;
use super::translate::{self, utc_ms, word};

/// A running call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallOverview {
    /// The call.
    pub id: CallId,
    /// `audio` or `video`.
    pub kind: String,
    /// When it was placed, UTC ms.
    pub placed_ms: i64,
    /// When it was answered, UTC ms; absent while it rings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answered_ms: Option<i64>,
    /// How many seats stand how, by the words of the protocol.
    pub seats: BTreeMap<String, usize>,
    /// Its media connections.
    pub legs: usize,
}

impl Actor {
    /// All running calls, the oldest first.
    pub(super) fn overview(&self) -> Vec<CallOverview> {
        let legs = self.legs.by_call();
        let overview = |view: CallView| {
            let mut seats = BTreeMap::new();
            for seat in self.calls.seats(view.id).unwrap_or_default() {
                *seats.entry(word(translate::seat_state(seat.state))).or_default() += 1;
            }
            CallOverview {
                id: view.id,
                kind: word(translate::kind_out(view.kind)),
                placed_ms: utc_ms(view.placed_at),
                answered_ms: view.answered_at.map(utc_ms),
                seats,
                legs: legs.get(&view.id).copied().unwrap_or_default(),
            }
        };
        let mut calls: Vec<_> = self.calls.all().map(overview).collect();
        calls.sort_by_key(|call| (call.placed_ms, call.id));
        calls
    }
}
