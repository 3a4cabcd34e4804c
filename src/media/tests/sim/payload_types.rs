//! Clients that give formats other payload types than others do.

/// A session description with Opus as 109 in place of 111, and RED as 110 in place of 63.
pub(crate) fn with_other_types(sdp: &str) -> String {
    let other = |pt: &str| {
        pt.split('/')
            .map(|pt| {
                match pt {
                    "111" => "109",
                    "63" => "110",
                    pt => pt,
                }
                .to_owned()
            })
            .collect::<Vec<_>>()
            .join("/")
    };
    let line = |line: &str| {
        if line.starts_with("m=audio") {
            return line.split(' ').map(other).collect::<Vec<_>>().join(" ");
        }
        let Some((name, rest)) = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|name| Some((*name, line.strip_prefix(name)?)))
        else {
            return line.to_owned();
        };
        let (pt, rest) = rest.split_once(' ').unwrap();
        let rest = if name == "a=fmtp:" && pt == "63" { other(rest) } else { rest.to_owned() };
        format!("{name}{} {rest}", other(pt))
    };
    sdp.lines().map(|text| line(text) + "\r\n").collect()
}
