//! A run as it is seen: a line where a step begins, one where it has ended; what it prints itself stands between them.

use anstyle::{AnsiColor, Style};
use leakhunt_host::CommandLine;
use leakhunt_incident::{Event, Outcome, Ran};
use leakhunt_text::{Line, cut_tokens, paragraph};

use crate::table::{stderr_width, text_width};
use crate::{human, terminal};

const BOLD: Style = Style::new().bold();
const GOOD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BAD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const DIM: Style = Style::new().dimmed();

/// Shows an event on stderr.
pub(crate) fn show(event: &Event) {
    terminal::say(&lines(event));
}

fn lines(event: &Event) -> Vec<Line> {
    match event {
        Event::RunStarted { runbook, folder } => {
            vec![Line::own("runbook ").styled(BOLD, runbook).and(", in ").text(folder.display())]
        }
        Event::StepStarted { name, command, .. } => {
            vec![
                Line::own("▸ ").styled(BOLD, name),
                Line::own("  ")
                    .styled(DIM, cut_tokens(&one_line(command)))
                    .cut(stderr_width().unwrap_or(usize::MAX)),
            ]
        }
        Event::StepRetried { exit_code, left, .. } => {
            let tries = if *left == 1 { "once more".to_owned() } else { format!("up to {left} times more") };
            vec![Line::own("  ").text(format!("exit {exit_code}; it is tried {tries}"))]
        }
        Event::StepInterrupted { why: Outcome::Timeout, .. } => {
            vec![Line::own("  its time is over; it is interrupted and cleans up")]
        }
        Event::StepInterrupted { .. } | Event::RunEnded { .. } => Vec::new(),
        Event::StepEnded { name, outcome, exit_code, reason, took, .. } => {
            let (mark, style) = match outcome {
                Outcome::Success => ("✓ ", GOOD),
                Outcome::Skipped => ("- ", DIM),
                _ => ("✗ ", BAD),
            };
            let line = Line::default().styled(style, mark).text(name);
            let line = match outcome {
                Outcome::Skipped => line.and("  skipped"),
                _ => line.and("  ").text(human::duration(*took)),
            };
            let said = [
                word(*outcome).map(str::to_owned),
                exit_code.filter(|code| *code != 0).map(|code| format!("exit {code}")),
                reason.as_deref().map(|reason| cut_tokens(reason).into_owned()),
            ];
            vec![said.into_iter().flatten().fold(line, |line, said| line.and(", ").text(said))]
        }
    }
}

fn word(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Success | Outcome::Skipped => None,
        Outcome::Failure => Some("failed"),
        Outcome::Timeout => Some("took longer than its timeout"),
        Outcome::Interrupted => Some("interrupted"),
    }
}

/// A command line as one could type it; of a script, its first line.
fn one_line(command: &[String]) -> String {
    let Some((program, args)) = command.split_first() else { return String::new() };
    let program = std::path::Path::new(program).file_name().map(Into::into).unwrap_or_default();
    CommandLine { program, args: args.to_vec() }.short()
}

/// The last words of a run, on stdout: what its steps found out, and where it all is.
pub(crate) fn ending(ran: &Ran) -> Vec<Line> {
    let mut lines = Vec::new();
    for step in &ran.steps {
        if let Some(sentence) = &step.answer.sentence {
            let mark = Line::default().styled(BOLD, &step.id).and(": ");
            lines.extend(paragraph(&mark, cut_tokens(sentence), text_width()));
        }
    }
    let how = match ran.outcome {
        Some(Outcome::Success) => "done: ",
        Some(Outcome::Interrupted) => "interrupted: ",
        _ => "failed: ",
    };
    lines.push(Line::own(how).text(ran.folder.join("run.json").display()));
    lines
}
