//! Which simulcast layers an offer sends on an m-line, and in which order (RFC 8853 §5.1).

use std::borrow::Cow;

use str0m::media::Rid;

use crate::source::MAX_LAYERS;

/// The offer with no more layers on each m-line than are forwarded, the first of them: an answer takes only what it names (RFC 8853
/// §5.3.2), so that a client which offers a hundred sends none of the others.
pub(crate) fn bounded(sdp: &str) -> Cow<'_, str> {
    let greedy = |line: &str| line.starts_with("a=simulcast:") && line.split(';').count() > MAX_LAYERS;
    if !sdp.lines().any(greedy) {
        return Cow::Borrowed(sdp);
    }
    let mut bounded = String::with_capacity(sdp.len());
    for section in sdp.split_inclusive("\r\n").collect::<Vec<_>>().chunk_by(|_, next| !next.starts_with("m=")) {
        let text = section.concat();
        let kept: Vec<Rid> = sent_in(&text).into_iter().take(MAX_LAYERS).collect();
        let names: Vec<String> = kept.iter().map(ToString::to_string).collect();
        for line in section {
            let rid = line.strip_prefix("a=rid:").and_then(|rid| rid.split_ascii_whitespace().next());
            match rid {
                Some(rid) if !kept.is_empty() && !names.iter().any(|name| name == rid) => {}
                _ if line.starts_with("a=simulcast:") && !kept.is_empty() => {
                    bounded.push_str(&format!("a=simulcast:send {}\r\n", names.join(";")))
                }
                _ => bounded.push_str(line),
            }
        }
    }
    Cow::Owned(bounded)
}

/// The names of the layers that the m-line `mid` of an offer sends, in the order of its `a=simulcast:send`; empty without one.
/// Of alternatives for a layer the first is taken; a layer that begins paused counts.
pub(crate) fn sent_on(sdp: &str, mid: &str) -> Vec<Rid> {
    let mut sections = sdp.split("\nm=").skip(1).filter(|section| attribute(section, "mid") == Some(mid));
    sections.next().map(sent_in).unwrap_or_default()
}

fn sent_in(section: &str) -> Vec<Rid> {
    let Some(simulcast) = attribute(section, "simulcast") else { return Vec::new() };
    let mut words = simulcast.split_ascii_whitespace();
    let Some(streams) = words.find(|word| *word == "send").and_then(|_| words.next()) else { return Vec::new() };
    let first = |stream: &str| stream.split(',').next().map(|rid| Rid::from(rid.trim_start_matches('~')));
    streams.split(';').filter_map(first).collect()
}

fn attribute<'a>(section: &'a str, name: &str) -> Option<&'a str> {
    section.lines().find_map(|line| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(simulcast: &str) -> Vec<String> {
        let sdp = format!(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=simulcast:send x\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n{simulcast}\r\n"
        );
        sent_on(&sdp, "1").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn layers_come_in_the_order_of_the_offer() {
        for (line, expected) in [
            ("a=simulcast:send q;h;f", &["q", "h", "f"][..]),
            ("a=simulcast:send f;h", &["f", "h"]),
            ("a=simulcast:recv a;b send 1,2;~3;4", &["1", "3", "4"]),
            ("a=simulcast:send q;h;f recv x", &["q", "h", "f"]),
            ("a=simulcast:recv q", &[]),
            ("a=simulcast:send", &[]),
            ("a=rid:q send", &[]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }
}
