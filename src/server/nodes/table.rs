//! Nodes as a table of a terminal.

use super::Listed;
use crate::listing::aligned;

const HEAD: [&str; 7] = ["NODE", "ADDRESS", "VERSION", "UP", "LEGS", "STATE", "CLOCK"];

/// The head and a line for each node, its columns under each other; `now_ms` is the time, UTC.
pub(super) fn lines(nodes: &[Listed], now_ms: i64) -> Vec<String> {
    let rows = nodes.iter().map(|Listed { node, controls_calls }| {
        let state = match (controls_calls, node.draining) {
            (Some(epoch), false) => format!("controls calls, epoch {epoch}"),
            (Some(epoch), true) => format!("draining, controls calls, epoch {epoch}"),
            (None, true) => "draining".to_owned(),
            (None, false) => "serving".to_owned(),
        };
        let address = node.identity.address.clone().unwrap_or_else(|| "-".to_owned());
        let clock = format!("{:+} ms", node.clock_ahead_ms);
        let name = node.identity.node.clone();
        [name, address, node.version.clone(), age(now_ms - node.started_ms), node.legs.to_string(), state, clock]
    });
    aligned(HEAD, rows)
}

/// A length of time in its two largest units; a clock that was set back shows none.
fn age(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::engine::{Identity, Node};

    #[test]
    fn columns_stand_under_each_other_whatever_is_in_them() {
        let node = |name: &str, address: Option<&str>, draining, controls_calls| {
            let identity = Identity { node: name.to_owned(), run: Uuid::nil(), address: address.map(str::to_owned) };
            let version = "0.1.0".to_owned();
            let node = Node { identity, version, started_ms: 1_000, legs: 12, draining, clock_ahead_ms: -3 };
            Listed { node, controls_calls }
        };
        let nodes = [node("a", Some("10.0.0.1:9191"), false, Some(7)), node("long-name", None, true, None)];
        assert_eq!(
            lines(&nodes, 3_781_000),
            [
                "NODE       ADDRESS        VERSION  UP     LEGS  STATE                    CLOCK",
                "a          10.0.0.1:9191  0.1.0    1h 3m  12    controls calls, epoch 7  -3 ms",
                "long-name  -              0.1.0    1h 3m  12    draining                 -3 ms",
            ]
        );
        assert_eq!((age(-5), age(61_000), age(90_000_000)), ("0m".to_owned(), "1m".to_owned(), "1d 1h".to_owned()));
    }
}
