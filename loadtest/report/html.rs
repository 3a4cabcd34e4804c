//! A report as one page that needs nothing else: figures, charts over time, and what they were measured with. It follows the
//! reader's choice of light or dark.

use std::fmt::Write;

use super::chart::{Axis, Line, chart, number};
use super::load::{LoadReport, SecondReport};
use crate::measure::Spread;

pub(crate) const STYLE: &str = include_str!("page.css");

/// The page.
pub(crate) fn page(report: &LoadReport) -> String {
    let setting = &report.setting;
    let scenario = escaped(setting.scenario);
    let mut page = format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <title>{scenario} · load test</title>\n<style>\n{STYLE}</style>\n<h1>{scenario}</h1>\n<p>{}.</p>\n<p class=soft>{} at {} · {} cores of {}</p>\n\
         <p class=soft><code>loadtest {}</code></p>\n",
        escaped(&setting.definition),
        escaped([report.target, report.target_version.as_deref().unwrap_or_default()].join(" ").trim()),
        escaped(&report.url),
        report.machine.cores,
        escaped(report.machine.cpu.as_deref().unwrap_or("an unknown processor")),
        escaped(&setting.flags.join(" ")),
    );
    let mut warn = |text: &str| {
        let _ = writeln!(page, "<p class=warning>{}</p>", escaped(text));
    };
    if let Some(why) = &report.ended_early {
        warn(&format!("Ended early: {why}."));
    }
    if report.window_s.is_none() {
        warn(&format!("There are no figures: {}.", report.without_figures()));
    }
    if setting.gro {
        warn("Received with UDP_GRO, which flatters a server on the same machine.");
    }
    let missed = report.limits.iter().filter(|limit| !limit.held).count();
    if missed > 0 {
        warn(&format!("{missed} of {} limits did not hold.", report.limits.len()));
    }
    let without = report.receivers.without_picture;
    if without.receivers > 0 {
        warn(&format!(
            "{} receivers were without a picture for more than 2 s at a time, {:.1} s in all.",
            without.receivers, without.seconds
        ));
    }
    if report.window_s.is_some() {
        page += &figures(report);
    }
    page += &limits(report);
    page += &found(report);
    page += &charts(report);
    page += &receivers(report);
    page += &spreads(report);
    page
}

/// The numbers one looks for first.
fn figures(report: &LoadReport) -> String {
    let mut html = "<div class=figures>".to_owned();
    let mut figure = |value: String, name: &str| {
        let _ = write!(html, "<div><b>{value}</b><small>{name}</small></div>");
    };
    let ms = |value: f64| format!("{} ms", number(value));
    figure(format!("{} of {}", report.connected, report.peers), "peers connected");
    if let Some(spread) = report.accept_to_first_frame_ms {
        figure(ms(spread.p95), "accept to first frame, p95");
    }
    if let Some(spread) = report.video.latency_ms {
        figure(ms(spread.p99), "video one way, p99");
    }
    if let Some(spread) = report.audio.latency_ms {
        figure(ms(spread.p99), "audio one way, p99");
    }
    figure(format!("{} %", number(report.loss * 100.0)), "packets missing");
    if let Some(rate) = report.video.frames_per_slot_s {
        figure(number(rate), "frames a second in each picture");
    }
    if let Some([worst, ..]) = report.receivers.frames_per_s {
        figure(number(worst), "frames a second, worst served");
    }
    figure(report.video.freezes.to_string(), "freezes");
    figure(number(report.packets_received_per_s), "packets received a second");
    if let Some(server) = &report.server {
        if let Some(us) = server.cpu_us_per_packet {
            figure(format!("{us:.2} µs"), "server CPU a packet");
        }
        figure(format!("{:.0} %", server.cores * 100.0), "server, of a core");
        if let Some(bytes) = server.rss_per_peer_loaded_bytes {
            figure(format!("{:.0} kB", bytes as f64 / 1e3), "server memory a peer");
        }
    }
    figure(format!("{:.0} %", report.tester.cores * 100.0), "load tester, of a core");
    html + "</div>\n"
}

/// What the scenario found of its own.
fn found(report: &LoadReport) -> String {
    let Some(found) = &report.found else { return String::new() };
    let mut html = "<h2>Found</h2><table class=facts>".to_owned();
    for (name, value) in &found.lines {
        let _ = write!(html, "<tr><td>{}<td>{}</tr>", escaped(name), escaped(value));
    }
    html += "</table>\n";
    if !found.table.is_empty() {
        html += "<div class=wide><table>";
        for (number, row) in found.table.iter().enumerate() {
            let tag = if number == 0 { "th" } else { "td" };
            let cells: String = row.iter().map(|cell| format!("<{tag}>{}", escaped(cell))).collect();
            let _ = write!(html, "<tr>{cells}</tr>");
        }
        html += "</table></div>\n";
    }
    html
}

