//! A comparison as one page that needs nothing else.

use std::fmt::Write;

use super::comparison::{CPU, Comparison};
use super::outcome::MEASURES;
use super::side::Side;
use crate::report::{Axis, Line, STYLE, chart, escaped};

/// What is drawn round by round, and how: the title and the unit of its measure.
const CHARTS: [(&str, &str, &str); 4] = [
    (CPU, "CPU a forwarded packet", "µs"),
    ("frames_per_s", "Pictures shown", "frames a second in each place"),
    ("video_p99_ms", "Video one way, p99", "ms"),
    ("audio_p99_ms", "Audio one way, p99", "ms"),
];

impl Comparison {
    /// The page.
    pub(super) fn page(&self) -> String {
        let peer = self.peer.title();
        let title = format!("{}: Switchboard beside {peer}", self.scenario);
        let mut page = format!(
            "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n<h1>{title}</h1>\n<p>{}.</p>\n<p class=soft>{}.</p>\n\
             <p class=soft><code>loadtest {}</code></p>\n",
            escaped(self.definition()),
            escaped(&self.circumstances()),
            escaped(&self.flags.join(" ")),
        );
        let early = self.ended_early.iter().map(|why| format!("Ended early: {why}."));
        for warning in early.chain(self.remarks().into_iter().map(|remark| format!("* {remark}."))) {
            let _ = writeln!(page, "<p class=warning>{}</p>", escaped(&warning));
        }
        page += &self.figures();
        page += &self.medians();
        page + &self.rounds()
    }

    /// The ratios one looks for first.
    fn figures(&self) -> String {
        let mut html = "<div class=figures>".to_owned();
        let peer = self.peer.title();
        let other = Side::Peer(self.peer);
        let ratios = [(Side::Ours, self.ratio(CPU), ""), (Side::Uncontrolled, self.uncontrolled_ratio(), ", without congestion control")];
        for (side, ratio, how) in ratios {
            let Some(ratio) = ratio else { continue };
            let mark = self.mark(&[side, other]);
            let _ = write!(html, "<div><b>{ratio:.2}{mark}</b><small>CPU a packet, ours ÷ {peer}’s{how}</small></div>");
        }
        for side in Side::all(self.peer) {
            let Some(us) = self.median(side, CPU) else { continue };
            let mark = self.mark(&[side]);
            let _ = write!(html, "<div><b>{us:.2} µs{mark}</b><small>CPU a packet, {}</small></div>", side.title());
        }
        html + "</div>\n"
    }

    fn medians(&self) -> String {
        let [ours, theirs] = self.heads().map(|head| escaped(&head));
        let mut html = format!("<h2>Medians</h2><div class=wide><table><tr><th><th>{ours}<th>{theirs}<th>ours ÷ theirs</tr>");
        for row in self.rows() {
            let [name, ours, theirs, ratio] = row.map(|cell| escaped(&cell));
            let _ = write!(html, "<tr><td>{name}<td>{ours}<td>{theirs}<td>{ratio}</tr>");
        }
        html + "</table></div>\n"
    }

    fn rounds(&self) -> String {
        let mut html = String::new();
        for (key, title, unit) in CHARTS {
            let Some(measure) = MEASURES.iter().find(|measure| measure.key == key) else { continue };
            let line = |(colour, side): (u8, Side)| Line {
                name: side.title(),
                colour,
                points: self.of(side).map(|run| (f64::from(run.round), measure.of(&run.outcome))).collect(),
            };
            let lines: Vec<_> = (1..).zip(Side::all(self.peer)).map(line).collect();
            if lines.iter().any(|line| line.points.iter().any(|point| point.1.is_some())) {
                html += &chart(title, unit, Axis::Rounds, &lines, &[]);
            }
        }
        if html.is_empty() { html } else { format!("<h2>Round by round</h2><div class=charts>{html}</div>\n") }
    }
}
