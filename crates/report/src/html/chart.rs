//! Memory over the hunt, as a drawing: heap and external above, the resident set below, with the snapshots marked.
//!
//! The resident set has a scale of its own: it is many times the heap, of which nothing would be seen to grow beside it.

use leakhunt_diagnosis::Memory;
use leakhunt_text::Html;

use crate::Report;
use crate::session::Session;
use crate::words::{line, size};

const WIDTH: f64 = 760.0;
/// Of the panel that everything but the resident set is in, and of the one below.
const HEIGHTS: [f64; 2] = [190.0, 80.0];
const LEFT: f64 = 64.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 16.0;
const BETWEEN: f64 = 28.0;
const BOTTOM: f64 = 26.0;

/// A line of a long hunt has no more points than these; a screen has no more columns.
const MOST_POINTS: usize = 1_200;

/// One reading: milliseconds since the first, and bytes.
type Point = (f64, f64);

/// A line: its class in the style, its name, its readings.
type Line = (&'static str, &'static str, Vec<Point>);

/// The class of the line that has a panel of its own.
const RSS: &str = "rss";

struct Chart {
    lines: Vec<Line>,
    collected: Vec<Point>,
    snapshots: Vec<(f64, String)>,
    /// Are the times known, or do the snapshots follow one another at equal distances?
    timed: bool,
}

/// Nothing, if nothing was measured more than once.
pub(super) fn render(report: &Report<'_>) -> Html {
    let memory = &report.findings.memory;
    let chart = match report.session {
        Some(session) if session.readings.len() > 1 => of_session(session),
        _ => of_snapshots(memory),
    };
    if chart.lines.is_empty() { Html::default() } else { draw(&chart).html(&table(memory)) }
}

fn of_session(session: &Session) -> Chart {
    let first = session.readings[0].at;
    let ms = |at: jiff::Timestamp| at.duration_since(first).as_secs_f64() * 1000.0;
    let stride = session.readings.len().div_ceil(MOST_POINTS);
    let line = |of: fn(&crate::Reading) -> u64| -> Vec<Point> {
        session.readings.iter().step_by(stride).map(|reading| (ms(reading.at), of(reading) as f64)).collect()
    };
    Chart {
        lines: vec![
            ("used", "used heap", line(|reading| reading.heap_used)),
            ("external", "external", line(|reading| reading.external)),
            ("buffers", "array buffers", line(|reading| reading.array_buffers)),
            (RSS, "resident set", line(|reading| reading.rss)),
        ],
        collected: session
            .readings
            .iter()
            .filter(|reading| reading.collected)
            .take(MOST_POINTS)
            .map(|reading| (ms(reading.at), reading.heap_used as f64))
            .collect(),
        snapshots: session.snapshots.iter().map(|taken| (ms(taken.taken_at), taken.file.clone())).collect(),
        timed: true,
    }
}

fn of_snapshots(memory: &Memory) -> Chart {
    let at = |index: usize| memory.at_ms.get(index).map_or(index as f64, |ms| *ms as f64);
    let line = |series: &[u64]| -> Vec<Point> {
        series.iter().enumerate().map(|(index, bytes)| (at(index), *bytes as f64)).collect()
    };
    let lines = [
        ("used", "heap in the snapshots", line(&memory.snapshot)),
        ("external", "external", line(&memory.external)),
        ("buffers", "array buffers", line(&memory.array_buffers)),
        (RSS, "resident set", line(&memory.rss)),
    ];
    Chart {
        lines: lines.into_iter().filter(|(_, _, points)| points.len() > 1).collect(),
        collected: Vec::new(),
        snapshots: (0..memory.snapshot.len())
            .map(|index| (at(index), format!("snapshot {}", index + 1)))
            .collect(),
        timed: !memory.at_ms.is_empty(),
    }
}

/// Lines on one scale, which begins at nothing.
struct Panel<'c> {
    lines: Vec<&'c Line>,
    top: f64,
    height: f64,
    /// Between two lines of the grid, and at the highest of them, in bytes.
    step: f64,
    highest: f64,
}

impl Panel<'_> {
    fn y(&self, bytes: f64) -> f64 {
        self.top + self.height * (1.0 - bytes / self.highest)
    }
}