fn limits(report: &LoadReport) -> String {
    if report.limits.is_empty() {
        return String::new();
    }
    let mut html = "<h2>Limits</h2><table><tr><th>limit<th>given<th>measured<th></tr>".to_owned();
    for limit in &report.limits {
        let (class, how) = if limit.held { ("held", "held") } else { ("missed", "did not hold") };
        let measured = limit.measured.map_or_else(|| "not measured".to_owned(), number);
        let _ = write!(html, "<tr><td><code>{}</code><td>{}<td>{measured}<td class={class}>{how}</tr>", limit.name, number(limit.limit));
    }
    html + "</table>\n"
}

fn charts(report: &LoadReport) -> String {
    let seconds = &report.seconds;
    let of = |name, colour, value: &dyn Fn(&SecondReport) -> Option<f64>| Line {
        name,
        colour,
        points: seconds.iter().map(|second| (second.at_s, value(second))).collect(),
    };
    let measured = seconds.chunk_by(|one, next| one.phase == next.phase).filter(|run| run[0].phase == "measuring");
    let shaded: Vec<_> = measured.map(|run| run[0].at_s - 1.0..=run[run.len() - 1].at_s).collect();
    let all = [
        (
            "One-way latency",
            "ms",
            vec![
                of("video p99", 1, &|second| second.video_p99_ms),
                of("video p50", 4, &|second| second.video_p50_ms),
                of("audio p99", 2, &|second| second.audio_p99_ms),
                of("audio p50", 3, &|second| second.audio_p50_ms),
            ],
        ),
        ("Packets received", "a second", vec![of("received", 1, &|second| Some(second.received_per_s))]),
        (
            "Missing and freezes",
            "in each second",
            vec![of("packets missing", 2, &|second| Some(second.missing as f64)), of("freezes", 4, &|second| Some(second.freezes as f64))],
        ),
        ("CPU", "cores", vec![of("server", 1, &|second| second.server_cores), of("load tester", 3, &|second| Some(second.tester_cores))]),
        ("Received", "Mbit/s", vec![of("payload", 3, &|second| Some(second.received_bps / 1e6))]),
        ("Server memory", "MB", vec![of("resident", 4, &|second| second.server_rss_bytes.map(|bytes| bytes as f64 / 1e6))]),
        ("Peers", "connected", vec![of("connected", 1, &|second| Some(second.connected as f64))]),
    ];
    let mut html = "<h2>Over time</h2><p class=soft>Shaded is what was measured.</p><div class=charts>".to_owned();
    for (title, unit, lines) in all {
        // A chart of what nobody could read would be an empty frame.
        if lines.iter().any(|line| line.points.iter().any(|point| point.1.is_some())) {
            html += &chart(title, unit, Axis::Seconds, &lines, &shaded);
        }
    }
    html + "</div>\n"
}

/// How evenly they were served.
fn receivers(report: &LoadReport) -> String {
    let receivers = &report.receivers;
    let Some([worst, median, best]) = receivers.bitrate_bps else { return String::new() };
    let mut html = format!("<h2>{} receivers</h2><div class=wide><table><tr><th><th>worst<th>median<th>best</tr>", receivers.count);
    let kbit = |bps: f64| number((bps / 1e3).round());
    let _ = write!(html, "<tr><td>kbit/s<td>{}<td>{}<td>{}</tr>", kbit(worst), kbit(median), kbit(best));
    if let Some([worst, median, best]) = receivers.frames_per_s {
        let _ = write!(html, "<tr><td>frames a second in each picture<td>{worst:.1}<td>{median:.1}<td>{best:.1}</tr>");
    }
    for (name, range) in [("voices", receivers.voices), ("pictures", receivers.pictures)] {
        let Some([worst, best]) = range else { continue };
        let _ = write!(html, "<tr><td>{name}<td>{worst}<td>–<td>{best}</tr>");
    }
    html += "</table></div>";
    let layers: Vec<_> = receivers.heights.iter().map(|(height, count)| format!("{count} of {height} lines")).collect();
    if !layers.is_empty() {
        let _ = write!(html, "<p class=soft>Pictures by layer: {}.</p>", layers.join(", "));
    }
    html + "\n"
}

fn spreads(report: &LoadReport) -> String {
    let mut html = "<h2>How long things took</h2><div class=wide><table><tr><th>ms<th>count<th>p50<th>p95<th>p99<th>max</tr>".to_owned();
    let named = [
        ("join", report.join_ms),
        ("accept to first frame", report.accept_to_first_frame_ms),
        ("audio, one way", report.audio.latency_ms),
        ("video, one way", report.video.latency_ms),
    ];
    let steps = report.signalling_ms.iter().map(|(step, spread)| (*step, Some(*spread)));
    for (name, spread) in named.into_iter().chain(steps) {
        let Some(Spread { count, p50, p95, p99, max }) = spread else { continue };
        let _ = write!(html, "<tr><td>{}<td>{}", escaped(&name.replace('_', " ")), grouped(count));
        for value in [p50, p95, p99, max] {
            let _ = write!(html, "<td>{value:.1}");
        }
        html += "</tr>";
    }
    html + "</table></div>\n"
}

/// With a comma before each three digits.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Text as HTML has it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_counts_are_grouped_and_text_is_no_markup() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(escaped("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
    }
}
