//! `leakhunt analyze`: the diagnosis of a session or of loose snapshots.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use leakhunt_diagnosis::Verdict;
use leakhunt_report::{Report, github, json, markdown, text};

use super::analysis::{Analysis, Input, Wishes, analyse};
use super::stored;
use crate::args::{self, Format};
use crate::failure::{Failure, exit};
use crate::table::terminal_width;
use crate::terminal;

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

pub(crate) fn run(args: &args::Analyze) -> Result<u8, Failure> {
    let wishes = Wishes { sources: &args.sources, show_strings: args.show_strings, ..Wishes::default() };
    let mut analysis = analyse(Input::of(&args.paths)?, wishes)?;
    if let Some(path) = &args.baseline {
        analysis.findings.compare_with(&stored::baseline(path, wishes)?);
    }
    print_as(if args.json { Format::Json } else { args.format }, &analysis)?;
    Ok(match analysis.findings.verdict {
        _ if !args.fail_on_leak => exit::DONE,
        Verdict::Leak | Verdict::NotHeap => exit::LEAK,
        Verdict::Inconclusive => exit::INCONCLUSIVE,
        Verdict::Healthy => exit::DONE,
    })
}

/// The report on stdout.
pub(super) fn print_as(format: Format, analysis: &Analysis) -> Result<(), Failure> {
    let report = analysis.report();
    match format {
        Format::Text => terminal::answer(&text::render(&report, width(), usize::MAX))?,
        Format::Json => print(&json::render(report.findings))?,
        Format::Markdown => print(&markdown::render(&report))?,
        Format::Html => print(&analysis.page())?,
        Format::Github => print_github(&report)?,
    }
    Ok(())
}

/// How wide text is laid out.
pub(super) fn width() -> usize {
    terminal_width().unwrap_or(80).min(WIDEST)
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
    terminal::document(|out| out.write_all(text.as_bytes()))
}
