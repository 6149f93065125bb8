//! What several hunts found out, on stdout.

use anstyle::Style;
use leakhunt_incident::{Fate, Hunted, Outcome};
use leakhunt_text::{Line, cut_tokens, paragraph};

use crate::human;
use crate::table::text_width;

const BOLD: Style = Style::new().bold();

pub(super) fn lines(hunted: &Hunted) -> Vec<Line> {
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
    lines.extend(hunted.members.iter().map(|fate| row(fate).cut(width)));
    for (fact, values) in &hunted.differences {
        let values: Vec<String> =
            values.iter().map(|(value, members)| format!("{value} on {}", members.join(", "))).collect();
        lines.extend(paragraph(
            &Line::own("not the same on all: "),
            format!("{fact} {}", values.join("; ")),
            width,
        ));
    }
    lines.push(Line::own("all of it: ").text(hunted.folder.join("summary.md").display()));
    lines
}

fn row(fate: &Fate) -> Line {
    let memory = fate.answer.memory.map_or_else(|| "–".to_owned(), human::bytes);
    let said = fate.answer.error.as_ref().or(fate.reason.as_ref());
    let how = match (fate.outcome, &fate.answer.verdict) {
        (Outcome::Skipped, _) => "not hunted".to_owned(),
        (Outcome::Success, Some(verdict)) => verdict.clone(),
        (Outcome::Success, None) => "done".to_owned(),
        (Outcome::Interrupted, _) => "interrupted".to_owned(),
        _ => fate.exit_code.map_or_else(|| "failed".to_owned(), |code| format!("failed, exit {code}")),
    };
    let line = Line::default().text(&fate.name).padded(14).right(memory, 9).and("  ").text(how);
    match said {
        Some(said) => line.and(": ").text(cut_tokens(said.lines().next().unwrap_or_default())),
        None => line,
    }
}
