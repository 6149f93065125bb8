//! What is wrong with a runbook, drawn: the line, underlined, and what to do.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use leakhunt_incident::{Diagnostic, Severity, Source};
use leakhunt_text::{Line, cut_tokens};
use serde::Serialize;

use crate::table::text_width;

/// The lines of one diagnostic, and an empty one behind it.
pub(crate) fn drawn(source: &Source, diagnostic: &Diagnostic) -> Vec<Line> {
    let (level, word, colour) = match diagnostic.severity {
        Severity::Error => (Level::ERROR, "error", AnsiColor::Red),
        Severity::Warning => (Level::WARNING, "warning", AnsiColor::Yellow),
    };
    // What steers a terminal, and the lines of a message, are escaped with each line below.
    let message = diagnostic.message.replace('\n', " ");
    let help = diagnostic.help.as_ref().map(|help| help.replace('\n', " "));
    let shown = first_line(source, diagnostic);
    let snippet = Snippet::source(source.text.as_str())
        .path(source.name.as_str())
        .annotation(AnnotationKind::Primary.span(shown));
    let group = level.primary_title(message.as_str()).element(snippet);
    let group = match &help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    };
    let text = Renderer::plain().decor_style(DecorStyle::Ascii).term_width(text_width()).render(&[group]);
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let lines = text.lines().enumerate().map(|(at, line)| match line.strip_prefix(word) {
        Some(rest) if at == 0 => Line::default().styled(style, word).text(cut_tokens(rest)),
        _ => Line::default().quoted(cut_tokens(line)),
    });
    lines.chain([Line::default()]).collect()
}

/// Of several lines the first is underlined.
fn first_line(source: &Source, diagnostic: &Diagnostic) -> std::ops::Range<usize> {
    let span = diagnostic.span.clone();
    let text = source.text.get(span.clone()).unwrap_or_default();
    span.start..span.start + text.find('\n').unwrap_or(text.len())
}

/// A diagnostic for a program.
#[derive(Serialize)]
pub(crate) struct InJson<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
}

pub(crate) fn in_json<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> InJson<'a> {
    let (line, column) = source.position(diagnostic.span.start);
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let Diagnostic { message, help, .. } = diagnostic;
    InJson { file: &source.name, line, column, severity, message, help: help.as_deref() }
}
