//! A chart over time, as SVG that stands in a page: lines, a grid with round numbers, and the measured part shaded.

use std::fmt::Write;
use std::ops::RangeInclusive;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 26.0;

/// Lines of the grid, about.
const LINES: f64 = 4.0;

/// A line of a chart. Where there is no value the line is broken.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// Of the page's colours, from 1.
    pub(crate) colour: u8,
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// What a chart goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    Seconds,
    /// Counted from 1.
    Rounds,
}

impl Axis {
    fn tick(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{} s", number(value)),
            Self::Rounds => format!("round {}", number(value)),
        }
    }

    /// From one tick to the next, where there is so much to show.
    fn step(self, length: f64) -> f64 {
        let (_, step) = scale(length);
        if self == Self::Rounds { step.max(1.0) } else { step }
    }
}

/// A chart with its title and its legend. `shaded` are parts of the time.
pub(crate) fn chart(title: &str, unit: &str, axis: Axis, lines: &[Line], shaded: &[RangeInclusive<f64>]) -> String {
    let times = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.0));
    let (start, end) = (times().fold(f64::MAX, f64::min), times().fold(f64::MIN, f64::max));
    if end <= start {
        return String::new();
    }
    let most = lines.iter().flat_map(|line| line.points.iter().filter_map(|point| point.1)).fold(0.0, f64::max);
    let (top, step) = scale(most);
    let x = |time: f64| LEFT + (time - start) / (end - start) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);

    let mut svg = format!("<figure><figcaption><b>{title}</b> <span class=unit>{unit}</span>");
    for line in lines {
        let _ = write!(svg, "<span class=key><i class=c{}></i>{}</span>", line.colour, line.name);
    }
    let _ = write!(svg, "</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=img aria-label=\"{title}\">");
    for shaded in shaded {
        let (from, to) = (x(shaded.start().clamp(start, end)), x(shaded.end().clamp(start, end)));
        let _ = write!(svg, "<rect class=measured x={from:.1} y={TOP} width={:.1} height={:.1} />", to - from, HEIGHT - TOP - BOTTOM);
    }
    let mut value = 0.0;
    while value <= top + step / 2.0 {
        let at = y(value);
        let _ = write!(svg, "<line class=grid x1={LEFT} x2={:.1} y1={at:.1} y2={at:.1} />", WIDTH - RIGHT);
        let _ = write!(svg, "<text class=tick text-anchor=end x={:.1} y={:.1}>{}</text>", LEFT - 6.0, at + 4.0, number(value));
        value += step;
    }
    let time_step = axis.step(end - start);
    let mut time = (start / time_step).ceil() * time_step;
    while time <= end {
        // What stands at the edge would be cut off.
        let anchor = if x(time) > WIDTH - LEFT { "end" } else { "middle" };
        let at = if anchor == "end" { WIDTH - RIGHT } else { x(time) };
        let _ = write!(svg, "<text class=tick text-anchor={anchor} x={at:.1} y={:.1}>{}</text>", HEIGHT - 8.0, axis.tick(time));
        time += time_step;
    }
    for line in lines {
        for run in line.points.split(|point| point.1.is_none()).filter(|run| !run.is_empty()) {
            let points: Vec<_> = run.iter().map(|(time, value)| format!("{:.1},{:.1}", x(*time), y(value.unwrap_or_default()))).collect();
            let _ = write!(svg, "<polyline class=c{} points=\"{}\" />", line.colour, points.join(" "));
            if let [_] = run {
                let _ =
                    write!(svg, "<circle class=c{} r=2 cx={:.1} cy={:.1} />", line.colour, x(run[0].0), y(run[0].1.unwrap_or_default()));
            }
        }
    }
    svg + "</svg></figure>\n"
}

/// The top of a scale that holds `most`, and the step of its grid: 1, 2 or 5 times a power of ten.
fn scale(most: f64) -> (f64, f64) {
    if most <= 0.0 {
        return (1.0, 1.0);
    }
    let rough = most / LINES;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(10.0 * power);
    ((most / step).ceil() * step, step)
}

/// As short as it can be read.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1e6 => trimmed(value / 1e6, 2) + "M",
        large if large >= 1e4 => trimmed(value / 1e3, 1) + "k",
        large if large >= 100.0 => format!("{value:.0}"),
        small if small < 0.1 && small > 0.0 => trimmed(value, 5),
        _ => trimmed(value, 2),
    }
}

fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_in_round_numbers_and_holds_everything() {
        for (most, top, step) in
            [(0.0, 1.0, 1.0), (7.3, 8.0, 2.0), (97.0, 100.0, 50.0), (0.031, 0.04, 0.01), (64_000.0, 80_000.0, 20_000.0)]
        {
            let (found_top, found_step) = scale(most);
            assert!((found_top - top).abs() < 1e-9 && (found_step - step).abs() < 1e-9, "{most}: {found_top} {found_step}");
        }
    }

    #[test]
    fn numbers_are_short() {
        let short =
            [(0.0, "0"), (0.25, "0.25"), (0.001, "0.001"), (12.0, "12"), (1_234.0, "1234"), (64_000.0, "64k"), (2_400_000.0, "2.4M")];
        for (value, text) in short {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_value() {
        let points = vec![(0.0, Some(1.0)), (1.0, Some(2.0)), (2.0, None), (3.0, Some(1.0)), (4.0, Some(1.0))];
        let svg = chart("Latency", "ms", Axis::Seconds, &[Line { name: "p50", colour: 1, points }], &[1.0..=3.0]);
        assert_eq!(svg.matches("<polyline").count(), 2, "{svg}");
        assert!(svg.contains("class=measured") && svg.contains("p50"));
    }
}
