//! One report over all, for the ticket.

use std::fmt::Write as _;

use leakhunt_text::{Markdown, cut_tokens};

use super::fate::Fate;
use super::hunted::Hunted;
use crate::child::Outcome;

pub(super) fn markdown(hunted: &Hunted) -> String {
    let mut text = format!("# Leaks on {}\n\n", cell(&hunted.fleet));
    if hunted.leaks.is_empty() {
        text.push_str("No leak was found.\n");
    }
    for leak in &hunted.leaks {
        let _ = writeln!(text, "- **{}**: {}", cell(&leak.members.join(", ")), cell(&leak.sentence));
    }
    text.push_str("\n| | memory | hunt | |\n|---|---:|---|---|\n");
    for fate in &hunted.members {
        let memory = fate.answer.memory.map_or_else(String::new, |bytes| format!("{} MB", bytes / 1_000_000));
        let said = fate.answer.sentence.as_ref().or(fate.reason.as_ref()).or(fate.answer.error.as_ref());
        let said = said.map_or_else(String::new, |said| cell(said.lines().next().unwrap_or_default()));
        let _ = writeln!(text, "| {} | {memory} | {} | {said} |", cell(&fate.name), how(fate));
    }
    if !hunted.differences.is_empty() {
        text.push_str("\nNot the same on all:\n\n");
        for (fact, values) in &hunted.differences {
            let values: Vec<String> = values
                .iter()
                .map(|(value, members)| format!("{} on {}", cell(value), cell(&members.join(", "))))
                .collect();
            let _ = writeln!(text, "- {}: {}", cell(fact), values.join("; "));
        }
    }
    text
}

/// In a word or two.
fn how(fate: &Fate) -> String {
    match (fate.outcome, fate.answer.verdict.as_deref(), fate.exit_code) {
        (Outcome::Skipped, ..) => "not hunted".to_owned(),
        (Outcome::Success, Some(verdict), _) => cell(verdict),
        (Outcome::Success, None, _) => "done".to_owned(),
        (Outcome::Interrupted, ..) => "interrupted".to_owned(),
        (_, _, Some(code)) => format!("failed ({code})"),
        (_, _, None) => "failed".to_owned(),
    }
}

/// What others wrote, as the text of a cell.
fn cell(text: &str) -> String {
    Markdown::of(cut_tokens(text)).to_string()
}
