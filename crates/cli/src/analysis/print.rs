//! A report on stdout, in the format that is asked for.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use clap::ValueEnum;
use leakhunt_report::{Report, github, json, markdown, text};

use super::judge::Analysis;
use crate::exit;
use crate::failure::Failure;
use crate::table::text_width;
use crate::terminal;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a script
    Json,
    /// For a ticket
    Markdown,
    /// For a browser: one file without remote parts
    Html,
    /// For a GitHub workflow
    Github,
}

/// The report on stdout.
pub(crate) fn print_as(format: Format, analysis: &Analysis) -> Result<(), Failure> {
    let report = analysis.report();
    match format {
        Format::Text => terminal::answer(&text::render(&report, text_width(), usize::MAX))?,
        Format::Json => print(&json::render(report.findings))?,
        Format::Markdown => print(&markdown::render(&report))?,
        Format::Html => print(&analysis.page())?,
        Format::Github => print_github(&report)?,
    }
    Ok(())
}

/// Annotations to stdout, where the runner reads them; the summary into the file that the runner names.
fn print_github(report: &Report<'_>) -> Result<(), Failure> {
    let root = std::env::current_dir().ok();
    let root = root.as_deref().and_then(Path::to_str);
    print(&github::annotations(report.findings, root))?;
    let summary = markdown::render(report);
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return print(&summary);
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(summary.as_bytes()))
        .map_err(|error| Failure::new(exit::INTERNAL, format!("failed to write the step summary: {error}")))
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(terminal::document(|out| out.write_all(text.as_bytes()))?)
}
