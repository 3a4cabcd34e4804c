//! Running calls as a table of a terminal.

use crate::listing::aligned;
use crate::switchboard::CallOverview;

const HEAD: [&str; 6] = ["CALL", "KIND", "STATE", "FOR", "SEATS", "LEGS"];

/// The head and a line for each call, its columns under each other; `now_ms` is the time, UTC.
pub(super) fn lines(calls: &[CallOverview], now_ms: i64) -> Vec<String> {
    if calls.is_empty() {
        return vec!["no calls".to_owned()];
    }
    let rows = calls.iter().map(|call| {
        let seats: Vec<String> = call.seats.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let state = if call.answered_ms.is_some() { "active" } else { "ringing" };
        let age = age(now_ms.saturating_sub(call.placed_ms));
        [call.id.to_string(), call.kind.clone(), state.to_owned(), age, seats.join(", "), call.legs.to_string()]
    });
    aligned(HEAD, rows)
}

/// A length of time in its two largest units; a clock that was set back shows none.
fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds}s"),
        (hours, minutes, _) => format!("{hours}h {minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use switchboard_ids::CallId;

    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_is_in_them() {
        let call = |id, answered_ms, seats: &[(&str, usize)]| CallOverview {
            id: CallId::from_u128(id),
            kind: "video".to_owned(),
            placed_ms: 1_000,
            answered_ms,
            seats: seats.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect::<BTreeMap<_, _>>(),
            legs: 2,
        };
        let calls = [call(1, Some(2_000), &[("active", 2), ("held", 1)]), call(2, None, &[("active", 1)])];
        assert_eq!(
            lines(&calls, 3_726_000),
            [
                "CALL                                  KIND   STATE    FOR    SEATS             LEGS",
                "00000000-0000-0000-0000-000000000001  video  active   1h 2m  2 active, 1 held  2",
                "00000000-0000-0000-0000-000000000002  video  ringing  1h 2m  1 active          2",
            ]
        );
        assert_eq!(lines(&[], 0), ["no calls"]);
        assert_eq!((age(-5), age(59_999), age(61_000)), ("0s".to_owned(), "59s".to_owned(), "1m 1s".to_owned()));
    }
}
