//! What several hunts found out, on stdout.

use anstyle::Style;
use leakhunt_incident::{Hunted, MemoryFrom};
use leakhunt_report::fleet::{End, Fleet, Member};
use leakhunt_text::{Line, cut_tokens, paragraph};

use crate::table::text_width;

const BOLD: Style = Style::new().bold();

pub(super) fn lines(hunted: &Hunted, fleet: &Fleet) -> Vec<Line> {
    let width = text_width();
    let mut lines = Vec::new();
    for leak in &hunted.leaks {
        let mark = Line::default().styled(BOLD, leak.members.join(", ")).and(": ");
        lines.extend(paragraph(&mark, cut_tokens(&leak.sentence), width));
        lines.push(Line::default());
    }
    if hunted.leaks.is_empty() {
        lines.extend([Line::own("no leak was found"), Line::default()]);
    }
    lines.extend(fleet.members.iter().map(|member| row(member).cut(width)));
    let by_log = hunted.members.iter().filter(|fate| fate.memory_from == Some(MemoryFrom::Log));
    let by_log: Vec<&str> = by_log.map(|fate| fate.name.as_str()).collect();
    if !by_log.is_empty() {
        let all = by_log.len() == hunted.members.len();
        let on = if all { String::new() } else { format!(" on {}", by_log.join(", ")) };
        let said = format!("of all processes, by the app's log{on}");
        lines.extend(paragraph(&Line::own("memory: "), said, width));
    }
    for (fact, values) in &hunted.differences {
        let values: Vec<String> =
            values.iter().map(|(value, members)| format!("{value} on {}", members.join(", "))).collect();
        lines.extend(paragraph(
            &Line::own("not the same on all: "),
            format!("{fact} {}", values.join("; ")),
            width,
        ));
    }
    lines
}

fn row(member: &Member) -> Line {
    let fact = |name: &str| member.facts.iter().find(|(of, _)| of == name).map_or("–", |(_, value)| value);
    let line = Line::default().text(&member.name).padded(14).right(fact("memory"), 9).and("  ");
    let line = line.text(member.end);
    // What was answered stands above, or is that all is well.
    match member.said.as_deref().filter(|_| !matches!(member.end, End::Answered(_))) {
        Some(said) => line.and(": ").text(cut_tokens(said.lines().next().unwrap_or_default())),
        None => line,
    }
}