/// The panels that have something in them, from the top.
fn panels(lines: &[Line]) -> Vec<Panel<'_>> {
    let (below, above): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(|(class, ..)| *class == RSS);
    let mut top = TOP;
    let mut panels = Vec::new();
    for (lines, height) in [above, below].into_iter().zip(HEIGHTS).filter(|(lines, _)| !lines.is_empty()) {
        let highest =
            lines.iter().flat_map(|(.., points)| points).map(|(_, bytes)| *bytes).fold(1.0, f64::max);
        // A line of the grid needs some 40 pixels for its number.
        let step = round_step(highest / (height / 40.0).floor());
        panels.push(Panel { lines, top, height, step, highest: (highest / step).ceil() * step });
        top += height + BETWEEN;
    }
    panels
}

fn draw(chart: &Chart) -> Html {
    let points = || chart.lines.iter().flat_map(|(_, _, points)| points);
    let times = || points().map(|(at, _)| *at).chain(chart.snapshots.iter().map(|(at, _)| *at));
    let (begin, end) = (times().fold(f64::MAX, f64::min), times().fold(f64::MIN, f64::max));
    let x = |at: f64| LEFT + (at - begin) / (end - begin).max(1.0) * (WIDTH - LEFT - RIGHT);
    let panels = panels(&chart.lines);
    let bottom = panels.last().map_or(TOP, |panel| panel.top + panel.height);
    let height = bottom + BOTTOM;
    let mut svg = Html::markup("<div class=\"scroll\"><svg viewBox=\"0 0 ")
        .text(WIDTH)
        .and(" ")
        .text(height)
        .and("\" role=\"img\" aria-label=\"Memory over time; the table below has the numbers\">");
    svg.extend(panels.iter().map(grid));
    for (index, (at, name)) in chart.snapshots.iter().enumerate() {
        let at = format!("{:.1}", x(*at));
        svg = svg
            .and("<g class=\"mark\"><title>")
            .text(line(name))
            .and("</title><line x1=\"")
            .text(&at)
            .and("\" x2=\"")
            .text(&at)
            .and("\" y1=\"")
            .text(TOP)
            .and("\" y2=\"")
            .text(bottom)
            .and("\"/><text x=\"")
            .text(&at)
            .and("\" y=\"")
            .text(if chart.timed { TOP } else { height - 8.0 })
            .and("\" text-anchor=\"middle\">")
            .text(index + 1)
            .and("</text></g>");
    }
    if chart.timed {
        svg = svg.html(&times_below(end - begin, height - 8.0));
    }
    for (panel, (class, _, points)) in
        panels.iter().flat_map(|panel| panel.lines.iter().map(move |line| (panel, line)))
    {
        let path: Vec<String> =
            points.iter().map(|(at, bytes)| format!("{:.1},{:.1}", x(*at), panel.y(*bytes))).collect();
        svg = svg.and("<polyline class=\"").and(class).and("\" points=\"").text(path.join(" ")).and("\"/>");
    }
    for (at, bytes) in &chart.collected {
        svg = svg
            .and("<circle class=\"gc\" cx=\"")
            .text(format_args!("{:.1}", x(*at)))
            .and("\" cy=\"")
            .text(format_args!("{:.1}", panels[0].y(*bytes)))
            .and("\" r=\"2.5\"/>");
    }
    svg.and("</svg></div>").html(&legend(chart, panels.len()))
}

fn legend(chart: &Chart, panels: usize) -> Html {
    let mut html = Html::markup("<ul class=\"legend\">");
    for (class, name, _) in &chart.lines {
        let scale = if *class == RSS && panels > 1 { ", below</li>" } else { "</li>" };
        html = html.and("<li class=\"").and(class).and("\">").and(name).and(scale);
    }
    if !chart.collected.is_empty() {
        html = html.and("<li class=\"gc\">after a garbage collection</li>");
    }
    if !chart.snapshots.is_empty() {
        html = html.and("<li class=\"mark\">snapshot</li>");
    }
    html.and("</ul>")
}

/// Times since the first reading, of `all` milliseconds.
fn times_below(all: f64, y: f64) -> Html {
    const SECOND: f64 = 1000.0;
    // As clocks are divided: a time needs some 80 pixels.
    let steps =
        [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0];
    let least = all / SECOND / ((WIDTH - LEFT - RIGHT) / 80.0);
    let step = steps.into_iter().find(|step| *step >= least).unwrap_or_else(|| round_step(least));
    let mut svg = Html::default();
    let mut at = 0.0;
    while at <= all / SECOND {
        let x = LEFT + at * SECOND / all.max(1.0) * (WIDTH - LEFT - RIGHT);
        // The last one must not be cut off at the edge.
        let anchor = if x > WIDTH - RIGHT - 20.0 { "end" } else { "middle" };
        svg = svg
            .and("<text x=\"")
            .text(format_args!("{x:.1}"))
            .and("\" y=\"")
            .text(y)
            .and("\" text-anchor=\"")
            .and(anchor)
            .and("\">")
            .text(time(at, step))
            .and("</text>");
        at += step;
    }
    svg
}

/// `40 s`, `2 min`, `1.5 h`, in the unit of the steps.
fn time(seconds: f64, step: f64) -> String {
    if seconds == 0.0 {
        "0".to_owned()
    } else if step < 60.0 {
        format!("{seconds:.0} s")
    } else if step < 3600.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.0} h", seconds / 3600.0)
    }
}

fn grid(panel: &Panel<'_>) -> Html {
    let mut svg = Html::default();
    let mut bytes = 0.0;
    while bytes <= panel.highest {
        let y = panel.y(bytes);
        let at = format!("{y:.1}");
        svg = svg
            .and("<line class=\"grid\" x1=\"")
            .text(LEFT)
            .and("\" x2=\"")
            .text(WIDTH - RIGHT)
            .and("\" y1=\"")
            .text(&at)
            .and("\" y2=\"")
            .text(&at)
            .and("\"/><text x=\"")
            .text(LEFT - 8.0)
            .and("\" y=\"")
            .text(format_args!("{:.1}", y + 4.0))
            .and("\" text-anchor=\"end\">")
            .text(size(bytes as u64))
            .and("</text>");
        bytes += panel.step;
    }
    svg
}

/// 1, 2 or 5 times a power of ten, at least the given value.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least)
        .unwrap_or(10.0 * power)
}

/// Nothing, where there is no snapshot.
fn table(memory: &Memory) -> Html {
    if memory.snapshot.is_empty() {
        return Html::default();
    }
    let all: [(&str, &[u64]); 5] = [
        ("used heap", &memory.used),
        ("external", &memory.external),
        ("array buffers", &memory.array_buffers),
        ("resident set", &memory.rss),
        ("snapshot", &memory.snapshot),
    ];
    let columns: Vec<_> = all.into_iter().filter(|(_, series)| !series.is_empty()).collect();
    let mut html = Html::markup("<div class=\"scroll\"><table><thead><tr><th>#</th>");
    if !memory.at_ms.is_empty() {
        html = html.and("<th>after</th>");
    }
    for (name, _) in &columns {
        html = html.and("<th>").text(name).and("</th>");
    }
    html = html.and("</tr></thead><tbody>");
    for row in 0..memory.snapshot.len() {
        html = html.and("<tr><td>").text(row + 1).and("</td>");
        if let Some(ms) = memory.at_ms.get(row) {
            html = html.and("<td>").text(ms / 1000).and(" s</td>");
        }
        for (_, series) in &columns {
            let bytes = series.get(row).map_or_else(String::new, |bytes| size(*bytes));
            html = html.and("<td>").text(bytes).and("</td>");
        }
        html = html.and("</tr>");
    }
    html.and("</tbody></table></div>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_step(least: f64, expected: f64) {
        assert!((round_step(least) - expected).abs() < expected / 1e6, "{}", round_step(least));
    }

    #[test]
    fn the_resident_set_does_not_press_the_heap_down() {
        let line = |class, bytes: f64| -> Line { (class, class, vec![(0.0, bytes / 2.0), (1.0, bytes)]) };
        let lines = [line("used", 19e6), line("external", 2e6), line(RSS, 900e6)];
        let both = panels(&lines);
        assert_eq!(both.iter().map(|panel| panel.lines.len()).collect::<Vec<_>>(), [2, 1]);
        assert!(both[0].y(19e6) < TOP + HEIGHTS[0] / 4.0 && both[0].y(0.0) < both[1].top);
        assert_eq!(panels(&lines[..2]).len(), 1);
        assert_eq!(panels(&lines[2..])[0].top, TOP);
    }

    #[test]
    fn the_axis_has_times_in_one_unit() {
        let shown = |all: f64| times_below(all, 0.0).to_string();
        assert!(shown(95_000.0).contains(">80 s<") && !shown(95_000.0).contains(">85 s<"));
        assert!(shown(3_000_000.0).contains(">40 min<"), "{}", shown(3_000_000.0));
        assert!(shown(40_000_000.0).contains(">4 h<"), "{}", shown(40_000_000.0));
        assert_eq!(shown(0.0).matches("<text").count(), 1);
    }

    #[test]
    fn the_grid_has_round_numbers() {
        check_step(1.0, 1.0);
        check_step(3.0, 5.0);
        check_step(17_000_000.0, 20_000_000.0);
        check_step(60_000_000.0, 100_000_000.0);
    }
}
